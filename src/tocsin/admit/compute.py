"""How much computation trained a model, as an interval, and which thresholds it is above, below, or not decided by.

Enters: amounts with their units, single or as ranges. Leaves: for each stage what each way of estimating gives; for
each regime one of three answers. Refuses: amounts without their unit, and what no training run has.

1. A dense transformer's training takes about 6 operations a parameter and token (Kaplan et al. 2020, section 2.1).
2. Hardware gives chips x peak x utilisation x time.
3. All inputs are positive, so the product of the low ends is the lowest and that of the high ends the highest. Both
   are moved outward by the rounding. The interval says what the inputs leave open, and nothing of rule 1 being rough.
4. Two ways for one stage: from the lower to the higher of both. That they do not overlap is said.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

import msgspec

from tocsin.admit.thresholds import FineTuning, Reached, Regime
from tocsin.kernel import BadInput

OPERATIONS_A_TOKEN = 6
RANGE_SIGN = ".."
MAX_AMOUNT_CHARS = 64
MAX_STAGES = 64


class Unit(StrEnum):
    """What an amount counts."""

    PARAMETERS = "parameters"
    TOKENS = "tokens"
    CHIPS = "chips"
    PEAK = "peak"
    UTILISATION = "utilisation"
    TIME = "time"
    OPERATIONS = "operations"


_COUNTS = {"": 1.0, "K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
_RATES = {"GFLOPS": 1e9, "TFLOPS": 1e12, "PFLOPS": 1e15, "FLOPS": 1.0}
_SIZES: Mapping[Unit, Mapping[str, float]] = {
    Unit.PARAMETERS: _COUNTS,
    Unit.TOKENS: _COUNTS,
    Unit.CHIPS: {"": 1.0},
    Unit.PEAK: _RATES,
    Unit.UTILISATION: {"": 1.0, "%": 0.01},
    Unit.TIME: {"s": 1.0, "h": 3_600.0, "d": 86_400.0},
    Unit.OPERATIONS: {"": 1.0, "FLOP": 1.0},
}
_EXAMPLES = {
    Unit.PARAMETERS: "70B",
    Unit.TOKENS: "15T or 14T..16T",
    Unit.CHIPS: "16384",
    Unit.PEAK: "989TFLOPS",
    Unit.UTILISATION: "35%..45%",
    Unit.TIME: "54d, 1300h or 4.6e6s",
    Unit.OPERATIONS: "3e24..5e24",
}
_WITHIN: Mapping[Unit, tuple[float, float]] = {
    Unit.PARAMETERS: (1e5, 1e16),
    # fewer is a unit left out ("70" for 70B); the most is a hundred times what anybody announced
    Unit.TOKENS: (1e3, 1e18),
    Unit.CHIPS: (1.0, 1e8),
    Unit.PEAK: (1e9, 1e18),
    # a chip below a GFLOPS is TFLOPS without their unit
    Unit.UTILISATION: (1e-4, 1.0),
    Unit.TIME: (1.0, 10 * 366 * 86_400.0),
    Unit.OPERATIONS: (1e12, 1e32),
}
"""Least and most that is believed: beyond it, it is a slip of the unit."""

_AMOUNT = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,18})?(?:[eE][+-]?[0-9]{1,3})?) ?([A-Za-z%]{0,6})")


class Range(msgspec.Struct, frozen=True):
    """From `low` to `high`, both included; one number where they are equal."""

    low: float
    high: float

    def __mul__(self, other: "Range") -> "Range":
        return _outward(self.low * other.low, self.high * other.high)

    def __add__(self, other: "Range") -> "Range":
        return _outward(self.low + other.low, self.high + other.high)

    def overlaps(self, other: "Range") -> bool:
        return self.low <= other.high and other.low <= self.high


class StageKind(StrEnum):
    TRAINING = "training"
    FINE_TUNING = "fine-tuning"


class Way(StrEnum):
    """How a stage was estimated."""

    SIZE = "size"
    """6 x parameters x tokens."""
    HARDWARE = "hardware"
    """Chips x peak x utilisation x time."""
    STATED = "stated"
    """Somebody gave the operations."""


class Stage(msgspec.Struct, frozen=True):
    """One part of a model's training, by each way that it was estimated."""

    kind: StageKind
    ways: dict[Way, Range]

    @property
    def operations(self) -> Range:
        """From the lowest to the highest of all ways."""
        found = self.ways.values()
        return Range(min(one.low for one in found), max(one.high for one in found))

    @property
    def agree(self) -> bool:
        """Whether the ways leave a number that all of them hold for possible."""
        found = list(self.ways.values())
        return max(one.low for one in found) <= min(one.high for one in found)


class Standing(StrEnum):
    """Of training compute, beside one threshold."""

    ABOVE = "above"
    BELOW = "below"
    NOT_DECIDED = "not-decided"


