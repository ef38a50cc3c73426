"""An evaluation as people read it: the verdict of the whole, and its lines and tasks on one scale each."""

from tocsin.evaluate.drawing import Drawing, Interval, drawing
from tocsin.kernel.evaluations import Evaluation, LineVerdict, Rate
from tocsin.kernel.plans import Condition, Consequence

_GRAVITY = (LineVerdict.BELOW, LineVerdict.INCONCLUSIVE, LineVerdict.INVALID, LineVerdict.ABOVE)


def whole_verdict(evaluation: Evaluation) -> LineVerdict:
    """As bad as the worst line that has a consequence; without any line nothing is decided."""
    verdicts = [one.verdict for one in evaluation.lines if one.consequence != Consequence.REVIEW]
    return max(verdicts, key=_GRAVITY.index, default=LineVerdict.INCONCLUSIVE)


def lines_held(evaluation: Evaluation) -> int:
    """How many lines lie wholly over the interval."""
    return sum(one.verdict is LineVerdict.BELOW for one in evaluation.lines)


def lines_drawn(evaluation: Evaluation) -> Drawing:
    """Each line with the interval of the condition that answered it."""
    return drawing(
        [_interval(one.line, one.rate, one.limit, one.verdict, one.condition) for one in evaluation.lines]
    )


def tasks_drawn(evaluation: Evaluation) -> Drawing:
    """Each task as it was measured, weighted by what it counts."""
    return drawing(
        [_interval(one.task, one.rate, one.line, one.verdict, one.condition) for one in evaluation.results]
    )


def both_drawn(a: Evaluation, b: Evaluation) -> Drawing:
    """Two models, task by task, each task's A above its B."""
    others = {(one.task, one.condition): one for one in b.results}
    rows = []
    for one in a.results:
        if other := others.get((one.task, one.condition)):
            for letter, side in (("A", one), ("B", other)):
                label = f"{side.task} · {letter}"
                rows.append(_interval(label, side.rate, side.line, side.verdict, side.condition))
    return drawing(rows)


def _interval(
    label: str, rate: Rate, line: float | None, verdict: LineVerdict | None, condition: Condition | None
) -> Interval:
    return Interval(
        label=label,
        share=rate.share,
        low=rate.low,
        high=rate.high,
        line=line,
        verdict=verdict,
        weight=float(rate.counted),
        known=rate.counted > 0,
        condition=condition,
    )
