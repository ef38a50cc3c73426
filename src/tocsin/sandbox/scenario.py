"""Two weeks on three nodes, with one campaign, many harmless crowds, the truth, and planted canaries.

The world is invented; see docs/demo.md for what it holds, what it leaves out, and what was changed in it after the
detector was seen.
"""

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec

from tocsin.kernel import EventLine, Kind
from tocsin.sandbox import campaign, crowds
from tocsin.sandbox.world import DAYS, Labelled, Mint, Profile, World

CAMPAIGN = campaign.LABEL

ANCHOR = datetime(2026, 3, 17, 15, 30, tzinfo=UTC)
"""Worlds are invented before this moment: a draw that depended on the clock would make another world each second."""

NODE_NAMES = ("platform", "lab", "institute")

PROFILES = (
    Profile(
        name="platform",
        kind=Kind.POST,
        sources=("platform-feed", "platform-messages"),
        models=(),
        events=5000,
        accounts=850,
        languages={"en": 0.5, "zh": 0.15, "es": 0.12, "de": 0.08, "fr": 0.06, "ru": 0.06, "ar": 0.03},
    ),
    Profile(
        name="lab",
        kind=Kind.MODEL_CALL,
        sources=("lab-chat", "lab-api"),
        models=("aurora-2", "aurora-2-mini"),
        events=3200,
        accounts=520,
        languages={"en": 0.55, "zh": 0.2, "es": 0.08, "de": 0.07, "fr": 0.05, "ru": 0.05},
    ),
    Profile(
        name="institute",
        kind=Kind.MODEL_CALL,
        sources=("institute-portal",),
        models=("civic-1",),
        events=1200,
        accounts=220,
        languages={"en": 0.5, "zh": 0.2, "fr": 0.15, "de": 0.15},
    ),
)

BENIGN_CANARIES = 60
"""Ordinary events a node in which canaries are planted; of the campaign every value is one."""

SLICE_CHARS = 24
"""Length of the pieces of campaign text that count as raw: a snippet leaks as well as a whole text."""

MIN_CANARY_CHARS = 10


class CanaryKind(StrEnum):
    TEXT = "text"
    ACTOR = "actor"
    OBSERVABLE = "observable"


class Canary(msgspec.Struct, frozen=True):
    """A raw value that must not leave its node. `value` occurs in nothing but the events of this scenario."""

    value: str
    kind: CanaryKind
    node: str
    campaign: bool


class Scenario(msgspec.Struct, frozen=True):
    """Events by node, by time; `labels` (event id → truth) lies beside them."""

    nodes: Mapping[str, tuple[EventLine, ...]]
    labels: Mapping[str, str]
    canaries: tuple[Canary, ...]

    def campaign_events(self, node: str) -> frozenset[str]:
        """Ids of the campaign's events on one node."""
        return frozenset(line.id for line in self.nodes[node] if self.labels[line.id] == CAMPAIGN)

    def campaign_actors(self, node: str) -> frozenset[str]:
        """Raw actors of the campaign on one node."""
        return frozenset(line.actor for line in self.nodes[node] if self.labels[line.id] == CAMPAIGN)


def generate(rng: random.Random, now: datetime, *, scale: float = 1.0) -> Scenario:
    """A scenario of the DAYS days before `now` (aware UTC). `scale` multiplies ordinary life only.

    One seed is one world, whenever it is made: it is invented before ANCHOR and moved to before `now`.
    """
    world = _invented(rng, scale)
    by = now - ANCHOR
    moved = {name: tuple(later(line, by) for line in lines) for name, lines in world.nodes.items()}
    return msgspec.structs.replace(world, nodes=moved)


def later(line: EventLine, by: timedelta) -> EventLine:
    created = None if line.actor_created is None else line.actor_created + by
    return msgspec.structs.replace(line, time=line.time + by, actor_created=created)


def _invented(rng: random.Random, scale: float) -> Scenario:
    mint = Mint(rng)
    plan = campaign.plan(rng, mint)
    shared_meme = crowds.template(rng, 3)
    nodes: dict[str, tuple[EventLine, ...]] = {}
    labels: dict[str, str] = {}
    canaries: list[Canary] = []
    for profile in PROFILES:
        sized = msgspec.structs.replace(profile, events=int(profile.events * scale))
        world = World(sized, random.Random(rng.getrandbits(64)), mint, ANCHOR)  # noqa: S311  # an invented world
        _crowds(world, shared_meme)
        canaries += _plant_benign(world)
        sent = campaign.run(plan, world)
        world.live(sized.events)
        canaries += _raw_values(profile.name, sent, in_campaign=True)
        canaries += _slices(profile.name, sent)
        events = sorted(world.events, key=lambda labelled: (labelled.line.time, labelled.line.id))
        nodes[profile.name] = tuple(labelled.line for labelled in events)
        labels.update((labelled.line.id, labelled.label) for labelled in events)
    unique = {canary.value: canary for canary in canaries if len(canary.value) >= MIN_CANARY_CHARS}
    return Scenario(nodes=nodes, labels=labels, canaries=tuple(unique.values()))


