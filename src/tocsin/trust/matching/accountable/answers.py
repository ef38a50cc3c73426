"""What a challenged side hands over, as bytes: MessagePack, bounded, nothing unknown in it.

It holds the indicators at the challenged positions. Whoever keeps it keeps those.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from tocsin.kernel import BadInput, TooLarge
from tocsin.trust.matching.accountable.challenged import MAX_POSITIONS
from tocsin.trust.matching.accountable.positions import MAX_AUDITED_POINTS, SALT_BYTES
from tocsin.trust.matching.accountable.statements import MAX_STATEMENT_BYTES
from tocsin.trust.oprf import PROOF_BYTES
from tocsin.trust.ristretto import POINT_BYTES
from tocsin.wire.tlog.proof import MAX_PROOF_BYTES

MAX_PATH = 24
"""Hashes beside the way in a tree of a million lines, with room."""

MAX_DAYS = 400
"""Days of records that one answer tells: a year of them."""

MAX_QUOTAS = 8
MAX_VALUE_BYTES = 4096
MAX_NOTE_BYTES = MAX_STATEMENT_BYTES + 1024
MAX_OPENING_BYTES = 512
"""A proposal or an acceptance has 424 bytes at most beside its parties and purpose, which count below."""

MAX_ANSWER_BYTES = 16 << 20
"""Openings take some 2 kB each, days some 2 kB each with three witnesses."""

Hash = Annotated[bytes, Meta(min_length=32, max_length=32)]
Path = Annotated[tuple[Hash, ...], Meta(max_length=MAX_PATH)]
NoteBytes = Annotated[bytes, Meta(max_length=MAX_NOTE_BYTES)]
ProofFile = Annotated[bytes, Meta(max_length=MAX_PROOF_BYTES)]
Point = Annotated[bytes, Meta(min_length=POINT_BYTES, max_length=POINT_BYTES)]
FirstWord = Annotated[bytes, Meta(max_length=4 * MAX_OPENING_BYTES)]


class Padding(Struct, frozen=True, forbid_unknown_fields=True, tag="padding"):
    """Nothing stands there: its value follows from the salt."""


class Record(Struct, frozen=True, forbid_unknown_fields=True, tag="record"):
    """An indicator, and the way from its commitment to the root of its day."""

    value: Annotated[bytes, Meta(max_length=MAX_VALUE_BYTES)]
    salt: Hash
    day: Annotated[int, Meta(ge=0, le=1 << 40)]
    index: Annotated[int, Meta(ge=0, lt=MAX_AUDITED_POINTS * 10)]
    path: Path


class Opened(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One position: what the pledge has of it, what was sent for it, and the proof that both are of one value.

    `point` is the client's blinded point, whose way leads to the root over points; or the server's element under its
    key, whose tag's way leads to the root over tags.
    """

    position: Annotated[int, Meta(ge=0, lt=MAX_AUDITED_POINTS)]
    public: Point
    salt: Annotated[bytes, Meta(min_length=SALT_BYTES, max_length=SALT_BYTES)]
    path: Path
    point: Point
    sent: Path
    proof: Annotated[bytes, Meta(min_length=PROOF_BYTES, max_length=PROOF_BYTES)]
    meant: Padding | Record


class Told(Struct, frozen=True, forbid_unknown_fields=True):
    """A signed statement, and the proof that it is in its author's log (c2sp.org/tlog-proof)."""

    note: NoteBytes
    proof: ProofFile


class Answer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One side's answer to a challenge. Days come newest first, from the one that the pledge names."""

    format: Literal[1]
    challenge: NoteBytes
    pledge: Told
    other_pledge: NoteBytes
    account: NoteBytes
    other_account: NoteBytes
    proposal: FirstWord
    acceptance: FirstWord
    quotas: Annotated[tuple[Told, ...], Meta(max_length=MAX_QUOTAS)]
    days: Annotated[tuple[Told, ...], Meta(max_length=MAX_DAYS)]
    openings: Annotated[tuple[Opened, ...], Meta(max_length=MAX_POSITIONS)]


_DECODER = msgspec.msgpack.Decoder(Answer)
_ENCODER = msgspec.msgpack.Encoder()


def encode_answer(answer: Answer) -> bytes:
    """As it is handed over."""
    return _ENCODER.encode(answer)


def decode_answer(raw: bytes) -> Answer:
    """From a file's bytes; nothing in it was checked. Raises BadInput, TooLarge."""
    if len(raw) > MAX_ANSWER_BYTES:
        raise TooLarge(f"an answer to a challenge has at most {MAX_ANSWER_BYTES} bytes")
    try:
        answer: Answer = _DECODER.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadInput("this is no answer to a challenge, format 1") from None
    return answer
