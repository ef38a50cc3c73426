"""What one actor can change is bounded, whatever it did: the sensitivity that the noise is made for."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.kernel import micros
from tocsin.kernel.counts import BOUNDS, CountList, start_of_week
from tocsin.store.contributions import contributions
from tocsin.store.schemas import EVENT_SCHEMA
from tocsin.taxonomy import categories
from tocsin.taxonomy.counted import cells

MONDAY = start_of_week("2026-W46")
CONDUCT = [entry.id for entry in categories()]
NAMED = [*CONDUCT[:6], "fraud.unheard-of"]
TAGS = ["en", "en-GB", "ZH_hant", "mn", "x-invented", "", None]

Did = tuple[str, int, str | None, tuple[str, ...]]
"""Actor, day of the week from 0, language, what detectors said."""

DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c"]),
        st.integers(0, 6),
        st.sampled_from(TAGS),
        st.lists(st.sampled_from(NAMED), max_size=4).map(tuple),
    ),
    max_size=24,
)


def batch(deeds: Sequence[Did]) -> pa.RecordBatch:
    """Events as the store gives them."""
    rows = [
        {
            "seq": seq,
            "id": f"e{seq}",
            "time": micros(MONDAY + timedelta(days=day, minutes=seq)),
            "received": micros(MONDAY),
            "source": "forum",
            "kind": "post",
            "actor": actor,
            "seal_day": "",
            "lang": tag,
            "observables": [],
            "signals": [
                {"detector": "d", "version": "1", "category": one, "strength": 1.0, "evidence": ""}
                for one in said
            ],
        }
        for seq, (actor, day, tag, said) in enumerate(deeds, 1)
    ]
    return pa.RecordBatch.from_pylist(rows, schema=EVENT_SCHEMA)


def counted(deeds: Sequence[Did], which: CountList, bound: int | None = None) -> Mapping[str, int]:
    half = len(deeds) // 2
    found = contributions(
        [batch(deeds[:half]), batch(deeds[half:])], which, BOUNDS[which] if bound is None else bound
    )
    return {cell: value for cell, value in zip(cells(which), found, strict=True) if value}


@settings(max_examples=12, deadline=None)
@given(DEEDS, st.sampled_from(list(CountList)), st.integers(1, 4))
def test_taking_out_one_actor_changes_the_vector_by_the_bound_at_most(
    deeds: list[Did], which: CountList, bound: int
) -> None:
    whole = counted(deeds, which, bound)
    for actor in sorted({one[0] for one in deeds})[:2]:
        without = counted([one for one in deeds if one[0] != actor], which, bound)
        change = {cell: whole.get(cell, 0) - without.get(cell, 0) for cell in whole.keys() | without.keys()}
        assert sum(map(abs, change.values())) <= bound
        assert set(change.values()) <= {0, 1}, "an actor counts once in a cell"


def test_an_actor_counts_where_it_did_most() -> None:
    busy: list[Did] = [("a", 0, "en", (CONDUCT[n],)) for n in range(6) for _ in range(n + 1)]
    assert counted(busy, CountList.CATEGORIES) == dict.fromkeys(CONDUCT[3:6], 1)
    even: list[Did] = [("a", 0, "en", (CONDUCT[n],)) for n in (5, 0, 4, 1)]
    assert counted(even, CountList.CATEGORIES) == dict.fromkeys([CONDUCT[0], CONDUCT[1], CONDUCT[4]], 1)


def test_the_bound_is_reached_so_that_it_is_no_larger_than_it_must_be() -> None:
    deeds: list[Did] = [("a", day, tag, tuple(CONDUCT[:4])) for day in range(7) for tag in ("en", "zh", "mn")]
    for which in CountList:
        assert sum(counted(deeds, which).values()) == BOUNDS[which]


def test_cells_are_those_of_the_list_whatever_was_seen() -> None:
    strange: list[Did] = [
        ("a", 6, "x-invented", ("fraud.unheard-of", CONDUCT[0])),
        ("b", 0, None, (CONDUCT[0], CONDUCT[0])),
        ("c", 0, "ZH_hant", (CONDUCT[0],)),
        ("d", 0, "en", ()),
    ]
    assert counted(strange, CountList.LANGUAGES) == {"other": 2, "zh": 1}
    assert counted(strange, CountList.CATEGORIES) == {CONDUCT[0]: 3}
    assert counted(strange, CountList.TRENDS) == {f"{CONDUCT[0]}/7": 1, f"{CONDUCT[0]}/1": 2}
    for which in CountList:
        assert contributions([], which, 3) == (0,) * len(cells(which))


@pytest.mark.parametrize("which", CountList)
def test_every_cell_is_there_once(which: CountList) -> None:
    assert len(set(cells(which))) == len(cells(which))
