"""The pooled rate against the lines of the plan, which were fixed before anybody ran it.

Enters: a pooled interval, and the lines as each pooled institute says them. Leaves: an answer for each line that all
say alike. Refuses: to decide where nothing is pooled.
"""

from collections.abc import Iterable, Sequence

import msgspec

from tocsin.kernel.evaluations import LineVerdict
from tocsin.kernel.plans import Condition, Line

WORSE = (LineVerdict.BELOW, LineVerdict.INCONCLUSIVE, LineVerdict.ABOVE)
"""From best to worst: a line that is passed in one condition is passed, whatever another leaves open."""


class JointLine(msgspec.Struct, frozen=True):
    """What the institutes together say of one line, in one condition."""

    line: str
    task: str
    condition: Condition
    limit: float
    consequence: str
    verdict: LineVerdict
    red_line: str = ""


def said_alike(told: Sequence[Sequence[Line]]) -> tuple[tuple[Line, ...], tuple[str, ...]]:
    """Lines that every institute says, word for word, in the order of the first; and the ids of the others."""
    alike = tuple(line for line in told[0] if all(line in other for other in told)) if told else ()
    known = {line.id for line in alike}
    unlike = dict.fromkeys(line.id for lines in told for line in lines if line.id not in known)
    return alike, tuple(unlike)


def joint_line(line: Line, condition: Condition, pooled: tuple[float, float, float] | None) -> JointLine:
    """By a bound of the pooled interval, as for one institute's rate: a bound on the line decides nothing."""
    verdict = LineVerdict.INCONCLUSIVE
    if pooled is not None:
        _, low, high = pooled
        verdict = (
            LineVerdict.BELOW if high < line.limit else LineVerdict.ABOVE if low > line.limit else verdict
        )
    return JointLine(
        line=line.id,
        task=line.task,
        condition=condition,
        limit=line.limit,
        consequence=line.consequence.value,
        verdict=verdict,
        red_line=line.red_line,
    )


def worst(answers: Iterable[JointLine]) -> tuple[JointLine, ...]:
    """One answer a line: the worst condition's."""
    found: dict[str, JointLine] = {}
    for one in answers:
        before = found.get(one.line)
        if before is None or WORSE.index(one.verdict) > WORSE.index(before.verdict):
            found[one.line] = one
    return tuple(found.values())
