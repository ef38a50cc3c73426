"""What is signed: canonical JSON (RFC 8785) in a signed note (c2sp.org/signed-note), under a line that says what it is.

The line keeps a statement from passing for a checkpoint, which the same key signs and which has three lines or more.
Sizes, moments (microseconds) and digests alone stand in them: no indicator, no salt.
"""

from enum import StrEnum
from hashlib import sha256
from typing import Annotated

import msgspec
import rfc8785
from msgspec import Meta, Struct

from tocsin.kernel import BadInput
from tocsin.trust.matching.kinds import MatchKind
from tocsin.trust.matching.messages import MAX_PARTY_CHARS, MAX_PURPOSE_CHARS, Question, Reveal
from tocsin.trust.matching.sizes import LEAST_POINTS, MAX_POINTS
from tocsin.trust.notes import Signer, opened, sign
from tocsin.wire.tlog import Note, NoteKey, note_bytes, parse_note

HEADER = "tocsin/match/accountable/1"
MAX_STATEMENT_BYTES = 8 << 10
"""A purpose of 200 characters and the rest, with room."""

NOTHING = "0" * 64
"""The digest that stands where nothing came before."""

MAX_MOMENT = 1 << 53
"""What JSON's numbers hold exactly (RFC 8785)."""

Hex = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
SessionName = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]
Name = Annotated[str, Meta(min_length=1, max_length=MAX_PARTY_CHARS)]
Moment = Annotated[int, Meta(ge=0, le=MAX_MOMENT)]
Number = Annotated[int, Meta(ge=0, le=1 << 40)]


class Side(StrEnum):
    """Whose inputs."""

    CLIENT = "client"
    SERVER = "server"


class Quota(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="quota", tag_field="what"):
    """What a node holds itself to, for one kind: records it takes up in a week, points it puts into sessions in one."""

    log: Name
    kind: MatchKind
    records: Number
    points: Number
    at: Moment


class Day(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="day", tag_field="what"):
    """Records that were taken up at one time: how many, and the root over their commitments.

    `number` counts the days of a kind from 0 and `before` is the digest of the one before, so that none is beside them.
    """

    log: Name
    kind: MatchKind
    number: Number
    before: Hex
    at: Moment
    records: Annotated[int, Meta(ge=1, le=MAX_POINTS)]
    root: Hex
    quota: Hex


class Pledge(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="pledge", tag_field="what"):
    """What a side commits to before a session: its manifest, its positions, its standing set, its spending, a nonce.

    `points` is its own padded size; `root` is over its positions, `nonce` the digest of one that is told to an auditor.
    `days` is the newest day of records. `number` counts the pledges of a kind, side and week, `spent` their points.
    """

    log: Name
    session: SessionName
    side: Side
    client: Name
    server: Name
    kind: MatchKind
    question: Question
    reveal: Reveal
    purpose: Annotated[str, Meta(min_length=1, max_length=MAX_PURPOSE_CHARS)]
    epoch: Number
    at: Moment
    points: Annotated[int, Meta(ge=LEAST_POINTS, le=MAX_POINTS)]
    root: Hex
    nonce: Hex
    days: Hex
    quota: Hex
    number: Number
    before: Hex
    spent: Number


class Challenge(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="challenge", tag_field="what"
):
    """A third party's: so many positions of one side of a session, drawn with its nonce and both sides'."""

    auditor: Name
    session: SessionName
    side: Side
    positions: Annotated[int, Meta(ge=1, le=MAX_POINTS)]
    nonce: Hex
    at: Moment


class Account(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="account", tag_field="what"):
    """What a side says of a session when it is challenged: its nonce, both pledges, and what was said in it.

    `opening` is the digest over proposal and acceptance; `points` and `tags` are roots over what either sent.
    """

    log: Name
    session: SessionName
    side: Side
    challenge: Hex
    nonce: Hex
    client_pledge: Hex
    server_pledge: Hex
    opening: Hex
    points: Hex
    tags: Hex


Statement = Quota | Day | Pledge | Challenge | Account
_DECODER = msgspec.json.Decoder(Statement)


def statement_text(statement: Statement) -> str:
    """A statement as it is signed and digested."""
    return f"{HEADER}\n{rfc8785.dumps(msgspec.to_builtins(statement)).decode()}\n"


def digest_of(statement: Statement) -> str:
    """By which others name it, in hexadecimal."""
    return sha256(statement_text(statement).encode()).hexdigest()


def read_statement(text: str) -> Statement:
    """What `statement_text` wrote; there is one spelling. Raises BadInput."""
    if len(text) > MAX_STATEMENT_BYTES or not text.startswith(f"{HEADER}\n"):
        raise BadInput("this is no statement of an accountable match, format 1")
    try:
        statement: Statement = _DECODER.decode(text[len(HEADER) + 1 :].encode())
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        raise BadInput("this is no statement of an accountable match, format 1") from None
    if statement_text(statement) != text:
        raise BadInput("a statement is spelt in another way than RFC 8785 has it: its program is another's")
    return statement


def sign_statement(statement: Statement, name: str, signer: Signer) -> bytes:
    """A note of it, under the name of the signer's log, or of an auditor."""
    text = statement_text(statement)
    return note_bytes(Note(text, (sign(text, name, signer),)))


def opened_statement(note: bytes, key: NoteKey) -> Statement:
    """The statement in a note that this key signed. Raises BadInput, TooLarge."""
    parsed = parse_note(note)
    statement = read_statement(parsed.text)
    opened(parsed, (key,))
    speaker = statement.auditor if isinstance(statement, Challenge) else statement.log
    if speaker != key.name:
        raise BadInput("a statement is signed under another name than it gives")
    return statement
