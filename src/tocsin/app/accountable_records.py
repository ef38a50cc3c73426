"""Records that this node may put into an accountable match: taken up by day, within a logged quota, and not before they
are two weeks old.
"""

from collections.abc import Iterable, Sequence

import msgspec

from tocsin.app.access import Access
from tocsin.app.keyring import Keyring
from tocsin.app.transparency_log import TransparencyLog
from tocsin.kernel import BadInput, Clock, NotAllowed, NotFound, micros
from tocsin.store.accountable_interface import MatchDay, MatchPledge
from tocsin.store.interface import Store
from tocsin.trust import merkle
from tocsin.trust.matching import MatchKind
from tocsin.trust.matching.accountable import (
    NOTHING,
    Day,
    KeptRecord,
    Pledge,
    Quota,
    RecordAt,
    Statement,
    digest_of,
    read_statement,
    sign_statement,
)
from tocsin.trust.matching.accountable.evidence import DEFAULT_DAYS, week_of_day
from tocsin.trust.matching.accountable.positions import MAX_AUDITED_POINTS, SALT_BYTES
from tocsin.trust.seal import Entropy
from tocsin.wire.tlog import parse_note

MIN_AGE = DEFAULT_DAYS * 86_400_000_000
"""Microseconds between a record's day and its first use, by this node's own clock; auditors go by witnesses'."""

LINE_BYTES = 32
Sealed = tuple[tuple[bytes, bytes], ...]


def statement_in(note: bytes) -> Statement:
    """Of a note of this node's own, which it kept itself."""
    return read_statement(parse_note(note).text)


class StandingSet:
    """The days of records, and what is in them while their keys live."""

    def __init__(
        self,
        store: Store,
        keys: Keyring,
        access: Access,
        log: TransparencyLog,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._store = store
        self._keys = keys
        self._access = access
        self._log = log
        self._clock = clock
        self._entropy = entropy

    def take_up(self, who: str, kind: MatchKind, values: Iterable[bytes]) -> int:
        """Seal and log what is new, within the week's quota; returns how many. Raises as `Accountable.take_up`."""
        quota, digest = self.quota(kind)
        there = self.records(kind)
        new = [value for value in dict.fromkeys(values) if value not in there]
        if not new:
            return 0
        if len(new) > MAX_AUDITED_POINTS:
            raise BadInput(f"at most {MAX_AUDITED_POINTS} records are taken up at one time")
        days = self._store.accountable.days(kind, limit=1)
        at = micros(self._clock())
        records = tuple(KeptRecord(value, self._entropy(SALT_BYTES)) for value in new)
        lines = [one.commitment(kind) for one in records]
        day = Day(
            log=self._log.origin,
            kind=kind,
            number=days[0].number + 1 if days else 0,
            before=days[0].digest if days else NOTHING,
            at=at,
            records=len(lines),
            root=merkle.root(lines).hex(),
            quota=digest,
        )
        taken = sum(one.records for one in self._days(kind) if week_of_day(one) == week_of_day(day))
        if taken + len(new) > quota.records:
            raise NotAllowed(
                f"the logged quota is {quota.records} records of {kind.value} a week; {taken} were taken up, and"
                f" {len(new)} more would go beyond it: wait for the next week"
            )
        today = self._clock().date().isoformat()
        sealed = self._keys.seal_for(today).close(
            msgspec.msgpack.encode(records), _label(day.kind, day.number)
        )
        note = sign_statement(day, self._log.origin, self._keys.identity)
        row = MatchDay(kind.value, day.number, digest_of(day), at, note, b"".join(lines), today, sealed)
        with self._store.together():
            self._store.accountable.add_day(row)
            self._access.audit(
                who, "match.day", subject=row.digest, purpose=kind.value, detail={"records": len(new)}
            )
        return len(new)

    def records(self, kind: MatchKind) -> dict[bytes, RecordAt]:
        """By value, of every day whose key still lives."""
        found: dict[bytes, RecordAt] = {}
        for row in reversed(self._store.accountable.days(kind)):
            for place, record in enumerate(self.opened(row)):
                found[record.value] = RecordAt(record, row.number, place)
        return found

    def opened(self, row: MatchDay) -> tuple[KeptRecord, ...]:
        """Values and salts of a day; none after its key's end."""
        try:
            seal = self._keys.opened(row.sealed_on)
        except NotFound:
            return ()
        raw = seal.open(row.sealed, _label(row.kind, row.number))
        return tuple(KeptRecord(*one) for one in msgspec.msgpack.decode(raw, type=Sealed))

    def usable(self, kind: MatchKind) -> frozenset[bytes]:
        """Values of records that are old enough to go into a session now."""
        oldest = micros(self._clock()) - MIN_AGE
        fit = {row.number for row in self._store.accountable.days(kind) if row.at <= oldest}
        return frozenset(value for value, at in self.records(kind).items() if at.day in fit)

    def found(self, kind: MatchKind, values: Sequence[bytes]) -> list[RecordAt]:
        """The records of these values. Raises NotAllowed where some were not taken up, or are too young."""
        there = self.records(kind)
        days = {row.number: row.at for row in self._store.accountable.days(kind)}
        oldest = micros(self._clock()) - MIN_AGE
        fit = [there[one] for one in values if one in there and days[there[one].day] <= oldest]
        if len(fit) < len(values):
            raise NotAllowed(
                f"{len(values) - len(fit)} of these inputs were not taken up {DEFAULT_DAYS} days ago: leave them out,"
                " or `tocsin share match audit take-up` them and wait"
            )
        return fit

    def quota(self, kind: MatchKind, *, before: int | None = None) -> tuple[Quota, str]:
        """In force now, or the newest that was logged before a moment. Raises NotAllowed where there is none."""
        for row in self._store.accountable.quotas(kind):
            if before is None or row.at <= before:
                quota = statement_in(row.note)
                assert isinstance(quota, Quota)
                return quota, row.digest
        raise NotAllowed(
            "no quota for this kind is logged, or not for two weeks: `tocsin share match audit quota` first"
        )

    def pledge_of(self, row: MatchPledge) -> Pledge:
        """What a row of this node's own says."""
        pledge = statement_in(row.note)
        assert isinstance(pledge, Pledge)
        return pledge

    def _days(self, kind: MatchKind) -> list[Day]:
        found = [statement_in(row.note) for row in self._store.accountable.days(kind)]
        return [one for one in found if isinstance(one, Day)]


def _label(kind: str, number: int) -> str:
    return f"match-day/{kind}/{number}"
