"""The index gives every text with an equal key, from runs and base alike; numbers are those of a dictionary."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.correlate import index as index_room
from tocsin.correlate import numbers as numbers_room
from tocsin.correlate.bands import BANDS
from tocsin.correlate.index import UPPER, BandIndex
from tocsin.correlate.numbers import Numbers
from tocsin.wire.sketch import U32


def met(index: BandIndex, keys: U32) -> set[tuple[int, int]]:
    rows, texts = index.meet(keys)
    return set(zip(rows.tolist(), texts.tolist(), strict=True))


def expected(held: dict[int, U32], keys: U32) -> set[tuple[int, int]]:
    return {
        (row, text)
        for row, own in enumerate(keys)
        for text, other in held.items()
        if ((own & UPPER) == (other & UPPER)).any()
    }


@given(st.lists(st.integers(1, 40), max_size=6), st.integers(0, 1_000), st.sampled_from((10, 60, 1_000)))
@settings(max_examples=30, deadline=None)
def test_what_meets_is_what_has_an_equal_key(sizes: list[int], seed: int, base_from: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index_room, "BASE_FROM", base_from)
        rng = np.random.default_rng(seed)
        values = rng.integers(0, 1 << 32, 50, np.uint32)
        index = BandIndex()
        held: dict[int, U32] = {}
        for size in sizes:
            keys = rng.choice(values, (size, BANDS))
            texts = np.arange(len(held), len(held) + size, dtype=np.int32)
            index.add(keys, texts)
            held |= dict(zip(texts.tolist(), keys, strict=True))
        probe = rng.choice(values, (10, BANDS))
        assert met(index, probe) == expected(held, probe)
        for band in range(BANDS):
            assert index.keys(band, len(held)).tolist() == [
                int(held[at][band] & UPPER) for at in range(len(held))
            ]
        again = BandIndex()
        again.fill(lambda band: np.array_split(index.keys(band, len(held)), 3), len(held))
        assert met(again, probe) == expected(held, probe)
        kept = rng.random(len(held)) < 0.6
        place = np.where(kept, np.cumsum(kept) - 1, -1).astype(np.int32)
        left = {int(place[text]): keys for text, keys in held.items() if kept[text]}
        for one in (index, again):
            one.keep(place)
            assert met(one, probe) == expected(left, probe)


def test_of_a_large_bucket_the_oldest_and_the_newest_are_given() -> None:
    index = BandIndex()
    number = 5 * index_room.MAX_BUCKET
    index.add(np.full((number, BANDS), 7 << 20, np.uint32), np.arange(number, dtype=np.int32))
    texts = {text for _, text in met(index, np.full((1, BANDS), 7 << 20, np.uint32))}
    most = index_room.MAX_BUCKET
    assert texts == {*range(most), *range(number - most, number)}


@given(st.lists(st.lists(st.integers(0, 30), max_size=20), max_size=8), st.sampled_from((2, 1 << 16)))
def test_numbers_are_given_once_and_kept(batches: list[list[int]], fresh: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numbers_room, "FRESH", fresh)
        numbers = Numbers()
        plain: dict[int, int] = {}
        for batch in batches:
            found = numbers.of(np.array(batch, np.uint64)).tolist()
            assert found == [plain.setdefault(key, len(plain)) for key in batch]
        assert len(numbers) == len(plain)
        assert numbers.keys().tolist() == list(plain)
        kept = [key for key in plain if key % 3]
        place = np.full(len(plain), -1, np.int32)
        place[[plain[key] for key in kept]] = np.arange(len(kept))
        numbers.keep(place)
        assert numbers.known(np.array(list(plain), np.uint64)).tolist() == [
            kept.index(key) if key in kept else -1 for key in plain
        ]
