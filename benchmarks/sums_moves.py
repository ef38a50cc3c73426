"""How far one account moves a joint score: taken away where it is, or made up by a liar where it is not."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.sums_regimes import EPOCH, Joint, Judged, Regime, judge, offer, summed
from benchmarks.sums_scoring import Scorer
from tocsin.correlate.evidence import FLOOR, STRONG
from tocsin.sandbox.sums import COMPONENTS, DAYS, Setting, world

F64 = npt.NDArray[np.float64]
A_WORLD = 400
"""Texts and epochs drawn from each world."""


class Moves(NamedTuple):
    """Absolute changes of a clipped score, and how many harmless texts a node raises a day."""

    removed: F64
    added: F64
    raised: float


def moves(setting: Setting, seeds: Iterable[int], scorer: Scorer) -> Moves:
    """Over the sums of raise and answer with two holders, as they are before any noise."""
    removed, added, raised, node_days = [], [], 0, 0
    for seed in seeds:
        rng = np.random.default_rng((seed, 2))
        judged = judge(world(setting, seed), scorer, rng)
        one, other = _of(judged, scorer, rng)
        removed.append(one)
        added.append(other)
        harmless = judged.world.campaign[judged.world.key] < 0
        raised += int(judged.raised[harmless].any(axis=1).sum())
        node_days += setting.nodes * DAYS
    return Moves(np.concatenate(removed), np.concatenate(added), raised / node_days)


def _of(judged: Judged, scorer: Scorer, rng: np.random.Generator) -> tuple[F64, F64]:
    made = judged.world
    days = np.arange(EPOCH - 1, DAYS, EPOCH)
    offered = offer(judged, Regime("", Joint.ANSWER), scorer, rng)
    keys, looks = np.nonzero(np.isfinite(offered.score))
    if not len(keys):
        return np.zeros(0), np.zeros(0)
    drawn = rng.integers(0, len(keys), A_WORLD)
    before, removed, added = (np.zeros((A_WORLD, COMPONENTS), np.int64) for _ in range(3))
    key_of_actor = made.key[made.actor_pair]
    for at, place in enumerate(drawn.tolist()):
        key, day = keys[place], days[looks[place]]
        begin, end = made.actor_days[:, 0], made.actor_days[:, 1]
        there = np.flatnonzero((key_of_actor == key) & (begin <= day) & (day < end))
        actor = int(rng.choice(there))
        first = judged.starts[key]
        last = judged.starts[key + 1] if key + 1 < made.keys else len(made.key)
        counts = made.counts[first:last, day][:, None].astype(np.int64)
        part = made._replace(follows=made.follows[key : key + 1])
        start = np.zeros(1, np.int64)
        before[at] = summed(part, counts, start)[0, 0]
        less, more = counts.copy(), counts.copy()
        less[made.actor_pair[actor] - first, 0] -= made.actor_traits[actor]
        more[made.actor_pair[actor] - first, 0] += 1
        removed[at] = summed(part, less, start)[0, 0]
        added[at] = summed(part, more, start)[0, 0]
    held, left, lied = (np.clip(scorer(one).score, FLOOR, STRONG) for one in (before, removed, added))
    return np.abs(left - held), np.abs(lied - held)
