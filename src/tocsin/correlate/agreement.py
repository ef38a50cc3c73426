"""How far a guard model and people agree, and how much is missed: counts with honest intervals.

Agreement is Krippendorff's alpha for two coders and two values (Content Analysis, 4th ed., 12.3), with Cohen's
kappa beside it (1960), and the percentile interval of a bootstrap over the pairs. Shares have Wilson's interval
(1927; Brown, Cai, DasGupta 2001, who recommend it for small n).
"""

import msgspec
import numpy as np

from tocsin.kernel.intervals import wilson

RESAMPLES = 2_000
LEAST_PAIRS = 10
"""Below this an interval would pretend to know something."""


class Pairs(msgspec.Struct, frozen=True):
    """How often both, one, the other, neither found misuse in the same text."""

    both: int = 0
    guard_only: int = 0
    person_only: int = 0
    neither: int = 0

    @property
    def number(self) -> int:
        return self.both + self.guard_only + self.person_only + self.neither

    def __add__(self, other: "Pairs") -> "Pairs":
        return Pairs(
            self.both + other.both,
            self.guard_only + other.guard_only,
            self.person_only + other.person_only,
            self.neither + other.neither,
        )


class Agreement(msgspec.Struct, frozen=True):
    """`alpha` and `kappa` are None where one value alone was ever said; the interval where pairs are few."""

    pairs: Pairs
    kappa: float | None
    alpha: float | None
    low: float | None
    high: float | None


class Share(msgspec.Struct, frozen=True):
    """`number` of `of`, and the interval of 95 % in which the share lies. (0, 1) when nothing was looked at."""

    number: int
    of: int
    low: float
    high: float


def kappa(pairs: Pairs) -> float | None:
    """Cohen's kappa; None when chance alone explains everything."""
    number = pairs.number
    if not number:
        return None
    guard = (pairs.both + pairs.guard_only) / number
    person = (pairs.both + pairs.person_only) / number
    chance = guard * person + (1 - guard) * (1 - person)
    return None if chance == 1 else ((pairs.both + pairs.neither) / number - chance) / (1 - chance)


def alpha(pairs: Pairs) -> float | None:
    """Krippendorff's alpha, nominal, two coders, nothing missing; None when one value alone was ever said."""
    values = 2 * pairs.number
    ones = 2 * pairs.both + pairs.guard_only + pairs.person_only
    zeros = values - ones
    if not ones or not zeros:
        return None
    apart = pairs.guard_only + pairs.person_only
    return 1 - (values - 1) * apart / (ones * zeros)


def agreement(pairs: Pairs, rng: np.random.Generator) -> Agreement:
    """Both figures, and the bootstrap interval of alpha."""
    low = high = None
    value = alpha(pairs)
    if value is not None and pairs.number >= LEAST_PAIRS:
        cells = np.array([pairs.both, pairs.guard_only, pairs.person_only, pairs.neither])
        drawn = rng.multinomial(pairs.number, cells / cells.sum(), size=RESAMPLES)
        values = [alpha(Pairs(*map(int, row))) for row in drawn]
        known = np.array([one for one in values if one is not None])
        if len(known) >= RESAMPLES // 2:
            low, high = (round(float(end), 3) for end in np.percentile(known, (2.5, 97.5)))
    return Agreement(
        pairs=pairs,
        kappa=_rounded(kappa(pairs)),
        alpha=_rounded(value),
        low=low,
        high=high,
    )


def share(number: int, of: int) -> Share:
    """Wilson's interval of `number` of `of`."""
    low, high = wilson(number, of)
    return Share(number, of, low=low, high=high)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
