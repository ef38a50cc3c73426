"""Worlds to judge a watch by: one campaign in each of eight languages and spellings, among people and viral texts.

A world is one node's two weeks. What varies between campaigns is drawn so that every value meets every language: how
many accounts, what they share, how copies are disguised, and how much else goes viral. Written apart from the
detector's settings; the seeds that docs/evaluation-watch.md is made from were never used to choose any.
"""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import product

import msgspec

from tocsin.kernel import EventLine, Kind, Observable, ObservableType
from tocsin.sandbox import crowds
from tocsin.sandbox.disguise import change_words, disguise_as, manners_of
from tocsin.sandbox.grammar import grammar
from tocsin.sandbox.world import DAYS, Account, Labelled, Mint, Profile, World

LANGUAGES = ("en", "es", "fr", "ru", "mn", "ar", "zh", "zh-hant")
"""`zh` in simplified, `zh-hant` in traditional characters; Mongolian in Cyrillic. None of the traditional script: no
genuine sentences to write its grammar by were at hand."""

SPACELESS = frozenset({"zh", "zh-hant"})

EVENTS, ACCOUNTS = 4_000, 800
LASTS_DAYS = 4.5
COPIES = (2, 5)
COVER_POSTS = (0, 2)
CAMPAIGN_PREFIX = "campaign-"

_PROFILE = Profile(
    name="trial",
    kind=Kind.POST,
    sources=("feed", "messages"),
    models=(),
    events=EVENTS,
    accounts=ACCOUNTS,
    languages=dict.fromkeys(LANGUAGES, 1.0),
)


class Size(StrEnum):
    """Accounts of a campaign on this node."""

    SMALL = "5 to 7 accounts"
    LARGE = "12 to 20 accounts"


class Shared(StrEnum):
    """What the accounts of a campaign have in common besides the text."""

    OPERATED = "some from one device"
    LINKED = "domain, wallet, invitation"
    NOTHING = "nothing"


class Disguise(StrEnum):
    """How copies hide from a machine."""

    NONE = "none"
    LIGHT = "a quarter of the copies"
    HEAVY = "every copy, most words"


class Reworded(StrEnum):
    """How many words differ from copy to copy."""

    LITTLE = "5 to 20 % of the words"
    MUCH = "30 to 50 % of the words"


class Age(StrEnum):
    """How old the accounts are that a campaign uses."""

    NEW = "mostly new accounts"
    BOUGHT = "mostly old accounts"


class Virality(StrEnum):
    """What else many people write alike."""

    CALM = "one template"
    VIRAL = "a template in each language"


_ACCOUNTS = {Size.SMALL: (5, 7), Size.LARGE: (12, 20)}
_DISGUISED = {Disguise.NONE: (0.0, 0.0), Disguise.LIGHT: (0.25, 0.3), Disguise.HEAVY: (1.0, 0.7)}
"""Copies that are disguised, and of these the words."""

_CHANGED = {Reworded.LITTLE: (0.05, 0.20), Reworded.MUCH: (0.3, 0.5)}
_NEW = {Age.NEW: 0.85, Age.BOUGHT: 0.2}
_COMBINATIONS = tuple(product(Size, Shared, Disguise, Reworded, Age))
COMBINATIONS = len(_COMBINATIONS)
"""Worlds after which every language met every combination of what varies."""

_SHUFFLED = random.Random(0).sample(_COMBINATIONS, len(_COMBINATIONS))  # noqa: S311
_OPERATED_SHARE = 0.35
_LINK_SHARE = 0.6


class Trial(msgspec.Struct, frozen=True):
    """One campaign as it was drawn. `label` marks its events."""

    label: str
    language: str
    size: Size
    shared: Shared
    disguise: Disguise
    reworded: Reworded
    age: Age
    virality: Virality
    began: datetime


class TrialWorld(msgspec.Struct, frozen=True):
    """Events by time, the truth beside them by event id, and the campaigns among them."""

    lines: tuple[EventLine, ...]
    labels: Mapping[str, str]
    trials: tuple[Trial, ...]

    def events_of(self, trial: Trial) -> list[EventLine]:
        """The events of one campaign, by time; what its accounts write besides is not among them."""
        return [line for line in self.lines if self.labels[line.id] == trial.label]


