"""Rules over history: what single rules said of events, and what correlations join, as warnings and tallies.

Enters: events with their signals, in the order in which they were kept. What a rule said at the door stands in a
signal; what it asks of history is asked here. Leaves: a warning for each rule, UTC day and group; and a tally of every
rule, in shadow or not. Refuses: to warn for a rule in shadow, and, for a peer's rule that no person here enabled, to
warn of fewer than MIN_ACTORS accounts. Docs: docs/rules.md.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple, cast

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tocsin.correlate.describing import MAX_SAMPLES, timeline, warning_id
from tocsin.correlate.groups import DAY_US
from tocsin.correlate.settings import MIN_ACTORS
from tocsin.kernel import Level, Reason, RiskVector, RuleState, RuleTally, Warning, WarningKind
from tocsin.kernel.limits import LOOK_BACK_DAYS
from tocsin.store.sigma import HITS, SigmaEngine
from tocsin.taxonomy import category as conduct
from tocsin.wire.sigma import DETECTOR, Correlation, CorrelationKind, Place, Rule

REPORT_DAYS = 7
"""Days that are said again at a restart. What is older was said, and its spans are not whole any more."""

MAX_HITS = 200_000
"""Events held for one rule: some 60 MB. The oldest go; a rule that holds of so many says nothing of anybody."""

MAX_GROUPS = 100
"""Warnings of one rule and day, those of most accounts first; the tally counts the others."""

CONFIDENCE: Mapping[str, int] = {"informational": 10, "low": 20, "medium": 30, "high": 40, "critical": 50}
"""By the level that the rule's author claims. A rule is read by those it looks for: none is sure by itself."""

CONFIDENCE_TOGETHER = 10
"""More for a correlation: one account is seldom wrong so often."""

SCALE = ((50, Level.HIGH), (10, Level.MEDIUM), (1, Level.LOW))
_PLAIN_GROUPS = frozenset({"actor", "session"})
I64 = npt.NDArray[np.int64]


class Armed(msgspec.Struct, frozen=True):
    """A rule as this node runs it; `rule.id` is the id under which it is kept.

    `by_person`: somebody here looked at it and enabled it, or it is this node's own.
    """

    rule: Rule
    state: RuleState
    peer: str | None = None
    by_person: bool = True

    @property
    def loud(self) -> bool:
        return self.state is RuleState.ENABLED


class _Ring(NamedTuple):
    """What rang together: rows of the hits, on which day, in which group."""

    day: int
    group: tuple[str, ...]
    rows: I64


