"""The same items judged again: how many flip, and whether the judge moved."""

from collections.abc import Mapping, Sequence

import msgspec

from tocsin.evaluate.statistics.pairs import Pairs, compare_pairs
from tocsin.evaluate.statistics.rates import rate
from tocsin.kernel.evaluations import Rate


class Repeats(msgspec.Struct, frozen=True):
    """`flips`: of the items judged twice at least, the share that did not come out the same each time.

    `drift` sets the last run against the first: flips both ways are noise, flips one way are a judge that moved.
    `runs` are the rates of failures run by run. `once` counts items judged less than twice.
    """

    flips: Rate
    runs: tuple[Rate, ...]
    drift: Pairs
    once: int


def repeats(runs: Sequence[Mapping[str, bool | None]]) -> Repeats:
    """Runs in their order, each item's id to whether it failed; None where it could not be judged.

    Raises ValueError for fewer than two runs.
    """
    if len(runs) < 2:
        raise ValueError("one run repeats nothing")
    flipped = judged = once = 0
    for item in {item for run in runs for item in run}:
        said = [outcome for run in runs if (outcome := run.get(item)) is not None]
        if len(said) < 2:
            once += 1
            continue
        judged += 1
        flipped += len(set(said)) > 1
    return Repeats(
        flips=rate(flipped, judged),
        runs=tuple(_rate(run) for run in runs),
        drift=compare_pairs(runs[-1], runs[0]),
        once=once,
    )


def _rate(run: Mapping[str, bool | None]) -> Rate:
    judged = [outcome for outcome in run.values() if outcome is not None]
    return rate(sum(judged), len(judged))
