"""The recent past of one node in memory, in columns: about 12 bytes an event and 72 a text with a fingerprint.

It holds numbers, times and bits of hashes: never a text, a name or an id. What else is needed of few events is asked
of a `Past`. It is filled from the store or from what was saved, and by each new batch.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, cast

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tocsin.correlate.bands import planes
from tocsin.correlate.families import LEARN_AT, Families
from tocsin.correlate.index import MAX_TEXTS
from tocsin.correlate.narrow import Part
from tocsin.correlate.past import Past, Remembered
from tocsin.correlate.stock import UNKNOWN, Rule, Stock, days_of, digest, first_rows, renumber, strings
from tocsin.correlate.tally import Tally
from tocsin.wire.sketch import SLOTS, U32, Columns, Sketch, decode_batch

MAX_EVENTS = 10_000_000
"""Events held: some 1 GB where all of them have fingerprints. Beyond, the oldest go and `truncated` says so."""

NO_TEXT = -1
NO_KEYS = np.empty((0, 0), np.uint32)
SLACK = 8
"""Rows that were evicted are cut out when they are one in so many: cutting costs a copy of everything."""

HEAD_BYTES = 4 + 4 * SLOTS
"""Bytes of a sketch that tell one text from another: the count of shingles and the signature."""

I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]


class View(msgspec.Struct, frozen=True):
    """The window as arrays, one row an event; `tag_*` and `signal_*` are pairs of (row, id)."""

    seq: Part
    time: Part
    """Microseconds."""
    actor: I32
    created: I64
    """By actor, the earliest told; UNKNOWN where none was."""
    text: I32
    tag_row: I32
    tag: I32
    signal_row: I32
    signal: I32
    types: list[str]
    type_of_tag: npt.NDArray[np.int16]
    rules: list[Rule]
    texts: Families
    again: Bools
    """By text: whether more than one event has it, those out of view included."""
    past: Past

    def __len__(self) -> int:
        return len(self.time)

    def ids(self, rows: npt.NDArray[np.integer[Any]]) -> list[str]:
        """Event ids of some rows, fetched. An event that is kept no more has its number for a name."""
        seqs = self.seq[rows].tolist()
        known = self.past.ids(seqs)
        return [known.get(seq, str(seq)) for seq in seqs]

    def rows_of(self, ids: Collection[str]) -> dict[str, int]:
        """Event id → row, for those in the view."""
        found = {}
        for event_id, seq in self.past.seqs(ids).items():
            row = self.seq.find(seq)
            if row >= 0:
                found[event_id] = row
        return found


class Window:
    """Events of the last days. One thread writes; a `view` stays as it was taken."""

    def __init__(
        self, past: Past | None = None, *, max_events: int = MAX_EVENTS, learn_at: int = LEARN_AT
    ) -> None:
        """Without a `past` the window remembers ids and sketches itself."""
        if max_events > MAX_TEXTS:
            raise ValueError(f"a window holds {MAX_TEXTS} events at most")
        self._remembered = Remembered() if past is None else None
        self._past: Past = past or cast("Past", self._remembered)
        self._max = max_events
        self.newest = 0
        """Highest seq taken: the next batch starts behind it."""
        self.truncated = False
        """Whether events younger than the last `evict` were dropped because there were too many."""
        self._before = UNKNOWN
        self.stock = Stock()
        self._families = Families(self._fetch, learn_at=learn_at)
        self._tally = Tally()

    def __len__(self) -> int:
        return len(self.stock.time)

    def append(self, events: pa.RecordBatch, sketches: Mapping[int, bytes]) -> U32:
        """Take events (EVENT_SCHEMA, by seq) and the sketches of those seqs that have one.

        Rows whose seq was taken already are passed over. Returns the band keys of the texts that are new, in the
        order of their numbers. Raises BadInput for a sketch that is none.
        """
        seqs = events.column("seq").to_numpy(zero_copy_only=False)
        if len(seqs) and seqs[0] <= self.newest:
            events = events.filter(pa.array(seqs > self.newest))
            seqs = events.column("seq").to_numpy(zero_copy_only=False)
        if not len(seqs):
            return NO_KEYS
        blobs = [sketches.get(seq) for seq in seqs.tolist()]
        base = len(self.stock.time)
        text, fresh = self._take_texts(blobs, np.arange(base, base + len(blobs)))
        if self._remembered is not None:
            self._remembered.take(zip(seqs.tolist(), strings(events.column("id")), strict=True), sketches)
        self.stock.seq.extend(seqs)
        self.stock.time.extend(events.column("time").to_numpy(zero_copy_only=False))
        self.stock.actor.extend(self.stock.take_actors(events))
        self.stock.text.extend(text)
        self.stock.day.extend(days_of(events.column("seal_day")))
        self.stock.take_tags(events.column("observables"), base)
        self.stock.take_signals(events.column("signals"), base)
        self.newest = int(seqs[-1])
        keys = NO_KEYS if fresh is None else self._families.add(fresh)
        if len(self.stock.time) > self._max:
            self.truncated = True
            # A tenth more than needed goes at once, so that a full window is not copied at every batch.
            spare = len(self.stock.time) - self._max + self._max // 10
            self._cut(~self.stock.time.oldest(spare))
        return keys

    def evict(self, before_us: int) -> None:
        """Forget events older than a moment."""
        self._before = max(self._before, before_us)
        live = self.stock.time.within(self._before, None)
        if int(np.count_nonzero(~live)) * SLACK >= max(len(live), 1):
            self.truncated = False
            self._cut(live)

    def compact(self) -> None:
        """Cut out at once what was evicted; `evict` waits until it is worth a copy."""
        self._cut(self.stock.time.within(self._before, None))

    def shred(self, gone: Callable[[str], bool]) -> int:
        """Forget what is known of the texts of days (YYYY-MM-DD) that are `gone`; the events stay. Returns how many."""
        text = self.stock.text.rows
        present = [run for run in self.stock.day.each() if (text[run[1] : run[2]] >= 0).any()]
        dead = {day for day in {run[0] for run in present} if gone(str(np.datetime64(day, "D")))}
        lost = [slice(first, last) for day, first, last in present if day in dead]
        if not lost:
            return 0
        text = text.copy()  # a view keeps the old column
        number = 0
        for rows in lost:
            there = np.flatnonzero(text[rows] >= 0) + rows.start
            number += len(there)
            text[rows] = NO_TEXT
            if self._remembered is not None:
                self._remembered.forget_sketches(self.stock.seq.take(there).tolist())
        self.stock.text.adopt(text)
        self._compact_texts()
        return number

    def view(self, *, since: int | None = None, until: int | None = None) -> View:
        """Events with since <= time < until that were not evicted, as arrays."""
        live = self.stock.time.within(self._before if since is None else max(since, self._before), until)
        rows = _slice_of(live)
        return View(
            seq=Part(self.stock.seq, rows),
            time=Part(self.stock.time, rows),
            actor=self.stock.actor.rows[rows],
            created=self.stock.created.rows.copy(),
            text=self.stock.text.rows[rows],
            texts=self._families,
            again=self.stock.again.rows,
            past=self._past,
            **_pairs("tag", rows, live, self.stock.tag_row.rows, self.stock.tag.rows),
            **_pairs("signal", rows, live, self.stock.signal_row.rows, self.stock.signal.rows),
            types=list(self.stock.types),
            type_of_tag=self.stock.tag_type.rows,
            rules=list(self.stock.rules),
        )

    def tally(self, view: View) -> tuple[I32, I64]:
        """(events, time of the first or NEVER) by account in a view that was just taken."""
        return self._tally.of(self.stock, view.seq.at)

    def rows_after(self, seq: int) -> int:
        """How many of the events held came after one."""
        return len(self) - self.stock.seq.place(seq + 1)

    def filled(self, newest: int, orphans: I64) -> None:
        """Say that the stock was loaded up to a seq; texts of `orphans` (rows) are fetched by their own sketches."""
        self.newest = newest
        self.stock.count_again()
        seqs = self.stock.seq.take(orphans).tolist()
        sketches = self._past.sketches(seqs) if seqs else {}
        rows = [row for row, seq in zip(orphans.tolist(), seqs, strict=True) if seq in sketches]
        blobs = [sketches[seq] for seq in seqs if seq in sketches]
        text, fresh = self._take_texts(blobs, np.array(rows))
        self.stock.text.rows[rows] = text
        if fresh is not None:
            self._families.add(fresh)

    @property
    def texts(self) -> Families:
        """The texts, their families and clusters."""
        return self._families

    def clusters(self) -> I32:
        """For each text (numbers as in `View.text`) its cluster's most typical text."""
        return self._families.medoids

    def _fetch(self, texts: Sequence[int]) -> dict[int, Sketch]:
        by_seq = dict(zip(self.stock.seq.take(self.stock.text_row.rows[texts]).tolist(), texts, strict=True))
        sketches = self._past.sketches(by_seq.keys())
        columns = decode_batch(list(sketches.values()))
        return {
            by_seq[seq]: Sketch(
                columns.signatures[at],
                columns.hashes[columns.starts[at] : columns.starts[at + 1]].copy(),
                int(columns.shingles[at]),
            )
            for at, seq in enumerate(sketches)
        }

    def _take_texts(self, blobs: Sequence[bytes | None], at: I64) -> tuple[I32, Columns | None]:
        """The text of each row (`at` are the rows), and the sketches of those that are new."""
        text = np.full(len(blobs), NO_TEXT, np.int32)
        rows = [row for row, blob in enumerate(blobs) if blob is not None]
        if not rows:
            return text, None
        held = [cast("bytes", blobs[row]) for row in rows]
        before = len(self.stock.texts)
        columns = decode_batch(held)
        digests = np.array([digest(blob[:HEAD_BYTES]) for blob in held], np.uint64)
        numbers = self.stock.texts.of(digests, planes(columns.signatures), self._families.planes)
        text[rows] = numbers
        self.stock.use(numbers)
        if len(self.stock.texts) == before:
            return text, None
        new, first = np.unique(numbers, return_index=True)
        first = first[new >= before]
        self.stock.text_row.extend(at[np.array(rows)[first]])
        return text, _taken(columns, first)

    def _cut(self, live: Bools) -> None:
        """Keep the live rows, and of everything numbered what they still name."""
        self._tally = Tally()
        if self._remembered is not None:
            self._remembered.forget(self.stock.seq.take(np.flatnonzero(~live)).tolist())
        place = np.cumsum(live, dtype=np.int32) - np.int32(1)
        for row, value in ((self.stock.tag_row, self.stock.tag), (self.stock.signal_row, self.stock.signal)):
            kept = live[row.rows]
            value.adopt(value.rows[kept])
            row.adopt(place[row.rows[kept]])
        del place
        rows = np.flatnonzero(live).astype(np.int32)
        for column in (self.stock.actor, self.stock.text):
            column.adopt(column.rows[rows])
        for told in (self.stock.seq, self.stock.time, self.stock.day):
            told.keep(rows)
        del rows
        used, _ = renumber(self.stock.actors, self.stock.actor)
        self.stock.created.replace(self.stock.created.rows[used])
        used, _ = renumber(self.stock.tags, self.stock.tag)
        self.stock.tag_type.replace(self.stock.tag_type.rows[used])
        rules = list(self.stock.rules)
        spoken, codes = np.unique(self.stock.signal.rows, return_inverse=True)
        self.stock.rules = {rules[code]: at for at, code in enumerate(spoken.tolist())}
        self.stock.signal.replace(codes.reshape(-1))
        self._compact_texts()

    def _compact_texts(self) -> None:
        _, place = renumber(self.stock.texts, self.stock.text)
        self.stock.text_row.adopt(first_rows(self.stock.text.rows, len(self.stock.texts)))
        self.stock.count_again()
        self._families.keep(place)


