"""One incident under several duties at once: how grave, what is due next, to whom, and what nobody knows yet.

Enters: duties, an incident, what was sent, the present. Leaves: a row a duty, what is due first on top. It compares and
does not add up: grades of two regimes are not one scale.
"""

from collections.abc import Iterable, Mapping

import msgspec

from tocsin.cases.duties.clocks import deadlines, next_due
from tocsin.cases.duties.facts import facts
from tocsin.cases.duties.grading import grade
from tocsin.cases.duties.models import Duty, said
from tocsin.kernel.duties import ClockStart, Deadline, DutyStatus, Graded, Incident


class SideRow(msgspec.Struct, frozen=True, kw_only=True):
    """What one duty makes of an incident. Words in the language that was asked for."""

    duty: str
    title: str
    status: DutyStatus
    verified: bool
    graded: Graded
    grade: str
    """The label of the grade reached; "" where none is."""
    deadlines: tuple[Deadline, ...]
    next: Deadline | None
    to: tuple[str, ...]
    """Who gets what is due next."""
    missing: tuple[str, ...]
    """Ids of the facts that could change grade or clocks, in the order in which they are asked."""
    moments: tuple[ClockStart, ...]
    """Moments that clocks wait for."""
    applies: bool
    no_clock: str = ""
    """What is known where no time was found."""


def side_by_side(
    duties: Iterable[Duty],
    incident: Incident,
    sent: Mapping[str, Mapping[str, int]],
    now: int,
    language: str = "en",
) -> tuple[SideRow, ...]:
    """A row a duty. `sent` holds by duty what `deadlines` takes; `now` is in microseconds."""
    rows = [_row(duty, incident, sent.get(duty.id, {}), now, language) for duty in duties]
    return tuple(sorted(rows, key=_order))


def _row(duty: Duty, incident: Incident, sent: Mapping[str, int], now: int, language: str) -> SideRow:
    graded = grade(duty, incident)
    found = deadlines(duty, incident, sent, now, language)
    upcoming = next_due(found)
    missing = {*graded.unknown, *(fact for one in found for fact in one.doubt)}
    waiting = {one.starts for one in found if one.started is None and one.starts is not ClockStart.PREVIOUS}
    label = next((one.label for one in duty.grades if one.id == graded.grade), None)
    return SideRow(
        duty=duty.id,
        title=said(duty.title, language),
        status=duty.status,
        verified=duty.verified,
        graded=graded,
        grade=said(label, language) if label else "",
        deadlines=found,
        next=upcoming,
        to=tuple(said(one.name, language) for one in duty.step(upcoming.step).to) if upcoming else (),
        missing=tuple(name for name in facts() if name in missing),
        moments=tuple(moment for moment in ClockStart if moment in waiting),
        applies=all(one.applies for one in found),
        no_clock=said(duty.no_clock, language) if duty.no_clock else "",
    )


def _order(row: SideRow) -> tuple[bool, int, str]:
    due = row.next.due if row.next is not None else None
    return due is None, due or 0, row.duty
