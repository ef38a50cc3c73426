"""In a flood the work is bounded, and what hides in it is seen at the next look all the same."""

import random
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.correlate.test_families import from_scratch, held, posts_of
from tests.correlate.worlds import NOW, Post, batch_of, changed, sentence
from tocsin.correlate import Window
from tocsin.correlate import families as families_room
from tocsin.correlate.bands import planes
from tocsin.correlate.placing import Verifier, inherited, place
from tocsin.correlate.sketches import Sketches
from tocsin.wire.sketch import Sketch, decode_batch, sketch_batch


def put(window: Window, posts: Sequence[Post], after: int) -> None:
    blobs = sketch_batch([post.text for post in posts])
    window.append(
        batch_of(list(posts), after + 1),
        {after + 1 + row: blob for row, blob in enumerate(blobs) if blob is not None},
    )


def sketches_of(texts: Sequence[str]) -> list[Sketch]:
    columns = decode_batch([blob for blob in sketch_batch(texts) if blob is not None])
    return [
        Sketch(
            columns.signatures[at],
            columns.hashes[columns.starts[at] : columns.starts[at + 1]],
            int(columns.shingles[at]),
        )
        for at in range(len(columns.shingles))
    ]


def test_a_campaign_that_hides_in_a_flood_is_a_cluster_at_the_next_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(families_room, "HUGE", 512)
    rng = random.Random(9)
    slogan = sentence(rng, 30)
    window, kept = Window(), 0
    for _ in range(4):
        flood = [Post(f"f{kept + at}", changed(rng, slogan, 0.05), NOW) for at in range(400)]
        put(window, flood, kept)
        kept += len(flood)
        window.clusters()
    assert np.unique(window.texts.families, return_counts=True)[1].max() > 512
    words, mixed = slogan.split(), sentence(rng, 12).split()
    put(window, [Post("bridge", " ".join(words[:20] + mixed), NOW)], kept)
    kept += 1
    text = " ".join(words[:8] + mixed + sentence(rng, 12).split())  # like the bridge, and not like the slogan
    campaign = [Post(f"c{at}", changed(rng, text, 0.04), NOW) for at in range(8)]
    put(window, campaign, kept)
    numbers = window.view().text[-8:]
    assert len(set(window.texts.families[numbers].tolist())) == 1
    assert window.texts.families[numbers[0]] == window.texts.families[0]
    (medoid,) = set(window.clusters()[numbers].tolist())
    assert medoid in numbers.tolist()


@given(st.integers(0, 1_000))
@settings(max_examples=8, deadline=None)
def test_families_that_wait_have_their_turn_and_end_where_a_recomputation_ends(seed: int) -> None:
    posts = posts_of(random.Random(seed), bases=5, copies=8, strangers=10)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(families_room, "SETTLED_TEXTS", 20)
        window = Window()
        put(window, posts, 0)
        window.clusters()
        assert (window.texts.tied().size < 0).any()  # not all could be split in one look
        for _ in range(8):
            window.clusters()
        assert (window.texts.tied().size > 0).all()
    blobs = [blob for blob in sketch_batch([post.text for post in posts]) if blob is not None]
    assert held(window) == from_scratch(blobs, window.texts.common)


def test_no_more_is_fetched_than_allowed_and_the_bits_decide_the_rest() -> None:
    rng = random.Random(10)
    base, other = sentence(rng, 30), sentence(rng, 30)
    texts = [changed(rng, base, 0.04) for _ in range(6)] + [changed(rng, other, 0.04) for _ in range(6)]
    known = sketches_of(texts)
    asked: list[int] = []

    def fetch(numbers: Sequence[int]) -> Mapping[int, Sketch]:
        asked.extend(numbers)
        return {number: known[number] for number in numbers}

    bits = planes(np.stack([one.signature for one in known]))
    pairs = np.array([(one, two) for two in range(12) for one in range(two)], np.int64)
    same = (pairs[:, 0] < 6) == (pairs[:, 1] < 6)
    for allowed in (0, 3, 12):
        asked.clear()
        verifier = Verifier(Sketches(fetch), bits, allowed)
        found = verifier.tied(pairs)
        assert len(asked) <= allowed
        assert not found[~same].any()
        assert found[same].mean() > 0.9


def test_chains_are_followed_to_who_has_a_place_and_strangers_begin_their_own() -> None:
    rng = random.Random(11)
    base, far = sentence(rng, 40), sentence(rng, 40)
    texts = [base, changed(rng, base, 0.03), changed(rng, base, 0.03), far, changed(rng, far, 0.03)]
    known = sketches_of(texts)
    sketches = Sketches(lambda numbers: {number: known[number] for number in numbers})
    medoid = np.arange(5, dtype=np.int32)
    ties = np.array(
        [(1, 0), (2, 1), (3, 2), (4, 3)], np.int64
    )  # 3 is said to be tied to 2, and is not like it
    place(ties, medoid, Verifier(sketches, planes(np.stack([one.signature for one in known])), 5))
    assert medoid.tolist() == [0, 0, 0, 3, 3]


def test_who_loses_the_typical_text_goes_with_the_first_of_its_cluster() -> None:
    rng = random.Random(12)
    base = sentence(rng, 40)
    known = sketches_of([changed(rng, base, 0.03) for _ in range(4)] + [sentence(rng, 40)])
    bits = planes(np.stack([one.signature for one in known]))
    medoid = np.array([0, 0, 0, 0, 0], np.int32)  # the last is not like the first that is left
    gone = np.array([-1, 0, 1, 2, 3], np.int32)
    assert inherited(medoid, gone, bits[1:]).tolist() == [0, 0, 0, 3]
    assert inherited(np.arange(5, dtype=np.int32), gone, bits[1:]).tolist() == [0, 1, 2, 3]
