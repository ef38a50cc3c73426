"""A window as parts, so that a restart need not open every sketch, and a destroyed day's key destroys its parts.

Pure: arrays in, arrays out. Who writes them seals them: what comes of fingerprints (USES, TEXTS, KNOWN, bands) under
the key of its day, the rest, which says no more than the kept events do, under the node's own (`app.window_files`).

What is known of a text lies with the day of the first event that has it. Where that day is gone and another event has
the text still, the text comes back from its own sketch.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from tocsin.correlate.bands import BANDS, PLANES
from tocsin.correlate.growing import SPARE, Growing
from tocsin.correlate.narrow import chunks
from tocsin.correlate.stock import Rule, first_rows
from tocsin.correlate.tied import Tied
from tocsin.correlate.window import NO_TEXT, Window
from tocsin.wire.sketch import U32

SHARED, ROWS = "shared", "rows"
"""Parts that no day's key binds: accounts, identifiers and rules by number; and the events' columns by day."""

USES, TEXTS, KNOWN = "uses", "texts", "known"
"""Parts under a day's key: which text each event of the day has, and what is known of the texts. What is indexed of
them (KNOWN and the bands) lies apart, for it is sorted before anything else takes memory."""

I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]
Arrays = Mapping[str, npt.NDArray[Any]]
Part = tuple[str, str, dict[str, npt.NDArray[Any]]]
"""(day as YYYY-MM-DD, or empty; section; arrays)."""

Read = Callable[[str, str], Arrays | None]
"""(day, section) → the part; None where its day's key was destroyed."""


def save(window: Window) -> Iterator[Part]:
    """Every part of the window, one at a time."""
    stock, texts = window.stock, window.texts
    days = sorted({day for day, _, _ in stock.day.each()})
    words = msgspec.json.encode(
        {"types": list(stock.types), "rules": list(stock.rules), "learned": texts.learned}
    )
    yield (
        "",
        SHARED,
        {
            "actors": stock.actors.keys(),
            "created": stock.created.rows,
            "tags": stock.tags.keys(),
            "tag_type": stock.tag_type.rows,
            "words": np.frombuffer(words, np.uint8),
            "common": texts.common,
            "newest": np.array([window.newest]),
            "days": np.array(days),
            "events": np.array([len(window)]),
            "texts": np.array([len(stock.texts)]),
        },
    )
    digests, tied = stock.texts.keys(), texts.tied()
    day_of_text = np.empty(len(stock.text_row), np.uint16)
    for part in chunks(len(day_of_text)):
        day_of_text[part] = stock.day.take(stock.text_row.rows[part])
    own_of = {day: np.flatnonzero(day_of_text == day).astype(np.int32) for day in days}
    for number in days:
        day, own = _name(number), own_of[number]
        rows = stock.day.rows_of(number)
        yield (
            day,
            ROWS,
            {
                "seq": stock.seq.take(rows),
                "time": stock.time.take(rows),
                "actor": stock.actor.rows[rows],
                **_pairs("tag", rows, stock.tag_row.rows, stock.tag.rows),
                **_pairs("signal", rows, stock.signal_row.rows, stock.signal.rows),
            },
        )
        yield day, USES, {"text": stock.text.rows[rows]}
        yield day, KNOWN, {"digest": digests[own]}
        ours = day_of_text[tied.texts] == number
        yield (
            day,
            TEXTS,
            {
                "text": own,
                "planes": texts.planes[own],
                **{f"tied_{name}": column[ours] for name, column in tied._asdict().items()},
            },
        )
    for band in range(BANDS):
        keys = texts.keys(band)
        for number, own in own_of.items():
            if len(own):
                yield _name(number), _band(band), {"keys": keys[own]}


