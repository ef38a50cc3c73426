"""The columns of a window: what is known of its events, accounts and identifiers, as numbers."""

import hashlib
from typing import Any, NamedTuple, Protocol, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tocsin.correlate.growing import Growing
from tocsin.correlate.known import KnownTexts
from tocsin.correlate.narrow import Moments, Runs, chunks
from tocsin.correlate.numbers import Numbers
from tocsin.kernel.signals import AGENT_DETECTORS

UNKNOWN = np.iinfo(np.int64).min
"""`created` of an account whose date of creation no event told."""

WARN_STRENGTH = 0.5
"""Signals from here up come from rules that ring by themselves; weaker ones are notes about the account."""

I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]


class Rule(NamedTuple):
    """Who spoke in a signal. `evidence` names a rule or phrase, never a text."""

    detector: str
    version: str
    category: str
    evidence: str
    loud: bool


class Stock:
    """One row an event, by seq; beside them tables by the number of an account, an identifier, a text."""

    def __init__(self) -> None:
        self.seq = Runs(1)
        self.time = Moments()
        self.actor = Growing(np.int32)
        self.text = Growing(np.int32)
        self.day = Runs(0)
        """Day of the key that seals what is known of the text, in days since 1970."""
        self.tag_row, self.tag = Growing(np.int32), Growing(np.int32)
        self.signal_row, self.signal = Growing(np.int32), Growing(np.int32)
        self.created = Growing(np.int64)
        self.actors, self.tags, self.texts = Numbers(), Numbers(), KnownTexts()
        self.tag_type = Growing(np.int16)
        self.types: dict[str, int] = {}
        self.rules: dict[Rule, int] = {}
        self.text_row = Growing(np.int32)
        """For each text the first row that has it: its sketch is fetched by that event."""
        self.again = Growing(np.bool_)
        """For each text whether another row has it too."""

    def use(self, texts: I32) -> None:
        """Note which texts are used again, new ones included."""
        before = len(self.again)
        self.again.extend(np.zeros(len(self.texts) - before, np.bool_))
        used, counts = np.unique(texts, return_counts=True)
        self.again.rows[used[(counts > 1) | (used < before)]] = True

    def count_again(self) -> None:
        """Find anew which texts several rows have."""
        self.again.adopt(np.zeros(len(self.texts), np.bool_))
        for part in chunks(len(self.text)):
            there = np.flatnonzero(self.text.rows[part] >= 0) + part.start
            text = self.text.rows[there]
            self.again.rows[text[self.text_row.rows[text] != there]] = True

    def take_actors(self, events: pa.RecordBatch) -> I32:
        coded = events.column("actor").dictionary_encode()
        codes = self.actors.of(np.array([_key(name) for name in strings(coded.dictionary)], np.uint64))
        if len(self.actors) > len(self.created):
            self.created.extend(np.full(len(self.actors) - len(self.created), UNKNOWN))
        actor: I32 = codes[coded.indices.to_numpy(zero_copy_only=False)]
        told = events.column("actor_created")
        known = told.is_valid().to_numpy(zero_copy_only=False)
        if known.any():
            self._date(actor[known], told.fill_null(0).to_numpy(zero_copy_only=False)[known])
        return actor

    def _date(self, actor: I32, dates: I64) -> None:
        """The earliest date told of an account stands: a later one would make it newer than it is."""
        created = self.created.rows
        held = created[actor]
        np.minimum.at(created, actor[held != UNKNOWN], dates[held != UNKNOWN])
        first = held == UNKNOWN
        whom, when = actor[first], dates[first]
        order = np.argsort(-when, kind="stable")
        created[whom[order]] = when[order]

    def take_tags(self, column: "pa.Array[Any]", base: int) -> None:
        rows, values = _flat(column)
        if not len(rows):
            return
        kinds, names = strings(values.field("type")), strings(values.field("value"))
        known = len(self.tags)
        numbers = self.tags.of(
            np.array([_key(f"{kind}\x00{name}") for kind, name in zip(kinds, names, strict=True)], np.uint64)
        )
        types = np.array([self.types.setdefault(kind, len(self.types)) for kind in kinds], np.int16)
        new, first = np.unique(numbers, return_index=True)
        self.tag_type.extend(types[first[new >= known]])
        self.tag.extend(numbers)
        self.tag_row.extend(rows + base)

    def take_signals(self, column: "pa.Array[Any]", base: int) -> None:
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
        said = (strings(values.field(name)) for name in ("detector", "version", "category", "evidence"))
        loud = values.field("strength").to_numpy(zero_copy_only=False) >= WARN_STRENGTH
        rules = [Rule(*fields) for fields in zip(*said, loud.tolist(), strict=True)]
        self.signal.extend(
            np.array([self.rules.setdefault(rule, len(self.rules)) for rule in rules], np.int32)
        )
        self.signal_row.extend(rows + base)


def strings(column: "pa.Array[Any]") -> list[str]:
    return cast("list[str]", column.to_pylist())


def _flat(column: "pa.Array[Any]") -> tuple[I32, Any]:
    """Rows of the items of a list column, and the items themselves."""
    lists = cast("pa.ListArray[Any]", column)
    lengths = lists.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    rows: I32 = np.repeat(np.arange(len(column), dtype=np.int32), lengths)
    return rows, lists.flatten()


def _key(name: str) -> int:
    """64 bits that stand for a name: two of ten million have the same with odds of 3 in a million."""
    return digest(name.encode())


def digest(content: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "little")


def days_of(column: "pa.Array[Any]") -> I64:
    coded = column.dictionary_encode()
    days = np.array([np.datetime64(day, "D").astype(np.int64) for day in strings(coded.dictionary)], np.int64)
    by_row: I64 = days[coded.indices.to_numpy(zero_copy_only=False)]
    return by_row


def first_rows(codes: I32, number: int) -> I32:
    """The first row that has each code."""
    first = np.empty(number, np.int32)
    for part in reversed(list(chunks(len(codes)))):
        rows = np.flatnonzero(codes[part] >= 0)[::-1].astype(np.int32) + np.int32(part.start)
        first[codes[rows]] = rows
    return first


class Numbered(Protocol):
    """What numbers things, and can number them anew."""

    def __len__(self) -> int: ...

    def keep(self, place: I32) -> None:
        """`place` gives the new number by the old one, -1 for what is to be forgotten."""
        ...


def renumber(numbers: Numbered, column: Growing[np.int32]) -> tuple[I32, I32]:
    """Forget keys that the column names no more: the old numbers kept, and the new number by the old one."""
    codes = column.rows
    mask = np.zeros(len(numbers) + 1, np.bool_)
    mask[codes] = True
    mask[-1] = False  # what -1 names
    place = np.cumsum(mask, dtype=np.int32)
    place -= np.int32(1)
    place[~mask] = -1
    column.adopt(place[codes])
    place = place[:-1]
    numbers.keep(place)
    return np.flatnonzero(mask[:-1]).astype(np.int32), place