def trial_world(seed: int, now: datetime) -> TrialWorld:
    """The world of a seed, of the DAYS days before `now` (aware UTC). Neighbouring seeds turn the factors on."""
    rng = random.Random(seed)  # noqa: S311  # an invented world
    mint = Mint(rng)
    world = World(_PROFILE, random.Random(rng.getrandbits(64)), mint, now)  # noqa: S311
    virality = tuple(Virality)[seed % 2]
    for language in LANGUAGES if virality is Virality.VIRAL else (LANGUAGES[seed // 2 % len(LANGUAGES)],):
        _viral(world, language)
    _crowds(world)
    trials = tuple(
        _campaign(world, language, virality, turn_of(seed, at)) for at, language in enumerate(LANGUAGES)
    )
    world.live(EVENTS)
    events: list[Labelled] = sorted(world.events, key=lambda one: (one.line.time, one.line.id))
    return TrialWorld(
        lines=tuple(one.line for one in events),
        labels={one.line.id: one.label for one in events},
        trials=trials,
    )


def turn_of(seed: int, at: int) -> int:
    """Which combination a language has in a world: over COMBINATIONS seeds in a row it meets each of them once."""
    return seed + at * (COMBINATIONS // len(LANGUAGES))


def _crowds(world: World) -> None:
    """People who do the same for harmless reasons."""
    rng = world.rng
    crowds.newsletter(world, accounts=12)
    crowds.petition(world, signers=rng.randint(25, 45), joined=rng.uniform(0.3, 0.5))
    crowds.office(world, people=20)
    crowds.referral(world, friends=10)
    crowds.homework(world, students=rng.randint(10, 16))


def _campaign(world: World, language: str, virality: Virality, turn: int) -> Trial:
    """Let one campaign happen. `turn` counts through every combination of what varies."""
    rng, mint = world.rng, world.mint
    size, shared, hidden, reworded, age = _SHUFFLED[turn % len(_SHUFFLED)]
    label = f"{CAMPAIGN_PREFIX}{language}"
    text = grammar(f"refund-{language}").text(rng)
    domains = tuple(f"{mint.word(5)}.example" for _ in range(2))
    bonds = (
        Observable(ObservableType.DOMAIN, domains[0]),
        Observable(ObservableType.WALLET, f"bc1q{mint.word(17)}"),
        Observable(ObservableType.INVITATION, f"join-{mint.word(5)}"),
    )
    device = f"dev-{rng.getrandbits(64):016x}"
    begins = rng.uniform(4.0, 8.0)
    sent: list[EventLine] = []
    for number in range(rng.randint(*_ACCOUNTS[size])):
        first = world.start + timedelta(days=rng.uniform(begins, min(begins + LASTS_DAYS, DAYS - 1.5)))
        new = first - timedelta(days=rng.uniform(0.05, 10)) if rng.random() < _NEW[age] else None
        operated = shared is Shared.OPERATED and (number < 2 or rng.random() < _OPERATED_SHARE)
        account = world.account(created=new, lang=language, device=device if operated else None)
        if new is None:
            account = msgspec.structs.replace(account, created=min(account.created, first))
        shown = bonds if shared is Shared.LINKED else ()
        for _ in range(rng.randint(*COPIES)):
            extra = tuple(one for one in shown if rng.random() < _LINK_SHARE)
            at = world.moment(account, first, first + timedelta(days=3))
            copied = _copy(
                text.replace("<domain>", rng.choice(domains)), language, hidden, _CHANGED[reworded], rng
            )
            sent.append(world.add(account, copied, at, label, extra=extra))
        for _ in range(rng.randint(*COVER_POSTS)):
            world.once(account, "cover")
    began = min(line.time for line in sent)
    return Trial(label, language, size, shared, hidden, reworded, age, virality, began)


def _copy(
    text: str, language: str, hidden: Disguise, changed: tuple[float, float], rng: random.Random
) -> str:
    """One copy: some words changed, perhaps disguised in a manner of its script."""
    words = change_words(text.split(" "), rng.uniform(*changed), rng, {}, _company(language, rng))
    copies, share = _DISGUISED[hidden]
    if rng.random() < copies:
        words = disguise_as(rng.choice(manners_of(words)), words, share, rng)
    return ("" if language in SPACELESS else " ").join(words)


def _company(language: str, rng: random.Random) -> Sequence[str]:
    """Words that come between, of the language's own ordinary life."""
    grown = grammar(language)
    return [grown.text(rng, rule) for rule in ("name", "place", "when", "adjective") if rule in grown.rules]


def _viral(world: World, language: str) -> None:
    """A text that people of one language copy for fun, half of them word for word; some joined because of it."""
    rng, grown = world.rng, grammar(language)
    clauses = [grown.text(rng, rng.choice(("opening", "middle"))) for _ in range(3)]
    text = ("" if language in SPACELESS else " ").join(clauses)
    day, copies = rng.uniform(2, 8), rng.randint(20, 70)
    joined = [
        world.account(
            created=world.start + timedelta(days=rng.uniform(max(0.0, day - 1), day + 2)), lang=language
        )
        for _ in range(copies // 8)
    ]
    world.accounts.extend(joined)
    weights = [account.weight for account in world.accounts]
    chosen: dict[str, Account] = {one.id: one for one in joined}
    chosen |= {one.id: one for one in rng.choices(world.accounts, weights=weights, k=copies)}
    for account in chosen.values():
        at = world.moment(account, world.start + timedelta(days=day), world.start + timedelta(days=day + 5))
        roll = rng.random()
        if roll >= 0.8:
            words = change_words(text.split(" "), rng.uniform(0.04, 0.2), rng, {}, _company(language, rng))
            world.add(account, " ".join(words), at, f"viral-{language}", lang=language)
        else:
            extra = f" {rng.choice(_company(language, rng))}" if roll >= 0.5 else ""
            world.add(account, text + extra, at, f"viral-{language}", lang=language)
