"""A presentation of an SD-JWT VC (`dc+sd-jwt`), held to what was asked."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import msgspec
from joserfc.jwk import KeySet

from tocsin.trust.openid import LEEWAY_SECONDS, public_key
from tocsin.trust.presentations import sd_jwt
from tocsin.trust.presentations.jws import checked, peek
from tocsin.trust.presentations.refusing import PresentationRefused, Why
from tocsin.trust.presentations.status_list import StatusPlace, place_of

TYPES = ("dc+sd-jwt", "vc+sd-jwt")
"""The second is the name until November 2024."""
BINDING_TYPE = "kb+jwt"
MAX_AGE_SECONDS = 600
"""Between the holder's signature and its arrival: a person confirms in between."""


class Asked(msgspec.Struct, frozen=True):
    """The question that a presentation answers. `claims` are top-level names; `now` in seconds since 1970."""

    audience: str
    nonce: str
    now: int
    types: tuple[str, ...]
    claims: tuple[str, ...] = ()


class Presented(msgspec.Struct, frozen=True):
    """What is believed of it. `claims` are those that were asked for, `digest` is SHA-256 of all that was sent.

    It has salts and two signatures, so nobody finds what was in it from its digest. `expires` in seconds.
    """

    issuer: str
    type: str
    claims: dict[str, Any]
    expires: int | None
    status: StatusPlace | None
    digest: str


def verify(text: str, issuers: Mapping[str, KeySet], asked: Asked) -> Presented:
    """What a presentation says, as far as it is believed.

    1. It can be read. 2. Its issuer is one that the operator named, and a key of that issuer signed it. 3. It is a
    credential of a type that was asked for. 4. It is in force. 5. Its disclosures are the issuer's, and none is there
    that nobody asked for. 6. What was asked for is there. 7. The holder of the key that it is bound to signed this
    very presentation, for this verifier, this nonce, now. Its status is asked after by who may fetch it.

    Raises PresentationRefused.
    """
    parts = sd_jwt.read(text)  # 1
    issuer = peek(parts.token).claims.get("iss")
    keys = issuers.get(issuer) if isinstance(issuer, str) else None
    if keys is None or not isinstance(issuer, str):
        raise PresentationRefused(Why.UNKNOWN_ISSUER, "its issuer is not among those that the operator named")
    signed = checked(parts.token, keys.keys, Why.SIGNATURE)  # 2
    kind = signed.claims.get("vct")
    if signed.header.get("typ") not in TYPES or not isinstance(kind, str) or kind not in asked.types:
        raise PresentationRefused(Why.TYPE, "it is another kind of credential than was asked for")  # 3
    expires = _in_force(signed.claims, asked.now)  # 4
    claims, shown = sd_jwt.unpack(signed.claims, parts.disclosures)  # 5
    if not set(shown) <= set(asked.claims):
        raise PresentationRefused(Why.UNASKED, "it shows more than was asked for: show what is asked, alone")
    if not set(asked.claims) <= claims.keys():
        raise PresentationRefused(Why.MISSING, "it does not show what was asked for")  # 6
    _bound(parts, claims, asked)  # 7
    return Presented(
        issuer=issuer,
        type=kind,
        claims={name: claims[name] for name in asked.claims},
        expires=expires,
        status=place_of(claims),
        digest=hashlib.sha256(text.encode()).hexdigest(),
    )


def _in_force(claims: Mapping[str, Any], now: int) -> int | None:
    """When it ends. `iat` in the future is a clock that is wrong, or a credential made for later."""
    for name in ("nbf", "iat"):
        begins = _moment(claims, name)
        if begins is not None and now < begins - LEEWAY_SECONDS:
            raise PresentationRefused(Why.NOT_YET, "it is not in force yet")
    expires = _moment(claims, "exp")
    if expires is not None and now >= expires + LEEWAY_SECONDS:
        raise PresentationRefused(Why.EXPIRED, "it has expired")
    return expires


def _bound(parts: sd_jwt.SdJwt, claims: Mapping[str, Any], asked: Asked) -> None:
    """Key binding (RFC 9901, 7.3): 1. a key and a signature. 2. It holds. 3. For whom, what, when, over what."""
    confirmed = claims.get("cnf")
    entry = confirmed.get("jwk") if isinstance(confirmed, dict) else None
    key = public_key(entry) if isinstance(entry, dict) else None
    if key is None or not parts.binding:  # 1
        raise PresentationRefused(
            Why.UNBOUND, "it is bound to no key that could be checked, or nobody signed it"
        )
    bound = checked(parts.binding, [key], Why.HOLDER)  # 2
    said, made = bound.claims, _moment(bound.claims, "iat")
    if bound.header.get("typ") != BINDING_TYPE or made is None:
        raise PresentationRefused(Why.HOLDER, "the holder's signature is no key binding")
    if said.get("aud") != asked.audience:  # 3
        raise PresentationRefused(Why.AUDIENCE, "it was presented to somebody else")
    if not _same(said.get("nonce"), asked.nonce):
        raise PresentationRefused(Why.NONCE, "it answers another question")
    if not asked.now - MAX_AGE_SECONDS - LEEWAY_SECONDS <= made <= asked.now + LEEWAY_SECONDS:
        raise PresentationRefused(Why.CLOCK, "it was not signed just now: look at the clock of the device")
    if not _same(said.get("sd_hash"), sd_jwt.digest(parts.signed, sd_jwt.hash_of(peek(parts.token).claims))):
        raise PresentationRefused(Why.HOLDER, "the holder signed for other disclosures than these")


def _moment(claims: Mapping[str, Any], name: str) -> int | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PresentationRefused(Why.UNREADABLE, f"its {name} is no moment")
    return int(value)


def _same(given: Any, wanted: str) -> bool:
    return isinstance(given, str) and hmac.compare_digest(given.encode(), wanted.encode())
