"""SD-JWT (RFC 9901): a signed token whose claims are shown one by one.

Enters: `JWT~disclosure~...~[key binding]`. Leaves: its parts, and the claims as the issuer signed them. Refuses: a
disclosure that no digest refers to, that is there twice, that names what it may not, or that hides what a verifier must
see; the reference package passes over such in silence, which is why the rules stand here, over joserfc's signatures.
"""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from tocsin.trust.openid import base64url
from tocsin.trust.presentations.jws import UNREADABLE
from tocsin.trust.presentations.refusing import PresentationRefused, Why

MAX_CHARS = 256 << 10
MAX_DISCLOSURES = 128
"""An identity credential has some thirty claims."""
MAX_DEPTH = 16
HASHES: Mapping[str, str] = {"sha-256": "sha256", "sha-384": "sha384", "sha-512": "sha512"}
"""IANA names to hashlib's. Weaker ones are not known here."""

NEVER_HIDDEN = frozenset({"iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status", "_sd_alg"})
"""What a holder could withhold to look better (SD-JWT VC, section on registered claims)."""
_ARRAY = "..."
_SD, _SD_ALG = "_sd", "_sd_alg"


class Disclosure(msgspec.Struct, frozen=True):
    """One claim, or with `name` None one element of an array."""

    name: str | None
    value: Any


class SdJwt(msgspec.Struct, frozen=True):
    """As it came. `signed` is what the holder signs over: all up to and with the last tilde. `binding` may be ""."""

    token: str
    disclosures: tuple[str, ...]
    binding: str
    signed: str


def read(text: str) -> SdJwt:
    """Its parts, unverified. Raises PresentationRefused."""
    if len(text) > MAX_CHARS or not text.isascii():
        raise PresentationRefused(Why.UNREADABLE, "it is too long, or has other signs than a token has")
    parts = text.split("~")
    if len(parts) < 2 or len(parts) - 2 > MAX_DISCLOSURES:
        raise PresentationRefused(
            Why.UNREADABLE, f"it is no SD-JWT, or discloses more than {MAX_DISCLOSURES} claims"
        )
    token, *disclosures, binding = parts
    if not token or not all(disclosures):
        raise PresentationRefused(Why.UNREADABLE, "a part of it is empty")
    if len(set(disclosures)) != len(disclosures):
        raise PresentationRefused(Why.FORGED, "it discloses the same thing twice")
    return SdJwt(token, tuple(disclosures), binding, text[: len(text) - len(binding)])


def hash_of(claims: Mapping[str, Any]) -> str:
    """hashlib's name of the hash that a token's digests are made with. Raises PresentationRefused."""
    name = claims.get(_SD_ALG, "sha-256")
    if not isinstance(name, str) or name not in HASHES:
        raise PresentationRefused(Why.UNREADABLE, "its digests are made with a hash that is not taken here")
    return HASHES[name]


def digest(text: str, name: str) -> str:
    """Of a disclosure, or of what a holder signs over, as it stands in a token."""
    return base64url(hashlib.new(name, text.encode()).digest())


def unpack(claims: Mapping[str, Any], disclosures: tuple[str, ...]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The claims as far as they are disclosed, and the top-level names under which something was (section 7.1).

    1. Each disclosure is read. 2. Each digest stands once. 3. A disclosure has the form its place asks for, a name
    that may be hidden, and overwrites nothing. 4. Each was referred to. Raises PresentationRefused.
    """
    name = hash_of(claims)
    walk = _Walk({digest(one, name): _disclosure(one) for one in disclosures})  # 1
    plain = {key: value for key, value in claims.items() if key != _SD_ALG}
    found = walk.tree(plain, 0, "")
    assert isinstance(found, dict)
    if walk.left:  # 4
        raise PresentationRefused(Why.FORGED, "it discloses what its issuer did not sign")
    return found, tuple(sorted(walk.shown))


class _Walk:
    def __init__(self, left: dict[str, Disclosure]) -> None:
        self.left = left
        self.shown: set[str] = set()
        self._met: set[str] = set()

    def tree(self, node: Any, depth: int, top: str) -> Any:
        """A value with its disclosures put in; `top` is the top-level claim that it lies under."""
        if depth > MAX_DEPTH:
            raise PresentationRefused(Why.UNREADABLE, f"it is nested deeper than {MAX_DEPTH}")
        if isinstance(node, dict):
            return self._object(node, depth, top)
        if isinstance(node, list):
            return self._array(node, depth, top)
        return node

    def _object(self, node: dict[str, Any], depth: int, top: str) -> dict[str, Any]:
        if _ARRAY in node or (depth and _SD_ALG in node):
            raise PresentationRefused(Why.FORGED, "a name that is reserved stands where it may not")
        out = {key: self.tree(value, depth + 1, top or key) for key, value in node.items() if key != _SD}
        digests = node.get(_SD, [])
        if not isinstance(digests, list):
            raise PresentationRefused(Why.UNREADABLE, "its digests are no list")
        for one in digests:
            disclosed = self._take(one)
            if disclosed is None:
                continue
            named = disclosed.name
            if named is None or named in (_SD, _ARRAY) or named in node or named in out:  # 3
                raise PresentationRefused(Why.FORGED, "a disclosure stands where it may not")
            if not depth and named in NEVER_HIDDEN:
                raise PresentationRefused(Why.FORGED, "it hides what every verifier must see")
            self.shown.add(top or named)
            out[named] = self.tree(disclosed.value, depth + 1, top or named)
        return out

    def _array(self, node: list[Any], depth: int, top: str) -> list[Any]:
        out = []
        for item in node:
            if not (isinstance(item, dict) and _ARRAY in item):
                out.append(self.tree(item, depth + 1, top))
                continue
            if len(item) != 1:
                raise PresentationRefused(Why.FORGED, "a name that is reserved stands where it may not")
            disclosed = self._take(item[_ARRAY])
            if disclosed is None:
                continue
            if disclosed.name is not None:  # 3
                raise PresentationRefused(Why.FORGED, "a disclosure stands where it may not")
            self.shown.add(top)
            out.append(self.tree(disclosed.value, depth + 1, top))
        return out

    def _take(self, one: Any) -> Disclosure | None:
        if not isinstance(one, str) or one in self._met:  # 2
            raise PresentationRefused(Why.FORGED, "a digest stands twice, or is none")
        self._met.add(one)
        return self.left.pop(one, None)


def _disclosure(text: str) -> Disclosure:
    """Salt, name, value; or salt, value. Raises PresentationRefused."""
    try:
        parts = msgspec.json.decode(
            base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True), type=list[Any]
        )
    except UNREADABLE as error:
        raise PresentationRefused(Why.FORGED, "a disclosure cannot be read") from error
    if not parts or not isinstance(parts[0], str) or len(parts) not in (2, 3):
        raise PresentationRefused(Why.FORGED, "a disclosure has another shape than the standard gives it")
    if len(parts) == 2:
        return Disclosure(None, parts[1])
    if not isinstance(parts[1], str):
        raise PresentationRefused(Why.FORGED, "a disclosure has another shape than the standard gives it")
    return Disclosure(parts[1], parts[2])
