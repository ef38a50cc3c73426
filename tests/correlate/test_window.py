"""The window: what goes in comes out, late rows and doubles do not, and old rows leave."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.correlate.worlds import DAY, NOW, START, Post, World, batch_of, sentence, window_of
from tocsin.correlate import Window, find_campaigns
from tocsin.correlate.stock import UNKNOWN
from tocsin.kernel import BadInput
from tocsin.wire.sketch import sketch_batch


def told(window: Window) -> list[tuple[object, ...]]:
    """Everything a view says, by names instead of numbers."""
    view = window.view()
    tags: dict[int, list[str]] = {}
    for row, tag in zip(view.tag_row.tolist(), view.tag.tolist(), strict=True):
        tags.setdefault(row, []).append(view.types[view.type_of_tag[tag]])
    signals: dict[int, list[str]] = {}
    for row, rule in zip(view.signal_row.tolist(), view.signal.tolist(), strict=True):
        signals.setdefault(row, []).append(view.rules[rule].evidence)
    ids, times = view.ids(np.arange(len(view))), view.time.rows
    return [
        (
            ids[row],
            int(times[row]),
            int(view.actor[row]),
            int(view.created[view.actor[row]]),
            view.texts.sketch(int(view.text[row])).signature_bytes if view.text[row] >= 0 else b"",
            tuple(tags.get(row, ())),
            tuple(signals.get(row, ())),
        )
        for row in range(len(view))
    ]


def small_world() -> list[Post]:
    posts = World(2).people(15).campaign(6, evading=0.5).posts
    posts += [Post("short", "hi", NOW - DAY), Post("short", "hi", NOW - 2 * DAY, START)]
    for at, post in enumerate(posts):
        post.id = f"event-{at}"
    return sorted(posts, key=lambda post: post.time)


@given(st.lists(st.integers(1, 40), max_size=6))
@settings(max_examples=15)
def test_batches_of_any_size_give_the_same_window(sizes: list[int]) -> None:
    posts = small_world()
    window, at = Window(), 0
    for size in (*sizes, len(posts)):
        part = posts[at : at + size]
        blobs = sketch_batch([post.text for post in part])
        seqs = {at + 1 + row: blob for row, blob in enumerate(blobs) if blob is not None}
        window.append(batch_of(part, at + 1), seqs)
        at += size
    assert told(window) == told(window_of(posts))
    assert window.newest == len(posts)


def test_rows_taken_before_are_passed_over() -> None:
    posts = small_world()
    window = window_of(posts)
    before = told(window)
    window.append(batch_of(posts[:30]), {})
    assert told(window) == before


def test_evicted_rows_are_gone_at_once_and_cut_later() -> None:
    posts = small_world()
    for days in (1, 5, 9, 13):
        window = window_of(posts)
        window.evict(START + days * DAY)
        left = [post.id for post in posts if post.time >= START + days * DAY]
        assert [row[0] for row in told(window)] == left
        fresh = told(window_of([post for post in posts if post.time >= START + days * DAY]))
        assert [row[4:] for row in told(window)] == [row[4:] for row in fresh]


def test_a_full_window_drops_the_oldest_and_says_so() -> None:
    posts = small_world()
    window = Window(max_events=50)
    for at in range(0, len(posts), 10):
        window.append(batch_of(posts[at : at + 10], at + 1), {})
    assert window.truncated
    assert len(window) <= 50
    kept = [row[0] for row in told(window)]
    assert kept == [post.id for post in posts][-len(kept) :]


def test_the_earliest_date_told_of_an_account_stands() -> None:
    posts = [
        Post("a", "x", NOW - 5, None),
        Post("a", "x", NOW - 4, START),
        Post("a", "x", NOW - 3, START - DAY),
    ]
    window = window_of([*posts, Post("b", "x", NOW - 2, None)])
    view = window.view()
    assert view.created.tolist() == [START - DAY, UNKNOWN]


def test_a_view_stays_as_it_was_taken() -> None:
    posts = small_world()
    window = window_of(posts[:40])
    view = window.view()
    before = (view.time.rows, view.seq.rows, view.text.copy(), view.created.copy())
    blobs = sketch_batch([post.text for post in posts[40:]])
    window.append(batch_of(posts[40:], 41), {41 + at: blob for at, blob in enumerate(blobs) if blob})
    window.evict(NOW)
    assert np.array_equal(view.time.rows, before[0])
    assert np.array_equal(view.seq.rows, before[1])
    assert np.array_equal(view.text, before[2])
    assert np.array_equal(view.created, before[3])


def test_a_broken_sketch_is_refused() -> None:
    with pytest.raises(BadInput):
        Window().append(batch_of([Post("a", "x", NOW)]), {1: b"broken"})


def test_an_empty_window_finds_nothing() -> None:
    window = Window()
    window.evict(NOW)
    window.append(batch_of([]), {})
    assert find_campaigns(window, now_us=NOW) == ()
    assert len(window.view()) == 0


def test_events_to_come_are_not_looked_at() -> None:
    rng = World(1).rng
    later = [Post(f"a-{at}", sentence(rng), NOW + DAY) for at in range(5)]
    assert find_campaigns(window_of(later), now_us=NOW) == ()
