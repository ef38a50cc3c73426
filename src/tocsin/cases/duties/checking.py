"""What a pack's file must hold beyond its shape: names that lead somewhere, figures that are one's of their fact.

Nothing without a figure claims to be confirmed, and nothing is verified without a name and a day.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from tocsin.cases.duties.calendar import check_holidays
from tocsin.cases.duties.facts import facts
from tocsin.cases.duties.models import Confirmed, Grade, Known, Rule, Section, Step
from tocsin.cases.duties.zones import zone_names
from tocsin.kernel import BadInput
from tocsin.kernel.duties import ClockStart, FactKind, StepKind, Unit

if TYPE_CHECKING:
    from tocsin.cases.duties.files import DutyPart, PackFile

CASE_WORDS = ("title", "what", "where", "notes")
MAX_CLOCKS = 16
"""One a grade, and some."""

MAX_SPAN = {
    Unit.MINUTES: 100_000,
    Unit.HOURS: 10_000,
    Unit.DAYS: 4_000,
    Unit.WORKING_DAYS: 400,
    Unit.WEEKS: 520,
    Unit.MONTHS: 120,
}
"""About ten years each; working days are counted one by one."""


def check(file: "PackFile", name: str) -> None:
    """Raises BadInput naming the file, the key and what to do."""
    at = f"{name}:"
    if bool(file.verified_by.strip()) != bool(file.verified_on):
        raise BadInput(f"{at} `verified_by` and `verified_on` go together: who read it, and on what day")
    _words(file.title, f"{at} title")
    _source(file.source, file, at)
    _known(file.period, file, f"{at} period")
    if file.holidays is not None:
        check_holidays(file.holidays.country, file.holidays.subdivision, at)
    _once([one.id for one in file.duties], f"{at} duties")
    for duty in file.duties:
        _duty(duty, file, f"{at} duties {duty.id}:")
    if file.replaces is not None and not (file.replaces.by.strip() and file.replaces.reason.strip()):
        raise BadInput(f"{at} `replaces` needs the name of a person in `by` and a reason in their words")


def _duty(duty: "DutyPart", file: "PackFile", at: str) -> None:
    from msgspec import UNSET

    if duty.id != file.id and not duty.id.startswith(f"{file.id}-"):
        raise BadInput(f"{at} call it {file.id}, or {file.id}-SOMETHING")
    for words, what in ((duty.title, "title"), (duty.who, "who")):
        _words(words, f"{at} {what}")
    zone = file.zone if duty.zone is UNSET else duty.zone
    if zone not in zone_names():
        raise BadInput(f"{at} there is no time zone {zone[:40]!r}; write an IANA name as Europe/Berlin")
    if duty.source is not UNSET:
        _source(duty.source, file, at)
    grades = file.grades if duty.grades is UNSET else duty.grades
    _grades(grades, file, at)
    ids = [one.id for one in grades]
    least = file.reportable_from if duty.reportable_from is UNSET else duty.reportable_from
    _one_of(least, ["", *ids], f"{at} reportable_from")
    for rule in file.scope if duty.scope is UNSET else duty.scope:
        _rule(rule, file, f"{at} scope {rule.fact}")
    if not duty.steps and not duty.no_clock:
        raise BadInput(f"{at} it has no steps: say in `no_clock` what is known of its times")
    if duty.no_clock:
        _words(duty.no_clock, f"{at} no_clock")
    _once([one.id for one in duty.steps], f"{at} steps")
    for step in duty.steps:
        _step(step, duty, ids, least, file, f"{at} steps {step.id}")
    _order(duty.steps, at)
    sections = file.sections if duty.sections is UNSET else duty.sections
    _sections(sections, [one.id for one in duty.steps], file, at)


def _grades(grades: Sequence[Grade], file: "PackFile", at: str) -> None:
    _once([one.id for one in grades], f"{at} grades")
    least: dict[str, float] = {}
    for grade in grades:
        _words(grade.label, f"{at} grades {grade.id} label")
        for rule in grade.rules:
            where = f"{at} grades {grade.id} {rule.fact}"
            _rule(rule, file, where)
            if isinstance(rule.at_least, int | float) and not isinstance(rule.at_least, bool):
                if rule.at_least > least.get(rule.fact, rule.at_least):
                    raise BadInput(
                        f"{where}: grades stand gravest first, and this figure is above a graver grade's"
                    )
                least[rule.fact] = rule.at_least


def _rule(rule: Rule, file: "PackFile", at: str) -> None:
    _known(rule, file, at)
    asked = facts().get(rule.fact)
    if asked is None:
        raise BadInput(f"{at}: there is no such fact; the list is closed: `tocsin duty facts` shows it")
    figure = rule.at_least
    if figure is None:
        if rule.confirmed is not Confirmed.UNCONFIRMED:
            raise BadInput(f"{at}: without `at_least` it is `confirmed: unconfirmed`")
        return
    if asked.kind is FactKind.NUMBER:
        right = not isinstance(figure, bool | str) and 0 < figure < float("inf")
        needs = "a number above 0; powers of ten with a point and a sign, 1.0e+26"
    elif asked.kind is FactKind.YES_NO:
        right, needs = figure is True, "true"
    elif asked.kind is FactKind.CHOICE:
        right, needs = figure in asked.choices, f"one of {', '.join(asked.choices)}"
    else:
        right, needs = False, "a number, a choice or yes and no: compare another fact"
    if not right:
        raise BadInput(f"{at}: `at_least` takes {needs}")


def _step(step: Step, duty: "DutyPart", grades: Sequence[str], least: str, file: "PackFile", at: str) -> None:
    _words(step.label, f"{at} label")
    _known(step.start, file, f"{at} start")
    others = [one.id for one in duty.steps]
    if (step.start.moment is ClockStart.PREVIOUS) != bool(step.start.after):
        raise BadInput(
            f"{at}: `after` names the step that `moment: previous` counts from, and goes with it alone"
        )
    _one_of(step.start.after, ["", *others], f"{at} start after")
    _one_of(step.until, ["", *(one for one in others if one != step.id)], f"{at} until")
    _one_of(step.from_grade, ["", *grades], f"{at} from_grade")
    if step.only_if and (step.only_if not in facts() or facts()[step.only_if].kind is not FactKind.YES_NO):
        raise BadInput(f"{at} only_if: name a fact that is yes or no; `tocsin duty facts` shows them")
    if not 1 <= len(step.clocks) <= MAX_CLOCKS:
        raise BadInput(f"{at}: a step has one clock at least and {MAX_CLOCKS} at most")
    for clock in step.clocks:
        _known(clock, file, f"{at} clocks")
        _one_of(clock.grade, ["", *grades], f"{at} clocks grade")
        most = MAX_SPAN[clock.within.unit]
        if not 1 <= clock.within.value <= most:
            raise BadInput(f"{at}: {clock.within.unit.value} from 1 to {most}, not {clock.within.value}")
    floor = step.from_grade or least
    if not any(_holds_from(clock.grade, floor, grades) for clock in step.clocks):
        raise BadInput(
            f"{at}: no clock holds from grade {floor or 'none'} on; a report without a time is forgotten"
        )
    if not step.to:
        raise BadInput(f"{at}: `to` names who gets it; where nobody knows, say so and mark it unconfirmed")
    for recipient in step.to:
        _words(recipient.name, f"{at} to")
        _known(recipient, file, f"{at} to")
    if step.until and not step.repeats:
        raise BadInput(f"{at}: `until` ends what `repeats: true`")


def _holds_from(grade: str, floor: str, grades: Sequence[str]) -> bool:
    """Whether a clock of a grade holds at a floor: it is for any grade, or for the floor's or a lesser one."""
    return not grade or (bool(floor) and grade in grades and grades.index(grade) >= grades.index(floor))