def _crowds(world: World, shared_meme: str) -> None:
    """The harmless crowds of one kind of node."""
    {"platform": _platform_crowds, "lab": _lab_crowds, "institute": _institute_crowds}[world.profile.name](
        world, shared_meme
    )


def _platform_crowds(world: World, shared_meme: str) -> None:
    rng = world.rng
    copies = rng.randint(50, 80)
    crowds.meme(world, shared_meme, "meme-shared", copies=copies, joined=6, day=rng.uniform(2, 8))
    second = crowds.template(rng, 2)
    crowds.meme(world, second, "meme", copies=rng.randint(25, 45), joined=3, day=rng.uniform(1, 9))
    crowds.newsletter(world, accounts=14)
    crowds.petition(world, signers=rng.randint(35, 55), joined=rng.uniform(0.3, 0.5))
    crowds.office(world, people=25)
    crowds.referral(world, friends=12)
    crowds.homework(world, students=rng.randint(10, 16))


def _lab_crowds(world: World, shared_meme: str) -> None:
    rng = world.rng
    copies = rng.randint(20, 35)
    crowds.meme(world, shared_meme, "meme-shared", copies=copies, joined=2, day=rng.uniform(3, 8))
    prompt = crowds.template(rng, 3)
    crowds.meme(world, prompt, "meme", copies=rng.randint(20, 40), joined=4, day=rng.uniform(1, 9))
    crowds.stock_phrase(world, accounts=40)
    crowds.app(world, accounts=45)
    crowds.homework(world, students=rng.randint(18, 26))
    crowds.petition(world, signers=rng.randint(6, 12), joined=rng.uniform(0.3, 0.5))


def _institute_crowds(world: World, shared_meme: str) -> None:
    rng = world.rng
    copies = rng.randint(8, 14)
    crowds.meme(world, shared_meme, "meme-shared", copies=copies, joined=1, day=rng.uniform(4, 8))
    crowds.office(world, people=15)
    crowds.petition(world, signers=rng.randint(6, 12), joined=rng.uniform(0.3, 0.5))


def _plant_benign(world: World) -> list[Canary]:
    """Ordinary events whose text carries a reference word, with their actors and identifiers."""
    sent = []
    for account in world.rng.sample(world.accounts, BENIGN_CANARIES):
        text = f"{world.ordinary_text(account)} {world.mint.word(6)}"
        sent.append(world.add(account, text, world.moment(account), "ordinary"))
    return _raw_values(world.profile.name, sent, in_campaign=False)


def _raw_values(node: str, lines: list[EventLine], *, in_campaign: bool) -> list[Canary]:
    """Reference word (the last of the text), actor and observables of each line."""
    found = []
    for line in lines:
        found.append(Canary(line.text.rsplit(" ", 1)[-1], CanaryKind.TEXT, node, in_campaign))
        found.append(Canary(line.actor, CanaryKind.ACTOR, node, in_campaign))
        found += [Canary(one.value, CanaryKind.OBSERVABLE, node, in_campaign) for one in line.observables]
    return found


def _slices(node: str, lines: list[EventLine]) -> list[Canary]:
    """Pieces from the start and the middle of each campaign text."""
    return [
        Canary(line.text[start : start + SLICE_CHARS], CanaryKind.TEXT, node, True)
        for line in lines
        for start in (0, len(line.text) // 2)
        if start + SLICE_CHARS <= len(line.text)
    ]


def to_json_line(line: EventLine) -> bytes:
    """The line as the contract for scripts has it, without a line end; absent fields are left out."""
    fields: dict[str, Any] = msgspec.to_builtins(line)
    kept = {name: value for name, value in fields.items() if value not in (None, [], {}, ())}
    return msgspec.json.encode(kept)


__all__ = [
    "CAMPAIGN",
    "DAYS",
    "NODE_NAMES",
    "Canary",
    "CanaryKind",
    "Labelled",
    "Scenario",
    "generate",
    "to_json_line",
]
