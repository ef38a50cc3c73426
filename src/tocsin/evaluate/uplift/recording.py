"""What is entered into a study's ledger after its registration, each checked against what stands there."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from tocsin.evaluate.uplift.allocation import arm_at, cell_of, names_of
from tocsin.evaluate.uplift.ledger import Ledger, Secrets, committed
from tocsin.kernel.errors import BadInput, Conflict, TooLarge
from tocsin.kernel.studies import (
    Allocated,
    Elicited,
    Entry,
    Graded,
    Missing,
    Registered,
    Study,
    StudyPower,
)

MAX_ENTRIES = 100_000
MAX_ENTRY_BYTES = 4_096
MAX_NOTE_CHARS = 500
_NAME_CHARS = 64


def registered(study: Study, power: StudyPower, secrets: Secrets, by: str, statement: str = "") -> Registered:
    """The first entry of a study. Raises Conflict for one that can tell nothing, and gives no reason for it."""
    if not power.enough and not study.underpowered_because.strip():
        raise Conflict(
            f"{power.participants_per_arm} an arm see the effect {power.sees:.0%} of the time and clear the model"
            f" {power.clears:.0%}; wanted is {power.wanted:.0%}. Take {power.needed} an arm, or write"
            f" why it starts all the"
            " same into `underpowered_because`"
        )
    identity, digest, allocation = committed(secrets, study)
    return Registered(identity, study, digest, allocation, power, by, statement)


def allocated(ledger: Ledger, ticket: str, strata: Mapping[str, str]) -> Allocated:
    """The next participant and their arm. Raises BadInput, and Conflict when they have one already or all are there."""
    study, secrets = ledger.registered.study, ledger.secrets()
    cell = cell_of(study, strata)
    participant, work = names_of(secrets.key, ticket)
    there = ledger.of(Allocated)
    for one in there:
        if one.participant == participant:
            raise Conflict(f"this ticket was assigned before, to {one.arm}: one person, one arm")
    if len(there) >= study.planned:
        raise Conflict(f"all {study.planned} participants that were registered are assigned")
    place = sum(cell_of(study, one.strata) == cell for one in there)
    return Allocated(participant, work, arm_at(secrets.seed, study, cell, place), dict(strata))


class _Elicitation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    participant: str
    time: datetime
    tool: str
    attempt: int
    transcript: str
    note: str = ""


class _Grade(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    work: str
    grader: str
    level: int


class _Gone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    participant: str
    missing: str


_SHAPES: tuple[tuple[str, Any], ...] = (("transcript", _Elicitation), ("level", _Grade), ("missing", _Gone))


def entries_of(ledger: Ledger, lines: Iterable[bytes]) -> list[Entry]:
    """Entries from JSON lines: what participants tried, levels, and who is missing. All of them, or none.

    Raises BadInput naming the line, Conflict for a level that was given before, TooLarge.
    """
    study = ledger.registered.study
    people = ledger.of(Allocated)
    participants, works = {one.participant for one in people}, {one.work for one in people}
    graded = {(one.work, one.grader) for one in ledger.of(Graded)}
    gone = {one.participant for one in ledger.of(Missing)}
    found: list[Entry] = []
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_ENTRY_BYTES or number > MAX_ENTRIES:
            raise TooLarge(f"line {number}: {MAX_ENTRY_BYTES} bytes a line and {MAX_ENTRIES:,} lines at most")
        if not line.strip():
            continue
        read = _shaped(line, number)
        if isinstance(read, _Elicitation):
            _known(read.participant, participants, "participant", number)
            found.append(_elicited(read, number))
        elif isinstance(read, _Grade):
            _known(read.work, works, "work", number)
            if not 0 <= read.level < study.levels:
                raise BadInput(f"line {number}: a level is from 0 to {study.levels - 1}")
            if (read.work, read.grader) in graded:
                raise Conflict(f"line {number}: {read.grader} has graded this work; a level is given once")
            graded.add((read.work, read.grader))
            found.append(Graded(read.work, _short(read.grader, "grader", number), read.level))
        else:
            _known(read.participant, participants, "participant", number)
            if read.participant in gone:
                raise Conflict(f"line {number}: this participant is missing already")
            gone.add(read.participant)
            found.append(Missing(read.participant, _short(read.missing, "missing", number)))
    return found


def _shaped(line: bytes, number: int) -> "_Elicitation | _Grade | _Gone":
    try:
        fields = msgspec.json.decode(line, type=dict[str, Any])
        for mark, shape in _SHAPES:
            if mark in fields:
                read: _Elicitation | _Grade | _Gone = msgspec.json.decode(line, type=shape)
                return read
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(f"line {number}: {str(error)[:200]}") from None
    raise BadInput(f"line {number}: it has neither `transcript`, nor `level`, nor `missing`")


def _elicited(read: _Elicitation, number: int) -> Elicited:
    if len(read.transcript) != 64 or not set(read.transcript) <= set("0123456789abcdef"):
        raise BadInput(
            f"line {number}: `transcript` is the sha256 of what was said, in lower-case hexadecimal, never the text"
        )
    if read.time.tzinfo is None or read.attempt < 1 or len(read.note) > MAX_NOTE_CHARS:
        raise BadInput(
            f"line {number}: a time with a zone, an attempt from 1, a note of {MAX_NOTE_CHARS} characters"
        )
    return Elicited(
        read.participant,
        read.time.isoformat(),
        _short(read.tool, "tool", number),
        read.attempt,
        read.transcript,
        read.note,
    )


def _known(name: str, known: set[str], what: str, number: int) -> None:
    if name not in known:
        raise BadInput(f"line {number}: no {what} {name[:40]!r} was assigned in this study")


def _short(text: str, what: str, number: int) -> str:
    if not (0 < len(text) <= _NAME_CHARS and text.isprintable()):
        raise BadInput(f"line {number}: `{what}` is from 1 to {_NAME_CHARS} printable characters")
    return text
