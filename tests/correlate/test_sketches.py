"""What is asked for comes as it was fetched, whether it is still in the ring or not."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.correlate.neighbours import jaccard
from tocsin.correlate.sketches import MOST_WORDS, Sketches
from tocsin.wire.sketch import MAX_SHINGLES, SLOTS, Sketch

GONE = 7
"""A text whose day's key was destroyed."""


def sketch_of(text: int) -> Sketch:
    rng = np.random.default_rng(text)
    number = int(rng.integers(20, MAX_SHINGLES + 1))
    hashes = np.sort(rng.choice(1 << 16, number, replace=False)).astype(np.uint32)
    return Sketch(rng.integers(0, 1 << 32, SLOTS, np.uint32), hashes, number + 5)


class Store:
    def __init__(self) -> None:
        self.asked: list[int] = []

    def fetch(self, texts: Sequence[int]) -> Mapping[int, Sketch]:
        self.asked += texts
        return {text: sketch_of(text) for text in texts if text != GONE}


@given(st.lists(st.lists(st.integers(0, 40), min_size=1, max_size=4, unique=True), max_size=40))
@settings(max_examples=40, deadline=None)
def test_a_small_ring_gives_what_was_fetched(questions: list[list[int]]) -> None:
    store = Store()
    sketches = Sketches(store.fetch, cache_bytes=80 * MOST_WORDS)  # some twenty of the largest
    for texts in questions:
        columns, there = sketches.columns(np.array(texts, np.int32))
        assert there.tolist() == [text for text in texts if text != GONE]
        for at, text in enumerate(there.tolist()):
            one = sketch_of(text)
            assert columns.signatures[at].tolist() == one.signature.tolist()
            assert columns.hashes[columns.starts[at] : columns.starts[at + 1]].tolist() == one.hashes.tolist()
            assert columns.shingles[at] == one.shingles
        again = sketches.of(texts)
        assert again.keys() == set(there.tolist())
        assert all(again[text].hashes.tolist() == sketch_of(text).hashes.tolist() for text in again)
        assert sketches.held(there).all()


def test_what_is_asked_for_again_and_again_is_fetched_once() -> None:
    store = Store()
    sketches = Sketches(store.fetch, cache_bytes=200 * MOST_WORDS)
    for text in range(100, 400):
        sketches.columns(np.array([1, text], np.int32))
    assert store.asked.count(1) == 1
    assert not sketches.held(np.array([100], np.int32)).any()  # and what is not goes


def test_texts_get_other_numbers_and_keep_their_sketches() -> None:
    store = Store()
    sketches = Sketches(store.fetch)
    sketches.columns(np.array([1, 2, 3], np.int32))
    sketches.renumber(np.array([-1, 0, -1, 1], np.int32))
    assert sketches.held(np.array([0, 1, 2, 3], np.int32)).tolist() == [True, True, False, False]
    assert sketches.of([1])[1].hashes.tolist() == sketch_of(3).hashes.tolist()
    assert store.asked == [1, 2, 3]


def test_texts_are_compared_where_they_lie() -> None:
    sketches = Sketches(Store().fetch)
    texts, there = sketches.texts(np.array([1, 2, 3], np.int32))
    assert there.tolist() == [1, 2, 3]
    sets = [set(sketch_of(text).hashes.tolist()) for text in (1, 2, 3)]
    pairs = np.array([(0, 1), (0, 2), (2, 2)])
    expected = [len(sets[a] & sets[b]) / len(sets[a] | sets[b]) for a, b in pairs.tolist()]
    sizes_allow = [len(one) < MAX_SHINGLES for one in sets]
    assert all(sizes_allow)  # beyond, the similarity is an estimate
    assert jaccard(texts, pairs) == pytest.approx(expected)


def test_a_ring_that_holds_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="bytes or more"):
        Sketches(Store().fetch, cache_bytes=100)
