"""What the parties of an epoch say to each other, as bytes: MessagePack, bounded, nothing unknown in it.

Every message names the digest of its roster, so that none of another epoch, attempt or set of rules is taken for one of
this. Who says it is not in it: the signed exchange tells that, and boxes are sealed under the sender's name.
"""

from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct

from tocsin.kernel import BadInput, Conflict, TooLarge
from tocsin.kernel.sums import KINDS_SHARED, MAX_NAME_CHARS, MOST_LOOKS, MOST_PARTICIPANTS, SumRoster
from tocsin.trust.matching.sizes import CHUNK
from tocsin.trust.oprf import PROOF_BYTES
from tocsin.trust.ristretto import POINT_BYTES, SCALAR_BYTES

LABEL = b"tocsin/sums/1"
DIGEST_BYTES = 32
SERIAL_BYTES = 16
SEAL_BYTES = 48
"""By which a box is longer than what is in it."""

TAG_BYTES = LINK_BYTES = 16
COUNT_BYTES = 4
"""Shares are added modulo 2^32: 32 nodes' clipped counts have 11 bits, noise of the greatest scale 17."""

MAX_ASKED = 50_000
"""Values that one node has evaluated in an epoch, as in a week of matching bands: each may be a guess."""

MAX_ENTRIES = 10_000
"""Keys in one submission. The study's nodes raise fewer than ten a day; each text is 16 bands."""

ENTRY_LINKS = LINK_BYTES * len(KINDS_SHARED)
MAX_MESSAGE_BYTES = 3 << 20
"""A full submission has 1.6 MB; the sums of 20,000 tags with all their links apart have less than the rest."""

Digest = Annotated[bytes, Meta(min_length=DIGEST_BYTES, max_length=DIGEST_BYTES)]
Serial = Annotated[bytes, Meta(min_length=SERIAL_BYTES, max_length=SERIAL_BYTES)]
Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME_CHARS)]
Point = Annotated[bytes, Meta(min_length=POINT_BYTES, max_length=POINT_BYTES)]
Scalar = Annotated[bytes, Meta(min_length=SCALAR_BYTES, max_length=SCALAR_BYTES)]
Points = Annotated[bytes, Meta(min_length=POINT_BYTES, max_length=CHUNK * POINT_BYTES)]
Part = Annotated[int, Meta(ge=0, lt=-(-MAX_ASKED // CHUNK))]
LookNumber = Annotated[int, Meta(ge=0, lt=MOST_LOOKS)]
ShareBox = Annotated[bytes, Meta(min_length=SCALAR_BYTES + SEAL_BYTES, max_length=SCALAR_BYTES + SEAL_BYTES)]


class Committed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="committed"):
    """Key making, 1: the digest of what its sender will deal, so that none chooses after seeing the others'."""

    roster: Digest
    digest: Digest


class Dealt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="dealt"):
    """Key making, 2: commitments to a polynomial, and a share for each participant in a box of its own."""

    roster: Digest
    commitments: Annotated[bytes, Meta(min_length=POINT_BYTES, max_length=MOST_PARTICIPANTS * POINT_BYTES)]
    boxes: Annotated[tuple[ShareBox, ...], Meta(max_length=MOST_PARTICIPANTS)]


class Checked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="checked"):
    """Key making, 3: the digest of all that its sender has of 1 and 2, and whose share to it was bad."""

    roster: Digest
    seen: Digest
    against: Annotated[tuple[Name, ...], Meta(max_length=MOST_PARTICIPANTS)]


class Opened(Struct, frozen=True, forbid_unknown_fields=True):
    """A share in the open, for the one who complained of it."""

    name: Name
    share: Scalar


class Answered(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="answered"):
    """Key making, 4: an accused dealer opens the shares in question; the others say nothing."""

    roster: Digest
    shares: Annotated[tuple[Opened, ...], Meta(max_length=MOST_PARTICIPANTS)]


class Confirmed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="confirmed"):
    """Key making, 5: the digest of all before, and the key that comes of it."""

    roster: Digest
    seen: Digest
    public: Point


class Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="asked"):
    """Part of a node's blinded values, padded."""

    roster: Digest
    serial: Serial
    part: Part
    points: Points


class Evaluated(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="evaluated"):
    """The same under one server's share, with the proof that it was that share."""

    roster: Digest
    serial: Serial
    part: Part
    points: Points
    proof: Annotated[bytes, Meta(min_length=PROOF_BYTES, max_length=PROOF_BYTES)]


class Boxed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="boxed"):
    """A Submission, Sums or Bits, sealed to the one for whom it is."""

    roster: Digest
    look: LookNumber
    box: Annotated[bytes, Meta(min_length=SEAL_BYTES, max_length=MAX_MESSAGE_BYTES)]


class Submission(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="submission"):
    """A node's keys at one look: tags, links of identifiers, and one share of each count; padded, in random order."""

    tags: Annotated[bytes, Meta(max_length=MAX_ENTRIES * TAG_BYTES)]
    links: Annotated[bytes, Meta(max_length=MAX_ENTRIES * ENTRY_LINKS)]
    shares: bytes


class Listed(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose submission an aggregator has, and the digest of its tags and links."""

    name: Name
    digest: Digest


class Roll(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="roll"):
    """What an aggregator has when it closes a look."""

    roster: Digest
    look: LookNumber
    listed: Annotated[tuple[Listed, ...], Meta(max_length=MOST_PARTICIPANTS)]


class Sums(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="sums"):
    """An aggregator's sums of shares with its noise, COUNT_BYTES each, and the digest of the order they are in."""

    order: Digest
    values: bytes


class Bits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="bits"):
    """For each entry of a submission, in its order, whether its sum rings."""

    entries: Annotated[int, Meta(ge=1, le=MAX_ENTRIES)]
    bits: Annotated[bytes, Meta(min_length=1, max_length=-(-MAX_ENTRIES // 8))]


Message = (
    Committed
    | Dealt
    | Checked
    | Answered
    | Confirmed
    | Asked
    | Evaluated
    | Boxed
    | Submission
    | Roll
    | Sums
    | Bits
)
M = TypeVar("M", bound=Message)

_DECODER = msgspec.msgpack.Decoder(Message)
_ENCODER = msgspec.msgpack.Encoder()


def encode(message: Message) -> bytes:
    """A message as it travels."""
    return _ENCODER.encode(message)


def decode(raw: bytes, wanted: type[M]) -> M:
    """The message of this kind in the bytes. Raises TooLarge, or BadInput for what is none."""
    if len(raw) > MAX_MESSAGE_BYTES:
        raise TooLarge(f"a message of a sum has at most {MAX_MESSAGE_BYTES} bytes")
    try:
        message: Message = _DECODER.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadInput("this is no message of a sum, format 1") from None
    if not isinstance(message, wanted):
        raise BadInput(f"a message came out of its turn: {wanted.__name__.lower()} comes next")
    return message


def require_roster(
    message: Committed | Dealt | Checked | Answered | Confirmed | Asked | Evaluated | Boxed | Roll,
    roster: SumRoster,
) -> None:
    """That a message belongs to this roster. Raises Conflict."""
    if message.roster != roster.digest:
        raise Conflict("a message belongs to another roster: another epoch, another attempt or other rules")


def box_label(roster: SumRoster, what: str, sender: str, receiver: str, look: int = 0) -> str:
    """Under what a box is sealed: it opens for this roster, kind, look and pair of nodes alone."""
    return "\x00".join((LABEL.decode(), what, roster.digest.hex(), str(look), sender, receiver))
