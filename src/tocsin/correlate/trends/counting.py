"""Events become counts: per hour and day, conduct, language and region of service. Nothing of a person is left.

Only the closed list of conduct is counted, and all events together beside it, as the traffic that a rise is held
against. An event that several detectors speak of counts once for each kind of conduct.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from babel import Locale

from tocsin.store.schemas import TREND_SCHEMA
from tocsin.taxonomy import categories

HOUR, DAY = 3_600, 86_400
"""Widths of bins in seconds."""

ALL = ""
"""Instead of a category: every event, whatever was said of it. Instead of a language or region: all of them."""

UNKNOWN = "und"
"""A language that was not told, or is none (BCP 47)."""

NOWHERE = "-"
"""Region of a source that the operator gave none."""

MAX_DELAY_DAYS = 14
"""Later arrivals are counted as one day later than this: they are history, no reports, and say nothing of delays."""

LATE = MAX_DELAY_DAYS + 1

I64 = npt.NDArray[np.int64]

_PRIMARY = re.compile(r"[a-z]{2,3}(?![a-z])")


def count(events: pa.RecordBatch, regions: Mapping[str, str]) -> pa.RecordBatch:
    """The counts of a batch (EVENT_SCHEMA) in TREND_SCHEMA; `regions` says where each source serves.

    Days are told apart by delay, hours are not: an hour's picture is for the eye.
    """
    known = [entry.id for entry in categories()]
    named = pa.array(known, pa.string())
    signals = events.column("signals")
    rows = pc.list_parent_indices(signals).to_numpy()
    said = pc.index_in(pc.struct_field(pc.list_flatten(signals), "category"), value_set=named)
    codes = pc.fill_null(said, -1).to_numpy().astype(np.int64)
    pairs = np.unique((rows * len(known) + codes)[codes >= 0])
    every = np.arange(events.num_rows)
    row = np.concatenate((every, pairs // len(known)))
    category = np.concatenate((np.full(len(every), len(known)), pairs % len(known)))
    languages, language, places, place = where_counted(events, regions)
    # one number for (category, language, place), so that whole cells are counted by sorting numbers
    kind = (category * len(languages) + language[row]) * len(places) + place[row]
    kinds = (len(known) + 1) * len(languages) * len(places)
    hours = events.column("time").to_numpy() // (HOUR * 1_000_000)
    days = hours // (DAY // HOUR)
    received = events.column("received").to_numpy() // (DAY * 1_000_000)
    delay = np.clip(received - days, 0, LATE)
    by_day = _cells(days[row] * (LATE + 1) + delay[row], kind, kinds)
    by_hour = _cells(hours[row], kind, kinds)
    return _batch(by_day, by_hour, [*known, ALL], languages, places)


def where_counted(
    events: pa.RecordBatch, regions: Mapping[str, str]
) -> tuple[list[str], I64, list[str], I64]:
    """Languages and which of them each event has; regions of service and which of them."""
    languages, language = _mapped(events.column("lang"), _language)
    places, place = _mapped(events.column("source"), lambda source: regions.get(source or "", NOWHERE))
    return languages, language, places, place


@cache
def known_languages() -> frozenset[str]:
    """Languages that CLDR knows: a closed list, so that a source cannot make a series of every invented tag."""
    return frozenset(Locale.parse("en").languages)


@lru_cache(maxsize=4_096)  # a source may invent tags without end
def _language(tag: str | None) -> str:
    """The primary subtag, lower case: `zh-Hant-TW` → `zh`."""
    primary = _PRIMARY.match((tag or "").lower())
    return primary[0] if primary and primary[0] in known_languages() else UNKNOWN


def _mapped(column: "pa.Array[Any]", name: Any) -> tuple[list[str], I64]:
    """The distinct names of a column's values, and which of them each row has."""
    encoded = cast("pa.DictionaryArray[Any, Any]", pc.dictionary_encode(column, null_encoding="encode"))
    said = [name(value) for value in encoded.dictionary.to_pylist()]
    names = sorted(set(said))
    places = np.array([names.index(one) for one in said], np.int64)
    return names, places[encoded.indices.to_numpy()] if len(said) else np.zeros(0, np.int64)


def _cells(moment: I64, kind: I64, kinds: int) -> tuple[I64, I64, I64]:
    """Distinct (moment, kind) and how many there are of each."""
    first = int(moment.min(initial=0))
    keys, counts = np.unique((moment - first) * kinds + kind, return_counts=True)
    return keys // kinds + first, keys % kinds, counts


def _batch(
    by_day: tuple[I64, I64, I64],
    by_hour: tuple[I64, I64, I64],
    names: Sequence[str],
    languages: Sequence[str],
    places: Sequence[str],
) -> pa.RecordBatch:
    width = np.repeat([DAY, HOUR], [len(by_day[0]), len(by_hour[0])])
    kind = np.concatenate((by_day[1], by_hour[1]))
    bins = np.concatenate((by_day[0] // (LATE + 1), by_hour[0]))
    delay = np.concatenate((by_day[0] % (LATE + 1), np.zeros(len(by_hour[0]), np.int64)))
    return pa.RecordBatch.from_arrays(
        [
            pa.array(width, pa.int64()),
            pa.array(bins, pa.int64()),
            _taken(names, kind // (len(languages) * len(places))),
            _taken(languages, kind // len(places) % len(languages)),
            _taken(places, kind % len(places)),
            pa.array(delay, pa.int64()),
            pa.array(np.concatenate((by_day[2], by_hour[2])), pa.int64()),
        ],
        schema=TREND_SCHEMA,
    )


def _taken(names: Sequence[str], which: I64) -> "pa.Array[Any]":
    return pc.take(pa.array(names, pa.string()), pa.array(which, pa.int64()))
