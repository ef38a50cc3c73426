"""EARS, CUSUM and Farrington beside R `surveillance` on the same series: equal bounds and equal alarms.

`tests/vectors/surveillance.json` is what R said; `tools/build_surveillance_vectors.R` makes it, a test runs it again.
Three departures of surveillance 1.20.3 from its own manual were found, and none is taken over:

- earsC, C3: the upper bound is count + sd (z - earlier excess), where the manual has the mean instead of the count;
- with `reweight = TRUE` the model's working weights are overwritten by the prior ones, so that the standard errors
  behind `muan`, `delta` and the trend's significance are wrong: those three are compared without reweighting;
- a dispersion below one is raised to one for the quantile, but not for the standard error behind `delta`.
"""

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from statistics import NormalDist
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pytest

from tests.conftest import missing
from tocsin.correlate.trends import ears
from tocsin.correlate.trends.cusum import cusum, rossi, standard
from tocsin.correlate.trends.farrington import Control, Finding, Threshold, farrington

ROOT = Path(__file__).resolve().parents[3]
VECTORS = ROOT / "tests" / "vectors" / "surveillance.json"
SCRIPT = ROOT / "tools" / "build_surveillance_vectors.R"
SERIES = ("rare", "few", "some", "many", "falling", "huge")
NO_REWEIGHTING = 1e300
FARRINGTON = {
    "noufaily": Control(alpha=0.01),
    "significant_trend": Control(alpha=0.01, trend_p=0.05, reweight_above=NO_REWEIGHTING),
    "with_uncertainty": Control(
        alpha=0.01, reweight_above=NO_REWEIGHTING, threshold=Threshold.WITH_UNCERTAINTY
    ),
    "farrington_1996": Control(
        alpha=0.01,
        periods=1,
        past_weeks_left_out=3,
        trend_p=0.05,
        reweight_above=NO_REWEIGHTING,
        threshold=Threshold.TWO_THIRDS,
    ),
}
F64 = npt.NDArray[np.float64]


@cache
def vectors() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(VECTORS.read_text("ascii"))["series"]
    return found


def array(values: list[float | None]) -> F64:
    return np.array(values, np.float64)


def z(alpha: float) -> float:
    return NormalDist().inv_cdf(1 - alpha)


@pytest.mark.parametrize("name", SERIES)
@pytest.mark.parametrize(("method", "lag"), [("c1", 0), ("c2", 2)])
def test_ears_c1_and_c2(name: str, method: str, lag: int) -> None:
    theirs, counts = vectors()[name][method], array(vectors()[name]["counts"])
    mean, sd = ears.expected(counts, lag=lag)
    np.testing.assert_allclose((mean + z(0.001) * sd)[19:], array(theirs["upper"]), rtol=1e-10)
    scores = (ears.c1 if method == "c1" else ears.c2)(counts)
    np.testing.assert_array_equal(scores[19:] > z(0.001), array(theirs["alarm"]) == 1)


@pytest.mark.parametrize("name", SERIES)
def test_ears_c3_but_for_the_bound_that_is_built_on_the_count(name: str) -> None:
    counts = array(vectors()[name]["counts"])
    _, sd = ears.expected(counts)
    over = np.maximum(0.0, ears.c2(counts) - 1)
    earlier = np.roll(over, 1) + np.roll(over, 2)
    with np.errstate(invalid="ignore"):  # an infinite score times no spread
        theirs = np.maximum(0.0, counts + sd * (z(0.025) - earlier))[19:]
    usual = np.isfinite(theirs) & np.isfinite(array(vectors()[name]["c3"]["upper"]))
    assert usual.sum() > 200
    np.testing.assert_allclose(
        theirs[usual], array(vectors()[name]["c3"]["upper"])[usual], rtol=1e-9, atol=1e-9
    )
    np.testing.assert_allclose(ears.c3(counts)[19:][usual], (earlier + over)[19:][usual], rtol=1e-12)


@pytest.mark.parametrize("name", SERIES)
@pytest.mark.parametrize(("kind", "standardised"), [("cusum_standard", standard), ("cusum_rossi", rossi)])
def test_cusum(name: str, kind: str, standardised: Any) -> None:
    theirs, counts = vectors()[name][kind], array(vectors()[name]["counts"])[104:]
    sums = cusum(standardised(counts, theirs["m"]), k=1.04)
    np.testing.assert_array_equal(sums >= 2.26, array(theirs["alarm"]) == 1)


@pytest.mark.parametrize("name", SERIES)
@pytest.mark.parametrize("method", sorted(FARRINGTON))
def test_farrington(name: str, method: str) -> None:
    control, theirs = FARRINGTON[method], vectors()[name][method]
    counts = array(vectors()[name]["counts"])
    found = [farrington(counts, at, control) for at in range(len(counts) - 80, len(counts))]
    ours = [one for one in found if one is not None]
    assert len(ours) == len(found)
    told = ~np.isnan(array(theirs["upper"]))  # where there are few cases R says nothing
    np.testing.assert_allclose(_of(ours, "expected")[told], array(theirs["expected"])[told], rtol=1e-6)
    np.testing.assert_array_equal(_of(ours, "alarm"), np.nan_to_num(array(theirs["alarm"])))
    np.testing.assert_array_equal(_of(ours, "trend")[told], array(theirs["trend"])[told])
    upper, bound = _of(ours, "upper")[told], array(theirs["upper"])[told]
    if control.threshold is Threshold.TWO_THIRDS:
        tight = _of(ours, "dispersion")[told] > 1
        np.testing.assert_allclose(upper[tight], bound[tight], rtol=1e-4)
        assert np.all(upper >= bound * (1 - 1e-4))
        np.testing.assert_allclose(upper, bound, atol=0.05)
    else:
        np.testing.assert_array_equal(upper, bound)


def _of(found: list[Finding], field: str) -> F64:
    return np.array([getattr(one, field) for one in found], np.float64)


@pytest.mark.slow
def test_r_still_says_so() -> None:
    rscript = shutil.which("Rscript")
    if rscript is None:
        missing("R (Debian r-base-core)")
    asked = [rscript or "", "-e", "cat(requireNamespace('surveillance', quietly = TRUE))"]
    if subprocess.run(asked, capture_output=True, text=True, check=False).stdout != "TRUE":
        missing("R's surveillance (Debian r-cran-surveillance)")
    told = subprocess.run(
        [rscript or "", str(SCRIPT), "some"], capture_output=True, text=True, check=True
    ).stdout
    ours = msgspec.json.decode(VECTORS.read_bytes())["series"]
    for name, fresh in json.loads(told)["series"].items():
        for method, said in fresh.items():
            if isinstance(said, list):
                assert said == ours[name][method]
                continue
            for field, values in said.items():
                np.testing.assert_allclose(
                    np.array(values, float), np.array(ours[name][method][field], float), rtol=1e-6
                )
