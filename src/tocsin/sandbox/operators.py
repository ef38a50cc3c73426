"""A town of accounts with known hands behind them: what links them, and what only looks as if it did.

Ordinary life: households that share a device, a line and at times a card; internet cafés; a university behind one
address range; carriers that put hundreds behind one (CGNAT); resellers whose one card pays for many; an invitation
that went round. Operators: one hand with many accounts, that reuses its devices, cards and telephones to a stated
degree. Warnings: one for each operator (most of its accounts, and people who copied its text), a viral one, a
protest, and an office on one card with one template. Identifiers stand here as they do behind pseudonyms; no event
has a text.
"""

import random
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from tocsin.kernel import Event, Kind, Observable, ObservableType

DAYS = 60
PEOPLE = 1_200
DAY = 86_400_000_000
HOUR = DAY // 24
REUSES: Mapping[str, float] = {"nothing": 0.0, "little": 0.3, "half": 0.6, "most": 0.9}
"""How far an operator reuses: with .6, ten accounts have four devices; with 0, ten."""

REPORTED = 0.85
"""How often a source reports an identifier that there is."""


class Hand(msgspec.Struct, frozen=True):
    """Who is behind an account. `kind`: person, household, operator, program; `reuse` a key of REUSES or empty."""

    name: str
    kind: str
    reuse: str = ""


class Warned(NamedTuple):
    """One warning of the town: account → ids of its events in it."""

    kind: str
    accounts: Mapping[str, Sequence[str]]


class Township(NamedTuple):
    """Events in an order of arrival that is not that of time, the hand behind each account, the warnings."""

    events: Sequence[Event]
    hands: Mapping[str, Hand]
    warnings: Sequence[Warned]


class _Account(msgspec.Struct):
    name: str
    created: int
    holds: list[tuple[ObservableType, str]]


