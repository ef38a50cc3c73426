"""Counts as series: one a conduct; within it one a language, a region of service, and both, where there are several."""

from collections.abc import Iterable

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tocsin.correlate.trends.counting import ALL, LATE

MAX_DAYS = 6 * 364 + 70
"""Six years, which is all that five years of baseline need."""

MAX_SERIES = 500
"""Judged at one look: those with the most events of the last eight weeks. What is beyond is counted, not judged."""

REPORTED_DAYS = 56
"""Newest days that are told apart by delay."""

MAX_GAP_DAYS = 28
"""Days without any traffic before which a node's history is another one: a lone event with a wrong year begins none."""

I64 = npt.NDArray[np.int64]


class Series(msgspec.Struct, frozen=True):
    """`counts` by day, the first of number `first` since 1970, the last today; ALL stands for every language, region.

    `reported` are the newest REPORTED_DAYS by delay (column LATE: later than that).
    """

    category: str
    language: str
    region: str
    first: int
    counts: I64
    reported: I64

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.category, self.language, self.region)

    @property
    def today(self) -> int:
        return self.first + len(self.counts) - 1


def series_of(cells: pa.Table, today: int) -> tuple[Series, ...]:
    """Every series up to day number `today`, in the order of their keys; traffic (category ALL) too.

    A later day is a clock that is ahead: it is left out until it has come.
    """
    bins = cells.column("bin").to_numpy()
    used = cells.filter(pa.array((bins <= today) & (bins > today - MAX_DAYS)))
    if not used.num_rows:
        return ()
    categories, category = _coded(used, "category")
    languages, language = _coded(used, "language")
    regions, region = _coded(used, "region")
    day = used.column("bin").to_numpy()
    delay = used.column("delay").to_numpy()
    count = used.column("count").to_numpy()
    first = _begin(day[category == categories.index(ALL)] if ALL in categories else day, today)
    inside = day >= first
    found: dict[tuple[str, str, str], Series] = {}
    for number, name in enumerate(categories):
        here = inside & (category == number)
        spoken, places = np.unique(language[here]), np.unique(region[here])
        # the most telling first; where there is one only, the whole is the part
        choices: list[tuple[int | None, int | None]] = []
        if len(spoken) > 1 and len(places) > 1:
            choices += [(one, other) for one in spoken for other in places]
        if len(spoken) > 1:
            choices += [(one, None) for one in spoken]
        if len(places) > 1:
            choices += [(None, one) for one in places]
        choices.append((None, None))
        told: set[bytes] = set()
        for tongue, place in choices:
            rows = here & (True if tongue is None else language == tongue)
            rows = rows & (True if place is None else region == place)
            if rows.any():
                # a language that one region alone speaks is that region's series over again
                cells_of = rows.tobytes()
                if name != ALL and (tongue, place) != (None, None) and cells_of in told:
                    continue
                told.add(cells_of)
                said = ALL if tongue is None else languages[tongue]
                where = ALL if place is None else regions[place]
                found[name, said, where] = _series(
                    (name, said, where), day[rows], delay[rows], count[rows], first, today
                )
    return tuple(found[key] for key in sorted(found))


def busiest(series: Iterable[Series], *, most: int = MAX_SERIES) -> tuple[Series, ...]:
    """Those with the most events of the last eight weeks, in the order of their keys."""
    chosen = sorted(series, key=lambda one: (-int(one.counts[-REPORTED_DAYS:].sum()), one.key))[:most]
    return tuple(sorted(chosen, key=lambda one: one.key))


def _series(key: tuple[str, str, str], day: I64, delay: I64, count: I64, first: int, today: int) -> Series:
    days = today - first + 1
    counts = np.bincount(day - first, weights=count, minlength=days).astype(np.int64)
    height = min(days, REPORTED_DAYS)
    recent = day > today - height
    place = (day[recent] - (today - height + 1)) * (LATE + 1) + delay[recent]
    reported = np.bincount(place, weights=count[recent], minlength=height * (LATE + 1)).astype(np.int64)
    return Series(*key, first=first, counts=counts, reported=reported.reshape(height, LATE + 1))


def _begin(days: I64, today: int) -> int:
    """The first day after the newest long gap without traffic."""
    seen = np.unique(np.concatenate((days, [today])))
    gaps = np.flatnonzero(np.diff(seen) > MAX_GAP_DAYS)
    return int(seen[gaps[-1] + 1] if len(gaps) else seen[0])


def _coded(cells: pa.Table, name: str) -> tuple[list[str], I64]:
    encoded = cells.column(name).combine_chunks().dictionary_encode()
    return [str(one) for one in encoded.dictionary.to_pylist()], encoded.indices.to_numpy().astype(np.int64)
