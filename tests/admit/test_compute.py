"""Estimates of training compute: intervals that hold, units that are refused, thresholds with their source."""

import math
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.admit.compute import (
    MAX_STAGES,
    Range,
    Stage,
    StageKind,
    Standing,
    Unit,
    Way,
    Why,
    answers,
    by_hardware,
    by_size,
    read_amount,
    total,
)
from tocsin.admit.thresholds import FineTuning, Regime, load_packs, packaged, read_pack
from tocsin.gate.overlays import packaged_overlays
from tocsin.kernel import BadInput, NotFound, TooLarge
from tocsin.taxonomy.law import Confirmed, LawStatus

AMOUNTS = st.floats(1e3, 1e9)
RANGES = st.tuples(AMOUNTS, AMOUNTS).map(lambda ends: Range(min(ends), max(ends)))
OPERATIONS = st.floats(1e23, 1e28)
PACK = """version: 1
regimes:
  - {{id: {id}, jurisdiction: MN, title: {{en: A line, zh: 门槛}}, source: A draft, article: "", status: proposed,
     confirmed: draft, checked: 2026-11-22, operations: 3.0e+24, reached: above, fine_tuning: not-counted,
     fine_tuning_confirmed: draft}}
"""


def stage(kind: StageKind, low: float, high: float | None = None) -> Stage:
    return Stage(kind, {Way.STATED: Range(low, high or low)})


def regime(name: str) -> Regime:
    return next(one for one in packaged().regimes if one.id == name)


def answer(name: str, *stages: Stage) -> tuple[Standing, Why | None]:
    (found,) = answers(stages, [regime(name)])
    return found.standing, found.why


@given(RANGES, RANGES, st.floats(0, 1), st.floats(0, 1))
def test_whatever_the_inputs_are_the_product_lies_within(
    parameters: Range, tokens: Range, first: float, second: float
) -> None:
    found = by_size(parameters, tokens)
    true_parameters = min(parameters.low + first * (parameters.high - parameters.low), parameters.high)
    true_tokens = min(tokens.low + second * (tokens.high - tokens.low), tokens.high)
    assert found.low <= 6 * true_parameters * true_tokens <= found.high


@settings(max_examples=40)
@given(RANGES, RANGES, RANGES, AMOUNTS)
def test_a_wider_or_larger_input_never_gives_a_narrower_or_smaller_estimate(
    chips: Range, peak: Range, seconds: Range, more: float
) -> None:
    utilisation = Range(0.3, 0.5)
    found = by_hardware(chips, peak, utilisation, seconds)
    wider = by_hardware(Range(chips.low / 2, chips.high + more), peak, utilisation, seconds)
    assert wider.low <= found.low <= found.high <= wider.high
    larger = by_hardware(Range(chips.low + more, chips.high + more), peak, utilisation, seconds)
    assert larger.low >= found.low
    assert larger.high >= found.high


@settings(max_examples=50)
@given(OPERATIONS, OPERATIONS, OPERATIONS, st.floats(0, 1))
def test_an_answer_holds_for_every_number_of_the_interval(
    one: float, other: float, tuned: float, share: float
) -> None:
    low, high = sorted((one, other))
    true = min(low + share * (high - low), high)
    exact = stage(StageKind.TRAINING, true), stage(StageKind.FINE_TUNING, tuned)
    for given_answer, real in zip(
        answers((stage(StageKind.TRAINING, low, high), exact[1]), packaged().regimes),
        answers(exact, packaged().regimes),
        strict=True,
    ):
        if given_answer.standing is not Standing.NOT_DECIDED and real.standing is not Standing.NOT_DECIDED:
            assert given_answer.standing is real.standing
        assert (given_answer.why is None) == (given_answer.standing is not Standing.NOT_DECIDED)


@given(OPERATIONS, st.floats(1, 1e3))
def test_more_training_never_falls_below_a_threshold_again(operations: float, factor: float) -> None:
    order = (Standing.BELOW, Standing.NOT_DECIDED, Standing.ABOVE)
    first = answers([stage(StageKind.TRAINING, operations)], packaged().regimes)
    then = answers([stage(StageKind.TRAINING, operations * factor)], packaged().regimes)
    for before, after in zip(first, then, strict=True):
        assert order.index(before.standing) <= order.index(after.standing)


def test_a_published_model_by_both_ways() -> None:
    size = by_size(read_amount("405B", Unit.PARAMETERS), read_amount("15.6T", Unit.TOKENS))
    assert math.isclose(size.low, 3.79e25, rel_tol=0.01)
    hardware = by_hardware(
        read_amount("16384", Unit.CHIPS),
        Range(peak := packaged().peak("h100-sxm", "bf16"), peak),
        read_amount("38%..43%", Unit.UTILISATION),
        read_amount("54d..80d", Unit.TIME),
    )
    assert hardware.low < size.low < hardware.high
    both = Stage(StageKind.TRAINING, {Way.SIZE: size, Way.HARDWARE: hardware})
    assert both.agree
    assert both.operations == hardware
    apart = Stage(StageKind.TRAINING, {Way.SIZE: size, Way.STATED: Range(1e24, 1e24)})
    assert not apart.agree
    assert apart.operations == Range(1e24, size.high)


