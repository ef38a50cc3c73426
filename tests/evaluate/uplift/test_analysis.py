"""Looks at a study: verdicts, what is missing, how often a study is wrong."""

from typing import Any

import msgspec
import numpy as np
import pytest

from benchmarks.uplift_rates import SPREADS, calibration, cell, looked, uniform
from tests.studies import outcomes, study
from tocsin.evaluate.uplift.analysis import analyse, table
from tocsin.evaluate.uplift.effect import odds_ratio
from tocsin.evaluate.uplift.outcomes import outcomes_digest
from tocsin.evaluate.uplift.posterior import posterior
from tocsin.kernel.errors import Conflict
from tocsin.kernel.evaluations import LineVerdict
from tocsin.kernel.studies import (
    Arm,
    ArmRole,
    Grading,
    Looked,
    MissingRule,
    OutcomeRow,
    Outcomes,
    StudyAnalysis,
)

SMALL = study(participants_per_arm=150, strata={"experience": ("none", "some")})


def test_intervals_hold_what_they_claim_and_see_no_more_than_they_may() -> None:
    rng = np.random.default_rng(2)
    cells = [cell(name, 100, ratio, 400, rng) for name in list(SPREADS)[:2] for ratio in (1.0, 1.5, 3.0)]
    assert sum(one.held for one in cells) / len(cells) == pytest.approx(0.95, abs=0.015)
    assert min(one.held for one in cells) > 0.91
    assert max(one.apart for one in cells if one.ratio == 1) < 0.09


def test_looks_that_are_not_counted_see_what_is_not_there() -> None:
    shared, naive = looked(4, 400, 400, np.random.default_rng(3))
    assert shared < 0.07
    assert naive > 0.09


def test_the_posterior_is_calibrated() -> None:
    ranks = calibration(80, 5, 0, 50, np.random.default_rng(4))
    assert uniform(ranks) > 0.001
    assert ((ranks > 0.025) & (ranks < 0.975)).mean() > 0.9


def test_the_posterior_is_what_sampling_finds() -> None:
    # importance sampling over cuts and ratio, drawn from the prior itself; a table small enough for that
    counts, design = np.array([[9.0, 5, 2], [4, 5, 5]]), np.array([[0.0], [1.0]])
    rng = np.random.default_rng(5)
    logs = rng.normal(0, 0.7, 200_000)
    under = np.cumsum(rng.dirichlet(np.full(3, 2.0), 200_000), axis=1)[:, :2]
    cuts = np.log(under / (1 - under))
    weight = np.zeros(len(logs))
    for arm in range(2):
        reach = 1 / (1 + np.exp(-(cuts - (arm - 0.5) * logs[:, None])))
        shares = np.diff(np.column_stack([np.zeros(len(logs)), reach, np.ones(len(logs))]), axis=1)
        weight += (counts[arm] * np.log(shares)).sum(axis=1)
    weight = np.exp(weight - weight.max())
    weight /= weight.sum()
    found = posterior(counts, design, 0.7, 1.5)
    order = np.argsort(logs)
    cumulative = np.cumsum(weight[order])
    assert np.log(found.median) == pytest.approx(np.interp(0.5, cumulative, logs[order]), abs=0.03)
    assert np.log(found.high) == pytest.approx(np.interp(0.975, cumulative, logs[order]), abs=0.05)
    assert found.above_one == pytest.approx(weight[logs > 0].sum(), abs=0.01)
    assert found.above_line == pytest.approx(weight[logs > np.log(1.5)].sum(), abs=0.02)


@pytest.mark.parametrize(
    ("ratio", "line", "verdict"),
    [(1.0, 2.5, LineVerdict.BELOW), (6.0, 1.5, LineVerdict.ABOVE), (1.5, 1.5, LineVerdict.INCONCLUSIVE)],
)
def test_the_verdict_is_by_the_interval(ratio: float, line: float, verdict: LineVerdict) -> None:
    plan = msgspec.structs.replace(SMALL, line=line)
    found = analyse(plan, outcomes(plan, ratio))
    assert found.found.verdict is verdict
    assert found.found.effect == found.found.best == found.found.worst, "nothing is missing"
    assert (found.look, found.looks) == (1, 1)
    assert set(found.strata) == {"experience=none", "experience=some"}
    assert found.found.effect.low < ratio < found.found.effect.high
    assert sum(map(sum, found.arms.values())) == 300


def test_what_is_missing_can_turn_a_verdict() -> None:
    plan = msgspec.structs.replace(SMALL, line=2.5)
    whole = outcomes(plan, 1.0)
    lost = tuple(
        msgspec.structs.replace(row, level=None, gone=True) if number % 6 == 0 else row
        for number, row in enumerate(whole.rows)
    )
    found = analyse(plan, Outcomes(lost, 1.0))
    assert found.found.verdict is LineVerdict.INCONCLUSIVE
    assert "at best and at worst" in found.found.why
    assert found.found.best.ratio < found.found.effect.ratio < found.found.worst.ratio
    shown = msgspec.structs.replace(plan, analysis=StudyAnalysis(missing=MissingRule.SHOWN))
    assert analyse(shown, Outcomes(lost, 1.0)).found.verdict is LineVerdict.BELOW
    strict = msgspec.structs.replace(plan, analysis=StudyAnalysis(missing_limit=0.1))
    assert analyse(strict, Outcomes(lost, 1.0)).found.verdict is LineVerdict.INVALID


