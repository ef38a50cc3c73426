"""What is saved comes back: the same events, families and clusters; and without the days whose key is gone."""

import random
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.correlate.test_families import DAYS, from_scratch, held, posts_of
from tests.correlate.worlds import DAY, NOW, Post, batch_of
from tocsin.correlate import Window, find_campaigns
from tocsin.correlate.past import Remembered
from tocsin.correlate.saving import ROWS, SHARED, load, save
from tocsin.wire.sketch import sketch_batch

FIRST, LATER = "2025-06-01", "2025-06-02"


def appended(window: Window, posts: list[Post], first: int, past: Remembered, day: str) -> None:
    batch = batch_of(posts, first)
    batch = batch.set_column(
        batch.schema.get_field_index("seal_day"), "seal_day", pa.array([day] * batch.num_rows)
    )
    blobs = {first + at: blob for at, blob in enumerate(sketch_batch([p.text for p in posts])) if blob}
    past.take(zip(range(first, first + len(posts)), [post.id for post in posts], strict=True), blobs)
    window.append(batch, blobs)


def restarted(
    window: Window, past: Remembered, gone: frozenset[str] = frozenset(), learn_at: int = 40
) -> Window:
    parts: dict[tuple[str, str], Mapping[str, npt.NDArray[Any]]] = {
        (day, section): {name: array.copy() for name, array in arrays.items()}
        for day, section, arrays in save(window)
    }
    fresh = Window(past, learn_at=learn_at)
    load(fresh, lambda day, section: None if day in gone and section != ROWS else parts[day, section])
    return fresh


@given(st.integers(0, 1_000), st.integers(1, 60), st.sampled_from((20, 40, 1_000)))
@settings(max_examples=15, deadline=None)
def test_a_window_goes_on_after_a_restart_as_if_there_had_been_none(
    seed: int, cut: int, learn_at: int
) -> None:
    posts = posts_of(random.Random(seed), bases=4, copies=8, strangers=20)
    past = Remembered()
    window = Window(past, learn_at=learn_at)
    appended(window, posts[:cut], 1, past, FIRST)
    window = restarted(window, past, learn_at=learn_at)
    assert window.newest == min(cut, len(posts))
    appended(window, posts[cut:], cut + 1, past, LATER)
    blobs = [blob for blob in sketch_batch([post.text for post in posts]) if blob is not None]
    assert held(window) == from_scratch(blobs, window.texts.common)
    whole = Window(past, learn_at=learn_at)
    appended(whole, posts[:cut], 1, past, FIRST)
    appended(whole, posts[cut:], cut + 1, past, LATER)
    assert find_campaigns(window, now_us=NOW) == find_campaigns(whole, now_us=NOW)
    view, other = window.view(), whole.view()
    assert np.array_equal(view.time.rows, other.time.rows)
    assert np.array_equal(view.created[view.actor], other.created[other.actor])


def test_a_destroyed_day_comes_back_without_its_texts_and_without_their_ties() -> None:
    posts = posts_of(random.Random(4), bases=3, copies=8, strangers=10)
    half = len(posts) // 2
    posts[half].text = posts[0].text  # a text of both days
    past = Remembered()
    window = Window(past)
    appended(window, posts[:half], 1, past, FIRST)
    appended(window, posts[half:], half + 1, past, LATER)
    after = restarted(window, past, frozenset((FIRST,)))
    assert len(after) == len(posts)
    blobs = [blob for blob in sketch_batch([post.text for post in posts[half:]]) if blob is not None]
    assert held(after) == from_scratch(blobs, after.texts.common)
    assert (after.view().text[:half] < 0).all()


def test_families_that_nobody_looked_at_are_split_after_the_restart() -> None:
    posts = posts_of(random.Random(5), bases=3, copies=8, strangers=10)
    past = Remembered()
    window = Window(past)
    appended(window, posts, 1, past, FIRST)
    blobs = [blob for blob in sketch_batch([post.text for post in posts]) if blob is not None]
    assert held(restarted(window, past)) == from_scratch(blobs, window.texts.common)


def test_eviction_goes_on_after_a_restart() -> None:
    posts = posts_of(random.Random(6), bases=4, copies=8, strangers=20)
    past = Remembered()
    window = Window(past)
    appended(window, posts, 1, past, FIRST)
    window = restarted(window, past)
    before = NOW - (DAYS - 6) * DAY
    window.evict(before)
    window.compact()
    blobs = [blob for blob in sketch_batch([p.text for p in posts if p.time >= before]) if blob is not None]
    assert held(window) == from_scratch(blobs, window.texts.common)


def test_an_empty_window_and_a_missing_part() -> None:
    assert len(restarted(Window(), Remembered())) == 0
    with pytest.raises(KeyError, match=SHARED):
        load(Window(), lambda day, section: None)
