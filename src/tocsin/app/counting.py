"""Counts of a week under differential privacy: ours, drawn once and paid for before, beside those of peers.

A list of a week is drawn when a person asks for it the first time, is kept, and is said again unchanged ever after. It
is a record: it leaves to peers through the gate alone. docs/counts.md says what it protects, and what not.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec

from tocsin.app.access import Access
from tocsin.app.count_ledger import WEEKS_BACK, CountLedger
from tocsin.app.keyring import Keyring
from tocsin.app.naming import called
from tocsin.app.noise import Noise, discrete_laplace, require_noise
from tocsin.app.settings import Settings
from tocsin.app.signing import signed
from tocsin.kernel import BadInput, Caller, Clock, Origin, Record, TocsinError, micros
from tocsin.kernel.counts import (
    BOUNDS,
    COST,
    LISTS_PURSE,
    CountList,
    NoisyCount,
    Spend,
    end_of_week,
    start_of_week,
    week_of,
)
from tocsin.share import introduction
from tocsin.share.describe_agreed import Speaker
from tocsin.share.describe_counts import count_in, describe_count
from tocsin.store.contributions import contributions
from tocsin.store.interface import Store
from tocsin.wire.stix import NoisyCountExtension

WAIT = timedelta(days=2)
"""After a week, for events that come in late: a count is drawn once, and what comes after it is never counted."""

MAX_OF_AUTHOR = 3 * 520
"""Counts of one author that are looked at: three lists a week for ten years."""

_PAGE = 1_000


def newest_week(now: datetime) -> str:
    """The last week that can be drawn."""
    return week_of(now - WAIT - timedelta(days=7))


def require_week(week: str, now: datetime) -> None:
    """That a week is over, with what came in late, and not long over. Raises BadInput."""
    over, newest = end_of_week(week), newest_week(now)
    if week > newest:
        raise BadInput(
            f"{week} is drawn {WAIT.days} days after it is over, for what comes in late: the newest is {newest}"
        )
    if over < now - timedelta(weeks=WEEKS_BACK):
        raise BadInput(f"{week} is too long over: a week is drawn within {WEEKS_BACK} weeks")


class Shown(msgspec.Struct, frozen=True):
    """One count and whose it is; `given_by` is empty for what is ours."""

    author: str
    given_by: str
    record: str
    count: NoisyCountExtension


class Budget(msgspec.Struct, frozen=True):
    """Thousandths of epsilon. `unsure` while payments may be forgotten: then nothing is drawn."""

    paid: tuple[Spend, ...]
    life_left: int
    week_left: int
    unsure: bool


class Counting:
    """Every look needs `share.preview`, every draw `share.publish`, and a draw leaves a trace."""

    def __init__(
        self,
        store: Store,
        keys: Keyring,
        settings: Settings,
        access: Access,
        clock: Clock,
        noise: Noise | None = None,
    ) -> None:
        self._store = store
        self._keys = keys
        self._own = keys.identity.stix_identity
        self._settings = settings
        self._access = access
        self._clock = clock
        self._noise = noise
        self.ledger = CountLedger(store, keys)

    def newest_week(self) -> str:
        """The last week that can be drawn."""
        return newest_week(self._clock())

    def draw(self, by: Caller, week: str, which: CountList) -> NoisyCount:
        """The noisy count of a list in a week: what was said before, or a draw that is paid for first.

        1. What was said is said again. 2. The week is over, and not long over. 3. It is counted, and OpenDP is there.
        4. The payment is on disk. 5. Noise is drawn. 6. What was drawn is kept, with its record.
        After a crash between 4 and 6 it is paid and not said: a new draw is a new payment.
        Raises NotAllowed, BadInput, Conflict for a budget that is spent, Unavailable.
        """
        self._access.require(by, "share.publish")
        known = self._store.counts.said(week, which)  # 1
        if known is not None:
            return known
        require_week(week, self._clock())  # 2
        bound, cost = BOUNDS[which], COST
        if self._noise is None:
            require_noise()
        events = self._store.events.batches(
            since=micros(start_of_week(week)), until=micros(end_of_week(week))
        )
        values = contributions(events, which, bound)  # 3
        with self.ledger.alone():
            known = self._store.counts.said(week, which)  # another process may have drawn it meanwhile
            if known is not None:
                return known
            now = self._clock()
            spend = self.ledger.pay(week, which, cost, now)  # 4
            noisy = (self._noise or discrete_laplace)(values, bound, cost)  # 5
            drawn = NoisyCount(
                week=week,
                list=which,
                values=noisy,
                cost=cost,
                bound=bound,
                at=micros(now),
                spend=spend.name,
            )
            return self._keep(by, drawn, now)  # 6

    def budget(self, by: Caller, week: str = "") -> Budget:
        """What was paid, and what is left. Raises NotAllowed, Unavailable."""
        self._access.require(by, "share.preview")
        return Budget(
            paid=tuple(one for one in self.ledger.paid() if one.purse == LISTS_PURSE),
            life_left=self.ledger.left(),
            week_left=self.ledger.left(week or self.newest_week()),
            unsure=self.ledger.unsure,
        )

    def settle(self, by: Caller, since: datetime) -> Spend:
        """A person's word on a ledger that may have forgotten: see `CountLedger.settle`. Raises NotAllowed."""
        self._access.require(by, "share.publish")
        spend = self.ledger.settle(since.astimezone(UTC), self._clock())
        self._access.audit(
            by.user,
            "count.settle",
            subject=spend.week,
            purpose="counts",
            detail={"epsilon": spend.cost / 1_000},
        )
        return spend

    def shown(self, by: Caller, week: str = "") -> tuple[Shown, ...]:
        """Counts of a week, or all: ours first, then peers', by list and week. Raises NotAllowed."""
        self._access.require(by, "share.preview")
        found: list[Shown] = []
        of_author: dict[str, int] = {}
        for record in self._notes():
            try:
                count = count_in(record)
            except TocsinError:
                continue  # a note whose extension breaks its schema, or that nobody signed, says nothing
            if count is None or (week and count.week != week):
                continue
            of_author[record.author] = of_author.get(record.author, 0) + 1
            if of_author[record.author] <= MAX_OF_AUTHOR:
                ours = record.origin is Origin.OWN
                found.append(
                    Shown(
                        author=called(self._store, record.author),
                        given_by="" if ours else record.peer or record.origin.value,
                        record=record.id,
                        count=count,
                    )
                )
        return tuple(
            sorted(found, key=lambda one: (one.count.list_of, bool(one.given_by), one.author, one.count.week))
        )

    def weeks(self, by: Caller) -> tuple[str, ...]:
        """Weeks of which something was said here or by a peer, and the newest that can be drawn; newest first."""
        said = {one.count.week for one in self.shown(by)}
        return tuple(sorted(said | {self.newest_week()}, reverse=True))

    def _keep(self, by: Caller, drawn: NoisyCount, now: datetime) -> NoisyCount:
        voice = Speaker(author=self._own, tlp=self._settings.tlp, now=now)
        introduced = introduction(
            author=self._own,
            name=self._settings.name,
            now=now,
            identity=self._store.records.get(self._own),
        )
        records = signed((*introduced, *describe_count(drawn, voice)), self._keys)
        kept = msgspec.structs.replace(drawn, record=records[-1].id)
        with self._store.together():
            self._store.counts.keep(kept)
            self._store.records.put(records)
            self._access.audit(
                by.user,
                "count.draw",
                subject=kept.week,
                purpose="counts",
                detail={"list": kept.list.value, "epsilon": kept.epsilon},
            )
        return kept

    def _notes(self) -> Iterator[Record]:
        after = 0
        while page := self._store.records.list(types=("note",), after=after, limit=_PAGE):
            yield from page
            after = page[-1].added
