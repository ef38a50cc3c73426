"""What members say to each other, as bytes: MessagePack, bounded, nothing unknown in it.

Each message names the digest of its roster. Who says it is not in it: the signed exchange tells that.
"""

from hashlib import sha256
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct

from tocsin.kernel import BadInput, Conflict, TooLarge
from tocsin.kernel.distinct import MAX_POOL, DistinctRoster
from tocsin.trust.oprf import PROOF_BYTES
from tocsin.trust.ristretto import POINT_BYTES

ENTRY_BYTES = 2 * POINT_BYTES
CHUNK = 4096
"""Entries that one proof covers."""
MAX_MESSAGE_BYTES = MAX_POOL * ENTRY_BYTES + 4096

Digest = Annotated[bytes, Meta(min_length=32, max_length=32)]
Point = Annotated[bytes, Meta(min_length=POINT_BYTES, max_length=POINT_BYTES)]
Proof = Annotated[bytes, Meta(min_length=PROOF_BYTES, max_length=PROOF_BYTES)]
Entries = Annotated[bytes, Meta(min_length=ENTRY_BYTES, max_length=MAX_POOL * ENTRY_BYTES)]


class Joined(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="joined"):
    """A member's public keys for this session, of its turn and of the opening, and proofs that it knows the secrets."""

    roster: Digest
    turn: Point
    turn_proof: Proof
    opening: Point
    opening_proof: Proof


class Sent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="sent"):
    """A member's entries, for the first of the order: as many as the roster says."""

    roster: Digest
    keys: Digest
    entries: Entries


class Pool(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="pool"):
    """All entries after so many turns: for the next of the order, and after the last turn for all."""

    roster: Digest
    keys: Digest
    turns: Annotated[int, Meta(ge=1, le=32)]
    entries: Entries


class Opened(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="opened"):
    """A member's part of opening the last pool, and a proof for each CHUNK of it."""

    roster: Digest
    pool: Digest
    points: Annotated[bytes, Meta(min_length=POINT_BYTES, max_length=MAX_POOL * POINT_BYTES)]
    proofs: Annotated[tuple[Proof, ...], Meta(min_length=1, max_length=-(-MAX_POOL // CHUNK))]


Message = Joined | Sent | Pool | Opened
M = TypeVar("M", bound=Message)
_ENCODER = msgspec.msgpack.Encoder()


def encode(message: Message) -> bytes:
    """As it is sent."""
    return _ENCODER.encode(message)


def decode(raw: bytes, kind: type[M], roster: DistinctRoster) -> M:
    """A message of this sort and roster. Raises TooLarge, BadInput, and Conflict for another roster's."""
    if len(raw) > MAX_MESSAGE_BYTES:
        raise TooLarge(f"a message of a count has at most {MAX_MESSAGE_BYTES} bytes")
    try:
        message = msgspec.msgpack.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadInput(f"this is no message of a count ({kind.__name__.lower()})") from None
    if encode(message) != raw:
        raise BadInput("a message of a count is not in its one spelling")
    if message.roster != digest_of(roster):
        raise Conflict("a message is of another count than this; propose a new one")
    return message


def digest_of(roster: DistinctRoster) -> bytes:
    """32 bytes that every message names, and with which every input is hashed."""
    return sha256(b"tocsin/distinct/1/roster" + _ENCODER.encode(roster)).digest()
