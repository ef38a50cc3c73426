"""Clocks of incidents as pages show them, and the banner of the nearest ones above every page of a duty officer."""

from collections.abc import Sequence

import msgspec

from tocsin.app.duty_drafts import LANGUAGES
from tocsin.app.duty_words import left_said, local, utc, word
from tocsin.app.incidents import Clocked
from tocsin.cases.duties import Duty
from tocsin.kernel import micros
from tocsin.web.console import acts
from tocsin.web.console.visits import Visit

SOON_MICROS = 6 * 3_600_000_000


class ClockRow(msgspec.Struct, frozen=True):
    """One clock as a banner or a list shows it."""

    incident: str
    duty: str
    step: str
    due: int
    local: str
    utc: str
    left: str
    tone: str
    verified: bool


def tag_of(visit: Visit) -> str:
    """The language of duties' own words for this reader."""
    return visit.language.tag if visit.language.tag in LANGUAGES else LANGUAGES[0]


def clock_rows(visit: Visit, found: Sequence[Clocked]) -> tuple[ClockRow, ...]:
    """Clocks in words: in the duty's own zone, in UTC, and what is left."""
    tag, now = tag_of(visit), micros(visit.now)
    duties = {duty.id: duty for duty in visit.node.duty_packs.every()}
    return tuple(_clock_row(one, duties[one.deadline.duty], tag, now) for one in found)


def banner(visit: Visit) -> tuple[ClockRow, ...]:
    """The nearest clocks, for duty officers; `clock_banner.html` shows them."""
    if not visit.may(acts.INCIDENTS_SEND):
        return ()
    return clock_rows(visit, visit.node.duty_clocks.nearest(visit.caller))


def _clock_row(one: Clocked, duty: Duty, tag: str, now: int) -> ClockRow:
    due = one.deadline.due or 0
    return ClockRow(
        incident=one.incident.id,
        duty=word(duty.title, tag),
        step=word(duty.step(one.deadline.step).label, tag),
        due=due,
        local=local(due, one.deadline.zone),
        utc=utc(due),
        left=left_said(due, now, tag),
        tone="bad" if due <= now else "warn" if due - now < SOON_MICROS else "",
        verified=one.deadline.verified,
    )
