"""One world: which texts are repeated at which nodes, and what is countable of their accounts on each day."""

from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from tocsin.kernel.sums import COMPONENTS, KINDS_SHARED, Component
from tocsin.sandbox.sums.kinds import (
    BENIGN,
    CAMPAIGN,
    COORDINATED,
    HOUSEHOLD,
    Crowd,
    Trait,
)

DAYS = 70
WINDOW_DAYS = 14
"""An account counts from its first copy until a fortnight after its last."""

WRITES_DAYS = 6
MAX_ACTORS = 60
"""Accounts of one text at one node, at most: what a protocol would clip a count to."""

CAMPAIGN_STARTS = 35
"""Days in which campaigns begin, so that each has time to be found."""

BUSY = 0.7
DATED = 0.9
COPIES = (2, 5)
LIKENESS = 8.0
"""How alike the nodes' accounts of one text are (concentration of a node's share about the text's own)."""

OWN_WORDING = 0.15
"""Share of (campaign, node) whose text is reworded or translated beyond what a fingerprint ties to the others."""

I16 = npt.NDArray[np.int16]
I64 = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class Setting(msgspec.Struct, frozen=True):
    """What a world is drawn by. `reuse`: the chance that an identifier of a campaign is the same at all its nodes."""

    name: str
    nodes: int = 5
    campaigns: int = 30
    same_text: bool = True
    reuse: float = 0.6
    features: bool = True
    """Whether sources report anything of accounts: dates, activity, flags, identifiers."""
    size: float = CAMPAIGN.size
    """Median accounts of a campaign at a node."""
    plain: bool = False
    """Campaign accounts look like anybody's: old, busy with other things, never flagged."""
    coordinated: float = 1.0
    """How many times as many harmless groups that act together."""
    households: float = 1.0
    """How many times as many households."""
    on_many: float = 0.02
    """Share of harmless people who are at another node too, under the same address."""


class World(NamedTuple):
    """Pairs of a text (key) and a node, ordered by key; `counts[pair, day, component]`."""

    setting: Setting
    key: I64
    node: I64
    counts: I16
    uses: npt.NDArray[np.int32]
    """[pair, day]: copies written on that day."""
    campaign: I64
    """By key: the number of its campaign, or -1. Texts that were reworded at a node are keys of the same campaign."""
    kind: I64
    """By key: its place in BENIGN, or -1."""
    follows: Bools
    """[key, type of identifier]: whether the shared identifier is the same at every node, and so adds up."""
    actor_pair: I64
    actor_days: I64
    """[actor, 2]: first day that counts, and the first that does not any more."""
    actor_traits: npt.NDArray[np.bool_]
    """[actor, component]: what this account adds to the counts of its pair."""

    @property
    def keys(self) -> int:
        return len(self.campaign)


class _Parts(NamedTuple):
    key: list[I64]
    node: list[I64]
    first: list[I64]
    traits: list[Bools]


def world(setting: Setting, seed: int) -> World:
    """The world of a seed; the same seed and setting give the same world."""
    rng = np.random.default_rng((seed, setting.nodes))
    parts = _Parts([], [], [], [])
    campaign: list[int] = []
    kind: list[int] = []
    follows: list[Bools] = []

    def add(crowd: Crowd, nodes: I64, begins: float, same: Bools, label: tuple[int, int]) -> None:
        """One key over its nodes."""
        drawn = [(node, *_accounts(crowd, setting, begins, rng, label[0] >= 0)) for node in nodes.tolist()]
        if label[0] < 0 and len(nodes) > 1:
            _on_many(drawn, setting, rng)
        for node, first, traits in drawn:
            parts.key.append(np.full(len(first), len(campaign)))
            parts.node.append(np.full(len(first), node))
            parts.first.append(first)
            parts.traits.append(traits)
        campaign.append(label[0])
        kind.append(label[1])
        follows.append(same)

    nodes = setting.nodes
    for at, crowd in enumerate(BENIGN):
        expected = 1 + (nodes - 1) * crowd.spread
        rate = crowd.rate * {COORDINATED: setting.coordinated, HOUSEHOLD: setting.households}.get(
            crowd.name, 1.0
        )
        for _ in range(rng.poisson(rate * nodes / expected * (DAYS + WINDOW_DAYS) / 7)):
            where = _where(nodes, crowd.spread, rng)
            same = np.full(len(KINDS_SHARED), crowd.follows)
            same[2] = True  # one person under one address at several nodes
            add(_look(crowd, rng), where, rng.uniform(-WINDOW_DAYS, DAYS), same, (-1, at))
    for number in range(setting.campaigns):
        where = _where(nodes, CAMPAIGN.spread, rng)
        same = rng.random(len(KINDS_SHARED)) < setting.reuse
        begins = rng.uniform(0, CAMPAIGN_STARTS)
        apart = rng.random(len(where)) < (OWN_WORDING if setting.same_text else 2.0)
        drawn = _look(_campaign(setting), rng)
        if not apart.all():
            add(drawn, where[~apart], begins, same, (number, -1))
        for node in where[apart]:
            add(drawn, np.array([node]), begins, same, (number, -1))
    return _counted(setting, parts, np.array(campaign), np.array(kind), np.array(follows), rng)


def _where(nodes: int, spread: float, rng: np.random.Generator) -> I64:
    """Its first node, and each other by chance."""
    there = rng.random(nodes) < spread
    there[rng.integers(nodes)] = True
    return np.flatnonzero(there)


