"""Token Status List (draft-ietf-oauth-status-list): whether an issuer took a credential back since.

Enters: claims of a credential, and a list that somebody fetched. Leaves: one status. Refuses: a list that another
issuer signed, that is meant for another address, that has ended, or that unpacks beyond MAX_LIST_BYTES.
"""

import base64
import zlib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

import msgspec
from joserfc.jwk import Key

from tocsin.trust.openid import LEEWAY_SECONDS
from tocsin.trust.presentations.jws import UNREADABLE, checked
from tocsin.trust.presentations.refusing import PresentationRefused, Why

LIST_TYPE = "statuslist+jwt"
MAX_LIST_BYTES = 16 << 20
"""Unpacked: 128 million credentials at a bit each."""
MAX_URI_CHARS = 2_048
_BITS = (1, 2, 4, 8)


class Status(StrEnum):
    VALID = "valid"
    REVOKED = "revoked"
    """The draft's INVALID: for ever."""
    SUSPENDED = "suspended"
    OTHER = "other"
    """An issuer's own meaning, which is not known here: it does not count as valid."""


class StatusPlace(msgspec.Struct, frozen=True):
    """Where a credential's status stands."""

    uri: str
    index: int


class StatusList(msgspec.Struct, frozen=True):
    """A list, unpacked. `until` (seconds since 1970) is when it must be fetched again at the latest, or None."""

    uri: str
    bits: int
    packed: bytes
    until: int | None

    def at(self, index: int) -> Status:
        """Raises PresentationRefused beyond its end."""
        place = index * self.bits
        if index < 0 or place // 8 >= len(self.packed):
            raise PresentationRefused(Why.STATUS_UNKNOWN, "its status stands beyond the end of the list")
        value = self.packed[place // 8] >> (place % 8) & ((1 << self.bits) - 1)
        return {0: Status.VALID, 1: Status.REVOKED, 2: Status.SUSPENDED}.get(value, Status.OTHER)


def place_of(claims: Mapping[str, Any]) -> StatusPlace | None:
    """Where a credential says that its status stands; None where it has none. Raises PresentationRefused."""
    status = claims.get("status")
    if status is None:
        return None
    place = status.get("status_list") if isinstance(status, dict) else None
    if not isinstance(place, dict):
        raise PresentationRefused(Why.STATUS_UNKNOWN, "its status is kept in a way that is not known here")
    uri, index = place.get("uri"), place.get("idx")
    if (
        not isinstance(uri, str)
        or not uri.startswith("https://")
        or len(uri) > MAX_URI_CHARS
        or not isinstance(index, int)
        or isinstance(index, bool)
        or index < 0
    ):
        raise PresentationRefused(Why.STATUS_UNKNOWN, "where its status stands cannot be read")
    return StatusPlace(uri, index)


def read_list(token: str, keys: Iterable[Key], *, uri: str, now: int) -> StatusList:
    """A list that one of the issuer's keys signed for this address. `now` in seconds. Raises PresentationRefused."""
    signed = checked(token, keys, Why.STATUS_UNKNOWN)
    claims, ends = signed.claims, signed.claims.get("exp")
    holds = claims.get("status_list")
    wrong = (
        signed.header.get("typ") != LIST_TYPE
        or claims.get("sub") != uri
        or not isinstance(ends, int | float | None)
        or (ends is not None and not now < ends + LEEWAY_SECONDS)
        or not isinstance(holds, dict)
        or holds.get("bits") not in _BITS
        or not isinstance(holds.get("lst"), str)
    )
    if wrong:
        raise PresentationRefused(Why.STATUS_UNKNOWN, "its issuer's list of statuses does not hold")
    assert isinstance(holds, dict)
    return StatusList(uri, holds["bits"], _unpacked(holds["lst"]), None if ends is None else int(ends))


def _unpacked(text: str) -> bytes:
    try:
        inflater = zlib.decompressobj()
        packed = inflater.decompress(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), MAX_LIST_BYTES)
    except (zlib.error, *UNREADABLE) as error:
        raise PresentationRefused(Why.STATUS_UNKNOWN, "its issuer's list cannot be unpacked") from error
    if not inflater.eof:
        raise PresentationRefused(
            Why.STATUS_UNKNOWN, "its issuer's list is cut short, or larger than is read"
        )
    return packed
