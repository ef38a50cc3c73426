"""Envelopes that say something else than what a node signed, under a key of the test's own."""

from collections.abc import Callable
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tocsin.trust.signing_keys import PublicKey, sealed
from tocsin.wire.dsse import IN_TOTO_TYPE, envelope_bytes, parse_envelope


def resigned(envelope: bytes, change: Callable[[dict[str, Any]], object]) -> tuple[bytes, list[PublicKey]]:
    """The envelope's statement changed and signed anew, and the key that signed it."""
    statement = msgspec.json.decode(parse_envelope(envelope).payload)
    change(statement)
    key = Ed25519PrivateKey.generate()
    return envelope_bytes(sealed(key, IN_TOTO_TYPE, msgspec.json.encode(statement))), [key.public_key()]
