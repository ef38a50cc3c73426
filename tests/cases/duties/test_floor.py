"""The floor under own packs: one that passes for "more" never lets a deadline be later, whatever happened."""

from itertools import chain

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.duty_incidents import at, incident
from tocsin.cases.duties import Duty, deadlines, duty_of, packaged
from tocsin.cases.duties.floor import weaker_than
from tocsin.cases.duties.models import Confirmed, Grade, Pack, Reading, Rule, Step
from tocsin.kernel.duties import ClockStart, FactValue, Incident, Span, Unit

PACKS = [one for one in packaged() if one.duties[0].steps]
SPANS = st.builds(Span, st.integers(1, 90), st.sampled_from(list(Unit)))
FIGURES = st.sampled_from([None, 1.0, 20.0, 1e6, 1e7, 1e26])
START = at("2029-03-22T10:15:00+01:00")


@st.composite
def _step(draw: st.DrawFn, step: Step, duty: Duty) -> Step:
    what = draw(st.integers(0, 9))
    clocks = list(step.clocks)
    if what == 0:
        place = draw(st.integers(0, len(clocks) - 1))
        clocks[place] = msgspec.structs.replace(clocks[place], within=draw(SPANS))
    if what == 1:
        step = msgspec.structs.replace(
            step, from_grade=draw(st.sampled_from(["", *(g.id for g in duty.grades)]))
        )
    if what == 2:
        step = msgspec.structs.replace(step, only_if=draw(st.sampled_from(["", "ransom_paid", "malicious"])))
    return msgspec.structs.replace(step, clocks=tuple(clocks))


@st.composite
def _rule(draw: st.DrawFn, rule: Rule) -> Rule:
    if draw(st.integers(0, 6)) or isinstance(rule.at_least, bool):
        return rule
    return msgspec.structs.replace(
        rule, at_least=draw(FIGURES), confirmed=draw(st.sampled_from(list(Confirmed)))
    )


@st.composite
def _duty(draw: st.DrawFn, duty: Duty) -> Duty:
    grades = [
        Grade(id=one.id, label=one.label, rules=tuple(draw(_rule(rule)) for rule in one.rules))
        for one in duty.grades
    ]
    period = duty.period
    if not draw(st.integers(0, 5)):
        period = msgspec.structs.replace(
            period, reading=draw(st.sampled_from(list(Reading))), confirmed=Confirmed.SECONDARY
        )
    least = duty.reportable_from
    if duty.grades and not draw(st.integers(0, 5)):
        least = draw(st.sampled_from(["", *(one.id for one in duty.grades)]))
    return msgspec.structs.replace(
        duty,
        grades=tuple(grades),
        scope=tuple(draw(_rule(rule)) for rule in duty.scope),
        steps=tuple(draw(_step(step, duty)) for step in duty.steps),
        period=period,
        reportable_from=least,
    )


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Pack, Pack, Incident]:
    base = draw(st.sampled_from(PACKS))
    own = msgspec.structs.replace(base, duties=tuple(draw(_duty(one)) for one in base.duties))
    rules = chain(*((*duty.scope, *chain(*(one.rules for one in duty.grades))) for duty in base.duties))
    facts: dict[str, FactValue] = {
        name: draw(st.sampled_from([0, 5, 2e6, 1e27]) if name not in YES_NO else st.booleans())
        for name in sorted({rule.fact for rule in rules})
        if draw(st.booleans())
    }
    moments: dict[ClockStart, int] = {
        moment: START for moment in ClockStart if moment is not ClockStart.PREVIOUS
    }
    return base, own, incident(moments, **facts)


YES_NO = {
    rule.fact
    for pack in packaged()
    for duty in pack.duties
    for grade in duty.grades
    for rule in grade.rules
    if rule.at_least is True
}


@settings(max_examples=300, deadline=None)
@given(pairs())
def test_an_own_pack_that_passes_for_more_is_never_later(drawn: tuple[Pack, Pack, Incident]) -> None:
    base, own, known = drawn
    if weaker_than(own, base):
        return
    for duty in base.duties:
        theirs = own.duty(duty.id)
        sent = {step.start.after: START for step in duty.steps if step.start.after}
        mine = {one.step: one for one in deadlines(theirs, known, sent, START)}
        for one in deadlines(duty, known, sent, START):
            assert one.step in mine
            due = mine[one.step].due
            assert one.due is None or (due is not None and due <= one.due)


def test_each_way_to_ask_for_less_is_named() -> None:
    nis2 = next(one for one in packaged() if one.id == "nis2")
    duty = duty_of(packaged(), "nis2")

    def told(changed: Duty) -> str:
        return "; ".join(weaker_than(msgspec.structs.replace(nis2, duties=(changed,)), nis2))

    replace = msgspec.structs.replace
    read = replace(duty.period, confirmed=Confirmed.SECONDARY)
    assert "later end" in told(replace(duty, period=read))
    assert "step final is gone" in told(replace(duty, steps=duty.steps[:2]))
    assert "field malicious is gone" in told(replace(duty, sections=duty.sections[1:]))
    assert "duty nis2 is gone" in told(replace(duty, id="nis2-other"))
    assert "days in another zone" in told(replace(duty, zone="Pacific/Honolulu"))
    assert told(duty) == ""
