"""What nodes tell each other, as functions over the evidence that each has per text and day.

A regime has two channels. The local one is the same everywhere: a node's own score reaches a threshold, one lead
reviewer looks, the verdict is told to all. The joint one is what the regimes differ in. Refuses: thresholds of its own.
"""

from enum import StrEnum
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.sums_scoring import Counts, Scorer
from tocsin.correlate.dismissals import PEER_MARGIN
from tocsin.correlate.evidence import FLOOR, STRONG
from tocsin.correlate.look_back import LEAST_CORROBORATION
from tocsin.correlate.settings import MIN_ACTORS
from tocsin.sandbox.sums import DAYS, KINDS_SHARED, Component, World

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

LEAST_RAISED = 2
"""Accounts from which a node may raise a text; its score is at FLOOR at least."""

EPOCH = 7
RESOLUTION = 0.001
"""Scores are rounded to this. Caps make many of them the same, and no threshold lies within a heap: so each text has a
part of one step of its own, and every regime can have just the false alarms that it is given."""

NEVER = 10_000
"""A day that does not come."""


class Words(StrEnum):
    """What verdicts of people do at other nodes."""

    NONE = "none"
    CONFIRMED = "confirmed"
    BOTH = "confirmed and dismissed"


class Joint(StrEnum):
    NONE = "none"
    SIGHTINGS = "intersection of sightings"
    """Of every text that LEAST_RAISED accounts wrote, whatever speaks for or against them."""
    INTERSECTION = "intersection"
    """Of candidates: what a node would raise."""
    RAISE = "raise only"
    ANSWER = "raise and answer"
    POOLED = "pooled"


class Regime(msgspec.Struct, frozen=True):
    """`least` accounts below which nothing rings locally, and in all below which nothing rings jointly; `holders` with
    evidence are needed; `every` days there is a look. Noise is Laplace's, of a scale: on each count, or on the score
    clipped to [FLOOR, STRONG]."""

    name: str
    joint: Joint = Joint.NONE
    words: Words = Words.BOTH
    least: int = MIN_ACTORS
    holders: int = 2
    every: int = EPOCH
    score_noise: float = 0.0
    count_noise: float = 0.0


class Judged(NamedTuple):
    """A world with each node's own evidence: everything that no regime changes."""

    world: World
    score: F64
    """[pair, day]; -inf below LEAST_RAISED accounts."""
    raised: Bools
    heeds: Bools
    """[pair, day]: whether a peer's confirmed indicator would be corroborated here, as a look back demands."""
    starts: I64
    """By key: its first pair."""

    def local(self, least: int) -> F64:
        """The score where there are accounts enough to ring for."""
        return np.where(self.world.counts[:, :, Component.ACTORS] >= least, self.score, -np.inf)


class Offered(NamedTuple):
    """What the joint channel of a regime makes of a world."""

    days: I64
    score: F64
    """[key, look]: the joint score, -inf where nothing is computed."""
    heard: F64
    """[pair, look]: what the node rings by, -inf where it learns nothing."""


class Reach(NamedTuple):
    """The highest that each harmless text gets, which is all that false alarms depend on."""

    pair: F64
    key_of_pair: I64
    joint: F64
    node_days: int


def judge(world: World, scorer: Scorer, rng: np.random.Generator) -> Judged:
    """Each node's own evidence. `rng` tells equal scores apart."""
    counts = world.counts
    pairs = len(world.key)
    actors = counts[:, :, Component.ACTORS]
    there = actors >= LEAST_RAISED
    score = np.full((pairs, DAYS), -np.inf)
    known = np.zeros((pairs, DAYS))
    scored = scorer(counts[there])
    score[there], known[there] = scored
    return Judged(
        world=world,
        score=score + RESOLUTION * rng.random((pairs, 1)),
        raised=score >= FLOOR,
        heeds=(score >= FLOOR) & (known >= LEAST_CORROBORATION),
        starts=np.searchsorted(world.key, np.arange(world.keys)),
    )


def summed(world: World, counts: Counts, starts: I64) -> Counts:
    """[key, look, component] of [pair, look, component]: sums; of identifiers that differ by node the largest."""
    total = np.add.reduceat(counts, starts, axis=0)
    first = Component.PAYMENT
    largest = np.maximum.reduceat(counts[:, :, first:], starts, axis=0)
    follows = world.follows[:, None, : len(KINDS_SHARED)]
    total[:, :, first:] = np.where(follows, total[:, :, first:], largest)
    return total


