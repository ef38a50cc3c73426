"""The recent past of one node in memory, in columns: about 1.5 KB an event with its verification data.

It holds pseudonyms, times and hashes, never a text. It is filled from the store on start and by each new batch.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar, cast

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tocsin.correlate.clusters import clusters
from tocsin.correlate.growing import Growing
from tocsin.correlate.neighbours import Texts
from tocsin.kernel.signals import AGENT_DETECTORS
from tocsin.wire.sketch import SLOTS, decode_batch

MAX_EVENTS = 500_000
"""Events held: some 700 MB at 300 characters each. Beyond, the oldest go and `truncated` says so."""

UNKNOWN = np.iinfo(np.int64).min
"""`created` of an account whose date of creation no event told."""

NO_TEXT = -1
WARN_STRENGTH = 0.5
"""Signals from here up come from rules that ring by themselves; weaker ones are notes about the account."""

SLACK = 8
"""Rows that were evicted are cut out when they are one in so many: cutting costs a copy of everything."""

I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]
Key = TypeVar("Key")


class Rule(NamedTuple):
    """Who spoke in a signal. `evidence` names a rule or phrase, never a text."""

    detector: str
    version: str
    category: str
    evidence: str
    loud: bool


class View(msgspec.Struct, frozen=True):
    """The window as arrays, one row an event; `tag_*` and `signal_*` are pairs of (row, id)."""

    ids: list[str]
    time: I64
    actor: I32
    created: I64
    """By actor, the earliest told; UNKNOWN where none was."""
    text: I32
    tag_row: I32
    tag: I32
    signal_row: I32
    signal: I32
    tag_types: list[str]
    rules: list[Rule]
    actors: list[str]
    texts: Texts
    shingles: I64

    def __len__(self) -> int:
        return len(self.time)


class Window:
    """Events of the last days. One thread writes; a `view` stays as it was taken."""

    def __init__(self, *, max_events: int = MAX_EVENTS) -> None:
        self._max = max_events
        self.newest = 0
        """Highest seq taken: the next batch starts behind it."""
        self.truncated = False
        """Whether events younger than the last `evict` were dropped because there were too many."""
        self._before = UNKNOWN
        self._ids: list[str] = []
        self._time = Growing(np.int64)
        self._actor = Growing(np.int32)
        self._text = Growing(np.int32)
        self._tag_row, self._tag = Growing(np.int32), Growing(np.int32)
        self._signal_row, self._signal = Growing(np.int32), Growing(np.int32)
        self._created = Growing(np.int64)
        self._actors: dict[str, int] = {}
        self._tags: dict[tuple[str, str], int] = {}
        self._rules: dict[Rule, int] = {}
        self._known_texts: dict[bytes, int] = {}
        self._signatures = Growing(np.uint32, SLOTS)
        self._hashes = Growing(np.uint32)
        self._starts = Growing(np.int64)
        self._starts.extend(np.zeros(1, np.int64))
        self._shingles = Growing(np.int64)
        self._clusters: I64 | None = None

    def __len__(self) -> int:
        return len(self._time)

    def append(self, events: pa.RecordBatch, sketches: Mapping[int, bytes]) -> None:
        """Take events (EVENT_SCHEMA, by seq) and the sketches of those seqs that have one.

        Rows whose seq was taken already are passed over. Raises BadInput for a sketch that is none.
        """
        seqs = events.column("seq").to_numpy(zero_copy_only=False)
        if len(seqs) and seqs[0] <= self.newest:
            events = events.filter(pa.array(seqs > self.newest))
            seqs = events.column("seq").to_numpy(zero_copy_only=False)
        if not len(seqs):
            return
        text = self._take_texts([sketches.get(seq) for seq in seqs.tolist()])
        base = len(self._time)
        actor = self._take_actors(events)
        self._ids += _strings(events.column("id"))
        self._time.extend(events.column("time").to_numpy(zero_copy_only=False))
        self._actor.extend(actor)
        self._text.extend(text)
        self._take_tags(events.column("observables"), base)
        self._take_signals(events.column("signals"), base)
        self.newest = int(seqs[-1])
        if len(self._time) > self._max:
            self.truncated = True
            # A tenth more than needed goes at once, so that a full window is not copied at every batch.
            spare = len(self._time) - self._max + self._max // 10
            self._cut(self._time.rows > np.partition(self._time.rows, spare - 1)[spare - 1])

    def evict(self, before_us: int) -> None:
        """Forget events older than a moment."""
        self._before = max(self._before, before_us)
        live = self._time.rows >= self._before
        if int(np.count_nonzero(~live)) * SLACK >= max(len(live), 1):
            self.truncated = False
            self._cut(live)

    def view(self, *, since: int | None = None, until: int | None = None) -> View:
        """Events with since <= time < until that were not evicted, as arrays."""
        time = self._time.rows
        live = time >= (self._before if since is None else max(since, self._before))
        if until is not None:
            live &= time < until
        rows = np.flatnonzero(live)
        place = np.full(len(time), -1, np.int32)
        place[rows] = np.arange(len(rows), dtype=np.int32)
        tag_row, signal_row = place[self._tag_row.rows], place[self._signal_row.rows]
        whole = len(rows) == len(time)
        return View(
            ids=list(self._ids) if whole else [self._ids[row] for row in rows.tolist()],
            time=time[rows],
            actor=self._actor.rows[rows],
            created=self._created.rows.copy(),
            text=self._text.rows[rows],
            tag_row=tag_row[tag_row >= 0],
            tag=self._tag.rows[tag_row >= 0],
            signal_row=signal_row[signal_row >= 0],
            signal=self._signal.rows[signal_row >= 0],
            tag_types=[kind for kind, _ in self._tags],
            rules=list(self._rules),
            actors=list(self._actors),
            texts=self._texts(),
            shingles=self._shingles.rows,
        )

    def clusters(self) -> I64:
        """For each text (numbers as in `View.text`) its cluster's most typical text; kept until texts change.

        Texts are taken in the order of their signatures, so that the order of arrival changes nothing.
        """
        if self._clusters is None:
            texts = self._texts()
            rows = np.ascontiguousarray(texts.signatures.astype(">u4")).view(f"V{4 * SLOTS}").reshape(-1)
            order = np.argsort(rows, kind="stable")
            self._clusters = np.empty(len(order), np.int64)
            self._clusters[order] = order[clusters(texts.take(order))]
        return self._clusters

    def _texts(self) -> Texts:
        return Texts.of(self._signatures.rows, self._hashes.rows, self._starts.rows)

    def _take_texts(self, blobs: list[bytes | None]) -> I32:
        text = np.full(len(blobs), NO_TEXT, np.int32)
        fresh: dict[bytes, tuple[int, bytes]] = {}
        for row, blob in enumerate(blobs):
            if blob is None:
                continue
            key = blob[: 4 + 4 * SLOTS]
            at = self._known_texts.get(key)
            if at is None:
                at, _ = fresh.setdefault(key, (len(self._known_texts) + len(fresh), blob))
            text[row] = at
        if fresh:
            self._clusters = None
            columns = decode_batch([blob for _, blob in fresh.values()])
            self._signatures.extend(columns.signatures)
            self._starts.extend(columns.starts[1:] + self._starts.rows[-1])
            self._hashes.extend(columns.hashes)
            self._shingles.extend(columns.shingles)
            self._known_texts.update((key, at) for key, (at, _) in fresh.items())
        return text

    def _take_actors(self, events: pa.RecordBatch) -> I32:
        coded = events.column("actor").dictionary_encode()
        names = _strings(coded.dictionary)
        codes = np.array([self._actors.setdefault(name, len(self._actors)) for name in names], np.int32)
        if len(self._actors) > len(self._created):
            self._created.extend(np.full(len(self._actors) - len(self._created), UNKNOWN))
        actor: I32 = codes[coded.indices.to_numpy(zero_copy_only=False)]
        told = events.column("actor_created")
        known = told.is_valid().to_numpy(zero_copy_only=False)
        if known.any():
            dates = told.fill_null(0).to_numpy(zero_copy_only=False)[known]
            created = self._created.rows
            # The earliest date told of an account stands: a later one would make it newer than it is.
            held = created[actor[known]]
            np.minimum.at(created, actor[known][held != UNKNOWN], dates[held != UNKNOWN])
            first = held == UNKNOWN
            whom, when = actor[known][first], dates[first]
            order = np.argsort(-when, kind="stable")
            created[whom[order]] = when[order]
        return actor

    def _take_tags(self, column: "pa.Array[Any]", base: int) -> None:
        rows, values = _flat(column)
        if not len(rows):
            return
        pairs = zip(_strings(values.field("type")), _strings(values.field("value")), strict=True)
        self._tag.extend(np.array([self._tags.setdefault(pair, len(self._tags)) for pair in pairs], np.int32))
        self._tag_row.extend(rows + base)

    def _take_signals(self, column: "pa.Array[Any]", base: int) -> None:
        rows, values = _flat(column)
        strengths = values.field("strength").to_numpy(zero_copy_only=False)
        if (
            not strengths.all()
        ):  # what weighs nothing was only remembered: a rule in shadow, a part of a correlation
            rows, values = rows[strengths > 0], values.filter(pa.array(strengths > 0))
        if not len(rows):
            return
        agents = pc.starts_with(values.field("detector"), AGENT_DETECTORS).to_numpy(zero_copy_only=False)
        if agents.any():  # what an agent's tools did is nothing about the account
            rows, values = rows[~agents], values.filter(pa.array(~agents))
        said = (_strings(values.field(name)) for name in ("detector", "version", "category", "evidence"))
        loud = values.field("strength").to_numpy(zero_copy_only=False) >= WARN_STRENGTH
        rules = [Rule(*fields) for fields in zip(*said, loud.tolist(), strict=True)]
        self._signal.extend(
            np.array([self._rules.setdefault(rule, len(self._rules)) for rule in rules], np.int32)
        )
        self._signal_row.extend(rows + base)

    def _cut(self, live: npt.NDArray[np.bool_]) -> None:
        """Keep the live rows, and of everything interned what they still name."""
        self._clusters = None
        place = np.cumsum(live) - 1
        for row, value in ((self._tag_row, self._tag), (self._signal_row, self._signal)):
            kept = live[row.rows]
            value.replace(value.rows[kept])
            row.replace(place[row.rows[kept]])
        self._ids = [self._ids[row] for row in np.flatnonzero(live).tolist()]
        for column in (self._time, self._actor, self._text):
            column.replace(column.rows[live])
        used, self._actors = _compact(self._actors, self._actor)
        self._created.replace(self._created.rows[used])
        _, self._tags = _compact(self._tags, self._tag)
        _, self._rules = _compact(self._rules, self._signal)
        used, self._known_texts = _compact(self._known_texts, self._text)
        starts = self._starts.rows
        held = np.diff(starts)[used]
        mask = np.zeros(len(starts) - 1, np.bool_)
        mask[used] = True
        self._hashes.replace(self._hashes.rows[np.repeat(mask, np.diff(starts))])
        self._starts.replace(np.concatenate(([0], np.cumsum(held))))
        self._signatures.replace(self._signatures.rows[used])
        self._shingles.replace(self._shingles.rows[used])


def _strings(column: "pa.Array[Any]") -> list[str]:
    return cast("list[str]", column.to_pylist())


def _flat(column: "pa.Array[Any]") -> tuple[I32, Any]:
    """Rows of the items of a list column, and the items themselves."""
    lists = cast("pa.ListArray[Any]", column)
    lengths = lists.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    rows: I32 = np.repeat(np.arange(len(column), dtype=np.int32), lengths)
    return rows, lists.flatten()


def _compact(interned: dict[Key, int], column: Growing[np.int32]) -> tuple[I64, dict[Key, int]]:
    """The codes still in use, ascending, and the interning with those codes numbered anew."""
    codes = column.rows
    mask = np.zeros(len(interned), np.bool_)
    mask[codes[codes >= 0]] = True
    place = np.append(np.cumsum(mask) - 1, NO_TEXT)  # the last place is what -1 names
    column.replace(place[codes])
    used = np.flatnonzero(mask)
    return used, {key: int(place[code]) for key, code in interned.items() if mask[code]}