def test_graders_who_disagree_give_no_verdict() -> None:
    found = analyse(SMALL, Outcomes(outcomes(SMALL, 6.0).rows, 0.5))
    assert found.found.verdict is LineVerdict.INVALID
    assert "0.50" in found.found.why
    lax = msgspec.structs.replace(SMALL, grading=Grading(least_agreement=0.4))
    assert analyse(lax, Outcomes(outcomes(SMALL, 6.0).rows, 0.5)).found.verdict is LineVerdict.ABOVE


def test_where_all_are_at_one_level_nothing_is_decided() -> None:
    rows = tuple(msgspec.structs.replace(row, level=0) for row in outcomes(SMALL, 1.0).rows)
    found = analyse(SMALL, Outcomes(rows, None))
    assert found.found.verdict is LineVerdict.INCONCLUSIVE
    assert "one level" in found.found.why


def test_strata_are_held() -> None:
    # the skilled reach more, and more of them are in the treatment arm: by strata there is nothing
    plan = msgspec.structs.replace(SMALL, participants_per_arm=400)
    rng = np.random.default_rng(6)
    rows: list[OutcomeRow] = []
    for arm, skilled, people in (
        ("search", 0, 300),
        ("search", 1, 100),
        ("model", 0, 100),
        ("model", 1, 300),
    ):
        shares = (0.7, 0.1, 0.1, 0.05, 0.05) if not skilled else (0.1, 0.1, 0.2, 0.2, 0.4)
        for level in rng.choice(5, size=people, p=shares):
            rows.append(
                OutcomeRow(f"p{len(rows)}", arm, {"experience": ("none", "some")[skilled]}, int(level))
            )
    held = odds_ratio(*table(plan, rows), 0.95)
    bare = odds_ratio(*table(msgspec.structs.replace(plan, analysis=StudyAnalysis(adjust=False)), rows), 0.95)
    assert held.low < 1 < held.high
    assert bare.low > 2


def test_another_arm_stands_beside_and_decides_nothing() -> None:
    arms = (*SMALL.arms, Arm(name="expert", role=ArmRole.OTHER, access="A person who knows."))
    plan = msgspec.structs.replace(SMALL, arms=arms)
    rows = outcomes(SMALL, 1.0).rows
    more = tuple(
        msgspec.structs.replace(row, participant=f"e{row.participant}", arm="expert")
        for row in outcomes(SMALL, 6.0).rows
        if row.arm == "model"
    )
    found = analyse(plan, Outcomes((*rows, *more), 1.0))
    assert found.found.verdict is not LineVerdict.ABOVE
    assert found.others["expert"].low > 2


def test_looks_are_those_that_were_registered() -> None:
    plan = msgspec.structs.replace(SMALL, analysis=StudyAnalysis(looks=(100, 300)))
    whole = outcomes(plan, 1.0)
    early = Outcomes(whole.rows[:99], 1.0)
    with pytest.raises(Conflict, match="look 1 of 2 is at 100"):
        analyse(plan, early)
    first = analyse(plan, Outcomes(whole.rows[:120], 1.0))
    assert first.found.effect.confidence == pytest.approx(0.975)
    kept = Looked(first.look, first.data, first.found.verdict)
    with pytest.raises(Conflict, match="look 2 of 2 is at 300"):
        analyse(plan, Outcomes(whole.rows[:150], 1.0), [kept])
    again = analyse(plan, Outcomes(whole.rows[:120], 1.0), [kept])
    assert again == first, "the same data are the same look"
    last = analyse(plan, whole, [kept])
    assert last.look == 2
    with pytest.raises(Conflict, match="are taken"):
        analyse(plan, early, [kept, Looked(2, last.data, last.found.verdict)])
    ended = analyse(plan, early, (), "a participant came to harm")
    assert ended.ended
    with pytest.raises(Conflict, match="are taken"):
        analyse(plan, whole, [Looked(1, ended.data, ended.found.verdict, ended.ended)])


def test_whoever_is_not_graded_yet_is_missing_only_at_the_end() -> None:
    plan = msgspec.structs.replace(SMALL, analysis=StudyAnalysis(looks=(100, 300)))
    rows = outcomes(plan, 1.0).rows
    waiting: tuple[Any, ...] = tuple(
        msgspec.structs.replace(row, level=None) if number >= 110 else row for number, row in enumerate(rows)
    )
    first = analyse(plan, Outcomes(waiting, 1.0))
    assert sum(first.missing.values()) == 0
    ended = analyse(plan, Outcomes(waiting, 1.0), (), "time was up")
    assert sum(ended.missing.values()) == 190
    assert ended.found.verdict is LineVerdict.INVALID


def test_the_order_of_the_data_says_nothing() -> None:
    found = outcomes(SMALL, 1.0)
    assert outcomes_digest(found) == outcomes_digest(Outcomes(found.rows, found.alpha))
    assert outcomes_digest(found) != outcomes_digest(Outcomes(found.rows[1:], found.alpha))
