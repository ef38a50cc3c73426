"""What agents' tool calls say together: findings by tool, and sequences within one session. Docs: docs/agents.md.

Enters: events with signals, by seq. Leaves: warnings of the kind `agent`. Refuses: to judge the account that an agent
works for; it counts sessions, and a session is named by the event that began the sequence.
"""

from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tocsin.correlate.agent_names import Names
from tocsin.correlate.agent_orders import Waiting
from tocsin.correlate.agent_threads import Found, Thread
from tocsin.correlate.describing import SCALE, timeline, warning_id
from tocsin.correlate.groups import DAY_US
from tocsin.correlate.judged import Judgement
from tocsin.correlate.stock import WARN_STRENGTH
from tocsin.kernel import Kind, Level, Reason, RiskVector, Warning, WarningKind
from tocsin.kernel.signals import AGENT_DETECTORS, MARK

HORIZON_DAYS = 14
MAX_THREADS = 20_000
"""Sessions held, the most recently heard: about 10 KB each, 50 KB where one is full of names."""

MAX_HELD = 1_000
"""Events remembered of one finding, newest; what was before is counted."""

MAX_FOUND = 2_000
"""Sequences and findings that are told at once."""

MAX_SAMPLES = 8
MAX_CONFIDENCE = 90

_ONE = {
    "agent.injection": ("agent.injection", "refute.quoted-instructions"),
    "agent.egress": ("agent.egress", "refute.meant-for-it"),
    "agent.misuse": ("agent.misuse", "refute.policy-too-narrow"),
    "agent.memory": ("agent.memory", "refute.own-instructions"),
}
"""By detector: the sentence that says what was found, and what would refute it."""


class Agents:
    """A `Lookout`. Its state is a function of the events taken: threads by session, findings by rule and tool.

    `orders` gives, of events, the weightiest of guards' verdicts that their tool's result gives orders, as it stands
    when a look asks: none by default.
    """

    name = "agents"
    horizon_days = HORIZON_DAYS

    def __init__(self, orders: Callable[[Collection[str]], Mapping[str, Judgement]] | None = None) -> None:
        self._orders = orders
        self._waiting = Waiting()
        self._threads: OrderedDict[str, _Session] = OrderedDict()
        self._heard: OrderedDict[str, None] = OrderedDict()
        self._findings: OrderedDict[tuple[str, ...], _Finding] = OrderedDict()
        self._found: OrderedDict[str, Found] = OrderedDict()

    def take(self, events: pa.RecordBatch) -> None:
        """Rows without a signal of an agents' detector are passed over."""
        self._listen(events)
        for row in _rows(events):
            session = self._session(row.thread)
            if row.thread in self._heard:
                session.names.heard()
            marks = {signal.evidence for signal in row.signals if signal.category == MARK}
            for signal in row.signals:
                session.calls.mark(signal.detector, signal.strength, signal.evidence)
                if signal.strength >= WARN_STRENGTH and signal.detector in _ONE:
                    self._finding(signal, row).add(row)
            for found in session.calls.close_call(row.time, row.id, row.tool):
                self._keep(found)
            for followed in session.names.close_call(row.time, row.id, row.tool, marks):
                if followed.rings:
                    self._keep(followed)
                elif self._orders:
                    self._waiting.hold(row.thread, followed)

    def look(self, now_us: int) -> Sequence[Warning]:
        """Everything of the last HORIZON_DAYS."""
        since = now_us - HORIZON_DAYS * DAY_US
        for key in [key for key, held in self._findings.items() if held.forget(since)]:
            del self._findings[key]
        for sequence in [key for key, found in self._found.items() if found.last < since]:
            del self._found[sequence]
        singles = (held.warning(key, now_us) for key, held in self._findings.items())
        found = {
            one.key: one for one in self._judged(since)
        } | self._found  # what rings by itself rings as it did
        return (*singles, *(_sequence(one, now_us) for one in found.values()))

    def _judged(self, since: int) -> Iterator[Found]:
        """What rings by a guard's word on a result, and by what the agent then did."""
        self._waiting.forget(since)
        results = self._waiting.results()
        if self._orders and results:
            yield from self._waiting.ringing(self._orders(results))

    def _keep(self, found: Found) -> None:
        self._found[found.key] = found
        self._found.move_to_end(found.key)
        while len(self._found) > MAX_FOUND:
            self._found.popitem(last=False)

    def _listen(self, events: pa.RecordBatch) -> None:
        """Remember in which sessions a person asked a model: their request may bear no mark."""
        asked = pc.and_(
            pc.equal(events.column("kind"), pa.scalar(Kind.MODEL_CALL.value)),
            pc.is_valid(events.column("session")),
        )
        if not asked.true_count:
            return
        for name in cast("list[str]", events.column("session").filter(asked).unique().to_pylist()):
            self._heard[name] = None
            self._heard.move_to_end(name)
        while len(self._heard) > MAX_THREADS:
            self._heard.popitem(last=False)

    def _session(self, key: str) -> "_Session":
        session = self._threads.get(key)
        if session is None:
            session = self._threads[key] = _Session()
            while len(self._threads) > MAX_THREADS:
                self._threads.popitem(last=False)
        else:
            self._threads.move_to_end(key)
        return session

    def _finding(self, signal: "_Said", row: "_Row") -> "_Finding":
        # The kinds that agreed are many; the first is the weightiest, and a policy's rule is one whole.
        rule = signal.evidence if signal.detector == "agent.misuse" else signal.evidence.split("+")[0]
        key = (signal.detector, rule, signal.category, row.source, row.tool)
        held = self._findings.get(key)
        if held is None:
            held = self._findings[key] = _Finding()
            while len(self._findings) > MAX_FOUND:
                self._findings.popitem(last=False)
        return held


