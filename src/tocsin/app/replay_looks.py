"""The looks of a replay: which days each sees, the columns of its events, and the campaigns that a node would tell.

A node looks every two seconds at its last `look_back_days`. A replay looks as seldom as it can without missing a span
of `window_days`: whatever such a span holds lies whole in at least one look.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, cast

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from tocsin.app.replay_traces import SEEN
from tocsin.correlate import CampaignSettings
from tocsin.correlate.bands import PLANES
from tocsin.correlate.campaigns import Campaign, campaigns_of
from tocsin.correlate.families import Families
from tocsin.correlate.groups import DAY_US
from tocsin.correlate.history import Prints, Typical
from tocsin.correlate.in_common import agreeing
from tocsin.correlate.narrow import Part
from tocsin.correlate.numbers import Numbers
from tocsin.correlate.stock import Stock, digest, strings
from tocsin.correlate.survey import Survey, surveyed
from tocsin.correlate.tally import Tally
from tocsin.correlate.window import NO_TEXT, View
from tocsin.kernel import Reason, Warning
from tocsin.store.parquet import by_group
from tocsin.wire.sketch import U64, Sketch, decode

I64 = npt.NDArray[np.int64]
Fetch = Callable[[int], bytes]
"""The number of a text (`TRACES`) → its sketch."""

CAMPAIGN_FILES = "campaigns"
"""The folder of what is found, in the folder of a run."""

_MOMENT = pa.timestamp("us", "UTC")
_CAMPAIGNS: list[tuple[str, pa.DataType]] = [
    ("look", _MOMENT),
    ("campaign", pa.string()),
    ("key", pa.string()),
    ("category", pa.string()),
    ("score", pa.float64()),
    ("threshold", pa.float64()),
    ("confidence", pa.int64()),
    ("risk", pa.string()),
    ("actors", pa.int64()),
    ("events", pa.int64()),
    ("first_seen", _MOMENT),
    ("last_seen", _MOMENT),
    ("reasons", pa.string()),
    ("refutations", pa.string()),
    ("samples", pa.list_(pa.string())),
]
CAMPAIGNS = pa.schema(_CAMPAIGNS)
"""A row for each campaign and look that found it. `key` and `samples` are event ids; `reasons` are JSON, by code."""

_MEMBERS: list[tuple[str, pa.DataType]] = [
    ("look", _MOMENT),
    ("campaign", pa.string()),
    ("actor", pa.string()),
    ("events", pa.int64()),
    ("first_use", _MOMENT),
]
MEMBERS = pa.schema(_MEMBERS)
"""The accounts of each campaign, under the run's pseudonyms, and when and how often they used its text."""


class Look(NamedTuple):
    """Events with since <= time <= now, in microseconds."""

    since: int
    now: int


