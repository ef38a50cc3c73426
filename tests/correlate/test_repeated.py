"""What is kept up from look to look is what counting anew gives; repeated texts are those that several events have."""

import random
from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.correlate.test_families import posts_of
from tests.correlate.worlds import DAY, NOW, Post, World, batch_of
from tocsin.correlate import Window, find_campaigns
from tocsin.correlate import narrow as narrow_room
from tocsin.correlate.joined import Joined
from tocsin.correlate.repeated import Repeated
from tocsin.correlate.survey import survey
from tocsin.correlate.tally import NEVER, Tally
from tocsin.correlate.window import View
from tocsin.wire.sketch import sketch_batch


def take(window: Window, posts: list[Post], first: int) -> None:
    blobs = {first + at: blob for at, blob in enumerate(sketch_batch([post.text for post in posts])) if blob}
    window.append(batch_of(posts, first), blobs)


def by_hand(view: View, number: int) -> tuple[list[int], list[int]]:
    events, firsts = [0] * number, [NEVER] * number
    for actor, time in zip(view.actor.tolist(), view.time.rows.tolist(), strict=True):
        events[actor] += 1
        firsts[actor] = min(firsts[actor], time)
    return events, firsts


@given(
    st.integers(0, 1_000),
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 20), st.integers(0, 40)), min_size=1, max_size=6),
    st.booleans(),
)
@settings(max_examples=30, deadline=None)
def test_a_tally_that_follows_is_one_made_anew(
    seed: int, steps: list[tuple[int, int, int]], shuffled: bool
) -> None:
    rng = random.Random(seed)
    posts = [Post(f"a{rng.randrange(9)}", "x", NOW - DAY * (100 - at) // 2) for at in range(100)]
    if shuffled:
        for post in posts:
            post.time += rng.randrange(6) * DAY
    window, taken = Window(), 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(narrow_room, "CHUNK_ROWS", 7)
        for more, since, until in steps:
            window.append(batch_of(posts[taken : taken + more], taken + 1), {})
            taken = min(taken + more, len(posts))
            view = window.view(since=NOW - 52 * DAY + since * DAY, until=NOW - 30 * DAY + until * DAY)
            events, firsts = window.tally(view)
            expected = by_hand(view, len(view.created))
            assert (events.tolist(), firsts.tolist()) == expected
            anew = Tally().of(window.stock, view.seq.at)
            assert (anew[0].tolist(), anew[1].tolist()) == expected
            if since == 7:
                window.evict(NOW - 52 * DAY + since * DAY)
                window.compact()


@given(st.integers(0, 1_000), st.integers(1, 60), st.integers(0, 20), st.booleans())
@settings(max_examples=15, deadline=None)
def test_repeated_are_the_clusters_with_two_events(seed: int, size: int, days: int, cut: bool) -> None:
    posts = posts_of(random.Random(seed), bases=3, copies=6, strangers=10)
    posts += posts[5:15]  # the same texts again, out of order
    window = Window()
    for at in range(0, len(posts), size):
        take(window, posts[at : at + size], at + 1)
    if cut:
        window.evict(NOW - 15 * DAY)
        window.compact()
    clusters = window.clusters()
    view = window.view(since=NOW - (30 - days) * DAY, until=NOW + 1)
    repeated = Repeated.of(view, Joined.nothing(clusters))
    rows: dict[int, list[int]] = defaultdict(list)
    for row in np.argsort(view.time.rows, kind="stable").tolist():
        if view.text[row] >= 0:
            rows[int(clusters[view.text[row]])].append(row)
    expected = {cluster: own for cluster, own in sorted(rows.items()) if len(own) > 1}
    every = np.ones(len(repeated.clusters), np.bool_)
    assert {cluster: own.tolist() for cluster, own in repeated.each(every)} == expected
    pairs = {
        (int(repeated.clusters[owner]), int(actor)): int(uses)
        for owner, actor, uses in zip(repeated.owner, repeated.whose, repeated.uses, strict=True)
    }
    assert pairs == Counter(
        (cluster, int(view.actor[row])) for cluster, own in expected.items() for row in own
    )
    used = repeated.used_by(3)
    assert used.clusters.tolist() == [
        cluster for cluster, own in expected.items() if len(set(view.actor[own].tolist())) >= 3
    ]
    for owner, actor in zip(used.owner, used.whose, strict=True):
        assert (int(used.clusters[owner]), int(actor)) in pairs


@given(st.integers(0, 1_000), st.integers(5, 80))
@settings(max_examples=10, deadline=None)
def test_many_looks_find_what_one_look_finds(seed: int, size: int) -> None:
    posts = sorted(World(seed).people(10).campaign(6, evading=0.5).posts, key=lambda post: post.time)
    for at, post in enumerate(posts):
        post.id = f"event-{at}"
    often, once = Window(), Window()
    for at in range(0, len(posts), size):
        take(often, posts[at : at + size], at + 1)
        survey(often, since=NOW - 60 * DAY, until=posts[min(at + size, len(posts)) - 1].time + 1)
    take(once, posts, 1)
    found = find_campaigns(once, now_us=NOW)
    assert found == find_campaigns(often, now_us=NOW)
    assert found == find_campaigns(often, now_us=NOW)
