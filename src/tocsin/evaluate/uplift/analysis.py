"""A look at a study's data, exactly as registered.

1. a look is one of those that were registered, and no more are taken than that; the level is shared among them
2. participants without a level are counted; over the limit there is no verdict
3. graders who agree less than was registered give no verdict
4. where almost all are at one level, nothing is decided
5. the odds ratio of treatment against control, strata held, by its profile likelihood
6. the same with every missing outcome at its best and at its worst; where that would turn the verdict, there is none
7. the posterior, each stratum apart, other arms, and a test of proportional odds stand beside it and decide nothing
"""

from collections.abc import Mapping, Sequence
from itertools import product
from math import isfinite

import numpy as np

from tocsin.evaluate.statistics.heterogeneity import heterogeneity
from tocsin.evaluate.uplift.effect import odds_ratio, proportionality
from tocsin.evaluate.uplift.odds import Array
from tocsin.evaluate.uplift.outcomes import outcomes_digest
from tocsin.evaluate.uplift.posterior import posterior
from tocsin.evaluate.uplift.power import confidence
from tocsin.kernel.errors import Conflict
from tocsin.kernel.evaluations import LineVerdict
from tocsin.kernel.studies import (
    Looked,
    MissingRule,
    OddsRatio,
    OutcomeRow,
    Outcomes,
    Study,
    StudyLook,
    StudyVerdict,
)

MIN_TELLING = 10
"""Participants of both arms apart from the most frequent level, at least: with four of sixty the intervals hold 90 %
and not 95 (docs/uplift-rates.md), and with none there is nothing to compare."""

Levels = Mapping[str, int]
"""What a missing outcome is taken for, by arm; the arms that are not in it stay without."""


def analyse(study: Study, outcomes: Outcomes, before: Sequence[Looked] = (), ended: str = "") -> StudyLook:
    """Raises Conflict when no look is due: too early, or all were taken."""
    data = outcomes_digest(outcomes)
    number = _look(study, outcomes, before, data, ended)
    final = number == len(study.looks) or bool(ended)
    # at an earlier look, whoever is not graded yet is not missing
    rows = [row for row in outcomes.rows if final or row.level is not None or row.gone]
    treatment, control = study.treatment.name, study.control.name
    level = confidence(study)
    top = study.levels - 1
    effect = _effect(study, rows, level)
    best = _effect(study, rows, level, {treatment: 0, control: top})
    worst = _effect(study, rows, level, {treatment: top, control: 0})
    counts, design = table(study, rows)
    verdict, why = _verdict(study, rows, outcomes.alpha, (effect, best, worst))
    strata, differ = _strata(study, rows, level)
    return StudyLook(
        look=number,
        looks=len(study.looks),
        found=StudyVerdict(
            verdict=verdict,
            why=why,
            line=study.line,
            effect=effect,
            best=best,
            worst=worst,
            posterior=posterior(counts, design, study.prior.sd, study.line),
            proportionality=proportionality(counts, design),
        ),
        arms={arm.name: _by_level(study, [row for row in rows if row.arm == arm.name]) for arm in study.arms},
        missing={arm.name: _without(rows, arm.name) for arm in study.arms},
        strata=strata,
        differ=differ,
        others={
            arm.name: _effect(study, rows, level, first=arm.name)
            for arm in study.arms
            if arm.name not in (treatment, control)
        },
        alpha=outcomes.alpha,
        data=data,
        ended=ended,
    )


def _look(study: Study, outcomes: Outcomes, before: Sequence[Looked], data: str, ended: str) -> int:
    """Which look this is. The same data seen again are the same look."""
    for past in before:
        if past.data == data:
            return past.look
    if any(past.ended for past in before) or len(before) >= len(study.looks):
        raise Conflict(
            f"all {len(study.looks)} looks that were registered are taken, and the data have changed since. What the"
            " last one found stands; more looks are another study"
        )
    due = study.looks[len(before)]
    known = sum(row.level is not None or row.gone for row in outcomes.rows)
    if known < due and not ended:
        raise Conflict(
            f"look {len(before) + 1} of {len(study.looks)} is at {due} participants who are graded or gone, and"
            f" {known} are: it comes earlier than was registered. Where the stopping rule ended the study: --ended WHY"
        )
    return len(before) + 1


