"""Passes: what a verifier tells one relying node of somebody, under a pseudonym made for that node alone.

Enters: results and a node's key; at the other end a token and the keys of trusted peers. Leaves: a short-lived
statement signed with the node's key (JWS, Ed25519). Refuses: another audience, another issuer, a pass that has ended or
lives longer than MAX_PASS_SECONDS. It says a level and purposes, never who or by which evidence.
"""

from collections.abc import Mapping

import msgspec
from joserfc.jwk import OKPKey

from tocsin.trust.identity import NodeIdentity
from tocsin.trust.openid import LEEWAY_SECONDS, base64url
from tocsin.trust.presentations.jws import ED25519, checked, peek
from tocsin.trust.presentations.refusing import PresentationRefused, Why
from tocsin.trust.pseudonyms import looks_like_pseudonym

PASS_TYPE = "tocsin-pass+jwt"
MAX_PASS_SECONDS = 300
"""What was revoked is refused elsewhere no later than this; at the verifier itself at once."""
MAX_PASS_CHARS = 16 << 10
MAX_PURPOSES = 64


class Pass(msgspec.Struct, frozen=True):
    """One statement. `iss` and `aud` are node ids, `sub` the pseudonym, times in seconds since 1970."""

    iss: str
    aud: str
    sub: str
    level: str
    purposes: tuple[str, ...]
    iat: int
    exp: int
    jti: str


def sign_pass(told: Pass, identity: NodeIdentity) -> str:
    """A pass as a token."""
    header = msgspec.json.encode({"alg": ED25519, "typ": PASS_TYPE})
    signed = f"{base64url(header)}.{base64url(msgspec.json.encode(told))}"
    return f"{signed}.{base64url(identity.sign(signed.encode()))}"


def read_pass(token: str, keys: Mapping[str, bytes], *, audience: str, now: int) -> Pass:
    """A pass of a node whose key is among these (node id to Ed25519 key). Raises PresentationRefused."""
    if len(token) > MAX_PASS_CHARS or not token.isascii():
        raise PresentationRefused(Why.UNREADABLE, "this is no pass")
    issuer = peek(token).claims.get("iss")
    public = keys.get(issuer) if isinstance(issuer, str) else None
    if public is None:
        raise PresentationRefused(Why.UNKNOWN_ISSUER, "the pass is of a node that is no trusted peer")
    key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": base64url(public)})
    signed = checked(token, [key], Why.SIGNATURE)
    try:
        told = msgspec.convert(signed.claims, Pass)
    except msgspec.ValidationError as error:
        raise PresentationRefused(Why.UNREADABLE, "the pass lacks a part") from error
    if signed.header.get("typ") != PASS_TYPE or not looks_like_pseudonym(told.sub):
        raise PresentationRefused(Why.TYPE, "the token is no pass")
    if told.aud != audience:
        raise PresentationRefused(Why.AUDIENCE, "the pass is for another node")
    if told.iat > now + LEEWAY_SECONDS:
        raise PresentationRefused(Why.NOT_YET, "the pass is not in force yet")
    if now >= told.exp or told.exp - told.iat > MAX_PASS_SECONDS or len(told.purposes) > MAX_PURPOSES:
        raise PresentationRefused(Why.EXPIRED, "the pass has ended, or would live too long")
    return told