def _slice_of(live: Bools) -> slice | I64:
    """Where a mask is true; a slice, which copies nothing, where that is one run, as it nearly always is."""
    if not live.any():
        return slice(0, 0)
    first, last = int(np.argmax(live)), len(live) - int(np.argmax(live[::-1]))
    return slice(first, last) if bool(live[first:last].all()) else np.flatnonzero(live)


def _pairs(name: str, rows: slice | I64, live: Bools, row: I32, value: I32) -> dict[str, I32]:
    if isinstance(rows, slice):
        first, last = np.searchsorted(row, (rows.start, rows.stop))
        return {f"{name}_row": row[first:last] - np.int32(rows.start), name: value[first:last]}
    place = np.full(len(live), -1, np.int32)
    place[rows] = np.arange(len(rows), dtype=np.int32)
    kept = live[row]
    return {f"{name}_row": place[row[kept]], name: value[kept]}


def _taken(columns: Columns, rows: npt.NDArray[np.intp]) -> Columns:
    sizes = np.diff(columns.starts)[rows]
    starts = np.concatenate(([0], np.cumsum(sizes)))
    at = np.arange(starts[-1]) + np.repeat(columns.starts[rows] - starts[:-1], sizes)
    return Columns(columns.signatures[rows], columns.hashes[at], starts, columns.shingles[rows])
