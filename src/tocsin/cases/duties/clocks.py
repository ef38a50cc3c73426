"""When each report under a duty is due: from which moment, within what time, and how that was reckoned.

Enters: a duty, an incident, when steps were sent, the present. Leaves: one `Deadline` a step. What is not known is
taken at its gravest, so that learning more never brings a deadline forward; what it would be otherwise is shown too.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, time

import msgspec

from tocsin.cases.duties.grading import grade, reaches
from tocsin.cases.duties.models import Clock, Duty, Step, said
from tocsin.cases.duties.sentences import sentence, told
from tocsin.cases.duties.spans import ended, shown
from tocsin.cases.duties.zones import moment_of, zone_of
from tocsin.kernel import at_micros, micros
from tocsin.kernel.duties import ClockStart, Deadline, Graded, Incident


class _Due(msgspec.Struct, frozen=True):
    clock: Clock
    due: datetime | None
    latest: datetime | None
    why: tuple[str, ...]


def deadlines(
    duty: Duty, incident: Incident, sent: Mapping[str, int], now: int, language: str = "en"
) -> tuple[Deadline, ...]:
    """The clocks of a duty, one a step that is or may be asked for, in the pack's order.

    `sent` holds when a step was sent, by its id, of one that repeats the last time; microseconds, as `now`.
    `language` is that of `why` and `to`. None at all where known facts put the incident below what is reported.
    """
    graded = grade(duty, incident)
    if graded.reportable is False:
        return ()
    found = [_deadline(duty, step, incident, graded, sent, now, language) for step in duty.steps]
    return tuple(one for one in found if one is not None)


def _deadline(
    duty: Duty,
    step: Step,
    incident: Incident,
    graded: Graded,
    sent: Mapping[str, int],
    now: int,
    language: str,
) -> Deadline | None:
    certain, doubt = _asked(duty, step, incident, graded)
    if certain is False:
        return None
    why = [] if duty.verified else [sentence("unverified", language)]
    why += [said(words, language) for words in (step.note,) if words]
    started, how = _started(duty, step, incident, sent, language)
    why.append(how)
    clocks = _clocks(duty, step, graded.possible)
    known = _clocks(duty, step, graded.grade) or [max(clocks, key=_rough)]
    applies = _applies(duty, incident, started)
    if not applies:
        why.append(sentence("not-yet", language, day=duty.applies_from, zone=duty.zone))
    reckoned = [_due(duty, clock, started if applies else None, language) for clock in clocks]
    first = min(reckoned, key=_earliest)
    otherwise = min(
        (_due(duty, clock, started if applies else None, language) for clock in known), key=_earliest
    )
    why += first.why
    differs = otherwise.clock != first.clock
    if differs:
        span, lesser = told(first.clock.within, language), told(otherwise.clock.within, language)
        why.append(sentence("gravest", language, span=span, grade=first.clock.grade, otherwise=lesser))
        doubt |= set(graded.unknown)
    if step.id in sent:
        why.append(sentence("sent", language, at=shown(at_micros(sent[step.id]), zone_of(duty.zone))))
    if certain is None:
        why.append(sentence("uncertain", language))
    over = (step.id in sent and not step.repeats) or step.until in sent
    return Deadline(
        duty=duty.id,
        step=step.id,
        kind=step.kind,
        starts=step.start.moment,
        started=started,
        due=None if over and step.repeats else _micros(first.due),
        zone=duty.zone,
        span=first.clock.within,
        to=tuple(said(one.name, language) for one in step.to),
        verified=duty.verified,
        status=duty.status,
        why=tuple(why),
        latest=_micros(first.latest),
        otherwise=_micros(otherwise.due) if differs else None,
        doubt=tuple(sorted(doubt)),
        sent=sent.get(step.id),
        applies=applies,
        past=first.due is not None and not over and micros(first.due) < now,
        over=over,
        certain=certain is True,
        confirmed=first.clock.confirmed.value,
        source=first.clock.source,
    )


def _asked(duty: Duty, step: Step, incident: Incident, graded: Graded) -> tuple[bool | None, set[str]]:
    """Whether a step must be taken; None where that hangs on facts, which are named."""
    doubt: set[str] = set()
    certain: bool | None = graded.reportable
    if certain is None:
        doubt |= set(graded.unknown)
    if step.from_grade and not reaches(duty, graded.grade, step.from_grade):
        if not reaches(duty, graded.possible, step.from_grade):
            return False, set()
        certain = None
        doubt |= set(graded.unknown)
    if step.only_if:
        fact = incident.facts.get(step.only_if)
        if fact is False:
            return False, set()
        if fact is None and step.start.moment not in incident.moments:
            certain = None
            doubt.add(step.only_if)
    return certain, doubt


def _started(
    duty: Duty, step: Step, incident: Incident, sent: Mapping[str, int], language: str
) -> tuple[int | None, str]:
    """The moment from which the clock runs, and where it is from."""
    if step.repeats and step.id in sent:
        last = sent[step.id]
        return last, sentence("repeats", language, at=shown(at_micros(last), zone_of(duty.zone)))
    start = step.start
    if start.moment is ClockStart.PREVIOUS:
        at = sent.get(start.after)
        return at, sentence("after" if at is not None else "after-unsent", language, step=start.after)
    at = incident.moments.get(start.moment)
    name = "moment" if at is not None else "moment-unknown"
    known = {"moment": start.moment.value, "confirmed": start.confirmed.value, "source": start.source}
    return at, sentence(name, language, **known)


def _clocks(duty: Duty, step: Step, grade_id: str) -> list[Clock]:
    """The clocks that hold at a grade, all those of lesser grades with them: graver is never later."""
    return [one for one in step.clocks if reaches(duty, grade_id, one.grade)]


def _due(duty: Duty, clock: Clock, started: int | None, language: str) -> _Due:
    if started is None:
        return _Due(clock, None, None, ())
    over = ended(at_micros(started), clock.within, duty.period, duty.zone, duty.holidays, language)
    return _Due(clock, over.due, over.latest, over.why)


def _earliest(one: _Due) -> tuple[bool, float]:
    return (True, _rough(one.clock)) if one.due is None else (False, one.due.timestamp())


def _rough(clock: Clock) -> float:
    return clock.within.value * _ROUGH_HOURS[clock.within.unit.value]


_ROUGH_HOURS = {"minutes": 1 / 60, "hours": 1, "days": 24, "working-days": 24, "weeks": 168, "months": 672}
"""For choosing among clocks that do not run yet; no deadline is reckoned with it."""


def _applies(duty: Duty, incident: Incident, started: int | None) -> bool:
    """Whether what the incident's clocks began with is on or after the day from which the duty applies.

    The earliest moment that the duty's steps count from decides: a later report brings no old incident under it.
    """
    if duty.applies_from is None:
        return True
    named = [
        incident.moments[step.start.moment] for step in duty.steps if step.start.moment in incident.moments
    ]
    begun = min(named, default=started)
    if begun is None:
        return True
    return at_micros(begun) >= moment_of(duty.applies_from, time(0), zone_of(duty.zone))


def _micros(moment: datetime | None) -> int | None:
    return None if moment is None else micros(moment)


def next_due(found: Sequence[Deadline]) -> Deadline | None:
    """The clock that runs out first, of those that run and were not met; None when none runs."""
    running = [one for one in found if one.due is not None and not one.over]
    return min(running, key=lambda one: (one.due or 0, one.duty, one.step), default=None)
