"""How a field of a signed object is salted and hashed, and how that is written. The format is `signed_fields`'."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from tocsin.trust.units import Unit
from tocsin.wire.stix import canonical

DOMAIN = b"tocsin/signed-fields/1"
"""Before everything that is hashed or signed here, so that none of it means anything elsewhere."""

SALT_BYTES = 16
"""128 bits: nobody tests guesses of a withheld value, however few values it could have."""


def salt_of(value: Mapping[str, Any], unit: Unit, seed: bytes) -> str:
    """HMAC-SHA256 of the unit in its version: one seed used twice by mistake still links nothing of two versions."""
    about = canonical([value["id"], value.get("modified", value["created"]), unit.path, unit.value])
    return base64url(hmac.digest(seed, DOMAIN + b"/salt\x00" + about, "sha256")[:SALT_BYTES])


def digest_of(salt: str | None, unit: Unit) -> str:
    """Of a unit with its salt, None where it is always shown."""
    # [salt, path, value] in RFC 8785, put together from parts that are in that form already
    return hash_of(b"field", canonical([salt, unit.path])[:-1] + b"," + unit.text + b"]")


def hash_of(part: bytes, text: bytes) -> str:
    """SHA-256 in base64url; `part` keeps fields and roots apart."""
    return base64url(hashlib.sha256(DOMAIN + b"/" + part + b"\x00" + text).digest())


def salts_by_place(salts: Mapping[str, Any]) -> dict[tuple[str | int, ...], str]:
    """Each salt by the place of its unit."""
    flat: dict[tuple[str | int, ...], str] = {}
    for name, inner in salts.items():
        if isinstance(inner, str):
            flat[name,] = inner
        elif isinstance(inner, list):
            flat.update(((name, at), salt) for at, salt in enumerate(inner))
        else:
            for key, named in inner.items():
                flat.update(((name, key, inside), salt) for inside, salt in named.items())
    return flat


def base64url(data: bytes) -> str:
    """Without padding (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """The bytes of base64url in its one canonical form; none where it is not."""
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""
    return data if base64url(data) == text else b""