def offer(judged: Judged, regime: Regime, scorer: Scorer, rng: np.random.Generator) -> Offered:
    """The joint channel. `rng` is for the noise, and tells equal scores apart."""
    world, starts = judged.world, judged.starts
    days = np.arange(regime.every - 1, DAYS, regime.every)
    keys = world.keys
    if regime.joint is Joint.NONE:
        return Offered(days[:0], np.zeros((keys, 0)), np.zeros((len(world.key), 0)))
    counts = world.counts[:, days].astype(np.int32)
    raised = judged.raised[:, days]
    there = counts[:, :, Component.ACTORS] > 0
    pooled = regime.joint is Joint.POOLED
    gives = raised if regime.joint in (Joint.RAISE, Joint.INTERSECTION) else there
    if regime.joint is Joint.SIGHTINGS:
        gives = counts[:, :, Component.ACTORS] >= LEAST_RAISED
    hears = there if pooled else raised
    held = np.add.reduceat(gives.astype(np.int64), starts, axis=0)
    asked = np.maximum.reduceat(hears, starts, axis=0)
    total = summed(world, np.where(gives[:, :, None], counts, 0), starts)
    open_ = asked & (held >= (1 if pooled else regime.holders))
    if regime.joint in (Joint.INTERSECTION, Joint.SIGHTINGS):
        # the bit says that enough nodes hold it, not how much they have: each rings by its own evidence
        own = judged.score[:, days]
        heard = np.where(raised & open_[world.key], own, -np.inf)
        return Offered(days, np.maximum.reduceat(heard, starts, axis=0), heard)
    open_ &= total[:, :, Component.ACTORS] >= regime.least
    cells = total[open_]
    if regime.count_noise:
        cells = noisy(cells, regime.count_noise, rng)
    values = scorer(cells).score
    if regime.score_noise:
        values = np.clip(values, FLOOR, STRONG) + rng.laplace(0, regime.score_noise, len(values))
    score = np.full((keys, len(days)), -np.inf)
    score[open_] = values
    score += RESOLUTION * rng.random((keys, 1))
    return Offered(days, score, np.where(hears, score[world.key], -np.inf))


def noisy(cells: Counts, scale: float, rng: np.random.Generator) -> Counts:
    """Counts with noise, made possible again: none below zero, none above the accounts that it is a part of."""
    told = np.maximum(np.round(cells + rng.laplace(0, scale, cells.shape)), 0).astype(np.int64)
    told[:, Component.ACTORS] = np.maximum(told[:, Component.ACTORS], 1)
    for part, whole in (
        *((one, Component.ACTORS) for one in Component if one is not Component.ACTORS),
        (Component.NEW, Component.KNOWN),
        (Component.DEVOTED, Component.BUSY),
        (Component.TOGETHER, Component.KNOWN),
    ):
        told[:, part] = np.minimum(told[:, part], told[:, whole])
    return told


def reach(judged: Judged, offered: Offered, least: int) -> Reach:
    world = judged.world
    harmless = world.campaign < 0
    pairs = harmless[world.key]
    number = np.cumsum(harmless) - 1
    joint = offered.score[harmless].max(axis=1, initial=-np.inf)
    return Reach(
        judged.local(least)[pairs].max(axis=1), number[world.key[pairs]], joint, world.setting.nodes * DAYS
    )


def false_alarms(reached: Reach, words: Words, local: float, joint: float) -> int:
    """Harmless texts that somebody is called for.

    Where dismissals are told: one dismissal quiets a text up to PEER_MARGIN above the threshold, two beyond, and none
    from STRONG on. Where they are not: each node is called for itself.
    """
    rings = reached.pair >= local
    if words is not Words.BOTH:
        return int(np.count_nonzero(rings))
    keys = len(reached.joint)
    above = reached.pair >= min(local + PEER_MARGIN, STRONG)
    strong = reached.pair >= max(local, STRONG)
    called = np.minimum(np.bincount(reached.key_of_pair, rings, keys), 1)
    called = np.maximum(called, np.minimum(np.bincount(reached.key_of_pair, above & rings, keys), 2))
    called = np.maximum(called, np.bincount(reached.key_of_pair, strong, keys))
    return int(np.maximum(called, reached.joint >= joint).sum())


class Outcome(NamedTuple):
    """By campaign: when it was found anywhere (NEVER if not), from its first copy; and the share of harm before."""

    days: F64
    harm: F64


def live(judged: Judged, offered: Offered, regime: Regime, local: float, joint: float) -> Outcome:
    """What becomes of the campaigns of a world."""
    world = judged.world
    every = world.campaign[world.key]
    pairs = np.flatnonzero(every >= 0)
    of, key = every[pairs], world.key[pairs]
    days = np.arange(DAYS)
    found = _first(judged.local(regime.least)[pairs] >= local, days)
    if offered.days.size:
        found = np.minimum(found, _first(offered.heard[pairs] >= joint, offered.days))
    if regime.words is not Words.NONE:
        told = np.full(world.keys, NEVER)
        np.minimum.at(told, key, found)
        heeds = judged.heeds[pairs] & (days[None, :] >= told[key][:, None])
        found = np.minimum(found, _first(heeds, days))
    number = world.setting.campaigns
    uses = world.uses[pairs]
    before = np.bincount(of, np.where(days[None, :] <= found[:, None], uses, 0).sum(axis=1), number)
    everything = np.bincount(of, uses.sum(axis=1), number)
    began = np.full(number, NEVER)
    np.minimum.at(began, of, _first(uses > 0, days))
    first = np.full(number, NEVER)
    np.minimum.at(first, of, found)
    taken = np.where(first < NEVER, np.maximum(first - began, 0), NEVER)
    return Outcome(taken.astype(np.float64), before / np.maximum(everything, 1))


def _first(hit: Bools, days: I64) -> I64:
    """By row: the first day on which it is so."""
    return np.where(hit.any(axis=1), days[hit.argmax(axis=1)], NEVER)
