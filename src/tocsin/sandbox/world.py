"""Ordinary life on one node: accounts with histories, and what they write over two weeks."""

import math
import random
from datetime import datetime, timedelta

import msgspec

from tocsin.kernel import EventLine, Kind, Observable, ObservableType
from tocsin.sandbox.disguise import disguise
from tocsin.sandbox.grammar import grammar

DAYS = 14
"""Length of the invented past."""

SETTLED = timedelta(minutes=20)
"""Nothing happens in the last minutes, so that every event lies before the moment it is sent."""

NEW_SHARE = 0.12
"""Ordinary accounts made within three weeks of their first event: people do join."""

HOUSEHOLD_SHARE = 0.08
"""Accounts that share a device and a line with one other: families, flats, the computer in a library."""

HOURS = (2, 1, 1, 1, 1, 2, 4, 7, 9, 10, 10, 10, 11, 10, 9, 9, 9, 10, 11, 12, 12, 10, 7, 4)
"""How many write at each hour of their day."""


class Profile(msgspec.Struct, frozen=True):
    """What kind of place a node watches. `events` and `accounts` are of ordinary life."""

    name: str
    kind: Kind
    sources: tuple[str, ...]
    models: tuple[str, ...]
    events: int
    accounts: int
    languages: dict[str, float]


class Account(msgspec.Struct, frozen=True):
    """One person on one node. `weight` says how much they write; `offset` is their clock in hours."""

    id: str
    created: datetime
    lang: str
    device: str
    prefix: str
    source: str
    weight: float
    offset: int
    payment: str | None = None
    invitation: str | None = None


class Labelled(msgspec.Struct, frozen=True):
    """An event and the truth about it, side by side and never one inside the other."""

    line: EventLine
    label: str


