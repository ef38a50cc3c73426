"""Receipts of public reports: a number to name a report by, and a secret that opens it.

Both are drawn, never counted, and written in Crockford's base 32: no I, L, O or U, so that they survive being
copied by hand, read aloud, or typed on an old telephone. Of the secret only SHA-256 is kept: it has 136 random
bits, so a slow hash would add nothing.
"""

import base64
import hashlib
import hmac

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tocsin.trust.boxes import Box
from tocsin.trust.seal import KEY_BYTES, Entropy

NUMBER_BITS = 60
"""Twelve signs. A million reports meet by chance once in two million draws of them, and then another is drawn."""
SECRET_BYTES = 17
"""128 bits, and as many more as fill seven groups of signs."""
NUMBER_CHARS, SECRET_CHARS = 12, 28
GROUP = 4
MAX_TYPED_CHARS = 64
"""What somebody types with spaces or hyphens between all the groups; the rest is not read."""

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_FROM_RFC = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", _CROCKFORD)
_MEANT = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
_ANSWERS = b"tocsin/report-answers/1"
_NOBODYS = bytes(hashlib.sha256().digest_size)


def draw_number(entropy: Entropy) -> str:
    """A new number: "2K7P-9QXW-R4TD"."""
    return _grouped(_written(entropy(8))[:NUMBER_CHARS])


def draw_secret(entropy: Entropy) -> str:
    """A new secret: 28 signs in groups of four."""
    return _grouped(_written(entropy(SECRET_BYTES)))


def number_as_written(typed: str) -> str:
    """A number as it is kept, however it was typed; "" for what cannot be one."""
    signs = _signs(typed, NUMBER_CHARS)
    return _grouped(signs) if signs else ""


def digest_of(typed: str) -> bytes:
    """SHA-256 of a secret, however it was typed; of what cannot be one, a digest all the same."""
    return hashlib.sha256(_signs(typed, SECRET_CHARS).encode()).digest()


def matches(typed: str, kept: bytes | None) -> bool:
    """Whether a secret is the one whose digest is kept. The same work where there is none."""
    same = hmac.compare_digest(digest_of(typed), kept if kept is not None else _NOBODYS)
    return same and kept is not None


def answer_box(typed: str) -> Box:
    """What opens the answers to a report: made from its secret (RFC 5869), so that nobody without it can."""
    secret = _signs(typed, SECRET_CHARS).encode()
    return Box(HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=_ANSWERS).derive(secret))


def answer_label(number: str, turn: int) -> str:
    """What binds an answer to its place."""
    return f"report/{number}/answer/{turn}"


def _signs(typed: str, count: int) -> str:
    signs = typed[:MAX_TYPED_CHARS].strip().upper().translate(_MEANT)
    return signs if len(signs) == count and set(signs) <= set(_CROCKFORD) else ""


def _written(drawn: bytes) -> str:
    return base64.b32encode(drawn).decode().rstrip("=").translate(_FROM_RFC)


def _grouped(signs: str) -> str:
    return "-".join(signs[start : start + GROUP] for start in range(0, len(signs), GROUP))