class _Town:
    """Draws everything from the one `rng` that it was given."""

    def __init__(self, rng: random.Random, now: int) -> None:
        self.rng = rng
        self.start = now - DAYS * DAY
        self.end = now
        self.events: list[Event] = []
        self.accounts: dict[str, _Account] = {}
        self.hands: dict[str, Hand] = {}

    def account(self, name: str, hand: Hand, *holds: tuple[ObservableType, str], new: bool = False) -> str:
        age = self.rng.uniform(0, 10) if new else self.rng.expovariate(1 / 400) + 20
        self.accounts[name] = _Account(name, int(self.start - age * DAY), list(holds))
        self.hands[name] = hand
        return name

    def act(self, name: str, at: int, *extra: tuple[ObservableType, str]) -> str:
        """One event of an account; returns its id."""
        account = self.accounts[name]
        event = Event(
            id=f"e{len(self.events):06d}",
            time=min(max(at, self.start), self.end - 1),
            received=self.end,
            source="town",
            kind=Kind.POST,
            actor=name,
            seal_day="2026-01-01",
            actor_created=account.created,
            observables=tuple(
                Observable(kind, value)
                for kind, value in (*account.holds, *extra)
                if self.rng.random() < REPORTED
            ),
        )
        self.events.append(event)
        return event.id

    def moment(self) -> int:
        """Some waking hour of some day."""
        day = self.rng.randrange(DAYS)
        return self.start + day * DAY + int(self.rng.gauss(15, 4) % 24 * HOUR) + self.rng.randrange(HOUR)

    def people(self) -> list[str]:
        """Everybody who is behind one account alone, or beside their family."""
        rng = self.rng
        names: list[str] = []
        carriers = [f"cgnat-{n}" for n in range(6)]
        while len(names) < PEOPLE:
            number = len(names)
            size = rng.choice((1, 1, 1, 1, 1, 1, 2, 2, 3, 4))
            hand = Hand(f"home-{number}", "household" if size > 1 else "person")
            line = rng.choice(carriers) if rng.random() < 0.5 else f"line-{number}"
            card = f"card-{number}" if rng.random() < 0.25 else ""
            for member in range(size):
                own = rng.random() < 0.5
                holds = [
                    (ObservableType.DEVICE, f"device-{number}-{member}" if own else f"device-{number}"),
                    (ObservableType.ADDRESS_PREFIX, line),
                ]
                if card and (member == 0 or rng.random() < 0.5):
                    holds.append((ObservableType.PAYMENT, card))
                names.append(self.account(f"p{len(names):05d}", hand, *holds, new=rng.random() < 0.1))
        self._places(names)
        return names

    def _places(self, names: Sequence[str]) -> None:
        """What people share without being one: cafés, a campus, a reseller's card, an invitation."""
        rng = self.rng
        for cafe in range(3):
            for name in rng.sample(names, rng.randint(15, 40)):
                self.accounts[name].holds.append((ObservableType.DEVICE, f"cafe-{cafe}"))
        for name in rng.sample(names, 150):
            self.accounts[name].holds.append((ObservableType.ADDRESS_PREFIX, "campus"))
        for reseller in range(2):
            for name in rng.sample(names, rng.randint(15, 50)):
                self.accounts[name].holds.append((ObservableType.PAYMENT, f"reseller-{reseller}"))
        for name in rng.sample(names, 150):
            self.accounts[name].holds.append((ObservableType.INVITATION, "went-round"))

    def live(self, names: Sequence[str]) -> None:
        for name in names:
            for _ in range(1 + min(int(self.rng.expovariate(1 / 4)), 40)):
                self.act(name, self.moment())

    def operator(self, number: int, reuse: str, *, program: bool) -> Warned:
        """One hand, its accounts, and the warning about what they do; ten to forty people copied the text."""
        rng, size = self.rng, self.rng.randint(5, 40)
        hand = Hand(f"operator-{number}", "program" if program else "operator", reuse)
        pool = max(1, round(size * (1 - REUSES[reuse])))
        start = self.start + rng.randrange(30, 50) * DAY
        warned: dict[str, list[str]] = {}
        for at in range(size):
            holds = [
                (ObservableType.DEVICE, f"{hand.name}-device-{rng.randrange(pool) if pool < size else at}"),
                (ObservableType.ADDRESS_PREFIX, f"exit-{rng.randrange(30)}"),
            ]
            for kind, odds in ((ObservableType.PAYMENT, 0.6), (ObservableType.PHONE, 0.3)):
                if rng.random() < odds:
                    which = rng.randrange(pool) if pool < size else at
                    holds.append((kind, f"{hand.name}-{kind.value}-{which}"))
            name = self.account(f"o{number}-{at:03d}", hand, *holds, new=rng.random() < 0.7)
            said = [self.act(name, moment) for moment in self._pace(start, program)]
            for _ in range(rng.randrange(3)):
                self.act(name, self.moment())
            if rng.random() < 0.9:
                warned[name] = said
        people = [name for name in self.accounts if name.startswith("p")]
        for name in rng.sample(people, rng.randint(10, 40)):
            warned[name] = [self.act(name, start + rng.randrange(8 * DAY))]
        return Warned("operator", warned)

    def _pace(self, start: int, program: bool) -> list[int]:
        rng = self.rng
        if not program:
            return [start + rng.randrange(8 * DAY) for _ in range(rng.randint(2, 6))]
        first, gap = start + rng.randrange(DAY), rng.randint(20, 300) * 60_000_000
        return [first + n * gap + rng.randrange(gap // 10) for n in range(rng.randint(10, 20))]

    def crowd(self, names: Sequence[str], kind: str, *extra: tuple[ObservableType, str]) -> Warned:
        """People who say the same without being one, within a week, with what the text carries."""
        start = self.start + self.rng.randrange(35, 50) * DAY
        return Warned(
            kind,
            {
                name: [
                    self.act(name, start + self.rng.randrange(7 * DAY), *extra)
                    for _ in range(1 + self.rng.randrange(3))
                ]
                for name in names
            },
        )

    def office(self) -> Warned:
        """A customer: twenty to sixty seats on one card, each at their own desk, with one template all day."""
        rng = self.rng
        hand = Hand("office", "household")
        start = self.start + rng.randrange(35, 50) * DAY
        warned = {}
        for at in range(rng.randint(20, 60)):
            holds = (
                (ObservableType.PAYMENT, "office-card"),
                (ObservableType.DEVICE, f"desk-{at if rng.random() < 0.8 else 0}"),
                (ObservableType.ADDRESS_PREFIX, "office-line"),
            )
            name = self.account(f"s{at:03d}", hand, *holds, new=rng.random() < 0.5)
            for _ in range(rng.randrange(5)):
                self.act(name, self.moment())
            warned[name] = [self.act(name, start + rng.randrange(7 * DAY)) for _ in range(rng.randint(2, 8))]
        return Warned("office", warned)

    def protest(self, names: Sequence[str]) -> Warned:
        """A hundred: more than half of them new, one invitation, campus, link, handle; one café; a fund's wallet."""
        rng = self.rng
        came = rng.sample(names, 40)
        for at in range(60):
            hand = Hand(f"newcomer-{at}", "person")
            device = (ObservableType.DEVICE, f"newcomer-device-{at}")
            came.append(self.account(f"n{at:03d}", hand, device, new=True))
        for name in came:
            self.accounts[name].holds += [
                (ObservableType.INVITATION, "march"),
                (ObservableType.ADDRESS_PREFIX, "campus"),
            ]
        for name in rng.sample(came, 10):
            self.accounts[name].holds.append((ObservableType.DEVICE, "cafe-0"))
        carried = [(ObservableType.DOMAIN, "march.example"), (ObservableType.HANDLE, "march")]
        if rng.random() < 0.5:
            carried.append((ObservableType.WALLET, "strike-fund"))
        return self.crowd(came, "protest", *carried)


def township(seed: int, *, now: int) -> Township:
    """The town of a seed; `now` in microseconds. Equal arguments, equal towns."""
    rng = random.Random(seed)  # noqa: S311  # an invented world, the same for the same seed
    town = _Town(rng, now)
    people = town.people()
    town.live(people)
    warnings = [
        town.operator(number, reuse, program=rng.random() < 0.4) for number, reuse in enumerate(REUSES)
    ]
    warnings.append(town.crowd(rng.sample(people, 150), "viral"))
    warnings.append(town.protest(people))
    warnings.append(town.office())
    events = list(town.events)
    rng.shuffle(events)
    return Township(events, town.hands, warnings)