class Mint:
    """Makes raw values that occur nowhere else in a scenario, letters only so that no folding alters them."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._made: set[str] = set()

    def word(self, syllables: int = 6) -> str:
        """A word of two letters a syllable that was not made before."""
        while True:
            pairs = (self._rng.choice("bdfgklmnprtvz") + self._rng.choice("aeiou") for _ in range(syllables))
            made = "".join(pairs)
            if made not in self._made:
                self._made.add(made)
                return made

    def event_id(self) -> str:
        return f"e-{self._rng.getrandbits(80):020x}"


def address_prefix(rng: random.Random) -> str:
    """A prefix from the range kept for documentation (RFC 9637), in its canonical spelling."""
    return f"3fff:{rng.randint(1, 0xFFF):x}:{rng.randint(1, 0xFFFF):x}::/48"


def pick(rng: random.Random, shares: dict[str, float]) -> str:
    """One key of `shares`, as often as its share says."""
    return rng.choices(tuple(shares), weights=tuple(shares.values()))[0]


class World:
    """One node's past. Every method draws from the one `rng` it was given."""

    def __init__(self, profile: Profile, rng: random.Random, mint: Mint, now: datetime) -> None:
        self.profile = profile
        self.rng = rng
        self.mint = mint
        self.end = now - SETTLED
        self.start = now - timedelta(days=DAYS)
        self.carriers = tuple(address_prefix(rng) for _ in range(24))
        self.referrals = tuple(f"join-{mint.word(4)}" for _ in range(6))
        self.domains = tuple(f"{mint.word(3)}.example" for _ in range(60))
        self.accounts = [self.account() for _ in range(profile.accounts)]
        self._move_together(int(profile.accounts * HOUSEHOLD_SHARE / 2))
        self.events: list[Labelled] = []

    def _move_together(self, households: int) -> None:
        """Give pairs of accounts one device and one prefix, and where the first pays, one means of payment."""
        for at in range(households):
            first = self.accounts[2 * at]
            self.accounts[2 * at + 1] = msgspec.structs.replace(
                self.accounts[2 * at + 1], device=first.device, prefix=first.prefix, payment=first.payment
            )

    def account(
        self,
        *,
        created: datetime | None = None,
        lang: str | None = None,
        prefix: str | None = None,
        device: str | None = None,
        source: str | None = None,
        payment: str | None = None,
    ) -> Account:
        """A person; what is not given is drawn as ordinary life has it."""
        rng = self.rng
        invitation = None
        if created is None and rng.random() < NEW_SHARE:
            created = self.start + timedelta(days=rng.uniform(-14, DAYS - 0.5))
            invitation = rng.choice(self.referrals) if rng.random() < 0.15 else None
        elif created is None:
            created = self.start - timedelta(days=min(3000.0, rng.lognormvariate(math.log(420), 1.0)))
        paying = self.profile.kind is Kind.MODEL_CALL and rng.random() < 0.15
        return Account(
            id=f"{self.mint.word(3)}_{self.mint.word(4)}{rng.randint(10, 9999)}",
            created=created,
            lang=lang or pick(rng, self.profile.languages),
            device=device or f"dev-{rng.getrandbits(64):016x}",
            prefix=prefix or (rng.choice(self.carriers) if rng.random() < 0.55 else address_prefix(rng)),
            source=source or rng.choice(self.profile.sources),
            weight=rng.lognormvariate(0, 1.1),
            offset=rng.choice((0, 0, 1, 1, 2, 8, 8, -5, -6)),
            payment=payment or (f"pay{self.mint.word(5)}" if paying else None),
            invitation=invitation,
        )

    def moment(
        self, account: Account, first: datetime | None = None, last: datetime | None = None
    ) -> datetime:
        """A time at which this person may write, between two bounds and after they joined."""
        first = max(first or self.start, account.created + timedelta(minutes=2), self.start)
        last = min(last or self.end, self.end)
        if first >= last:
            # joined only after the time asked for: comes as soon as it can
            last = min(first + timedelta(hours=6), self.end)
        at = first
        for _ in range(8):
            at = first + (last - first) * self.rng.random()
            busy = HOURS[(at.hour + account.offset) % 24] / max(HOURS)
            if self.rng.random() < busy * (0.75 if at.weekday() >= 5 else 1.0):
                break
        return at.replace(microsecond=self.rng.randrange(1000) * 1000)

    def observables(self, account: Account) -> list[Observable]:
        """What a source usually sees beside an event of this account."""
        seen: list[Observable] = []
        if self.rng.random() < 0.9:
            seen.append(Observable(ObservableType.DEVICE, account.device))
        if self.rng.random() < 0.85:
            roaming = self.rng.random() < 0.1
            prefix = self.rng.choice(self.carriers) if roaming else account.prefix
            seen.append(Observable(ObservableType.ADDRESS_PREFIX, prefix))
        if account.payment and self.rng.random() < 0.9:
            seen.append(Observable(ObservableType.PAYMENT, account.payment))
        if account.invitation and self.rng.random() < 0.5:
            seen.append(Observable(ObservableType.INVITATION, account.invitation))
        return seen

    def add(
        self,
        account: Account,
        text: str,
        at: datetime,
        label: str,
        *,
        extra: tuple[Observable, ...] = (),
        lang: str | None = None,
    ) -> EventLine:
        """Keep one event of an account; returns the line as its source would send it.

        `lang` is the text's where it is not the account's.
        """
        rng = self.rng
        known_lang = rng.random() < 0.8
        line = EventLine(
            id=self.mint.event_id(),
            time=at,
            source=account.source,
            kind=self.profile.kind,
            actor=account.id,
            text=text,
            session=f"s-{rng.getrandbits(48):012x}" if self.profile.models else None,
            model=rng.choice(self.profile.models) if self.profile.models else None,
            lang=(lang or account.lang) if known_lang else None,
            actor_created=account.created.replace(microsecond=0) if rng.random() < 0.95 else None,
            observables=(*self.observables(account), *extra),
            attributes={"client": rng.choice(("web", "android", "ios"))} if rng.random() < 0.4 else {},
        )
        self.events.append(Labelled(line, label))
        return line

    def ordinary_text(self, account: Account) -> str:
        """Something this person might write; rarely disguised for fun, as people do."""
        lang = account.lang if self.rng.random() < 0.93 else "en"
        text = grammar(lang).text(self.rng)
        if self.rng.random() < 0.02:
            text = " ".join(disguise(text.split(" "), 0.5, self.rng))
        return text

    def live(self, count: int) -> None:
        """Ordinary life: `count` events, some of them the same person trying the same thing again."""
        weights = [account.weight for account in self.accounts]
        for account in self.rng.choices(self.accounts, weights=weights, k=count):
            self.once(account)

    def once(self, account: Account, label: str = "ordinary") -> None:
        """One ordinary event of an account; one in sixteen links somewhere, one in twelve is tried again."""
        at = self.moment(account)
        text = self.ordinary_text(account)
        extra: tuple[Observable, ...] = ()
        if self.rng.random() < 1 / 16:
            rank = min(int(self.rng.paretovariate(0.7)) - 1, len(self.domains) - 1)
            extra = (Observable(ObservableType.DOMAIN, self.domains[rank]),)
        self.add(account, text, at, label, extra=extra)
        if self.rng.random() < 1 / 12:
            again = min(at + timedelta(minutes=self.rng.randint(1, 15)), self.end)
            self.add(account, f"{text} {self.rng.choice(('please', '!', '?', 'shorter', '…'))}", again, label)
