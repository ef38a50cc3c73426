"""Access tokens: shown once, kept as a digest, compared in constant time.

A secret of 256 random bits needs no slow hash: nobody can guess it offline (NIST SP 800-63B, 5.1.2.2).
"""

import base64
import hashlib
import hmac
import re

import msgspec

from tocsin.trust.seal import Entropy

SECRET_BYTES = 32
ID_BYTES = 6

_SHAPE = re.compile(r"tocsin_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_NOBODY = bytes(32)


class Minted(msgspec.Struct, frozen=True):
    """`text` is shown to the person once; `id` and `digest` are kept."""

    id: str
    text: str
    digest: bytes


class Presented(msgspec.Struct, frozen=True):
    id: str
    digest: bytes


def mint(entropy: Entropy) -> Minted:
    """A new token `tocsin_ID_SECRET`."""
    token_id = entropy(ID_BYTES).hex()
    secret = base64.urlsafe_b64encode(entropy(SECRET_BYTES)).rstrip(b"=").decode()
    return Minted(id=token_id, text=f"tocsin_{token_id}_{secret}", digest=_digest(secret))


def read(text: str) -> Presented | None:
    """The parts of a presented token; None when it has not a token's shape."""
    match = _SHAPE.fullmatch(text)
    return Presented(id=match[1], digest=_digest(match[2])) if match else None


def matches(presented: Presented, kept: bytes | None) -> bool:
    """Constant-time comparison; for an unknown id `kept` is None and the same work is done."""
    return hmac.compare_digest(presented.digest, kept if kept is not None else _NOBODY) and kept is not None


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
