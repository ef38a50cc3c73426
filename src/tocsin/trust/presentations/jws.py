"""Compact signatures (RFC 7515) of credentials, holders and status lists: checked by joserfc, with our own lists.

Enters: a token and public keys. Leaves: its header and payload. Refuses: algorithms that are not listed, shared keys,
`crit` that nobody here knows, and numbers or depths beyond the bounds.
"""

import binascii
from collections.abc import Iterable
from typing import Any

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from tocsin.trust import openid
from tocsin.trust.presentations.refusing import PresentationRefused, Why

EDDSA, ED25519 = "EdDSA", "Ed25519"
ALGORITHMS = (*openid.ALGORITHMS, EDDSA)
"""Those of OpenID providers, and the older name of Ed25519 (RFC 8037), which wallets still write."""

MAX_HEADER_BYTES = 16 << 10
"""A chain of four certificates."""
MAX_PAYLOAD_BYTES = 256 << 10
"""A status list of a million credentials, packed, is half of it."""
MAX_TRIES = 16
"""Keys that one signature is tried with where it names none."""

UNREADABLE = (msgspec.DecodeError, binascii.Error, ValueError, RecursionError)


class _Registry(JWSRegistry):
    max_header_length = MAX_HEADER_BYTES
    max_payload_length = MAX_PAYLOAD_BYTES

    def get_alg(self, name: str) -> Any:
        # the same signature under its older name, which joserfc warns of
        return super().get_alg(ED25519 if name == EDDSA else name)


_REGISTRY = _Registry(algorithms=ALGORITHMS, strict_check_header=False)


class Signed(msgspec.Struct, frozen=True):
    """A token whose signature holds."""

    header: dict[str, Any]
    claims: dict[str, Any]


def peek(token: str) -> Signed:
    """Header and claims, believed by nobody: to choose a key by. Raises PresentationRefused."""
    try:
        found = jws.extract_compact(token.encode(), registry=_REGISTRY)
        return Signed(dict(found.headers()), _claims(found.payload))
    except (JoseError, *UNREADABLE) as error:
        raise PresentationRefused(Why.UNREADABLE, "a part of it is no signed token") from error


def checked(token: str, keys: Iterable[Key], why: Why) -> Signed:
    """A token that one of these keys signed; the one it names where it names one. Raises PresentationRefused."""
    named = peek(token).header.get("kid")
    among = [key for key in keys if named is None or key.kid in (None, named)]
    for key in among[:MAX_TRIES]:
        if not isinstance(key, RSAKey | ECKey | OKPKey):
            continue  # a shared key signs for everybody who has it
        try:
            found = jws.deserialize_compact(token, key, algorithms=ALGORITHMS, registry=_REGISTRY)
            return Signed(dict(found.headers()), _claims(found.payload))
        except (JoseError, TypeError, AttributeError, *UNREADABLE):
            continue
    raise PresentationRefused(why, "no key that may have signed it did")


def _claims(payload: bytes | None) -> dict[str, Any]:
    return msgspec.json.decode(payload or b"", type=dict[str, Any])