def load(window: Window, read: Read) -> None:
    """Fill an empty window from its parts. Raises KeyError for what `save` did not give."""
    shared = read("", SHARED)
    if shared is None:
        raise KeyError(SHARED)
    stock = window.stock
    words = msgspec.json.decode(shared["words"].tobytes())
    stock.types = {name: at for at, name in enumerate(words["types"])}
    stock.rules = {Rule(*rule): at for at, rule in enumerate(words["rules"])}
    stock.actors.load(shared["actors"])
    stock.created.extend(shared["created"])
    stock.tags.load(shared["tags"])
    stock.tag_type.extend(shared["tag_type"])
    days = shared["days"].tolist()
    readable = _index(window, [_name(number) for number in days], read)
    events = int(shared["events"][0])
    for column in (stock.time, stock.actor, stock.text):
        column.reserve(events + events // SPARE)
    for number in days:
        rows, uses = read(_name(number), ROWS), read(_name(number), USES)
        if rows is None:
            raise KeyError(ROWS)
        base, size = len(stock.seq), len(rows["seq"])
        stock.seq.extend(rows["seq"])
        stock.time.extend(rows["time"])
        stock.actor.extend(rows["actor"])
        stock.day.extend(np.full(size, number))
        stock.text.extend(np.full(size, NO_TEXT, np.int32) if uses is None else uses["text"])
        for row, value, name in (
            (stock.tag_row, stock.tag, "tag"),
            (stock.signal_row, stock.signal, "signal"),
        ):
            row.extend(rows[f"{name}_row"] + np.int32(base))
            value.extend(rows[name])
    _in_order(window)
    place = np.full(int(shared["texts"][0]) + 1, -1, np.int32)  # the last place stays -1: it is what -1 names
    planes, tied = _take_texts(place, len(stock.texts), readable, read)
    told = stock.text.rows >= 0
    for part in chunks(len(stock.text)):
        stock.text.rows[part] = place[stock.text.rows[part]]
    orphans = np.flatnonzero(told & (stock.text.rows < 0))
    del told, place
    texts = len(stock.texts)
    stock.text_row.reserve(texts + texts // SPARE)
    stock.text_row.extend(first_rows(stock.text.rows, texts))
    window.texts.load(planes, tied, shared["common"], learned=bool(words["learned"]))
    window.filled(int(shared["newest"][0]), orphans)


def _index(window: Window, days: list[str], read: Read) -> list[str]:
    """Fill the index of texts and bands; returns the days of whose texts something can be read."""
    known = {
        day: part["digest"] for day in days if (part := read(day, KNOWN)) is not None and len(part["digest"])
    }
    window.stock.texts.load([*known.values()])

    def band_of(band: int) -> Iterator[U32]:
        for day in known:
            part = read(day, _band(band))
            if part is None:
                raise KeyError(_band(band))
            yield part["keys"]

    window.texts.fill(band_of, len(window.stock.texts))
    return list(known)


def _take_texts(place: I32, number: int, days: list[str], read: Read) -> tuple[Growing[np.uint64], Tied]:
    """The planes and ties of the texts of some days; `place` gets their new numbers by the old ones."""
    planes = Growing(np.uint64, PLANES)
    planes.reserve(number + number // SPARE)
    ties: list[Tied] = []
    for day in days:
        told = read(day, TEXTS)
        if told is None:
            raise KeyError(TEXTS)
        place[told["text"]] = np.arange(len(planes), len(planes) + len(told["text"]), dtype=np.int32)
        planes.extend(told["planes"].reshape(-1, PLANES))
        ties.append(Tied(*(told[f"tied_{name}"] for name in Tied._fields)))
    if not ties:
        none = np.empty(0, np.int32)
        return planes, Tied(none, none, none, none)
    texts, family, medoid, size = (np.concatenate(columns) for columns in zip(*ties, strict=True))
    return planes, Tied(place[texts], family, place[medoid], size)


def _in_order(window: Window) -> None:
    """Rows by seq. Days follow each other, but around midnight two of them may interleave."""
    stock = window.stock
    if stock.seq.ascends:
        return
    order = np.argsort(stock.seq.rows, kind="stable").astype(np.int32)
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    for column in (stock.actor, stock.text):
        column.adopt(column.rows[order])
    for told in (stock.seq, stock.time, stock.day):
        told.keep(order)
    for row, value in ((stock.tag_row, stock.tag), (stock.signal_row, stock.signal)):
        moved = place[row.rows]
        sorted_rows = np.argsort(moved, kind="stable")
        row.replace(moved[sorted_rows])
        value.replace(value.rows[sorted_rows])


def _pairs(name: str, rows: I64, row: I32, value: I32) -> dict[str, I32]:
    """Of an ascending column of row numbers those that are among `rows`, as places in it; and what stands beside."""
    span = slice(*np.searchsorted(row, (rows[0], rows[-1] + 1))) if len(rows) else slice(0, 0)
    at = np.searchsorted(rows, row[span])
    there = rows[at] == row[span]
    return {f"{name}_row": at[there].astype(np.int32), name: value[span][there]}


def _name(day: int) -> str:
    return str(np.datetime64(day, "D"))


def _band(band: int) -> str:
    return f"band-{band}"
