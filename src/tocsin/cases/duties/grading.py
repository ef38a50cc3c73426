"""How grave an incident is under one duty: every comparison made and shown, none left to be guessed.

Enters: a duty, an incident's facts. Leaves: `Graded`. What is not known, be it a fact or the figure it is held against,
never counts as unmet; but a figure is above those of lesser grades, and nothing is reached by zero.
"""

from collections.abc import Sequence

from tocsin.cases.duties.facts import facts
from tocsin.cases.duties.models import Confirmed, Duty, Rule
from tocsin.kernel.duties import FactValue, Graded, Incident, Threshold


def grade(duty: Duty, incident: Incident) -> Graded:
    """The highest grade that known facts reach, the highest that unknown ones could, and whether it is reported.

    1. Each rule is compared. 2. The grade reached is the gravest with a rule that is met. 3. The gravest possible is
    the first with a rule that is met or unknown. 4. It is reported when a grade from `reportable_from` on is reached
    and the scope holds; not when none can be or the scope fails; else nobody knows yet.
    """
    rows = [(one.id, [_compared(duty, one.id, rule, incident) for rule in one.rules]) for one in duty.grades]
    reached = next((name for name, compared in rows if any(one.met for one in compared)), "")
    possible = next((name for name, compared in rows if any(one.met is not False for one in compared)), "")
    scope = tuple(_against(rule, incident.facts.get(rule.fact), "") for rule in duty.scope)
    thresholds = tuple(one for _, compared in rows for one in compared)
    above = _above(duty, reached)
    unknown = {one.fact for one in thresholds if one.met is None and one.grade in above}
    unknown |= {
        one.fact for one, rule in zip(scope, duty.scope, strict=True) if one.met is None and rule.decides
    }
    return Graded(
        duty=duty.id,
        grade=reached,
        reportable=_all_of(_grave_enough(duty, reached, possible), _in_scope(duty, scope)),
        thresholds=thresholds,
        unknown=tuple(name for name in facts() if name in unknown),
        possible=possible,
        scope=scope,
        verified=duty.verified,
        pack=duty.digest,
    )


def reaches(duty: Duty, grade_id: str, least: str) -> bool:
    """Whether a grade is `least` or graver. "" as `least` is reached by whatever; a grade "" reaches no other."""
    if not least:
        return True
    return bool(grade_id) and duty.grade_at(grade_id) <= duty.grade_at(least)


def _above(duty: Duty, reached: str) -> set[str]:
    """Grades that are graver than the one reached."""
    ids = [one.id for one in duty.grades]
    return set(ids[: ids.index(reached)] if reached else ids)


def _compared(duty: Duty, grade_id: str, rule: Rule, incident: Incident) -> Threshold:
    value = incident.facts.get(rule.fact)
    shown = _against(rule, value, grade_id)
    if rule.at_least is not None or value is None:
        return shown
    lesser, graver = _beside(duty, grade_id, rule.fact)
    if isinstance(value, bool | str):
        return shown
    if any(value >= figure for figure in graver):
        return _row(rule, value, grade_id, True, "no figure was found, and a graver grade's is reached")
    if any(value < figure for figure in lesser):
        return _row(
            rule, value, grade_id, False, "no figure was found, and not even a lesser grade's is reached"
        )
    return shown


def _beside(duty: Duty, grade_id: str, fact: str) -> tuple[list[float], list[float]]:
    """Figures for a fact at lesser and at graver grades."""
    at = duty.grade_at(grade_id)
    lesser: list[float] = []
    graver: list[float] = []
    for place, one in enumerate(duty.grades):
        for rule in one.rules:
            if rule.fact == fact and place != at and isinstance(rule.at_least, int | float):
                (lesser if place > at else graver).append(float(rule.at_least))
    return lesser, graver


def _against(rule: Rule, value: FactValue | None, grade_id: str) -> Threshold:
    figure = rule.at_least
    if value is None:
        return _row(rule, None, grade_id, None, "the fact is not known")
    if value is False or (value == 0 and not isinstance(value, str)):
        return _row(rule, value, grade_id, False, "")
    if figure is None:
        return _row(rule, value, grade_id, None, "no source gives the figure: a person must find it out")
    if isinstance(figure, bool | str) or isinstance(value, bool | str):
        return _row(rule, value, grade_id, value == figure, "")
    return _row(rule, value, grade_id, value >= figure, "")


def _row(rule: Rule, value: FactValue | None, grade_id: str, met: bool | None, why: str) -> Threshold:
    return Threshold(
        grade=grade_id,
        fact=rule.fact,
        at_least=rule.at_least,
        value=value,
        met=met,
        confirmed=rule.confirmed.value,
        source=rule.source,
        unit=facts()[rule.fact].unit,
        why=why,
    )


def _grave_enough(duty: Duty, reached: str, possible: str) -> bool | None:
    if not duty.reportable_from or reaches(duty, reached, duty.reportable_from):
        return True
    return None if reaches(duty, possible, duty.reportable_from) else False


def _in_scope(duty: Duty, scope: Sequence[Threshold]) -> bool | None:
    """A figure that is only from memory, a draft or nowhere shuts nobody out: a person decides then."""
    held: bool | None = True
    for rule, one in zip(duty.scope, scope, strict=True):
        if not rule.decides:
            continue
        met = None if one.met is False and rule.confirmed is not Confirmed.SECONDARY else one.met
        held = _all_of(held, met)
    return held


def _all_of(first: bool | None, second: bool | None) -> bool | None:
    if first is False or second is False:
        return False
    return None if first is None or second is None else True