def _order(steps: Sequence[Step], at: str) -> None:
    """A step counts from one before it in the list, or from itself where it repeats: no circle can arise."""
    seen: list[str] = []
    for step in steps:
        after = step.start.after
        own = after == step.id and step.kind is StepKind.PERIODIC and step.repeats
        if after and after not in seen and not own:
            raise BadInput(f"{at} steps {step.id}: it counts from {after}, which must stand before it")
        seen.append(step.id)


def _sections(sections: Sequence[Section], steps: Sequence[str], file: "PackFile", at: str) -> None:
    _once([one.id for one in sections], f"{at} sections")
    _once([field.id for one in sections for field in one.fields], f"{at} fields")
    for section in sections:
        _words(section.label, f"{at} sections {section.id} label")
        for field in section.fields:
            where = f"{at} sections {section.id} fields {field.id}"
            _words(field.label, f"{where} label")
            _known(field, file, where)
            _answer(field.answer, where)
            for step in field.steps:
                _one_of(step, steps, f"{where} steps")


def _answer(answer: str, at: str) -> None:
    kind, _, name = answer.partition("/")
    right = {
        "text": not name,
        "grade": not name,
        "fact": name in facts(),
        "case": name in CASE_WORDS,
        "moment": name in {one.value for one in ClockStart},
    }
    if not right.get(kind, False):
        raise BadInput(
            f"{at}: `answer` is text, grade, fact/ID, moment/NAME or case/ and one of {', '.join(CASE_WORDS)}"
        )


def _known(stated: Known, file: "PackFile", at: str) -> None:
    _source(stated.source, file, at)


def _source(source: str, file: "PackFile", at: str) -> None:
    if source not in file.sources:
        raise BadInput(f"{at}: `source: {source[:40]}` is none of the file's `sources`; add it there")


def _words(words: dict[str, str], at: str) -> None:
    if not words.get("en", "").strip():
        raise BadInput(f"{at}: say it in English too, `en:`")


def _one_of(name: str, names: Iterable[str], at: str) -> None:
    known = list(names)
    if name not in known:
        raise BadInput(
            f"{at}: there is no {name[:40]!r}; there are {', '.join(filter(None, known)) or 'none'}"
        )


def _once(names: Sequence[str], at: str) -> None:
    twice = next((one for one, following in pairwise(sorted(names)) if one == following), None)
    if twice is not None:
        raise BadInput(f"{at}: {twice!r} stands there twice; rename one")