def table(study: Study, rows: Sequence[OutcomeRow], first: str = "") -> tuple[Array, Array]:
    """Counts and design: a row for each arm and combination of strata; the first covariate is the arm of interest."""
    interest = first or study.treatment.name
    arms = [interest, *(arm.name for arm in study.arms if arm.name not in (interest, study.control.name))]
    strata = sorted(study.strata) if study.analysis.adjust else []
    cells = list(product((study.control.name, *arms), *(study.strata[name] for name in strata)))
    places = {cell: place for place, cell in enumerate(cells)}
    counts = np.zeros((len(cells), study.levels))
    for row in rows:
        if row.level is not None:
            counts[places[row.arm, *(row.strata[name] for name in strata)], row.level] += 1
    design = [
        [float(cell[0] == arm) for arm in arms]
        + [
            float(value == given)
            for name, given in zip(strata, cell[1:], strict=True)
            for value in study.strata[name][1:]
        ]
        for cell in cells
    ]
    return counts, np.array(design)


def _effect(
    study: Study, rows: Sequence[OutcomeRow], level: float, missing: Levels | None = None, first: str = ""
) -> OddsRatio:
    taken = missing or {}
    filled = [
        OutcomeRow(row.participant, row.arm, row.strata, taken.get(row.arm)) if row.level is None else row
        for row in rows
    ]
    return odds_ratio(*table(study, filled, first), level)


def _verdict(
    study: Study,
    rows: Sequence[OutcomeRow],
    alpha: float | None,
    ratios: tuple[OddsRatio, OddsRatio, OddsRatio],
) -> tuple[LineVerdict, str]:
    effect, best, worst = ratios
    compared = [row for row in rows if row.arm in (study.treatment.name, study.control.name)]
    missing = sum(row.level is None for row in compared)
    share = missing / len(compared) if compared else 1.0
    if share > study.analysis.missing_limit:
        return LineVerdict.INVALID, (
            f"{share:.0%} of {len(compared)} participants have no outcome, over the limit of"
            f" {study.analysis.missing_limit:.0%}"
        )
    if alpha is not None and alpha < study.grading.least_agreement:
        return LineVerdict.INVALID, (
            f"the graders agree to {alpha:.2f}, under the {study.grading.least_agreement:.2f} that was"
            " registered"
        )
    telling = len(compared) - missing - max(_by_level(study, compared))
    if telling < MIN_TELLING:
        return LineVerdict.INCONCLUSIVE, (
            f"all but {telling} of {len(compared) - missing} are at one level: too few to know how sure a ratio is"
        )
    found = against(effect, study.line)
    said = (
        f"odds ratio {effect.ratio:.2f} ({effect.low:.2f} to {effect.high:.2f}) of {len(compared) - missing};"
        f" the line is {study.line:g}"
    )
    bounds = {against(best, study.line), against(worst, study.line)}
    if missing and bounds != {found} and found is not LineVerdict.INCONCLUSIVE:
        turned = (
            f"{said}; with the {missing} missing at best and at worst: {best.low:.2f} to {worst.high:.2f}"
        )
        if study.analysis.missing is MissingRule.DECIDES:
            return LineVerdict.INCONCLUSIVE, turned
        said = turned
    return found, said


def against(effect: OddsRatio, line: float) -> LineVerdict:
    """Below, above, or neither: by the interval's ends; an end on the line decides nothing."""
    if effect.high < line:
        return LineVerdict.BELOW
    return LineVerdict.ABOVE if effect.low > line else LineVerdict.INCONCLUSIVE


def _strata(
    study: Study, rows: Sequence[OutcomeRow], level: float
) -> tuple[dict[str, OddsRatio], float | None]:
    found = {
        f"{name}={value}": _effect(study, [row for row in rows if row.strata[name] == value], level)
        for name, values in sorted(study.strata.items())
        for value in values
    }
    ps = []
    for name, values in sorted(study.strata.items()):
        told = [found[f"{name}={value}"] for value in values]
        told = [one for one in told if one.finite and isfinite(one.error) and one.error > 0]
        if len(told) > 1:
            ps.append(heterogeneity([one.log for one in told], [one.error**2 for one in told]).p)
    # the smallest, times their number: strata are several questions
    return found, min(1.0, min(ps) * len(ps)) if ps else None


def _by_level(study: Study, rows: Sequence[OutcomeRow]) -> tuple[int, ...]:
    return tuple(sum(row.level == level for row in rows) for level in range(study.levels))


def _without(rows: Sequence[OutcomeRow], arm: str) -> int:
    return sum(row.arm == arm and row.level is None for row in rows)
