"""A campaign so thin that no node hears it alone, and a harmless crowd that all nodes have: for private sums.

Three new accounts a node repeat one text, reworded, and show one wallet that is the same everywhere. Beside them, at
every node, people who are new as well pass on one template; they have nothing in common but the text.
"""

import random
from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from tocsin.kernel import EventLine, Observable, ObservableType
from tocsin.sandbox.crowds import NO_SYNONYMS, template
from tocsin.sandbox.disguise import change_words
from tocsin.sandbox.grammar import grammar
from tocsin.sandbox.scenario import ANCHOR, MIN_CANARY_CHARS, PROFILES, SLICE_CHARS, later
from tocsin.sandbox.world import DAYS, Labelled, Mint, World

THIN = "thin-campaign"
CROWD = "passed-on"
SENTENCES = 4
ACCOUNTS = 3
"""At each node: below the least that rings by itself (`correlate.settings.MIN_ACTORS`)."""

COPIES = (3, 4)
CHANGED_WORDS = (0.04, 0.12)
SHOWN = 0.8
"""How likely a copy shows the wallet."""

CROWD_ACCOUNTS = (7, 10)
HOLDERS = (2, 3)


class Thin(msgspec.Struct, frozen=True):
    """Events to add to each node, by time; what is true of them; raw values that must not leave."""

    nodes: Mapping[str, tuple[EventLine, ...]]
    labels: Mapping[str, str]
    raw_values: tuple[str, ...]
    holders: tuple[str, ...]


def thin(rng: random.Random, now: datetime) -> Thin:
    """One such campaign, at two nodes or three, in the days before `now` (aware UTC)."""
    mint = Mint(rng)
    text, passed_on = template(rng, SENTENCES), template(rng, SENTENCES)
    wallet = Observable(ObservableType.WALLET, f"bc1q{mint.word(17)}")
    names = [profile.name for profile in PROFILES]
    holders = tuple(sorted(rng.sample(names, rng.randint(*HOLDERS)), key=names.index))
    nodes: dict[str, tuple[EventLine, ...]] = {}
    labels: dict[str, str] = {}
    raw: list[str] = []
    for profile in PROFILES:
        small = msgspec.structs.replace(profile, accounts=0, events=0)
        world = World(small, random.Random(rng.getrandbits(64)), mint, ANCHOR)  # noqa: S311  # an invented world
        _pass_on(world, passed_on)
        if profile.name in holders:
            sent = _repeat(world, text, wallet)
            raw += [value for line in sent for value in _raw(line)]
        events = sorted(world.events, key=_place)
        nodes[profile.name] = tuple(later(one.line, now - ANCHOR) for one in events)
        labels.update((one.line.id, one.label) for one in events)
    kept = dict.fromkeys(value for value in raw if len(value) >= MIN_CANARY_CHARS)
    return Thin(nodes, labels, tuple(kept), holders)


def _place(one: Labelled) -> tuple[datetime, str]:
    return one.line.time, one.line.id


def _repeat(world: World, text: str, wallet: Observable) -> list[EventLine]:
    rng, sent = world.rng, []
    begins = rng.uniform(4, 7)
    for _ in range(ACCOUNTS):
        first = world.start + timedelta(days=begins + rng.uniform(0, 1.5))
        account = world.account(created=first - timedelta(days=rng.uniform(0.1, 6)), lang="en")
        account = msgspec.structs.replace(account, payment=None)
        for at in range(rng.randint(*COPIES)):
            words = change_words(
                text.split(" "), rng.uniform(*CHANGED_WORDS), rng, NO_SYNONYMS, _fillers(rng)
            )
            shown = (wallet,) if at == 0 or rng.random() < SHOWN else ()
            when = world.moment(account, first, first + timedelta(days=2))
            copy = f"{' '.join(words)} {world.mint.word(6)}"
            sent.append(world.add(account, copy, when, THIN, extra=shown, lang="en"))
    return sent


def _pass_on(world: World, text: str) -> None:
    rng, day = world.rng, world.rng.uniform(3, 7)
    for _ in range(rng.randint(*CROWD_ACCOUNTS)):
        joined = world.start + timedelta(days=rng.uniform(max(day - 4, 0), day))
        account = msgspec.structs.replace(world.account(created=joined, lang="en"), payment=None)
        when = world.moment(
            account, world.start + timedelta(days=day), world.start + timedelta(days=DAYS - 1)
        )
        world.add(account, f"{text} {rng.choice(_fillers(rng))}", when, CROWD, lang="en")


def _fillers(rng: random.Random) -> tuple[str, ...]:
    return tuple(grammar("en").text(rng, kind) for kind in ("name", "place", "adjective"))


def _raw(line: EventLine) -> list[str]:
    pieces = [line.text[start : start + SLICE_CHARS] for start in (0, len(line.text) // 2)]
    return [*pieces, line.text.rsplit(" ", 1)[-1], line.actor, *(one.value for one in line.observables)]


def thin_seed(seed: int) -> str:
    """What the generator of this campaign is seeded with: not what the rest of the world is."""
    return f"thin {seed}"
