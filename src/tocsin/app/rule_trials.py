"""A rule tried before it warns anybody: against the tests beside it, and against this node's own past.

Both go the whole way that an event goes: the door's matcher, then the lookout. Docs: docs/rules.md.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pyarrow as pa
import yaml

from tocsin.app.accept import Sealed, event_of, text_label
from tocsin.app.access import Access
from tocsin.app.keyring import Keyring
from tocsin.app.reviewing import MAX_PURPOSE_CHARS, MIN_PURPOSE_CHARS
from tocsin.app.rules import Listed, Rules
from tocsin.correlate import Armed, RuleWatch
from tocsin.kernel import (
    BackTest,
    BadInput,
    Caller,
    Clock,
    Event,
    EventLine,
    Kind,
    NotFound,
    Observable,
    RuleState,
    Signal,
    Warning,
    micros,
)
from tocsin.kernel.limits import LOOK_BACK_DAYS
from tocsin.screen import RuleSearch, prepare
from tocsin.store import EVENT_SCHEMA, batch_of
from tocsin.store.interface import Store
from tocsin.store.schemas import SIGNAL_TYPE
from tocsin.trust.pseudonyms import Pseudonyms
from tocsin.wire.sigma import DETECTOR, Place, Rule

MAX_TESTS = 100
MAX_TEST_EVENTS = 10_000
"""Events of one test, repeated ones counted: a window with its threshold, not a load test."""

MAX_OPENED = 50_000
"""Texts that one back-test opens, newest first: some ten seconds, and a number that an auditor can ask about."""

MAX_TOLD = 200
"""Warnings that a back-test lists."""

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
"""When a test begins, for all machines the same; it has the afternoon, and days after it, before it."""

_AFTER = re.compile(r"([0-9]{1,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class TestEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An event of a test. What is not said is plain; `after` the beginning, `times` over, `every` so long."""

    text: str = ""
    actor: str = "someone"
    kind: Kind = Kind.POST
    source: str = "test"
    session: str | None = None
    model: str | None = None
    lang: str | None = None
    tool: str | None = None
    observables: tuple[Observable, ...] = ()
    attributes: dict[str, Any] = {}
    signals: tuple[str, ...] = ()
    """Categories that another detector named."""
    after: str = "0s"
    times: int = 1
    every: str = "1s"
    actors: int = 1
    """So many accounts take turns, named after `actor`."""