class RuleWatch:
    """A lookout. Made anew when a rule changes: it is a function of the rules it was made with and the events."""

    name = "rules"

    def __init__(
        self,
        armed: Sequence[Armed],
        *,
        report: Callable[[Sequence[RuleTally]], None] = lambda _: None,
        changed: Callable[[], bool] = lambda: False,
        report_days: int = REPORT_DAYS,
    ) -> None:
        """`report` takes the tallies of what a look found; `changed` says whether other rules are in force by now."""
        self._armed = {one.rule.id: one for one in armed if one.state is not RuleState.DISABLED}
        self._report = report
        self._changed = changed
        self._report_days = report_days
        self._engine = SigmaEngine()
        self._hits: dict[str, list[pa.Table]] = {key: [] for key in self._armed}
        self._fresh: set[str] = set()
        self._asked = [
            (key, step, base.condition)
            for key, one in self._armed.items()
            for step, base in enumerate(one.rule.bases)
            if base.place is Place.HISTORY
        ]

    @property
    def outdated(self) -> bool:
        return self._changed()

    @property
    def horizon_days(self) -> int:
        spans = [one.rule.correlation.span for one in self._armed.values() if one.rule.correlation]
        return min(self._report_days + 1 + -(-max(spans, default=0) // DAY_US), LOOK_BACK_DAYS + 1)

    def take(self, events: pa.RecordBatch) -> None:
        for key, step, rows in (*self._said_at_the_door(events), *self._asked_of_history(events)):
            if not len(rows):
                continue
            chosen = pa.Table.from_batches([events]).take(pa.array(rows)).select(HITS.names[1:])
            steps = pa.array(np.full(len(rows), step, np.int32))
            self._hits[key].append(chosen.add_column(0, HITS.field("step"), steps).cast(HITS))
            self._fresh.add(key)

    def _said_at_the_door(self, events: pa.RecordBatch) -> Iterator[tuple[str, int, I64]]:
        """Rows by the rule and step that their signals name; only of the very text that is in force."""
        signals = cast("pa.ListArray[Any]", events.column("signals"))
        flat = cast("pa.StructArray", signals.flatten())
        mine = np.array([name == DETECTOR for name in _strings(flat.field("detector"))], np.bool_)
        if not mine.any():
            return
        lengths = signals.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
        rows = np.repeat(np.arange(events.num_rows, dtype=np.int64), lengths)[mine]
        said = flat.filter(pa.array(mine))
        by_name: dict[tuple[str, str], list[int]] = {}
        names = zip(_strings(said.field("evidence")), _strings(said.field("version")), strict=True)
        for row, name in zip(rows.tolist(), names, strict=True):
            by_name.setdefault(name, []).append(row)
        for (evidence, version), found in by_name.items():
            key, _, step = evidence.rpartition("/")
            armed = self._armed.get(key)
            if armed is not None and armed.rule.version == version:
                yield key, int(step), np.array(found, np.int64)

    def _asked_of_history(self, events: pa.RecordBatch) -> Iterator[tuple[str, int, I64]]:
        found = self._engine.matching(events, [condition for *_, condition in self._asked])
        for (key, step, _), rows in zip(self._asked, found, strict=True):
            yield key, step, rows

    def look(self, now_us: int) -> Sequence[Warning]:
        """The warnings of every rule that held of something new."""
        since = (now_us // DAY_US - self._report_days) * DAY_US
        warnings: list[Warning] = []
        tallies: list[RuleTally] = []
        for key in sorted(self._fresh):
            armed = self._armed[key]
            hits = self._held(key, now_us)
            rings = [ring for ring in self._rings(armed.rule, hits) if ring.day >= since]
            tallies += _tallies(armed, hits, rings, since)
            if armed.loud:
                warnings += _warnings(armed, hits, rings, now_us)
        self._report(tallies)
        self._fresh.clear()
        return warnings

    def _held(self, key: str, now: int) -> pa.Table:
        """The hits of a rule within the horizon, by arrival, as one table."""
        table = pa.concat_tables(self._hits[key], promote_options="none").combine_chunks()
        times = table.column("time").to_numpy()
        before = now - self.horizon_days * DAY_US
        if len(times) > MAX_HITS:
            before = max(before, int(np.partition(times, -MAX_HITS)[-MAX_HITS]))
        if len(times) and times.min() < before:
            table = table.filter(pa.array(times >= before))
        self._hits[key] = [table]
        return table

    def _rings(self, rule: Rule, hits: pa.Table) -> Iterator[_Ring]:
        if rule.correlation is None:
            days = hits.column("time").to_numpy() // DAY_US * DAY_US
            for day in np.unique(days).tolist():
                yield _Ring(day, (), np.flatnonzero(days == day).astype(np.int64))
            return
        found = self._engine.ringing(hits, rule.correlation)
        groups = [
            found.column(f"g{at}").to_pylist()
            for at, field in enumerate(rule.correlation.group_by)
            if field.name not in _PLAIN_GROUPS  # accounts that do the same on one day are one warning
        ]
        together: dict[tuple[Any, ...], list[int]] = {}
        lines = zip(found.column("row").to_pylist(), found.column("day").to_pylist(), *groups, strict=True)
        for row, day, *group in lines:
            together.setdefault((day, *group), []).append(row)
        for (day, *group), rows in sorted(together.items()):
            yield _Ring(day, tuple(group), np.unique(np.array(rows, np.int64)))


def _tallies(armed: Armed, hits: pa.Table, rings: Sequence[_Ring], since: int) -> Iterator[RuleTally]:
    days = hits.column("time").to_numpy() // DAY_US * DAY_US
    for day in sorted({*np.unique(days[days >= since]).tolist(), *(ring.day for ring in rings)}):
        rung = [ring for ring in rings if ring.day == day]
        rows = np.unique(np.concatenate([ring.rows for ring in rung])) if rung else np.empty(0, np.int64)
        yield RuleTally(
            rule=armed.rule.id,
            day=day,
            version=armed.rule.version,
            state=armed.state,
            hits=_distinct(hits, np.flatnonzero(days == day), "seq"),
            events=_distinct(hits, rows, "seq"),
            actors=_distinct(hits, rows, "actor"),
            warnings=len(rung),
        )


def _distinct(hits: pa.Table, rows: npt.NDArray[Any], column: str) -> int:
    return len(set(_taken(hits, rows).column(column).to_pylist()))


def _taken(hits: pa.Table, rows: npt.NDArray[Any]) -> pa.Table:
    return hits.take(pa.array(rows.astype(np.int64), pa.int64()))


def _strings(column: "pa.Array[Any] | pa.ChunkedArray[Any]") -> list[str]:
    return cast("list[str]", column.to_pylist())


def _warnings(armed: Armed, hits: pa.Table, rings: Sequence[_Ring], now: int) -> Iterator[Warning]:
    """At most MAX_GROUPS a day."""
    by_day: dict[int, list[tuple[int, _Ring]]] = {}
    for ring in rings:
        actors = _distinct(hits, ring.rows, "actor")
        if armed.by_person or actors >= MIN_ACTORS:
            by_day.setdefault(ring.day, []).append((actors, ring))
    for rung in by_day.values():
        for actors, ring in sorted(rung, key=lambda one: (-one[0], one[1].group))[:MAX_GROUPS]:
            yield _warning(armed, _taken(hits, ring.rows), ring, actors, now)


def rule_of(key: str) -> str:
    """The id of the rule that a warning's key names."""
    return key.split(" ", 1)[0]


def _warning(armed: Armed, hits: pa.Table, ring: _Ring, actors: int, now: int) -> Warning:
    rule = armed.rule
    group = blake2b("\x00".join(ring.group).encode(), digest_size=8).hexdigest() if ring.group else ""
    key = " ".join(filter(None, (rule.id, str(ring.day // DAY_US), group)))
    by_seq = hits.group_by("seq").aggregate([("time", "min")])
    times = np.sort(by_seq.column("time_min").to_numpy())
    listed = conduct(rule.category)
    together = CONFIDENCE_TOGETHER if rule.correlation else 0
    return Warning(
        id=warning_id(WarningKind.RULE, key),
        kind=WarningKind.RULE,
        key=key,
        category=rule.category,
        actors=actors,
        events=len(times),
        first_seen=int(times[0]),
        last_seen=int(times[-1]),
        score=1.0,
        threshold=1.0,
        confidence=CONFIDENCE[rule.level] + together,
        risk=RiskVector(
            scale=next(level for least, level in SCALE if actors >= least),
            coupling=Level.HIGH if listed is not None and listed.floor else Level.NONE,
        ),
        reasons=tuple(_reasons(armed, actors, len(times))),
        refutations=tuple(_refutations(rule)),
        samples=_samples(hits),
        timeline=timeline(times),
        indicator=rule.id if armed.peer else None,  # confirmed, it becomes a sighting of the peer's rule
        peer=armed.peer,
        updated=now,
    )


def _reasons(armed: Armed, actors: int, events: int) -> Iterator[Reason]:
    """In a person's words, then in the rule's."""
    rule = armed.rule
    yield Reason("rule.held", {"rule": rule.title, "actors": actors, "events": events})
    if rule.correlation is not None:
        yield _together(rule.correlation)
    if armed.peer:
        yield Reason("rule.from-peer" if armed.by_person else "rule.from-peer-directly",
                     {"peer": armed.peer, "least": MIN_ACTORS})  # fmt: skip
    if rule.description:
        yield Reason("rule.says", {"description": rule.description})
    yield Reason("rule.asks", {"asks": asked(rule)})


def _together(correlation: Correlation) -> Reason:
    return Reason(
        f"rule.{correlation.kind.value.replace('_', '-')}",
        {
            "least": correlation.least,
            "steps": len(correlation.steps),
            "minutes": round(correlation.span / 60_000_000, 2),
            "counted": correlation.counted.name if correlation.counted else "",
            "by": ", ".join(field.name for field in correlation.group_by) or "-",
        },
    )


def asked(rule: Rule) -> str:
    """What a rule asks, in Sigma's own words and in short; the rule's page has it whole."""
    names = ", ".join(base.name for base in rule.bases)
    correlation = rule.correlation
    if correlation is None:
        return names
    counts = ""
    if correlation.kind in (CorrelationKind.EVENT_COUNT, CorrelationKind.VALUE_COUNT):
        counted = f" {correlation.counted.name}" if correlation.counted else ""
        counts = f"{counted} gte {correlation.least}"
    by = ", ".join(field.name for field in correlation.group_by)
    return (
        f"{correlation.kind.value} of {names}{counts}{f' group-by {by}' if by else ''}"
        f" timespan {correlation.span // 1_000_000}s"
    )


def _refutations(rule: Rule) -> Iterator[Reason]:
    if any(base.place is Place.DOOR for base in rule.bases):
        yield Reason("refute.quotation")
        yield Reason("refute.fiction")
    yield Reason("refute.rule-ordinary")
    correlation = rule.correlation
    if correlation is not None and any(field.path for field in correlation.group_by):
        yield Reason("refute.one-organisation")


def _samples(hits: pa.Table) -> tuple[str, ...]:
    """The first event of each of some accounts, by time."""
    first: dict[str, str] = {}
    ordered = hits.sort_by([("time", "ascending"), ("seq", "ascending")])
    for actor, event in zip(_strings(ordered["actor"]), _strings(ordered["id"]), strict=True):
        first.setdefault(actor, event)
        if len(first) == MAX_SAMPLES:
            break
    return tuple(first.values())
