"""Two runs over the same items: who fails where the other does not; and many such questions at once."""

from collections.abc import Iterable, Mapping, Sequence
from math import exp, lgamma, log, sqrt

import msgspec

from tocsin.kernel.intervals import wilson


class Pairs(msgspec.Struct, frozen=True):
    """Items judged in both runs, each once. `only_first` failed in the first alone.

    `difference` is the first's rate of failures less the second's, with its 95 % interval; `p` is of the exact McNemar
    test (two-sided). Items that either run could not judge are left out and counted in `unpaired`.
    """

    both: int
    only_first: int
    only_second: int
    neither: int
    unpaired: int
    difference: float
    low: float
    high: float
    p: float


def compare_pairs(first: Mapping[str, bool | None], second: Mapping[str, bool | None]) -> Pairs:
    """Two runs, each item's id to whether it failed; None where it could not be judged.

    An item is one sample: of repeated generations give one, or their majority, for the test takes items as independent.
    """
    table = {(True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}
    unpaired = 0
    for item in first.keys() | second.keys():
        one, other = first.get(item), second.get(item)
        if one is None or other is None:
            unpaired += 1
        else:
            table[one, other] += 1
    both, only_first, only_second, neither = table.values()
    low, high = paired_interval(both, only_first, only_second, neither)
    total = both + only_first + only_second + neither
    return Pairs(
        both=both,
        only_first=only_first,
        only_second=only_second,
        neither=neither,
        unpaired=unpaired,
        difference=(only_first - only_second) / total if total else 0.0,
        low=low,
        high=high,
        p=mcnemar(only_first, only_second),
    )


def mcnemar(only_first: int, only_second: int) -> float:
    """The exact test, two-sided: each item that differs falls either way with probability one half."""
    differing, fewer = only_first + only_second, min(only_first, only_second)
    whole = lgamma(differing + 1) - differing * log(2)
    tail = sum(exp(whole - lgamma(k + 1) - lgamma(differing - k + 1)) for k in range(fewer + 1))
    return min(1.0, 2 * tail)


def paired_interval(both: int, only_first: int, only_second: int, neither: int) -> tuple[float, float]:
    """Of a difference of paired rates: Newcombe 1998, Statistics in Medicine 17:2635, method 10."""
    total = both + only_first + only_second + neither
    if not total:
        return -1.0, 1.0
    one, other = both + only_first, both + only_second
    low_one, high_one = wilson(one, total)
    low_other, high_other = wilson(other, total)
    product = one * (total - one) * other * (total - other)
    likeness = 0.0
    if product:
        crossed: float = both * neither - only_first * only_second
        if crossed > 0:  # the paper's correction of continuity, for positive association alone
            crossed = max(crossed - total / 2, 0.0)
        likeness = crossed / sqrt(product)
    first, second = one / total, other / total
    down_one, up_one = first - low_one, high_one - first
    down_other, up_other = second - low_other, high_other - second
    difference = first - second
    below = down_one**2 - 2 * likeness * down_one * up_other + up_other**2
    above = up_one**2 - 2 * likeness * up_one * down_other + down_other**2
    return difference - sqrt(max(0.0, below)), difference + sqrt(max(0.0, above))


def holm(probabilities: Sequence[float] | Iterable[float]) -> tuple[float, ...]:
    """Probabilities of many tests, adjusted (Holm 1979), in the order given: reject those at most the level."""
    given = tuple(probabilities)
    adjusted, highest = [0.0] * len(given), 0.0
    for rank, place in enumerate(sorted(range(len(given)), key=given.__getitem__)):
        highest = max(highest, min(1.0, (len(given) - rank) * given[place]))
        adjusted[place] = highest
    return tuple(adjusted)