class RuleTest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Events, and whether the rule shall ring."""

    name: str
    events: tuple[TestEvent, ...]
    rings: bool


class Tried(msgspec.Struct, frozen=True):
    """A test and whether the rule rang."""

    test: RuleTest
    rang: bool

    @property
    def passed(self) -> bool:
        return self.rang == self.test.rings


def tests_of(one: Listed) -> tuple[RuleTest, ...]:
    """The tests beside a rule. Raises BadInput naming what is wrong."""
    name = f"the tests of {one.file or one.kept.id}"
    try:
        tests = msgspec.convert(yaml.safe_load(one.kept.tests) or [], tuple[RuleTest, ...])
    except (yaml.YAMLError, RecursionError) as error:
        raise BadInput(f"{name} cannot be read: is it YAML?") from error
    except msgspec.ValidationError as error:
        raise BadInput(f"{name}: {error}") from None
    if len(tests) > MAX_TESTS:
        raise BadInput(f"{name}: more than {MAX_TESTS} tests")
    return tests


def try_tests(one: Listed) -> tuple[Tried, ...]:
    """Every test of a rule that can be run. Raises BadInput for a test that is none."""
    if one.rule is None:
        raise BadInput(f"it cannot be run: {one.fault}")
    return tuple(Tried(test, bool(_rung(one.rule, test))) for test in tests_of(one))


def _rung(rule: Rule, test: RuleTest) -> Sequence[Warning]:
    lines = _lines(test)
    names = Pseudonyms(bytes(32))  # nobody's: made-up accounts
    search = RuleSearch([(rule, True)])
    said = _by_row(search(prepare([line for line, _ in lines])))
    rows = [
        (
            seq,
            event_of(line, names, NOON, "2026-06-01"),
            (*said.get(seq - 1, ()), *(Signal("test", "1", category, 0.2, "test") for category in also)),
        )
        for seq, (line, also) in enumerate(lines, 1)
    ]
    watch = RuleWatch([Armed(rule, RuleState.ENABLED)], report_days=LOOK_BACK_DAYS)
    watch.take(batch_of(rows))
    return watch.look(micros(max((line.time for line, _ in lines), default=NOON)))


def _lines(test: RuleTest) -> list[tuple[EventLine, tuple[str, ...]]]:
    if sum(event.times for event in test.events) > MAX_TEST_EVENTS:
        raise BadInput(f"{test.name}: more than {MAX_TEST_EVENTS} events")
    return [
        (
            EventLine(
                id=f"{number}.{turn}",
                time=NOON + _span(event.after) + turn * _span(event.every),
                source=event.source,
                kind=event.kind,
                actor=event.actor if event.actors == 1 else f"{event.actor}-{turn % max(1, event.actors)}",
                text=event.text,
                session=event.session,
                model=event.model,
                lang=event.lang,
                tool=event.tool,
                observables=event.observables,
                attributes=event.attributes,
            ),
            event.signals,
        )
        for number, event in enumerate(test.events)
        for turn in range(event.times)
    ]


def _span(said: str) -> timedelta:
    found = _AFTER.fullmatch(said)
    if found is None:
        raise BadInput(f"{said[:32]!r} is no span: write 90s, 5m, 2h or 1d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _by_row(findings: pa.RecordBatch) -> dict[int, tuple[Signal, ...]]:
    found: dict[int, tuple[Signal, ...]] = {}
    for row, version, category, strength, evidence in zip(*findings.to_pydict().values(), strict=True):
        found[row] = (*found.get(row, ()), Signal(DETECTOR, version, category, strength, evidence))
    return found


class BackTesting:
    """Runs a rule over what this node has seen. What it finds warns nobody and tells nobody."""

    def __init__(self, store: Store, keys: Keyring, access: Access, rules: Rules, clock: Clock) -> None:
        self._store = store
        self._keys = keys
        self._access = access
        self._rules = rules
        self._clock = clock

    def run(self, by: Caller, rule_id: str, *, days: int, purpose: str) -> BackTest:
        """The warnings that a rule would have made of the last `days`; numbers alone, kept beside the rule.

        1. A purpose is stated and written to the audit before anything is opened. 2. Events are read as they are kept.
        3. Where the rule asks of texts, those are opened, at most MAX_OPENED, asked and forgotten.

        Raises NotAllowed, NotFound, BadInput.
        """
        self._access.require(by, "rule.manage")
        one = self._rules.get(rule_id)
        if one.rule is None:
            raise BadInput(f"it cannot be run: {one.fault}")
        at_door = any(base.place is Place.DOOR for base in one.rule.bases)
        if at_door:
            self._access.require(by, "sample.open")
        if not 1 <= days <= LOOK_BACK_DAYS:
            raise BadInput(f"a back-test goes 1 to {LOOK_BACK_DAYS} days back: further would be a search")
        if not MIN_PURPOSE_CHARS <= len(purpose.strip()) <= MAX_PURPOSE_CHARS:
            raise BadInput(f"state the purpose in {MIN_PURPOSE_CHARS} to {MAX_PURPOSE_CHARS} characters")
        now = micros(self._clock())
        self._access.audit(  # 1
            by.user,
            "rule.backtest",
            subject=one.kept.id,
            purpose=purpose.strip(),
            detail={"days": days, "opens_texts": int(at_door), "version": one.rule.version},
        )
        since = now - days * 86_400_000_000
        watch = RuleWatch([Armed(one.rule, RuleState.ENABLED)], report_days=days)
        search = RuleSearch([(one.rule, True)])
        read = opened = 0
        truncated = False
        newest = self._store.events.newest()
        for batch in self._store.events.batches(since=since):  # 2
            read += batch.num_rows
            fresh = batch
            if at_door:
                left = int(batch.column("seq")[0].as_py()) > newest - MAX_OPENED
                truncated = truncated or not left
                said = self._asked(batch, search) if left else {}  # 3
                opened += batch.num_rows if left else 0
                fresh = _with_signals(batch, said)
            watch.take(fresh)
        rung = sorted(watch.look(now), key=lambda one: -one.last_seen)
        found = BackTest(
            at=now,
            version=one.rule.version,
            days=days,
            read=read,
            opened=opened,
            warnings=tuple(
                (warning.first_seen, warning.actors, warning.events) for warning in rung[:MAX_TOLD]
            ),
            truncated=truncated or len(rung) > MAX_TOLD,
        )
        self._rules.keep(msgspec.structs.replace(one.kept, backtest=found))
        return found

    def _asked(self, batch: pa.RecordBatch, search: RuleSearch) -> dict[int, tuple[Signal, ...]]:
        """What the rule says of each row's text; a text whose day is destroyed says nothing."""
        events = list(_events(batch))
        sealed = self._store.events.sealed([event.id for event in events])
        rows: list[int] = []
        lines: list[EventLine] = []
        for row, event in enumerate(events):
            line = self._opened(event, sealed.get(event.id))
            if line is not None:
                rows.append(row)
                lines.append(line)
        return {rows[row]: said for row, said in _by_row(search(prepare(lines))).items()}

    def _opened(self, event: Event, sealed: tuple[str, bytes] | None) -> EventLine | None:
        if sealed is None:
            return None
        try:
            plain = self._keys.opened(sealed[0]).open(sealed[1], text_label(event.id))
        except NotFound:
            return None  # the day's key was destroyed
        raw = msgspec.msgpack.decode(plain, type=Sealed)
        return EventLine(
            id=event.id,
            time=NOON,
            source=event.source,
            kind=event.kind,
            actor="",
            text=raw.text,
            model=event.model,
            lang=event.lang,
            tool=event.tool,
            attributes=raw.attributes,
        )


def _events(batch: pa.RecordBatch) -> Iterator[Event]:
    for row in batch.to_pylist():
        yield msgspec.convert(row, Event)


def _with_signals(batch: pa.RecordBatch, said: dict[int, tuple[Signal, ...]]) -> pa.RecordBatch:
    """The batch with what this rule says of it in the place of what it said when the events came."""
    signals = [
        [
            *(one for one in before or () if one["detector"] != DETECTOR),
            *map(msgspec.to_builtins, said.get(row, ())),
        ]
        for row, before in enumerate(batch.column("signals").to_pylist())
    ]
    place = EVENT_SCHEMA.get_field_index("signals")
    return batch.set_column(place, EVENT_SCHEMA.field(place), pa.array(signals, pa.list_(SIGNAL_TYPE)))
