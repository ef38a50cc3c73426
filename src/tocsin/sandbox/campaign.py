"""The campaign: a harmless stand-in, a "lottery refund" that recruits people to pass it on.

Each copy has 5 to 20 % of its words changed, about a quarter of the copies are disguised, most accounts are
new and do little else, and some of them share a wallet, a domain, an invitation or a device.
"""

import random
from datetime import datetime, timedelta

import msgspec

from tocsin.kernel import EventLine, Kind, Observable, ObservableType
from tocsin.sandbox.disguise import change_words, disguise
from tocsin.sandbox.grammar import grammar
from tocsin.sandbox.world import DAYS, Mint, World, address_prefix

LABEL = "campaign"
COVER = "cover"
"""What a campaign account writes besides: ordinary texts, to look like somebody."""

CHANGED_WORDS = (0.05, 0.20)
DISGUISED_COPIES = 0.25
LANGUAGES = {"en": 0.7, "es": 0.15, "zh": 0.15}

SYNONYMS = {
    "money": ("cash", "funds"),
    "friends": ("people", "contacts"),
    "helpers": ("volunteers", "partners"),
    "player": ("person", "buyer"),
    "players": ("people", "buyers"),
    "refund": ("repayment", "return"),
    "week": ("month", "day"),
    "share": ("part", "cut"),
    "need": ("want", "seek"),
    "short": ("brief", "simple"),
    "desk": ("counter", "team"),
    "amigos": ("conocidos", "vecinos"),
    "ayudantes": ("voluntarios", "socios"),
    "jugador": ("comprador", "cliente"),
    "朋友": ("熟人", "同伴"),
    "帮手": ("伙伴", "志愿者"),
    "玩家": ("买家", "彩民"),
}
FILLERS = {
    "en": ("really", "now", "today", "dear", "just", "simply", "kindly", "soon", "quickly", "truly"),
    "es": ("ahora", "hoy", "pronto", "mismo", "simplemente", "querido", "rápido", "ya"),
    "zh": ("真的", "现在", "今天", "赶快", "其实", "马上", "大家", "请"),
}


class Strength(msgspec.Struct, frozen=True):
    """How much of the campaign a node sees. Ranges are inclusive."""

    accounts: tuple[int, int]
    new: float
    copies: tuple[int, int]
    cover: tuple[int, int]
    observables: float
    """How likely a copy carries each shared identifier that its account has."""
    kinds: tuple[ObservableType, ...]
    """What the node's source sees of what accounts share in their texts and on joining."""
    operated: int
    """How many accounts at least one operator runs: from one device, paid for (where one pays) in one way."""
    start_day: tuple[float, float]


_SEEN = (ObservableType.DOMAIN, ObservableType.WALLET, ObservableType.INVITATION)

STRENGTHS = {
    "platform": Strength((12, 20), 0.85, (2, 5), (0, 2), 0.5, _SEEN, 3, (5.0, 8.0)),
    "lab": Strength((3, 4), 0.85, (1, 3), (0, 2), 0.5, _SEEN[:1], 2, (6.0, 9.0)),
    "institute": Strength((0, 1), 0.85, (1, 2), (1, 4), 0.3, _SEEN[:1], 0, (7.0, 10.0)),
}
OPERATED_BESIDES = 0.35
"""How likely each further account also comes from one of the operators' devices."""


class Plan(msgspec.Struct, frozen=True):
    """What one campaign has in common on every node."""

    language: str
    text: str
    wallets: tuple[str, ...]
    domains: tuple[str, ...]
    invitation: str
    devices: tuple[str, ...]
    payment: str
    prefixes: tuple[str, ...]


def plan(rng: random.Random, mint: Mint) -> Plan:
    """A campaign, drawn."""
    language = rng.choices(tuple(LANGUAGES), weights=tuple(LANGUAGES.values()))[0]
    return Plan(
        language=language,
        text=grammar(f"refund-{language}").text(rng),
        wallets=tuple(f"bc1q{mint.word(17)}" for _ in range(2)),
        domains=tuple(f"{mint.word(5)}.example" for _ in range(2)),
        invitation=f"join-{mint.word(5)}",
        devices=tuple(f"dev-{rng.getrandbits(64):016x}" for _ in range(4)),
        payment=f"pay{mint.word(5)}",
        prefixes=tuple(address_prefix(rng) for _ in range(3)),
    )


def copy(plan: Plan, rng: random.Random, domain: str, canary: str) -> str:
    """One copy of the text: words changed, perhaps disguised, a reference word of its own at the end."""
    words = plan.text.replace("<domain>", domain).split(" ")
    words = change_words(words, rng.uniform(*CHANGED_WORDS), rng, SYNONYMS, FILLERS[plan.language])
    if rng.random() < DISGUISED_COPIES:
        words = disguise(words, rng.uniform(0.15, 0.4), rng)
    text = ("" if plan.language == "zh" else " ").join(words)
    return f"{text} {canary}"


def _identifiers(plan: Plan, world: World, kinds: tuple[ObservableType, ...]) -> tuple[Observable, ...]:
    """The shared identifiers one account may show; it has each kind only in part of the cases."""
    rng = world.rng
    offered = (
        Observable(ObservableType.DOMAIN, rng.choice(plan.domains)),
        Observable(ObservableType.WALLET, rng.choice(plan.wallets)),
        Observable(ObservableType.INVITATION, plan.invitation),
    )
    return tuple(one for one in offered if rng.random() < 0.6 and one.type in kinds)


def _device(plan: Plan, rng: random.Random, number: int, operated: int) -> str | None:
    """The operators' first device for the first accounts, one of them or none for the others."""
    if number < operated:
        return plan.devices[0]
    return rng.choice(plan.devices) if rng.random() < OPERATED_BESIDES else None


def run(plan: Plan, world: World) -> list[EventLine]:
    """Let the campaign happen on one node; returns its events (cover posts are not among them)."""
    rng = world.rng
    strength = STRENGTHS[world.profile.name]
    begins = rng.uniform(*strength.start_day)
    sent: list[EventLine] = []
    for number in range(rng.randint(*strength.accounts)):
        first = world.start + timedelta(days=rng.uniform(begins, min(begins + 4.5, DAYS - 1.5)))
        created: datetime | None = None
        if rng.random() < strength.new:
            created = first - timedelta(days=rng.uniform(0.05, 10))
        prefix = rng.choice(plan.prefixes) if rng.random() < 0.4 else None
        device = _device(plan, rng, number, strength.operated)
        operated = device is not None and (number < strength.operated or rng.random() < 0.5)
        paid = plan.payment if operated and world.profile.kind is Kind.MODEL_CALL else None
        account = world.account(
            created=created, lang=plan.language, prefix=prefix, device=device, payment=paid
        )
        if created is None:
            account = msgspec.structs.replace(account, created=min(account.created, first))
        shown = _identifiers(plan, world, strength.kinds)
        for _ in range(rng.randint(*strength.copies)):
            at = world.moment(account, first, first + timedelta(days=3))
            extra = tuple(one for one in shown if rng.random() < strength.observables)
            text = copy(plan, rng, rng.choice(plan.domains), world.mint.word(6))
            sent.append(world.add(account, text, at, LABEL, extra=extra))
        for _ in range(rng.randint(*strength.cover)):
            world.once(account, COVER)
    return sent