class _Session:
    """What is held of one session: its calls of late, and the names in them."""

    __slots__ = ("calls", "names")

    def __init__(self) -> None:
        self.calls, self.names = Thread(), Names()


class _Said:
    """One signal, as the store gives it."""

    __slots__ = ("category", "detector", "evidence", "strength")

    def __init__(self, detector: str, category: str, strength: float, evidence: str) -> None:
        self.detector, self.category, self.strength, self.evidence = detector, category, strength, evidence


class _Row:
    """One event that an agents' detector spoke of."""

    __slots__ = ("actor", "id", "signals", "source", "thread", "time", "tool")

    def __init__(self, event: dict[str, str | None], time: int, signals: list[_Said]) -> None:
        self.id, self.actor = event["id"] or "", event["actor"] or ""
        self.source, self.tool = event["source"] or "", event["tool"] or ""
        self.thread = event["session"] or self.actor
        self.time, self.signals = time, signals


class _Finding:
    """One rule at one tool: what it said, of how many accounts."""

    def __init__(self) -> None:
        self._held: deque[tuple[int, str, str]] = deque(maxlen=MAX_HELD)
        self._days: Counter[int] = Counter()
        self._first = 0

    def add(self, row: _Row) -> None:
        self._held.append((row.time, row.id, row.actor))
        self._days[row.time // DAY_US] += 1
        self._first = min(self._first or row.time, row.time)

    def forget(self, since: int) -> bool:
        """Drop what is older; True when nothing is left."""
        for day in [day for day in self._days if (day + 1) * DAY_US <= since]:
            del self._days[day]
        while self._held and self._held[0][0] < since:
            self._held.popleft()
        self._first = max(self._first, since)
        return not self._held

    def warning(self, key: tuple[str, ...], now: int) -> Warning:
        detector, rule, category, source, tool = key
        code, refutation = _ONE[detector]
        actors = len({actor for _, _, actor in self._held})
        events = sum(self._days.values())
        times = np.repeat(
            np.array(sorted(self._days), np.int64) * DAY_US, [self._days[day] for day in sorted(self._days)]
        )
        said: dict[str, str | int | float] = {
            "rule": rule,
            "tool": tool or "-",
            "source": source,
            "events": events,
            "actors": actors,
        }
        return Warning(
            id=warning_id(WarningKind.AGENT, "\x00".join(key)),
            kind=WarningKind.AGENT,
            key=f"{detector}:{rule}:{tool}",
            category=category,
            actors=actors,
            events=events,
            first_seen=self._first,
            last_seen=max(time for time, _, _ in self._held),
            score=1.0,
            threshold=1.0,
            confidence=min(40 + 10 * events, 70),
            risk=_risk(actors),
            reasons=(Reason(code, said),),
            refutations=(Reason(refutation), Reason("refute.agent-test")),
            samples=tuple(event for _, event, _ in list(self._held)[-MAX_SAMPLES:]),
            timeline=timeline(times),
            updated=now,
        )


def _sequence(found: Found, now: int) -> Warning:
    times = np.array([found.first, found.last], np.int64)
    return Warning(
        id=warning_id(WarningKind.AGENT, found.key),
        kind=WarningKind.AGENT,
        key=found.key,
        category=found.category,
        actors=1,
        events=found.events,
        first_seen=found.first,
        last_seen=found.last,
        score=found.score,
        threshold=found.threshold,
        confidence=min(found.confidence, MAX_CONFIDENCE),
        risk=_risk(1),
        reasons=found.reasons,
        refutations=(*(Reason(code) for code in found.refutations), Reason("refute.agent-test")),
        samples=found.samples,
        timeline=timeline(times),
        updated=now,
    )


def _risk(actors: int) -> RiskVector:
    scale = next(level for least, level in SCALE if actors >= least) if actors else Level.NONE
    return RiskVector(scale=scale, gaps=Level.MEDIUM)


def _rows(events: pa.RecordBatch) -> Iterator[_Row]:
    """Events with a signal of an agents' detector."""
    column = cast("pa.ListArray[Any]", events.column("signals"))
    lengths = column.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    if not lengths.any():
        return
    flat: Any = column.flatten()
    detectors = flat.field("detector").to_pylist()
    ours = np.array([name.startswith(AGENT_DETECTORS) for name in detectors], np.bool_)
    if not ours.any():
        return
    owner = np.repeat(np.arange(len(column)), lengths)[ours].tolist()
    spoken = flat.filter(pa.array(ours))
    said: dict[int, list[_Said]] = {}
    for row, *fields in zip(
        owner,
        *(spoken.field(name).to_pylist() for name in ("detector", "category", "strength", "evidence")),
        strict=True,
    ):
        said.setdefault(row, []).append(_Said(*fields))
    part = events.take(pa.array(list(said))).select(["id", "actor", "session", "source", "tool"]).to_pylist()
    times = events.column("time").to_numpy()[list(said)].tolist()
    for event, time, signals in zip(part, times, said.values(), strict=True):
        yield _Row(event, time, signals)