def _campaign(setting: Setting) -> Crowd:
    crowd = CAMPAIGN._replace(size=setting.size)
    if not setting.plain:
        return crowd
    return crowd._replace(
        new=Trait(0.1), devoted=Trait(0.1), flagged=Trait(0.03, 3.0), evading=Trait(0.02, 3.0), together=0.05
    )


def _look(crowd: Crowd, rng: np.random.Generator) -> Crowd:
    """What one text's people have in common at all its nodes: a fandom that is new here is new there too.

    Without this, that two nodes both find a crowd remarkable would prove far more than it does.
    """
    payment, device, email, invitation, domain = (
        one._replace(crowds=1.0 if rng.random() < one.crowds else 0.0) for one in crowd.shared()
    )
    new, devoted, flagged, evading = (
        Trait(float(np.clip(_share(trait, rng), 0.001, 0.999)), LIKENESS)
        for trait in (crowd.new, crowd.devoted, crowd.flagged, crowd.evading)
    )
    return crowd._replace(
        new=new,
        devoted=devoted,
        flagged=flagged,
        evading=evading,
        payment=payment,
        device=device,
        email=email,
        invitation=invitation,
        domain=domain,
    )


def _share(trait: Trait, rng: np.random.Generator) -> float:
    return float(rng.beta(trait.mean * trait.concentration, (1 - trait.mean) * trait.concentration))


def _accounts(
    crowd: Crowd, setting: Setting, begins: float, rng: np.random.Generator, campaign: bool
) -> tuple[I64, Bools]:
    """The accounts of one text at one node: first day of each, and its traits [account, component]."""
    median = crowd.size if campaign else max(crowd.size, 2)
    number = int(np.clip(round(rng.lognormal(np.log(median), crowd.skew)), 2, MAX_ACTORS))
    # a fashion rises and fades; a campaign goes on evenly
    when = rng.uniform(0, 1, number) if campaign else rng.beta(1.6, 4, number)
    first = np.floor(begins + when * crowd.days).astype(np.int64)
    traits = np.zeros((number, COMPONENTS), np.bool_)
    traits[:, Component.ACTORS] = True
    draws = rng.random((number, COMPONENTS))
    if not setting.features:
        return first, traits
    traits[:, Component.KNOWN] = draws[:, Component.KNOWN] < DATED
    traits[:, Component.BUSY] = draws[:, Component.BUSY] < BUSY
    for component, trait in (
        (Component.NEW, crowd.new),
        (Component.DEVOTED, crowd.devoted),
        (Component.FLAGGED, crowd.flagged),
        (Component.EVADING, crowd.evading),
    ):
        traits[:, component] = draws[:, component] < _share(trait, rng)
    traits[:, Component.NEW] &= traits[:, Component.KNOWN]
    traits[:, Component.DEVOTED] &= traits[:, Component.BUSY]
    traits[:, Component.TOGETHER] = (draws[:, Component.TOGETHER] < crowd.together) & traits[
        :, Component.KNOWN
    ]
    traits[:, Component.WITHIN] = draws[:, Component.WITHIN] < crowd.within
    for at, shared in enumerate(crowd.shared()):
        if rng.random() < shared.crowds:
            holding = draws[:, Component.PAYMENT + at] < shared.accounts
            traits[:, Component.PAYMENT + at] = holding
    return first, traits


def _on_many(drawn: list[tuple[int, I64, Bools]], setting: Setting, rng: np.random.Generator) -> None:
    """Harmless people who are at several nodes: the one who is at most of them is the address that most share."""
    if not setting.features:
        return
    met = rng.binomial(sum(len(first) for _, first, _ in drawn), setting.on_many)
    if not met:
        return
    more = int(rng.geometric(0.6, met).max())
    for at in rng.permutation(len(drawn))[: 1 + more].tolist():
        _, first, traits = drawn[at]
        if not traits[:, Component.EMAIL].any():
            traits[rng.integers(len(first)), Component.EMAIL] = True


def _counted(
    setting: Setting, parts: _Parts, campaign: I64, kind: I64, follows: Bools, rng: np.random.Generator
) -> World:
    """Counts of each pair and day from its accounts."""
    lengths = [len(one) for one in parts.first]
    pair = np.repeat(np.arange(len(lengths)), lengths)
    first, traits = np.concatenate(parts.first), np.concatenate(parts.traits)
    last = first + WRITES_DAYS + WINDOW_DAYS
    changes = np.zeros((len(lengths), DAYS + 1, COMPONENTS), np.int16)
    begin, end = np.clip(first, 0, DAYS), np.clip(last, 0, DAYS)
    np.add.at(changes, (pair, begin), traits.astype(np.int16))
    np.subtract.at(changes, (pair, end), traits.astype(np.int16))
    uses = np.zeros((len(lengths), DAYS + WRITES_DAYS + 1), np.int32)
    copies = rng.integers(COPIES[0], COPIES[1], len(first), endpoint=True)
    for turn in range(COPIES[1]):
        writing = (turn < copies) & (first >= 0)
        day = first[writing] + (rng.integers(0, WRITES_DAYS, int(writing.sum())) if turn else 0)
        np.add.at(uses, (pair[writing], np.minimum(day, DAYS)), 1)
    return World(
        setting=setting,
        key=np.array([int(one[0]) for one in parts.key]),
        node=np.array([int(one[0]) for one in parts.node]),
        counts=np.cumsum(changes, axis=1, dtype=np.int16)[:, :DAYS],
        uses=uses[:, :DAYS],
        campaign=campaign,
        kind=kind,
        follows=follows,
        actor_pair=pair,
        actor_days=np.column_stack((begin, end)),
        actor_traits=traits,
    )
