"""Guard models at work: a job beside the door, which opens sealed texts for a purpose and keeps what was said apart.

What a guard did not say, in time and in its own shape, is unknown and asked again; nothing is clean by silence.
Events wait at a cursor that moves in the same transaction as their verdicts: a crash asks again, and loses none.
"""

import os
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import structlog

from tocsin.app.accept import Sealed, text_label
from tocsin.app.access import Access
from tocsin.app.guard_line import GuardLine, Reply
from tocsin.app.judged import Spoken
from tocsin.app.keyring import Keyring
from tocsin.app.telemetry import Telemetry
from tocsin.correlate import Exclusions
from tocsin.correlate.guards import WINDOW_DAYS, Flag, find_guarded
from tocsin.kernel import Clock, GuardOutcome, GuardVerdict, NotFound, Warning, micros
from tocsin.kernel.events import TOOL_RESULT
from tocsin.kernel.signals import ASKED, MARK
from tocsin.store.interface import Store
from tocsin.taxonomy.guard_files import Guard, of_results
from tocsin.wire.fold import fold
from tocsin.wire.sketch import decode, sketch_batch

LEASE = "guards"
LEASE_MICROS = 900_000_000
"""Longer than a run can last (RUN_EVENTS slow requests): two processes would ask, and pay, twice."""

RUN_EVENTS = 128
"""Events opened at once: what is in memory as plain text, and what is asked again after a crash."""

MAX_PIECES = 16
OVERLAP = 200
"""Characters that two pieces of a long text share, so that no sentence is read by halves."""

FIRST_WAIT_US = 60_000_000
MAX_WAIT_US = 6 * 3_600_000_000
MAX_TRIES = 30
"""With waits up to six hours about a week; then it stays unknown and says so."""

DAY_US = 86_400_000_000
_log = structlog.get_logger("tocsin.guards")


class _Event(NamedTuple):
    id: str
    day: str
    lang: str | None
    before: GuardVerdict | None


class _Chosen(NamedTuple):
    """Whose texts are judged now, whose tools' results, and up to which seq events were read."""

    texts: list[_Event]
    results: list[_Event]
    read_to: int


