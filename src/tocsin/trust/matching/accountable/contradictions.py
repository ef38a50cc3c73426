"""Two statements under one key that no honest node makes: proof of a lie, for anybody who has the key.

One session has one pledge a side; a number in a chain is given once; what follows names what came before; a challenge
has one account; a log has one root of a size. Nothing else is needed to see it: no node, no log, no date.
"""

from tocsin.kernel import BadInput
from tocsin.trust.matching.accountable.statements import (
    Account,
    Day,
    Pledge,
    Statement,
    digest_of,
    opened_statement,
)
from tocsin.trust.notes import opened
from tocsin.wire.tlog import NoteKey, checkpoint_of, parse_note


def contradiction(one: bytes, other: bytes, key: NoteKey) -> str:
    """Why both cannot be of one honest node; "" where they can. Raises BadInput for what this key did not sign."""
    notes = parse_note(one), parse_note(other)
    try:
        first, second = (checkpoint_of(note) for note in notes)
    except BadInput:
        return _between(opened_statement(one, key), opened_statement(other, key))
    for note in notes:
        opened(note, (key,))
    if first.origin != key.name or second.origin != key.name:
        raise BadInput("a checkpoint is of another log than its key")
    if first.size == second.size and first.root != second.root:
        return f"the log has two roots of {first.size} entries"
    return ""


def _between(one: Statement, other: Statement) -> str:
    if digest_of(one) == digest_of(other):
        return ""
    if isinstance(one, Pledge) and isinstance(other, Pledge):
        return _pledges(one, other)
    if isinstance(one, Day) and isinstance(other, Day) and one.kind is other.kind:
        earlier, later = sorted((one, other), key=lambda day: day.number)
        if earlier.number == later.number:
            return f"there are two days of records with the number {one.number}"
        if earlier.number + 1 == later.number and later.before != digest_of(earlier):
            return f"day {later.number} follows another day {earlier.number}"
    if (
        isinstance(one, Account)
        and isinstance(other, Account)
        and (one.session, one.side, one.challenge) == (other.session, other.side, other.challenge)
    ):
        return "there are two accounts of one session, to one challenge"
    return ""


def _pledges(one: Pledge, other: Pledge) -> str:
    if (one.session, one.side) == (other.session, other.side):
        return "there are two pledges for one side of one session"
    if (one.side, one.kind, one.epoch) != (other.side, other.kind, other.epoch):
        return ""
    earlier, later = sorted((one, other), key=lambda pledge: pledge.number)
    if earlier.number == later.number:
        return f"the budget of one week was spent twice: two pledges have the number {one.number}"
    if earlier.number + 1 == later.number and (
        later.before != digest_of(earlier) or later.spent != earlier.spent + later.points
    ):
        return f"pledge {later.number} does not follow pledge {earlier.number}, or forgets what it spent"
    if later.spent < earlier.spent + later.points:
        return f"pledge {later.number} forgets what was spent before it"
    return ""
