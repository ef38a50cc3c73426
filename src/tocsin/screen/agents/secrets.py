"""Secrets in text, told by their shape and by what proves it: a check sum, a decoded header, entropy.

Enters: a text as it came. Leaves: the kinds found in it, never a value.
"""

import base64
import binascii
import json
import math
import re
import zlib
from collections import Counter
from collections.abc import Callable

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LEAST_ENTROPY = 3.3
"""Bits a character. Random base62 of 20 characters has about 3.9; words, paths and placeholders have less than 3.2."""

_HINT = re.compile(
    r"AKIA|ASIA|gh[pousr]_|npm_|xox[abeoprs]-|[rs]k_live_|AIza|sk-|eyJ|PRIVATE KEY"
    r"|(?i:pass|secret|token|api.?key|access.?key|authorization)"
)
_AWS = re.compile(r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Za-z0-9])")
_CHECKED = re.compile(r"(?<![A-Za-z0-9])(?:gh[pousr]|npm)_([A-Za-z0-9]{30})([A-Za-z0-9]{6})(?![A-Za-z0-9])")
_SLACK = re.compile(r"(?<![A-Za-z0-9])xox[abeoprs]-[0-9A-Za-z-]{20,250}")
_STRIPE = re.compile(r"(?<![A-Za-z0-9])[rs]k_live_([0-9A-Za-z]{20,247})")
_GOOGLE = re.compile(r"(?<![A-Za-z0-9])AIza([0-9A-Za-z_-]{35})(?![0-9A-Za-z_-])")
_MODEL_KEY = re.compile(r"(?<![A-Za-z0-9])sk-(?:[a-z]{2,12}\d{0,2}-){0,2}([A-Za-z0-9_-]{32,200})")
_JWT = re.compile(r"(?<![\w-])(eyJ[\w-]{10,2000})\.eyJ[\w-]{4,8000}\.[\w-]{16,1000}", re.ASCII)
_KEY = re.compile(r"-----BEGIN (?:[A-Z]{1,12} ){0,3}PRIVATE KEY-----")
_NAMED = re.compile(
    r"(?i)(?:pass(?:word|wd|phrase)|secret|token|api[_-]?key|access[_-]?key|authorization)[\"']?\s{0,3}[:=]\s{0,3}[\\\"']{0,2}"
    r"(?:bearer\s)?([A-Za-z0-9+/_.~!@#$%^&*-]{14,200})"
)
_PLACEHOLDER = re.compile(
    r"(?i)example|your|placeholder|changeme|redacted|xxxx|\*\*\*\*|\.\.\.\.|dummy|sample|<|\$\{?[A-Z_]"
)


def secrets_in(text: str) -> tuple[str, ...]:
    """The kinds of secrets in a text, sorted."""
    if _HINT.search(text) is None:
        return ()
    return tuple(kind for kind, found in DETECTORS.items() if found(text))


def entropy(text: str) -> float:
    """Shannon's, in bits a character, of the text's own letters."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values()) if text else 0.0


def check_sum(body: str) -> str:
    """The six characters that close a GitHub or npm token: CRC-32 of its body in base62."""
    value, digits = zlib.crc32(body.encode()), ""
    for _ in range(6):
        value, digit = divmod(value, 62)
        digits = BASE62[digit] + digits
    return digits


def _random(pattern: re.Pattern[str], *, least: float = LEAST_ENTROPY) -> Callable[[str], bool]:
    """Matches whose body (the last group, or all) looks random and is no placeholder."""
    return lambda text: any(_looks_random(found[found.re.groups], least) for found in pattern.finditer(text))


def _looks_random(body: str, least: float) -> bool:
    return (
        entropy(body) >= least
        and any(char.isdigit() for char in body)
        and any(char.isalpha() for char in body)
        and _PLACEHOLDER.search(body) is None
    )


def _checked(text: str) -> bool:
    return any(check_sum(found[1]) == found[2] for found in _CHECKED.finditer(text))


def _is_jwt(text: str) -> bool:
    for found in _JWT.finditer(text):
        try:
            header = json.loads(base64.urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4)))
        except (binascii.Error, ValueError, RecursionError):
            continue
        if isinstance(header, dict) and "alg" in header:
            return True
    return False


DETECTORS: dict[str, Callable[[str], bool]] = {
    "cloud-key": _random(_AWS, least=2.8),
    "forge-token": _checked,
    "chat-token": _random(_SLACK),
    "payment-key": _random(_STRIPE),
    "map-key": _random(_GOOGLE),
    "model-key": _random(_MODEL_KEY),
    "jwt": _is_jwt,
    "private-key": lambda text: _KEY.search(text) is not None,
    "named": _random(_NAMED),
}
"""By kind. `forge-token` closes with its own check sum (GitHub, npm); `named` is a random value beside a word for
secrets.
"""
