"""The second factor of a local account: time-based codes (RFC 6238), and recovery codes for a lost telephone.

Enters: a secret, a typed code, the time. Leaves: the time step whose code it is. Refuses: everything outside the
window. That a step is taken once is the store's part, in one statement.
"""

import base64
import hashlib

from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from tocsin.trust.seal import Entropy

SECRET_BYTES = 20
"""RFC 4226, section 4, R6: 160 bits recommended."""
DIGITS = 6
STEP_SECONDS = 30
DRIFT_STEPS = 1
"""Codes of one step before and one after are taken: a telephone's clock, and a person's typing (RFC 6238, 5.2)."""

RECOVERY_CODES = 10
RECOVERY_BYTES = 10
"""80 random bits, 16 letters: nobody guesses one, so SHA-256 is enough (SP 800-63B-4, 3.1.2.2)."""


def new_secret(entropy: Entropy) -> bytes:
    return entropy(SECRET_BYTES)


def step_of(secret: bytes, code: str, seconds: float) -> int | None:
    """The time step that `code` belongs to, None when to none in the window. Looks at every step, always."""
    typed = "".join(code.split()).encode()
    totp = _totp(secret)
    now = int(seconds) // STEP_SECONDS
    found: int | None = None
    for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1):
        if bytes_eq(totp.generate(step * STEP_SECONDS), typed):
            found = step
    return found


def code_at(secret: bytes, seconds: float) -> str:
    """The code that an authenticator shows at a moment."""
    return _totp(secret).generate(int(seconds)).decode()


def address(secret: bytes, *, account: str, node: str) -> str:
    """The otpauth address that an authenticator reads from a square."""
    return _totp(secret).get_provisioning_uri(account, node)


def spelt(secret: bytes) -> str:
    """The secret for typing: base32, in groups of four."""
    return _grouped(base64.b32encode(secret).decode().rstrip("="))


def recovery_codes(entropy: Entropy) -> tuple[str, ...]:
    """New recovery codes, to be shown once."""
    return tuple(
        _grouped(base64.b32encode(entropy(RECOVERY_BYTES)).decode().lower(), "-")
        for _ in range(RECOVERY_CODES)
    )


def recovery_digest(code: str) -> bytes:
    """What is kept of a recovery code, however it was typed."""
    return hashlib.sha256("".join(code.lower().replace("-", " ").split()).encode()).digest()


def _totp(secret: bytes) -> TOTP:
    # SHA-1 is what authenticators know; HMAC-SHA-1 is not touched by its collisions (RFC 6238, 1.2)
    return TOTP(secret, DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303


def _grouped(text: str, between: str = " ") -> str:
    return between.join(text[start : start + 4] for start in range(0, len(text), 4))
