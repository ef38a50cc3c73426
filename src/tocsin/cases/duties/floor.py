"""Whether a pack asks for less than another: the floor under own packs. Less is a later deadline, a figure that is
harder to reach or stands where none was known, a step, a field or a recipient that is gone, a later day from which it
applies, a reading of periods that is later.
"""

from tocsin.cases.duties.models import (
    Clock,
    Confirmed,
    Duty,
    Field,
    Grade,
    Pack,
    Reading,
    Rule,
    ScopeRule,
    Step,
)
from tocsin.kernel.duties import DutyStatus, Span, Unit

MOST_HOURS = {
    Unit.MINUTES: 1 / 60,
    Unit.HOURS: 1.0,
    Unit.DAYS: 24.0,
    Unit.WORKING_DAYS: 24.0 * 12,
    Unit.WEEKS: 168.0,
    Unit.MONTHS: 24.0 * 31,
}
LEAST_HOURS = {**MOST_HOURS, Unit.WORKING_DAYS: 24.0, Unit.MONTHS: 24.0 * 28}
"""The longest and the shortest that a unit can be (a working day at most twelve days after another)."""


def weaker_than(pack: Pack, base: Pack) -> tuple[str, ...]:
    """Every place in which `pack` asks for less than `base`, in words; none when it asks for as much or more."""
    found: list[str] = []
    own = {one.id: one for one in pack.duties}
    for duty in base.duties:
        found += [f"duty {duty.id} is gone"] if duty.id not in own else _duty(own[duty.id], duty)
    return tuple(found)


def _duty(duty: Duty, base: Duty) -> list[str]:
    found: list[str] = []
    if duty.applies_from != base.applies_from and (
        base.applies_from is None or (duty.applies_from is not None and duty.applies_from > base.applies_from)
    ):
        found.append(f"{duty.id} applies from a later day")
    if base.status is DutyStatus.IN_FORCE and duty.status is not DutyStatus.IN_FORCE:
        found.append(f"{duty.id} is no longer in force")
    period = duty.period
    if (
        period.confirmed is Confirmed.SECONDARY
        and period.reading is not Reading.SAME_TIME
        and period != base.period
    ):
        found.append(f"{duty.id} counts periods to the later end")
    found += _scope(duty, base) + _grades(duty, base)
    kept = {one.id: one for one in duty.steps}
    for step in base.steps:
        found += (
            [f"{duty.id} step {step.id} is gone"]
            if step.id not in kept
            else _step(kept[step.id], step, duty, base)
        )
    fields = {field.id: field for section in duty.sections for field in section.fields}
    return found + [
        f"{duty.id} field {field.id} is gone, or asked for less often"
        for section in base.sections
        for field in section.fields
        if not _asks(fields.get(field.id), field)
    ]


def _asks(field: Field | None, base: Field) -> bool:
    """Whether a field is asked for wherever and whenever it was."""
    return (
        field is not None
        and field.required >= base.required
        and field.first >= base.first
        and (not field.steps or (bool(base.steps) and set(field.steps) >= set(base.steps)))
    )


def _scope(duty: Duty, base: Duty) -> list[str]:
    """Scope shuts out: what is added, or harder to reach, asks fewer."""
    was = {rule.fact: rule for rule in base.scope if rule.decides}
    return [
        f"{duty.id} scope {rule.fact} shuts more out"
        for rule in duty.scope
        if rule.decides and (rule.fact not in was or _shuts_more(rule, was[rule.fact]))
    ]


def _shuts_more(rule: ScopeRule, base: ScopeRule) -> bool:
    """A scope figure shuts out once it was read: one that was not, shut nobody out."""
    read = rule.confirmed is Confirmed.SECONDARY and base.confirmed is not Confirmed.SECONDARY
    return read or _harder(rule.at_least, base.at_least)


def _grades(duty: Duty, base: Duty) -> list[str]:
    found: list[str] = []
    order = [one.id for one in duty.grades]
    if [one for one in order if one in {grade.id for grade in base.grades}] != [
        one.id for one in base.grades
    ]:
        return [f"{duty.id} grades are gone or stand in another order"]
    kept = {one.id: one for one in duty.grades}
    for grade in base.grades:
        found += _rules(duty.id, kept[grade.id], grade)
    if duty.reportable_from and (
        not base.reportable_from or order.index(duty.reportable_from) < order.index(base.reportable_from)
    ):
        found.append(f"{duty.id} is reported from a graver grade")
    return found


def _rules(duty: str, grade: Grade, base: Grade) -> list[str]:
    kept: dict[str, list[Rule]] = {}
    for rule in grade.rules:
        kept.setdefault(rule.fact, []).append(rule)
    return [
        f"{duty} {grade.id} {rule.fact} is harder to reach"
        for rule in base.rules
        if all(_harder(one.at_least, rule.at_least) for one in kept.get(rule.fact, []))
    ]


def _harder(figure: float | bool | str | None, base: float | bool | str | None) -> bool:
    """Whether a figure is harder to reach. Where none was known it could not be missed; with one it can."""
    if base is None or figure is None or isinstance(figure, bool | str) or isinstance(base, bool | str):
        return figure != base
    return figure > base


def _step(step: Step, base: Step, duty: Duty, was: Duty) -> list[str]:
    where = f"{duty.id} step {step.id}"
    found: list[str] = []
    if (step.start.moment, step.start.after) != (base.start.moment, base.start.after):
        found.append(f"{where} counts from another moment")
    if step.only_if != base.only_if and step.only_if:
        found.append(f"{where} is asked for only if {step.only_if}")
    if _narrower(step.from_grade, base.from_grade, was):
        found.append(f"{where} is asked for from a graver grade")
    if base.repeats and not (step.repeats and step.until in ("", base.until)):
        found.append(f"{where} no longer repeats as long")
    if len(step.to) < len(base.to):
        found.append(f"{where} goes to fewer")
    if step.partial and not base.partial:
        found.append(f"{where} may leave things out")
    found += [
        f"{where} has more than {clock.within.value} {clock.within.unit.value}"
        for clock in base.clocks
        if not any(_covers(one, clock, was) for one in step.clocks)
    ]
    if duty.zone != was.zone and any(
        clock.within.unit not in (Unit.MINUTES, Unit.HOURS) for clock in base.clocks
    ):
        found.append(f"{where} counts days in another zone")
    return found


def _narrower(grade: str, base: str, was: Duty) -> bool:
    """Whether "from this grade on" asks for less than it did."""
    if not grade or grade == base:
        return False
    ids = [one.id for one in was.grades]
    return not base or grade not in ids or ids.index(grade) < ids.index(base)


def _covers(clock: Clock, base: Clock, was: Duty) -> bool:
    return not _narrower(clock.grade, base.grade, was) and _no_longer(clock.within, base.within)


def _no_longer(span: Span, base: Span) -> bool:
    if span.unit is base.unit:
        return span.value <= base.value
    return span.value * MOST_HOURS[span.unit] <= base.value * LEAST_HOURS[base.unit]