def test_above_below_and_what_the_interval_leaves_open() -> None:
    training = StageKind.TRAINING
    assert answer("eu-gpai-systemic-risk", stage(training, 2e25, 3e25)) == (Standing.ABOVE, None)
    assert answer("us-ca-sb53", stage(training, 2e25, 3e25)) == (Standing.BELOW, None)
    assert answer("us-ca-sb53", stage(training, 9e25, 2e26)) == (Standing.NOT_DECIDED, Why.INTERVAL)
    # exactly the threshold: more than it is asked for, or it is enough
    assert answer("eu-gpai-systemic-risk", stage(training, 1e25)) == (Standing.BELOW, None)
    assert answer("kr-basic-act", stage(training, 1e26)) == (Standing.ABOVE, None)


def test_fine_tuning_counts_by_regime_and_what_is_not_known_is_said() -> None:
    both = stage(StageKind.TRAINING, 9.5e25), stage(StageKind.FINE_TUNING, 1e25)
    assert answer("us-ny-raise", *both) == (Standing.ABOVE, None)
    assert answer("kr-basic-act", *both) == (Standing.NOT_DECIDED, Why.FINE_TUNING)
    without = msgspec.structs.replace(regime("us-ny-raise"), fine_tuning=FineTuning.NOT_COUNTED)
    (found,) = answers(both, [without])
    assert (found.standing, found.operations) == (Standing.BELOW, Range(9.5e25, 9.5e25))
    with pytest.raises(BadInput, match="no training to count"):
        total([stage(StageKind.FINE_TUNING, 1e25)], fine_tuning=False)
    with pytest.raises(BadInput, match="at most"):
        total([stage(StageKind.TRAINING, 1e25)] * (MAX_STAGES + 1), fine_tuning=True)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("70", Unit.PARAMETERS),  # 70B without its unit
        ("15", Unit.TOKENS),
        ("15h", Unit.TOKENS),
        ("70b", Unit.PARAMETERS),  # bits, or billions?
        ("1300", Unit.TIME),  # of what?
        ("100d", Unit.CHIPS),
        ("989", Unit.PEAK),
        ("989TFLOP", Unit.PEAK),
        ("40", Unit.UTILISATION),  # 40, or 40 %
        ("140%", Unit.UTILISATION),
        ("-1B", Unit.PARAMETERS),
        ("nan", Unit.OPERATIONS),
        ("inf", Unit.OPERATIONS),
        ("1e999", Unit.OPERATIONS),
        ("3e25..1e25", Unit.OPERATIONS),
        ("1e25..", Unit.OPERATIONS),
        ("1e25..2e25..3e25", Unit.OPERATIONS),
        ("١e25", Unit.OPERATIONS),
        ("9" * 100, Unit.OPERATIONS),
        ("", Unit.TOKENS),
    ],
)
def test_an_amount_without_its_unit_or_beyond_belief_is_refused(text: str, unit: Unit) -> None:
    with pytest.raises(BadInput, match=unit.value):
        read_amount(text, unit)


@given(st.text(max_size=80), st.sampled_from(Unit))
def test_any_text_is_an_amount_or_bad_input(text: str, unit: Unit) -> None:
    try:
        found = read_amount(text, unit)
    except BadInput:
        return
    assert 0 < found.low <= found.high < math.inf


def test_every_packaged_regime_says_where_it_is_from_and_agrees_with_the_overlays_of_releases() -> None:
    regimes = {one.id: one for one in packaged().regimes}
    assert {name: one.operations for name, one in regimes.items()} == {
        "eu-gpai-systemic-risk": 1e25,
        "us-ca-sb53": 1e26,
        "us-ny-raise": 1e26,
        "kr-basic-act": 1e26,
        "us-diffusion-rule": 1e26,
    }
    assert regimes["us-diffusion-rule"].status is LawStatus.ENDED
    for overlay in packaged_overlays():
        if overlay.id in regimes:
            same = regimes[overlay.id]
            assert (overlay.status.value, overlay.confirmed.value) == (
                same.status.value,
                same.confirmed.value,
            )
            assert overlay.applies_from == same.applies_from
            assert overlay.applies.compute_at_least in (None, same.operations)
    assert Confirmed.READ not in {one.confirmed for one in regimes.values()}, "none was read in a gazette"
    for chip in packaged().chips:
        assert chip.peak
        assert chip.source


def test_own_thresholds_come_beside_the_packaged_ones_and_never_in_their_place(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(PACK.format(id="mn-draft"), "utf-8")
    found = load_packs(tmp_path)
    assert len(found.regimes) == len(packaged().regimes) + 1
    assert found.regimes[-1].fine_tuning is FineTuning.NOT_COUNTED
    (tmp_path / "own.yaml").write_text(PACK.format(id="us-ca-sb53"), "utf-8")
    with pytest.raises(BadInput, match="rename one"):
        load_packs(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "version: 2",
        "regimes: []",
        "version: 1\nregimes: [{id: x}]",
        "version: 1\nwhat: 1",
        "version: [",
        PACK.format(id="mn-draft").replace("3.0e+24", "-1"),
        PACK.format(id="mn-draft").replace("status: proposed", "status: adopted"),
    ],
)
def test_a_bad_pack_is_named(text: str) -> None:
    with pytest.raises(BadInput, match=r"thresholds own\.yaml"):
        read_pack(text.encode(), "own.yaml")


def test_a_pack_that_is_too_large_and_a_chip_that_is_not_there() -> None:
    with pytest.raises(TooLarge):
        read_pack(b" " * 70_000, "own.yaml")
    with pytest.raises(NotFound, match="h100-sxm"):
        packaged().peak("h101", "bf16")
    with pytest.raises(NotFound, match="bf16"):
        packaged().peak("tpu-v4", "fp64")