class Why(StrEnum):
    """Why it is not decided."""

    INTERVAL = "interval"
    """The threshold lies within the interval."""
    FINE_TUNING = "fine-tuning"
    """It depends on whether fine-tuning counts, which is not known."""


class Answer(msgspec.Struct, frozen=True):
    """What one regime makes of it. `operations` is what was held against it: with fine-tuning where that counts."""

    regime: Regime
    standing: Standing
    operations: Range
    why: Why | None = None


def read_amount(text: str, unit: Unit) -> Range:
    """An amount or a range of it ("14T..16T") in whole units: seconds, operations a second. Raises BadInput."""
    if len(text) > MAX_AMOUNT_CHARS:
        raise BadInput(f"{unit.value}: give an amount such as {_EXAMPLES[unit]}")
    low, sign, high = text.strip().partition(RANGE_SIGN)
    ends = [_number(one.strip(), unit) for one in ((low, high) if sign else (low,))]
    if ends[0] > ends[-1]:
        raise BadInput(f"{unit.value}: the range {text!r} begins above its end")
    return Range(ends[0], ends[-1])


def _number(text: str, unit: Unit) -> float:
    found = _AMOUNT.fullmatch(text)
    sizes = _SIZES[unit]
    if found is None or found[2] not in sizes:
        units = ", ".join(name for name in sizes if name) or "no unit"
        raise BadInput(f"{unit.value}: {text!r} is none; give {_EXAMPLES[unit]} (units: {units})")
    amount = float(found[1]) * sizes[found[2]]
    least, most = _WITHIN[unit]
    if not least <= amount <= most:
        raise BadInput(
            f"{unit.value}: {text!r} is outside of {least:g} to {most:g}; was its unit left out? Give "
            f"{_EXAMPLES[unit]}"
        )
    return amount


def by_size(parameters: Range, tokens: Range) -> Range:
    """6ND. `parameters` are those that take part in a token (of a mixture of experts the active ones), `tokens` all
    that were seen, repetitions too.
    """
    return Range(OPERATIONS_A_TOKEN, OPERATIONS_A_TOKEN) * parameters * tokens


def by_hardware(chips: Range, peak: Range, utilisation: Range, seconds: Range) -> Range:
    """`peak` is dense, in operations a second of one chip at the precision that was trained in."""
    return chips * peak * utilisation * seconds


def total(stages: Sequence[Stage], *, fine_tuning: bool) -> Range:
    """All stages together. Raises BadInput without any that counts."""
    counted = [one.operations for one in stages if fine_tuning or one.kind is StageKind.TRAINING]
    if not counted:
        raise BadInput("there is no training to count: give its size, its hardware, or its operations")
    if len(stages) > MAX_STAGES:
        raise BadInput(f"a model's training has at most {MAX_STAGES} stages here: add some up beforehand")
    found = counted[0]
    for one in counted[1:]:
        found += one
    return found


def answers(stages: Sequence[Stage], regimes: Iterable[Regime]) -> tuple[Answer, ...]:
    """What each regime makes of it, in their order. Raises BadInput as `total`."""
    return tuple(_answer(stages, one) for one in regimes)


def _answer(stages: Sequence[Stage], regime: Regime) -> Answer:
    with_it, without = total(stages, fine_tuning=True), total(stages, fine_tuning=False)
    if regime.fine_tuning is not FineTuning.UNKNOWN:
        counted = with_it if regime.fine_tuning is FineTuning.COUNTED else without
        standing = _beside(counted, regime)
        why = Why.INTERVAL if standing is Standing.NOT_DECIDED else None
        return Answer(regime, standing, counted, why)
    either = Range(without.low, with_it.high)
    both = {_beside(with_it, regime), _beside(without, regime)}
    if len(both) == 1 and Standing.NOT_DECIDED not in both:
        return Answer(regime, both.pop(), either)
    why = Why.INTERVAL if both == {Standing.NOT_DECIDED} else Why.FINE_TUNING
    return Answer(regime, Standing.NOT_DECIDED, either, why)


def _beside(operations: Range, regime: Regime) -> Standing:
    line = regime.operations
    if operations.low > line or (regime.reached is Reached.FROM and operations.low == line):
        return Standing.ABOVE
    if operations.high < line or (regime.reached is Reached.ABOVE and operations.high == line):
        return Standing.BELOW
    return Standing.NOT_DECIDED


def _outward(low: float, high: float) -> Range:
    """Rounding never makes an interval narrower than its inputs leave it; whole numbers that are exact stay so."""
    if low == high and low.is_integer() and low < 2**53:
        return Range(low, high)
    return Range(math.nextafter(low, 0.0), math.nextafter(high, math.inf))
