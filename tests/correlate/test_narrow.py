"""Narrow columns give back what they took, from any row, in any batches, near or far; a text is known again."""

import copy

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.correlate import index as index_room
from tocsin.correlate import narrow as narrow_room
from tocsin.correlate.known import KnownTexts
from tocsin.correlate.narrow import REACH, Moments, Part, Runs

I64 = npt.NDArray[np.int64]
NEAR = st.integers(-5, 5)
FAR = st.sampled_from((-20 * REACH, -REACH, -REACH - 1, REACH - 1, REACH, 9 * REACH))
BATCHES = st.lists(st.lists(NEAR | FAR, max_size=9), max_size=7)


def array(values: list[int]) -> I64:
    return np.array(values, np.int64)


@given(BATCHES, st.integers(-20 * REACH, 9 * REACH), st.integers(0, 3 * REACH))
@settings(max_examples=60, deadline=None)
def test_moments_are_what_was_taken(batches: list[list[int]], since: int, span: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(narrow_room, "BLOCK_BITS", 2)
        patch.setattr(narrow_room, "CHUNK_ROWS", 5)
        column, plain = Moments(), array([])
        for batch in batches:
            before, held = copy.copy(column), plain
            column.extend(array(batch))
            plain = np.concatenate((plain, array(batch)))
            assert np.array_equal(before.rows, held)
        assert np.array_equal(column.rows, plain)
        assert np.array_equal(column.take(np.flatnonzero(plain > 0)), plain[plain > 0])
        for low, high in ((since, since + span), (None, since), (since, None), (None, None)):
            expected = (plain >= (plain if low is None else low)) & (
                plain < (plain + 1 if high is None else high)
            )
            assert np.array_equal(column.within(low, high), expected)
        if len(plain):
            number = 1 + span % len(plain)
            dropped = column.oldest(number)
            assert np.count_nonzero(dropped) >= number
            if not dropped.all():
                assert plain[dropped].max() < plain[~dropped].min()
        kept = np.flatnonzero(plain % 3 > 0)[::-1]
        column.keep(kept)
        assert np.array_equal(column.rows, plain[kept])


@given(st.lists(st.lists(st.integers(1, 4), max_size=9), max_size=7), st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_runs_are_what_was_taken(gaps: list[list[int]], first: int) -> None:
    ascending, days = Runs(1), Runs(0)
    plain = array([])
    for batch in gaps:
        start = int(plain[-1]) if len(plain) else first
        before, held = copy.copy(ascending), plain
        plain = np.concatenate((plain, start + np.cumsum(array(batch), dtype=np.int64)))
        ascending.extend(plain[len(held) :])
        days.extend(plain[len(held) :] // 8)
        assert np.array_equal(before.rows, held)
    assert np.array_equal(ascending.rows, plain)
    assert ascending.ascends
    assert np.array_equal(days.rows, plain // 8)
    for value in range(first, first + 30):
        assert ascending.place(value) == np.searchsorted(plain, value)
        assert np.array_equal(days.rows_of(value // 8), np.flatnonzero(plain // 8 == value // 8))
    rows = np.flatnonzero(plain % 2 == 0)
    some, span = Part(ascending, rows), Part(ascending, slice(1, max(len(plain) - 1, 1)))
    for value in range(first, first + 30):
        at = np.flatnonzero(plain[rows] == value)
        assert some.find(value) == (at[0] if len(at) else -1)
        within = np.flatnonzero(plain[1:-1] == value)
        assert span.find(value) == (within[0] if len(within) else -1)
    ascending.keep(rows)
    assert np.array_equal(ascending.rows, plain[rows])


def test_numbers_out_of_order_do_not_ascend() -> None:
    column = Runs(1)
    column.extend(array([1, 2, 5, 6]))
    column.extend(array([3]))
    assert not column.ascends


@given(st.lists(st.lists(st.integers(0, 60), max_size=20), max_size=8), st.sampled_from((8, 1 << 20)))
@settings(max_examples=40, deadline=None)
def test_texts_are_known_again(batches: list[list[int]], base_from: int) -> None:
    rng = np.random.default_rng(1)
    bits = rng.integers(0, 1 << 63, (80, 3), np.uint64)
    # Four texts each with the same upper bits of their digest: their planes alone tell them apart.
    heads = rng.integers(0, 1 << 31, 20, np.uint64).repeat(4) << np.uint64(32) | np.arange(
        80, dtype=np.uint64
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index_room, "BASE_FROM", base_from)
        known, plain = KnownTexts(), dict[int, int]()
        held = np.empty((0, 3), np.uint64)
        for batch in batches:
            found = known.of(heads[batch], bits[batch], held).tolist()
            assert found == [plain.setdefault(text, len(plain)) for text in batch]
            held = bits[list(plain)].reshape(-1, 3)
        again = KnownTexts()
        again.load(np.array_split(known.keys(), 3))
        every = list(plain)
        for one in (known, again):
            assert len(one) == len(plain)
            assert one.of(heads[every], bits[every], held).tolist() == list(range(len(plain)))
        place = np.where(np.arange(len(plain)) % 2, -1, (np.arange(len(plain)) + 1) // 2).astype(np.int32)
        known.keep(place)
        kept = every[::2]
        assert known.of(heads[kept], bits[kept], held[::2]).tolist() == list(range(len(kept)))