def looks_over(days: Collection[int], newest: int, settings: CampaignSettings) -> Iterator[Look]:
    """Looks from the oldest to the newest, which is at the last event; `days` (since 1970) are those with events."""
    reach = settings.look_back_days * DAY_US
    step = max(settings.look_back_days - settings.window_days, 1) * DAY_US
    held = np.array(sorted(days), np.int64) * DAY_US
    back = int((newest - reach - held[0]) // step + 1) if newest - reach > held[0] else 0
    for at in range(back, -1, -1):
        look = Look(newest - at * step - reach, newest - at * step)
        if ((held + DAY_US > look.since) & (held <= look.now)).any():
            yield look


class Seen:
    """The events of one look in the columns that a node's window has; an id that stands twice counts once."""

    def __init__(self) -> None:
        self.stock = Stock()
        self.texts = Numbers()
        self._ids = Numbers()
        self._names: list[pa.Array[pa.StringScalar]] = []
        self._actors: list[pa.Array[pa.StringScalar]] = []

    def take(self, traces: pa.RecordBatch) -> None:
        """Take traces (SEEN) that have a time."""
        stock, base = self.stock, len(self.stock.time)
        numbers = self._ids.of(_keys(strings(traces.column("id"))))
        new, first = np.unique(numbers, return_index=True)
        kept = np.sort(first[new >= base])
        if len(kept) < traces.num_rows:
            traces = traces.take(kept)
        self._names.append(cast("pa.Array[pa.StringScalar]", traces.column("id")))
        stock.seq.extend(np.arange(base, base + traces.num_rows))
        stock.time.extend(traces.column("time").to_numpy(zero_copy_only=False))
        known = len(stock.actors)
        actor = stock.take_actors(traces)
        whom, at = np.unique(actor, return_index=True)
        self._actors.append(cast("pa.Array[pa.StringScalar]", traces.column("actor").take(at[whom >= known])))
        stock.actor.extend(actor)
        stock.text.extend(self._texts(traces))
        stock.take_tags(traces.column("observables"), base)
        stock.take_signals(traces.column("signals"), base)

    def _texts(self, traces: pa.RecordBatch) -> npt.NDArray[np.int32]:
        column = traces.column("text")
        there = column.is_valid().to_numpy(zero_copy_only=False)
        numbers = column.fill_null(0).to_numpy(zero_copy_only=False)
        text = np.full(len(there), NO_TEXT, np.int32)
        text[there] = self.texts.of(numbers[there].view(np.uint64))
        return text

    def survey(self, typical: Sequence[Typical], prints: Iterable[Prints], fetch: Fetch) -> Survey:
        """What a node sees when it looks; a text that `typical` does not name is its own cluster."""
        cluster = np.arange(len(self.texts), dtype=np.int32)
        for part in typical:
            cluster[self.texts.known(part.texts.view(np.uint64))] = self.texts.known(
                part.typical.view(np.uint64)
            )
        bits = np.zeros((len(self.texts), PLANES), np.uint64)
        for some in prints:
            bits[self.texts.known(some.texts.view(np.uint64))] = some.planes
        view = self._view(_Texts(self.texts, cluster, bits, fetch))
        return surveyed(view, cluster, Tally().of(self.stock, slice(0, len(view))))

    def _view(self, texts: "_Texts") -> View:
        stock = self.stock
        every = slice(0, len(stock.time))
        return View(
            seq=Part(stock.seq, every),
            time=Part(stock.time, every),
            actor=stock.actor.rows,
            created=stock.created.rows,
            text=stock.text.rows,
            tag_row=stock.tag_row.rows,
            tag=stock.tag.rows,
            signal_row=stock.signal_row.rows,
            signal=stock.signal.rows,
            types=list(stock.types),
            type_of_tag=stock.tag_type.rows,
            rules=list(stock.rules),
            texts=cast("Families", texts),
            again=np.bincount(stock.text.rows[stock.text.rows >= 0], minlength=len(self.texts)) > 1,
            past=self,
        )

    def ids(self, seqs: Collection[int]) -> Mapping[int, str]:
        """Keeps `correlate.Past`; the number of an event is its row."""
        rows = np.fromiter(seqs, np.int64, len(seqs))
        names = pa.chunked_array(self._names, pa.string()).take(rows)
        return dict(zip(rows.tolist(), cast("list[str]", names.to_pylist()), strict=True))

    def seqs(self, ids: Collection[str]) -> Mapping[str, int]:
        """As `ids`, the other way."""
        names = list(ids)
        found = self._ids.known(_keys(names)).tolist()
        return {name: row for name, row in zip(names, found, strict=True) if row >= 0}

    def sketches(self, seqs: Collection[int]) -> Mapping[int, bytes]:
        """None: the sketches of a replay lie by text (`Fetch`)."""
        return {}

    def actors(self, numbers: I64) -> list[str]:
        """The pseudonyms of accounts."""
        names = pa.chunked_array(self._actors, pa.string()).take(numbers)
        return cast("list[str]", names.to_pylist())


class _Texts:
    """What a look asks of a node's families once their clusters are known."""

    def __init__(self, texts: Numbers, cluster: npt.NDArray[np.int32], bits: U64, fetch: Fetch) -> None:
        self._texts, self._fetch = texts, fetch
        self.planes = bits
        several = np.bincount(cluster, minlength=len(texts))[cluster] > 1
        self.families = np.where(several, cluster, np.int32(-1))
        """As `Families.families`: -1 for a text that is alone."""

    def __len__(self) -> int:
        return len(self._texts)

    def agreeing(self, commons: Sequence[U64]) -> list[npt.NDArray[np.int32]]:
        """As `Families.agreeing`, however much it is."""
        return [agreeing(self.planes, common) for common in commons]

    def sketch(self, text: int) -> Sketch:
        numbers = self._texts.keys().view(np.int64)
        return decode(self._fetch(int(numbers[text])))


def _keys(names: Sequence[str]) -> npt.NDArray[np.uint64]:
    return np.array([digest(name.encode()) for name in names], np.uint64)


class Finding:
    """Tells what each look finds into two Parquet files of a folder; a campaign keeps its name from look to look."""

    def __init__(self, folder: Path, settings: CampaignSettings) -> None:
        folder.mkdir()
        self._settings = settings
        self._campaigns = pq.ParquetWriter(folder / "campaigns.parquet", CAMPAIGNS, compression="zstd")
        self._members = pq.ParquetWriter(folder / "members.parquet", MEMBERS, compression="zstd")
        self._known: dict[str, Warning] = {}

    def __enter__(self) -> "Finding":
        return self

    def __exit__(self, *_: object) -> None:
        self._campaigns.close()
        self._members.close()

    def look(
        self,
        look: Look,
        traces: Iterable[pa.RecordBatch],
        typical: Sequence[Typical],
        prints: Iterable[Prints],
        fetch: Fetch,
    ) -> None:
        """One look: its events (SEEN), the clusters of its texts, and the bits of each of them."""
        seen = Seen()
        for batch in traces:
            seen.take(batch)
        found = campaigns_of(
            seen.survey(typical, prints, fetch),
            now_us=look.now,
            settings=self._settings,
            known=tuple(self._known.values()),
        )
        self._known |= {one.warning.id: one.warning for one in found}
        self._campaigns.write_table(pa.Table.from_pylist([_said(look, one) for one in found], CAMPAIGNS))
        for one in found:
            self._members.write_table(_members(look, one, seen))

    @property
    def count(self) -> int:
        """Campaigns so far."""
        return len(self._known)


def _said(look: Look, one: Campaign) -> dict[str, object]:
    warning = one.warning
    return {
        "look": _at(look.now),
        "campaign": warning.id,
        "key": warning.key,
        "category": warning.category,
        "score": warning.score,
        "threshold": warning.threshold,
        "confidence": warning.confidence,
        "risk": str(warning.risk),
        "actors": warning.actors,
        "events": warning.events,
        "first_seen": _at(warning.first_seen),
        "last_seen": _at(warning.last_seen),
        "reasons": _json(warning.reasons),
        "refutations": _json(warning.refutations),
        "samples": list(warning.samples),
    }


def _members(look: Look, one: Campaign, seen: Seen) -> pa.Table:
    group = one.group
    used = np.bincount(
        np.searchsorted(group.actors, seen.stock.actor.rows[group.rows]), minlength=len(group.actors)
    )
    columns: list[pa.Array] = [  # type: ignore[type-arg]
        pa.array([_at(look.now)] * len(group.actors), _MOMENT),
        pa.array([one.warning.id] * len(group.actors)),
        pa.array(seen.actors(group.actors)),
        pa.array(used),
        pa.array(group.first_use).cast(_MOMENT),
    ]
    return pa.Table.from_arrays(columns, schema=MEMBERS)


def _at(micros: int) -> datetime:
    return datetime.fromtimestamp(micros // 1_000_000, UTC).replace(microsecond=micros % 1_000_000)


def _json(reasons: tuple[Reason, ...]) -> str:
    return json.dumps(msgspec.to_builtins(reasons), ensure_ascii=False)


def seen_in(files: Iterable[Path], look: Look) -> Iterator[pa.RecordBatch]:
    """The traces (SEEN) of one look in Parquet files."""
    for file in files:
        for batch in by_group(file).iter_batches(columns=SEEN.names):
            yield _within(batch, look)


def _within(batch: pa.RecordBatch, look: Look) -> pa.RecordBatch:
    column = batch.column("time")
    times = column.fill_null(look.since - 1).to_numpy(zero_copy_only=False)
    there = (times >= look.since) & (times <= look.now)
    return batch if there.all() else batch.filter(pa.array(there))
