"""The floor under own packs: one that passes for "more" never lets a deadline be later, whatever happened."""

from collections.abc import Iterator
from itertools import chain

import pytest
from msgspec.structs import replace

from tests.duty_incidents import at, incident
from tocsin.cases.duties import Duty, deadlines, duties_of, duty_of, packaged
from tocsin.cases.duties.floor import weaker_than
from tocsin.cases.duties.models import Confirmed, Reading, Rule
from tocsin.kernel.duties import ClockStart, FactValue, Incident, Span, Unit

SPANS = (
    Span(1, Unit.HOURS),
    Span(25, Unit.HOURS),
    Span(3, Unit.DAYS),
    Span(28, Unit.DAYS),
    Span(2, Unit.MONTHS),
)
FIGURES = (None, 1.0, 60_000.0, 1.5e7, 1e27)
VALUES: tuple[FactValue | None, ...] = (None, 0, 5, 55_000, 2e6, 1.6e7, 2e28)
START = at("2029-03-22T10:15:00+01:00")
MOMENTS: dict[ClockStart, int] = {moment: START for moment in ClockStart if moment is not ClockStart.PREVIOUS}
DUTIES = [one for one in duties_of(packaged()).values() if one.steps]


def rules_of(duty: Duty) -> list[Rule]:
    return [*duty.scope, *chain(*(one.rules for one in duty.grades))]


def figures_changed(duty: Duty) -> Iterator[tuple[str, Duty]]:
    """One figure of one grade, and the fact that it compares."""
    for at_grade, grade in enumerate(duty.grades):
        for at_rule, rule in enumerate(grade.rules):
            for figure in FIGURES if rule.at_least is not True else ():
                rules = (*grade.rules[:at_rule], replace(rule, at_least=figure), *grade.rules[at_rule + 1 :])
                grades = list(duty.grades)
                grades[at_grade] = replace(grade, rules=rules)
                yield rule.fact, replace(duty, grades=tuple(grades))


def others_changed(duty: Duty) -> Iterator[Duty]:
    """One step's time, grade or condition; the least grade; the scope; how periods are read."""
    grades = ("", *(one.id for one in duty.grades))
    for place, step in enumerate(duty.steps):
        changed = [replace(step, from_grade=grade) for grade in grades]
        changed += [replace(step, only_if=fact) for fact in ("", "malicious")]
        for at_clock, clock in enumerate(step.clocks):
            for one in (
                *(replace(clock, within=span) for span in SPANS),
                *(replace(clock, grade=grade) for grade in grades),
            ):
                clocks = (*step.clocks[:at_clock], one, *step.clocks[at_clock + 1 :])
                changed.append(replace(step, clocks=clocks))
        for new in changed:
            if any(clock.grade in ("", new.from_grade or duty.reportable_from) for clock in new.clocks):
                yield replace(duty, steps=(*duty.steps[:place], new, *duty.steps[place + 1 :]))
    yield from (replace(duty, reportable_from=grade) for grade in grades)
    for known in (Confirmed.SECONDARY, Confirmed.MEMORY):
        yield from (
            replace(duty, scope=tuple(replace(one, at_least=f, confirmed=known) for one in duty.scope))
            for f in FIGURES[1:]
        )
        yield from (
            replace(duty, period=replace(duty.period, reading=one, confirmed=known)) for one in Reading
        )


def happened(duty: Duty, only: str = "") -> Iterator[Incident]:
    """Incidents of which one fact is more than nothing, or not known."""
    asked = sorted({rule.fact for rule in rules_of(duty)})
    yes_no = {rule.fact for rule in rules_of(duty) if rule.at_least is True}
    nothing: dict[str, FactValue] = dict.fromkeys(asked, 0)
    nothing.update(dict.fromkeys([*yes_no, "malicious"], False))
    scope: dict[str, FactValue] = {rule.fact: 2e26 for rule in duty.scope}
    for name in [only] if only else asked:
        for value in (None, True) if name in yes_no else VALUES:
            facts = {**nothing, **scope} | ({} if value is None else {name: value})
            if value is None:
                facts.pop(name)
            yield incident(MOMENTS, **facts)
    for rule in duty.scope:  # grave enough, by somebody too small
        yield incident(MOMENTS, **{**nothing, **dict.fromkeys(yes_no, True), **scope, rule.fact: 5})
    yield incident(MOMENTS)


def never_later(own: Duty, base: Duty, incidents: Iterator[Incident]) -> None:
    sent = {step.start.after: START for step in base.steps if step.start.after}
    for known in incidents:
        mine = {one.step: one for one in deadlines(own, known, sent, START)}
        for one in deadlines(base, known, sent, START):
            assert one.step in mine, (one.step, known.facts)
            due = mine[one.step].due
            assert one.due is None or (due is not None and due <= one.due), (one.step, known.facts)


@pytest.mark.parametrize("duty", DUTIES, ids=lambda one: one.id)
def test_an_own_pack_that_passes_for_more_is_never_later(duty: Duty) -> None:
    """Every single change of a kind to every duty, against every incident of a kind: none is later unseen."""
    pack = next(one for one in packaged() if one.id == duty.pack)
    passed = 0

    def passes(own: Duty) -> bool:
        duties = tuple(own if one.id == own.id else one for one in pack.duties)
        return own != duty and not weaker_than(replace(pack, duties=duties), pack)

    for fact, own in figures_changed(duty):
        if passes(own):
            never_later(own, duty, happened(duty, fact))
            passed += 1
    for own in others_changed(duty):
        if passes(own):
            never_later(own, duty, happened(duty))
            passed += 1
    assert passed


def test_each_way_to_ask_for_less_is_named() -> None:
    nis2 = next(one for one in packaged() if one.id == "nis2")
    duty = duty_of(packaged(), "nis2")

    def told(changed: Duty) -> str:
        return "; ".join(weaker_than(replace(nis2, duties=(changed,)), nis2))

    read = replace(duty.period, confirmed=Confirmed.SECONDARY)
    assert "later end" in told(replace(duty, period=read))
    assert "step final is gone" in told(replace(duty, steps=duty.steps[:2]))
    assert "field malicious is gone" in told(replace(duty, sections=duty.sections[1:]))
    assert "duty nis2 is gone" in told(replace(duty, id="nis2-other"))
    assert "days in another zone" in told(replace(duty, zone="Pacific/Honolulu"))
    assert told(duty) == ""
