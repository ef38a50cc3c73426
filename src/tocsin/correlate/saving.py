"""A window as parts, so that a restart need not open every sketch, and a destroyed day's key destroys its parts.

Pure: arrays in, arrays out. Who writes them seals them: what comes of fingerprints (USES, TEXTS, bands) under the
key of its day, the rest, which says no more than the kept events do, under the node's own (`app.window_files`).

What is known of a text lies with the day of the first event that has it. Where that day is gone and another event has
the text still, the text comes back from its own sketch.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from tocsin.correlate.bands import BANDS, PLANES
from tocsin.correlate.families import Tied
from tocsin.correlate.stock import Rule, first_rows
from tocsin.correlate.window import NO_TEXT, Window
from tocsin.wire.sketch import U32

SHARED, ROWS = "shared", "rows"
"""Parts that no day's key binds: accounts, identifiers and rules by number; and the events' columns by day."""

USES, TEXTS = "uses", "texts"
"""Parts under a day's key: which text each event of the day has, and what is known of the texts."""

I64 = npt.NDArray[np.int64]
Arrays = Mapping[str, npt.NDArray[Any]]
Part = tuple[str, str, dict[str, npt.NDArray[Any]]]
"""(day as YYYY-MM-DD, or empty; section; arrays)."""

Read = Callable[[str, str], Arrays | None]
"""(day, section) → the part; None where its day's key was destroyed."""


def save(window: Window) -> Iterator[Part]:
    """Every part of the window, one at a time."""
    stock, texts = window.stock, window.texts
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
            "days": np.unique(stock.day.rows),
            "events": np.array([len(window)]),
        },
    )
    digests, tied = stock.texts.keys(), texts.tied()
    day_of_text = stock.day.rows[stock.text_row.rows]
    for number in np.unique(stock.day.rows).tolist():
        day = _name(number)
        rows = np.flatnonzero(stock.day.rows == number)
        yield (
            day,
            ROWS,
            {
                "seq": stock.seq.rows[rows],
                "time": stock.time.rows[rows],
                "actor": stock.actor.rows[rows],
                **_pairs("tag", rows, stock.tag_row.rows, stock.tag.rows, len(stock.seq)),
                **_pairs("signal", rows, stock.signal_row.rows, stock.signal.rows, len(stock.seq)),
            },
        )
        yield day, USES, {"text": stock.text.rows[rows]}
        own = np.flatnonzero(day_of_text == number).astype(np.int32)
        ours = day_of_text[tied.texts] == number
        yield (
            day,
            TEXTS,
            {
                "text": own,
                "digest": digests[own],
                "planes": texts.planes[own],
                **{f"tied_{name}": column[ours] for name, column in tied._asdict().items()},
            },
        )
    for band in range(BANDS):
        keys = texts.keys(band)
        for number in np.unique(day_of_text).tolist():
            yield _name(number), _band(band), {"keys": keys[day_of_text == number]}


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
    for column in (stock.seq, stock.time, stock.actor, stock.day, stock.text):
        column.reserve(int(shared["events"][0]))
    readable: list[str] = []
    known: list[Arrays] = []
    base = 0
    for number in shared["days"].tolist():
        day = _name(number)
        rows, uses = read(day, ROWS), read(day, USES)
        if rows is None:
            raise KeyError(ROWS)
        size = len(rows["seq"])
        stock.seq.extend(rows["seq"])
        stock.time.extend(rows["time"])
        stock.actor.extend(rows["actor"])
        stock.day.extend(np.full(size, number, np.uint16))
        stock.text.extend(np.full(size, NO_TEXT, np.int32) if uses is None else uses["text"])
        for row, value, name in (
            (stock.tag_row, stock.tag, "tag"),
            (stock.signal_row, stock.signal, "signal"),
        ):
            row.extend(rows[f"{name}_row"] + np.int32(base))
            value.extend(rows[name])
        base += size
        told = None if uses is None else read(day, TEXTS)
        if told is not None:
            readable.append(day)
            known.append(told)
    _in_order(window)
    orphans = _take_texts(window, known, readable, read, shared["common"], learned=bool(words["learned"]))
    window.filled(int(shared["newest"][0]), orphans)


def _take_texts(
    window: Window, known: list[Arrays], days: list[str], read: Read, common: U32, *, learned: bool
) -> I64:
    """Put the texts back; returns the rows whose text was told by a day that is gone."""
    stock = window.stock
    every = {name: np.concatenate([part[name] for part in known]) for name in known[0]} if known else {}
    old = every.get("text", np.empty(0, np.int32))
    place = np.full(max(int(stock.text.rows.max(initial=-1)), int(old.max(initial=-1))) + 2, -1, np.int32)
    place[old] = np.arange(len(old), dtype=np.int32)  # the last place stays -1: it is what -1 names
    before = stock.text.rows
    stock.text.replace(place[before])
    orphans = np.flatnonzero((before >= 0) & (stock.text.rows < 0))
    if not len(old):
        window.texts.common, window.texts.learned = common, learned
        return orphans
    stock.texts.load(every["digest"])
    stock.text_row.extend(first_rows(stock.text.rows, len(old)))

    def band_of(band: int) -> U32:
        parts = [read(day, _band(band)) for day in days]
        keys: U32 = np.concatenate([part["keys"] for part in parts if part is not None])
        return keys

    medoid = every["tied_medoid"]
    tied = Tied(
        place[every["tied_texts"]],
        every["tied_family"],
        np.where(medoid < len(place) - 1, place[np.minimum(medoid, len(place) - 1)], np.int32(-1)),
        every["tied_size"],
    )
    window.texts.load(every["planes"].reshape(-1, PLANES), band_of, tied, common, learned=learned)
    return orphans


def _in_order(window: Window) -> None:
    """Rows by seq. Days follow each other, but around midnight two of them may interleave."""
    stock = window.stock
    if not len(stock.seq) or (np.diff(stock.seq.rows) > 0).all():
        return
    order = np.argsort(stock.seq.rows, kind="stable")
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    for column in (stock.seq, stock.time, stock.actor, stock.day, stock.text):
        column.replace(column.rows[order])
    for row, value in ((stock.tag_row, stock.tag), (stock.signal_row, stock.signal)):
        moved = place[row.rows]
        sorted_rows = np.argsort(moved, kind="stable")
        row.replace(moved[sorted_rows])
        value.replace(value.rows[sorted_rows])


def _pairs(
    name: str, rows: I64, row: npt.NDArray[np.int32], value: npt.NDArray[np.int32], number: int
) -> dict[str, npt.NDArray[np.int32]]:
    place = np.full(number, -1, np.int32)
    place[rows] = np.arange(len(rows), dtype=np.int32)
    moved = place[row]
    return {f"{name}_row": moved[moved >= 0], name: value[moved >= 0]}


def _name(day: int) -> str:
    return str(np.datetime64(day, "D"))


def _band(band: int) -> str:
    return f"band-{band}"
