"""Names as keys: what two people would write differently of one package or one model is one key."""

import re

from tocsin.kernel.limits import MAX_ID_CHARS

_RUNS = re.compile(r"[-_.\s]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PLAIN = re.compile(r"[\x21-\x7e]{1,128}")

PURL_ECOSYSTEMS = {
    "cargo": "crates.io",
    "composer": "packagist",
    "deb": "debian",
    "gem": "rubygems",
    "golang": "go",
}
"""Package URL type → OSV ecosystem, where the two call it differently."""


def package_key(ecosystem: str, name: str) -> str:
    """As in "package:pypi/torch". A release ("Debian:12") is no part of it; names of PyPI are folded by PEP 503."""
    kind = ecosystem.partition(":")[0].strip().casefold()
    name = name.strip()
    name = _RUNS.sub("-", name).casefold() if kind == "pypi" else name.casefold()
    return f"package:{kind}/{name}"


def model_keys(name: str) -> tuple[str, ...]:
    """Keys of a model's name: as it is written, and without the publisher before its slash; () for no name."""
    whole = folded(name)
    if not whole or whole in _NO_NAMES:
        return ()
    last = whole.rpartition("/")[2]
    return (f"model:{whole}",) if last in ("", whole) else (f"model:{whole}", f"model:{last}")


def folded(name: str) -> str:
    """Letters and digits of a name, runs of anything between them as one hyphen; a slash stays."""
    parts = [_RUNS.sub("-", part).strip("-").casefold() for part in name[:MAX_ID_CHARS].split("/")]
    return "/".join(part for part in parts if part)


_NO_NAMES = frozenset({"n/a", "unknown", "none", "model"})
"""What a form is filled with that has no answer."""


def file_key(sha256: str) -> str:
    """A sha256 in small hex digits, as parts are indexed by; "" for what is none."""
    text = sha256.strip().lower()
    return text if _SHA256.fullmatch(text) else ""


def is_plain_id(text: str) -> bool:
    """Whether an id of somebody else's may stand in a sentence, a column and a log: visible ASCII, and short."""
    return _PLAIN.fullmatch(text) is not None