class Guards:
    """All guards of one node. Without any, nothing is opened and nothing asked."""

    def __init__(
        self,
        store: Store,
        keys: Keyring,
        access: Access,
        telemetry: Telemetry,
        clock: Clock,
        exclusions: Exclusions,
        spoken: Spoken,
        guards: Sequence[Guard],
    ) -> None:
        self._store = store
        self._keys = keys
        self._access = access
        self._telemetry = telemetry
        self._clock = clock
        self._exclusions = exclusions
        self._spoken = spoken
        self.lines = tuple(GuardLine(guard, store.jobs, keys) for guard in guards)
        self._holder = f"{os.getpid()}.{os.urandom(4).hex()}"
        self._turn = threading.Lock()

    def tick(self) -> tuple[Warning, ...]:
        """Ask each guard about what is new or due; returns the warnings that are new."""
        if not self.lines:
            return ()
        with self._turn:
            now = self._clock()
            if not self._store.jobs.lease(LEASE, self._holder, now=micros(now), ttl=LEASE_MICROS):
                return ()
            flagged = [self._run(line, now) for line in self.lines]
            return self._warn(micros(now)) if any(flagged) else ()

    def release(self) -> None:
        """Give the lease back, so that another process need not wait."""
        if self.lines:
            self._store.jobs.release_lease(LEASE, self._holder)

    def waiting(self, guard: Guard) -> int:
        """Events that this guard has not come to yet, at most."""
        return max(self._store.events.newest() - self._read_to(guard), 0)

    def _run(self, line: GuardLine, now: datetime) -> bool:
        """One run of one guard; whether it flagged what an account wrote.

        1. Within what may be asked now, due unknowns and new events are chosen. 2. The opening is audited, then
        done. 3. Equal texts are asked once, and what was settled today not at all. What tools brought back is judged
        apart, for it is no account's word. 4. Verdicts, who spoke, and the cursor are kept together.
        """
        guard = line.guard
        most = min(line.allowance(now) * guard.template.batch, RUN_EVENTS)
        if most <= 0:
            return False
        chosen = self._choose(guard, most, now)  # 1
        if not chosen.texts and not chosen.results and chosen.read_to == self._read_to(guard):
            return False
        opened = self._opened(guard, [*chosen.texts, *chosen.results])  # 2
        texts = {event: sealed.text for event, sealed in opened.items()}
        results = {event: _brought(sealed) for event, sealed in opened.items()}
        verdicts = self._judge(line, guard, chosen.texts, texts, now)  # 3
        of_tools = self._judge(line, of_results(guard), chosen.results, results, now)
        with self._store.together():  # 4
            self._store.verdicts.put([*verdicts, *of_tools])
            self._spoken.keep(verdicts, opened, now)
            self._store.jobs.set_cursor(_cursor(guard), str(chosen.read_to))
        for verdict in (*verdicts, *of_tools):
            self._telemetry.guard_verdicts.labels(guard.name, verdict.outcome.value).inc()
        return any(verdict.outcome is GuardOutcome.FLAGGED for verdict in verdicts)

    def _choose(self, guard: Guard, most: int, now: datetime) -> _Chosen:
        """Half of a run at most is for what is asked again, so that a bad hour does not hold up what is new; and half
        of that for tools' results."""
        again = max(most // 2, 1)
        results = self._due(of_results(guard), now, again // 2) if guard.file.results else []
        texts = self._due(guard, now, again - len(results))
        read_to, left = self._read_to(guard), most - len(texts) - len(results)
        for batch in self._store.events.batches(after=read_to):
            brings = _brings_names(batch) if guard.file.results else np.zeros(batch.num_rows, np.bool_)
            asks = int(np.searchsorted(np.cumsum(1 + brings), left, side="right"))
            taken = batch.slice(0, max(asks, 1) if left > 0 else 0)
            if taken.num_rows:
                read_to = taken.column("seq")[-1].as_py()
                texts += _wanted(taken, guard.file.languages)
                results += _wanted(taken.filter(pa.array(brings[: taken.num_rows])), guard.file.languages)
                left -= taken.num_rows + int(brings[: taken.num_rows].sum())
            if left <= 0 or taken.num_rows < batch.num_rows:
                break
        return _Chosen(texts, results, read_to)

    def _due(self, guard: Guard, now: datetime, most: int) -> list[_Event]:
        due = self._store.verdicts.due(guard.name, guard.version, now=micros(now), limit=most)
        kept = self._store.events.sealed([verdict.event for verdict in due])
        return [_Event(v.event, kept[v.event][0] if v.event in kept else "", v.lang, v) for v in due]

    def _opened(self, guard: Guard, events: Sequence[_Event]) -> dict[str, Sealed]:
        """Event → what lay sealed, for those whose day still has a key.

        One line in the audit a run, before anything is opened.
        """
        if not events:
            return {}
        self._access.audit(
            "node",
            "text.open",
            subject=guard.name,
            purpose="guard model",
            detail={
                "events": len({event.id for event in events}),
                "again": len({event.id for event in events if event.before is not None}),
            },
        )
        opened = {}
        for event_id, (day, sealed) in self._store.events.sealed({event.id for event in events}).items():
            try:
                plain = self._keys.opened(day).open(sealed, text_label(event_id))
            except NotFound:
                continue  # the day's key was destroyed meanwhile
            opened[event_id] = msgspec.msgpack.decode(plain, type=Sealed)
        return opened

    def _judge(
        self,
        line: GuardLine,
        guard: Guard,
        events: Sequence[_Event],
        texts: Mapping[str, str],
        now: datetime,
    ) -> list[GuardVerdict]:
        """`guard` is the line's, or the same one as it is asked of tools' results."""
        tags = {
            event.id: self._keys.opened(event.day).tag(texts[event.id].encode("utf-8", "surrogatepass"))
            for event in events
            if texts.get(event.id, "").strip()
        }
        known = self._store.verdicts.by_tag(guard.name, guard.version, set(tags.values()))
        fresh = {tag: texts[event] for event, tag in tags.items() if tag not in known}
        settled = dict(known)
        for tag, text in (
            fresh.items() if guard == line.guard else ()
        ):  # a page is spared nothing by whom it copies
            if self._excluded(text):
                settled[tag] = _new(guard, tag, GuardOutcome.OUTSIDE, now, why="excluded")
        asked = {tag: text for tag, text in fresh.items() if tag not in settled}
        settled.update(self._ask(line, guard, asked, now))
        return [
            said
            for event in events
            if (said := self._verdict(guard, event, tags.get(event.id), settled, now)) is not None
        ]

    def _ask(
        self, line: GuardLine, guard: Guard, texts: Mapping[bytes, str], now: datetime
    ) -> dict[bytes, GuardVerdict]:
        """Tag → verdict. A text in pieces is flagged by any of them, and clean only by all."""
        pieces = {tag: _pieces(text, guard.file.max_characters) for tag, text in texts.items()}
        questions = {
            f"{tag.hex()}.{number}": piece
            for tag, parts in pieces.items()
            if len(parts) <= MAX_PIECES
            for number, piece in enumerate(parts)
        }
        replies = line.ask(questions, now) if questions else {}
        return {
            tag: _of_replies(
                guard, tag, [replies.get(f"{tag.hex()}.{number}") for number in range(len(parts))], now
            )
            for tag, parts in pieces.items()
        }

    def _verdict(
        self,
        guard: Guard,
        event: _Event,
        tag: bytes | None,
        settled: Mapping[bytes, GuardVerdict],
        now: datetime,
    ) -> GuardVerdict | None:
        """The verdict on one event. One without a text has none; one whose text is gone is not asked again."""
        if tag is None:
            if event.before is None:
                return None
            return msgspec.structs.replace(event.before, at=micros(now), again=None, why="gone")
        said = settled[tag]
        tries = (event.before.tries if event.before else 0) + 1
        unknown = said.outcome is GuardOutcome.UNKNOWN
        never = not unknown or tries >= MAX_TRIES or said.why == "too-long"
        wait = min(FIRST_WAIT_US * 2 ** (tries - 1), MAX_WAIT_US)
        return msgspec.structs.replace(
            said,
            event=event.id,
            at=micros(now),
            lang=event.lang,
            tries=tries,
            again=None if never else micros(now) + wait,
        )

    def _excluded(self, text: str) -> bool:
        """Whether an exclusion list holds a text like this one: a public text is nobody's misuse."""
        (blob,) = sketch_batch([fold(text)])
        return blob is not None and self._exclusions.of_fingerprint(decode(blob).signature_bytes) is not None

    def _warn(self, now: int) -> tuple[Warning, ...]:
        versions = {line.guard.name: line.guard.version for line in self.lines}
        flagged = self._store.verdicts.flagged(versions.values(), since=now - WINDOW_DAYS * DAY_US)
        kept = [verdict for verdict in flagged if versions.get(verdict.guard) == verdict.version]
        facts = self._store.events.facts([verdict.event for verdict in kept])
        flags = [
            Flag(v.event, facts[v.event].actor, facts[v.event].time, v.guard, v.category, v.strength)
            for v in kept
            if v.event in facts
        ]
        found = find_guarded(flags, now_us=now)
        new = tuple(warning for warning in found if self._store.warnings.upsert(warning))
        for warning in new:
            _log.info("warning.new", id=warning.id, kind=warning.kind.value, actors=warning.actors)
        return new

    def _read_to(self, guard: Guard) -> int:
        return int(self._store.jobs.cursor(_cursor(guard)) or 0)


def _cursor(guard: Guard) -> str:
    return f"guard.{guard.name}"


def _wanted(batch: pa.RecordBatch, languages: Sequence[str]) -> list[_Event]:
    columns = (batch.column(name).to_pylist() for name in ("id", "seal_day", "lang"))
    return [
        _Event(event_id, day, lang, None)
        for event_id, day, lang in zip(*columns, strict=True)
        if not languages or lang in languages
    ]


def _brings_names(batch: pa.RecordBatch) -> npt.NDArray[np.bool_]:
    """True where a tool's result brought a name that an agent may take up: of other results nothing could follow."""
    column = cast("pa.ListArray[Any]", batch.column("signals"))
    flat: Any = column.flatten()
    brings = pc.and_(
        pc.equal(flat.field("category"), pa.scalar(MARK)), pc.starts_with(flat.field("evidence"), ASKED)
    )
    lengths = column.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    found = np.zeros(len(column), np.bool_)
    found[np.repeat(np.arange(len(column)), lengths)[brings.to_numpy(zero_copy_only=False)]] = True
    return found


def _brought(sealed: Sealed) -> str:
    """What a tool brought back, as text."""
    result = sealed.attributes.get(TOOL_RESULT)
    if result is None or isinstance(result, str):
        return result or ""
    return msgspec.json.encode(result).decode()


def _pieces(text: str, size: int) -> list[str]:
    if len(text) <= size:
        return [text]
    step = size - min(OVERLAP, size // 2)
    return [text[at : at + size] for at in range(0, len(text) - size + step, step)]


def _of_replies(guard: Guard, tag: bytes, replies: Sequence[Reply | None], now: datetime) -> GuardVerdict:
    """1. Any piece that is conduct of the list flags the text. 2. A piece that nobody judged leaves it unknown. 3. Only
    then may it be outside the list, or clean."""
    if len(replies) > MAX_PIECES:
        return _new(guard, tag, GuardOutcome.UNKNOWN, now, why="too-long")
    meant = guard.template.categories
    hits = [
        (reply.said.strength, category)
        for reply in replies
        if reply is not None and reply.said is not None and reply.said.unsafe
        for label in reply.said.labels
        if (category := meant.get(label)) is not None
    ]
    if hits:  # 1
        strength, category = max(hits)
        found = _new(guard, tag, GuardOutcome.FLAGGED, now)
        return msgspec.structs.replace(found, category=category, strength=strength)
    for reply in replies:  # 2
        if reply is None or reply.said is None:
            return _new(guard, tag, GuardOutcome.UNKNOWN, now, why=reply.why if reply else "fault")
    if any(reply is not None and reply.said is not None and reply.said.unsafe for reply in replies):  # 3
        return _new(guard, tag, GuardOutcome.OUTSIDE, now)
    return _new(guard, tag, GuardOutcome.CLEAN, now)


def _new(guard: Guard, tag: bytes, outcome: GuardOutcome, now: datetime, *, why: str = "") -> GuardVerdict:
    return GuardVerdict("", guard.name, guard.version, outcome, micros(now), tag, why=why)
