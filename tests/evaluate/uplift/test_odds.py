"""Proportional odds: beside R, by its own derivatives, and at the edges."""

import csv
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterable
from math import exp, inf, log
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.evaluate.uplift.effect import decided, odds_ratio, proportionality, quantile
from tocsin.evaluate.uplift.odds import Array, Weak, _Problem, fit, fit_seen

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "uplift"
TWO = np.array([[0.0], [1.0]])
Found = dict[tuple[str, str], float]


def tables() -> dict[str, tuple[Array, Array]]:
    """The made-up participants, by study: counts and design, without the covariates that are all alike."""
    rows: dict[str, dict[tuple[int, int, int], list[float]]] = defaultdict(
        lambda: defaultdict(lambda: [0.0] * 5)
    )
    with (VECTORS / "made_up.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            pattern = (int(row["treatment"]), int(row["experience"]), int(row["language"]))
            rows[row["set"]][pattern][int(row["level"])] += float(row["count"])
    found = {}
    for name, patterns in rows.items():
        design = np.array(list(patterns), dtype=float)
        varies = np.ptp(design, axis=0) > 0
        found[name] = np.array(list(patterns.values())), design[:, varies]
    return found


def read(lines: Iterable[str]) -> dict[str, Found]:
    found: dict[str, Found] = defaultdict(dict)
    for row in csv.DictReader(lines):
        found[row["set"]][row["quantity"], row["name"]] = float(row["value"])
    return found


def as_r_found() -> dict[str, Found]:
    with (VECTORS / "polr.csv").open(encoding="utf-8", newline="") as stream:
        return read(stream)


@pytest.mark.parametrize("name", ["two-arms", "strata", "far"])
def test_it_finds_what_r_finds(name: str) -> None:
    counts, design = tables()[name]
    theirs = as_r_found()[name]
    ours = fit(counts[None], design)
    cuts = counts.shape[1] - 1
    errors = np.sqrt(np.diag(np.linalg.inv(ours.information[0])))
    for cut in range(cuts):
        assert ours.cuts[0, cut] == pytest.approx(theirs["cut", str(cut + 1)], abs=1e-5)
    named = [covariate for quantity, covariate in theirs if quantity == "slope"]
    for at, covariate in enumerate(named):
        assert ours.slopes[0, at] == pytest.approx(theirs["slope", covariate], abs=1e-5)
        # polr takes its Hessian by finite differences
        assert errors[cuts + at] == pytest.approx(theirs["error", covariate], rel=1e-4)
    assert ours.log_likelihood[0] == pytest.approx(theirs["log-likelihood", ""], abs=1e-7)
    effect = odds_ratio(counts, design, 0.95)
    assert effect.log == pytest.approx(theirs["slope", "treatment"], abs=1e-5)
    if ("low", "treatment") in theirs:
        assert log(effect.low) == pytest.approx(theirs["low", "treatment"], abs=1e-4)
        assert log(effect.high) == pytest.approx(theirs["high", "treatment"], abs=1e-4)
    brant = proportionality(counts, design)
    assert brant.chi_squared == pytest.approx(theirs["brant", "treatment"], abs=1e-6)
    assert brant.p == pytest.approx(theirs["brant-p", "treatment"], abs=1e-6)


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not on this machine")
def test_r_still_says_so() -> None:
    command = ["Rscript", "--vanilla", str(VECTORS / "polr.R"), str(VECTORS / "made_up.csv")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if "there is no package called" in ran.stderr:
        pytest.skip("R has no MASS here")
    now, then = read(ran.stdout.splitlines()), as_r_found()
    assert now.keys() == then.keys()
    for name, values in then.items():
        assert now[name] == pytest.approx(values, abs=1e-5)


TABLES = st.lists(st.lists(st.integers(0, 12), min_size=4, max_size=4), min_size=3, max_size=3).filter(
    lambda rows: all(sum(column) for column in zip(*rows, strict=True))
)


@settings(max_examples=8)
@given(TABLES, st.booleans())
def test_gradient_and_information_are_those_of_the_likelihood(rows: list[list[int]], prior: bool) -> None:
    counts = np.array([rows], dtype=float)
    design = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    weak = Weak(np.array([2.0, 0.5])) if prior else None
    problem = _Problem(counts, design, np.array([[0.3, 0.0, -0.2]]), weak)
    point, step = np.array([[-0.8, 0.1, 1.3, 0.4, -0.6]]), 1e-5
    _, gradient, information = problem.at(point)
    for at in range(5):
        ahead, behind = point.copy(), point.copy()
        ahead[0, at] += step
        behind[0, at] -= step
        up, down = problem.at(ahead), problem.at(behind)
        assert gradient[0, at] == pytest.approx((up[0] - down[0])[0] / (2 * step), abs=1e-4)
        assert information[0, at] == pytest.approx(-(up[1] - down[1])[0] / (2 * step), abs=1e-4)


@settings(max_examples=8)
@given(TABLES)
def test_levels_turned_round_turn_the_ratio_round(rows: list[list[int]]) -> None:
    counts = np.array(rows[:2], dtype=float)
    there = odds_ratio(counts, TWO, 0.95)
    back = odds_ratio(counts[:, ::-1], TWO, 0.95)
    swapped = odds_ratio(counts[::-1], TWO, 0.95)
    for other in (back, swapped):
        assert other.finite == there.finite
        assert other.p == pytest.approx(there.p, abs=1e-6)
        assert (1 / other.high if other.high else inf) == pytest.approx(there.low, rel=1e-3, abs=1e-6)
    assert there.low <= there.ratio <= there.high


@settings(max_examples=8)
@given(TABLES)
def test_a_level_that_nobody_reached_has_no_bearing(rows: list[list[int]]) -> None:
    counts = np.array(rows[:2], dtype=float)
    with_empty = np.insert(counts, 2, 0.0, axis=1)
    assert odds_ratio(with_empty, TWO, 0.95) == odds_ratio(counts, TWO, 0.95)


def test_an_arm_that_is_wholly_above_has_no_number() -> None:
    found = odds_ratio(np.array([[20.0, 0, 0], [0, 8, 12]]), TWO, 0.95)
    assert not found.finite
    assert (found.ratio, found.high) == (inf, inf)
    assert found.low > 20
    below = odds_ratio(np.array([[0, 8.0, 12], [20, 0, 0]]), TWO, 0.95)
    assert (below.ratio, below.low) == (0.0, 0.0)


@pytest.mark.parametrize(
    "counts", [[[9, 0, 0], [9, 0, 0]], [[0, 0, 0], [3, 2, 1]], [[0, 0, 0], [0, 0, 0]], [[4, 4, 4], [0, 0, 0]]]
)
def test_what_tells_nothing_says_nothing(counts: list[list[float]]) -> None:
    found = odds_ratio(np.array(counts, dtype=float), TWO, 0.95)
    assert (found.low, found.high, found.p) == (0.0, inf, 1.0)


def test_many_tables_at_once_are_the_same_as_one_by_one() -> None:
    rng = np.random.default_rng(3)
    # some draws miss a level or two
    many = np.stack([rng.multinomial(25, [0.6, 0.25, 0.1, 0.05], size=8) for _ in range(2)], axis=1).astype(
        float
    )
    slopes, falls = decided(many, TWO, np.array([0.0, 0.5]))
    for table, slope, fall, other in zip(many, slopes, *falls, strict=True):
        alone = odds_ratio(table, TWO, 0.95)
        if alone.finite:
            assert slope == pytest.approx(alone.log, abs=1e-6)
        assert (fall <= quantile(0.95)) == (alone.low <= 1 <= alone.high)
        assert (other <= quantile(0.95)) == (alone.low <= exp(0.5) <= alone.high)


def test_brant_finds_a_ratio_that_is_not_one_ratio() -> None:
    # the treatment moves people from nothing to a little, and none to the top
    crooked = proportionality(np.array([[200.0, 100, 100, 100], [60, 240, 100, 100]]), TWO)
    assert crooked.p is not None
    assert crooked.p < 1e-6
    assert crooked.cuts[0] is not None
    assert crooked.cuts[2] is not None
    assert crooked.cuts[0] > 4
    assert crooked.cuts[2] == pytest.approx(1.0)
    assert proportionality(np.array([[9.0, 0], [3, 6]]), TWO).p is None, "a single cut cannot differ"


def test_levels_without_anybody_are_refused_where_they_would_run_off() -> None:
    with pytest.raises(ValueError, match="no cut"):
        fit(np.array([[[3.0, 0, 2], [1, 0, 2]]]), TWO)
    slopes, _ = fit_seen(np.array([[[3.0, 0, 0], [1, 0, 0]]]), TWO)
    assert slopes[0, 0] == 0
