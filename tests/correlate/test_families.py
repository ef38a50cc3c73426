"""Families kept up step by step are those of a computation from scratch, however the texts came and went."""

import random
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.correlate.worlds import DAY, NOW, Post, batch_of, changed, sentence
from tocsin.correlate import Window
from tocsin.correlate.bands import SURE, agreement, band_keys, near, planes
from tocsin.correlate.clusters import LINK, clusters, components
from tocsin.correlate.neighbours import Texts, jaccard
from tocsin.wire.sketch import SLOTS, U32, decode_batch, sketch_batch

DAYS = 10


def from_scratch(blobs: Sequence[bytes], common: U32) -> dict[bytes, bytes]:
    """Signature of each text → of its cluster's typical text: every pair looked at, nothing remembered."""
    columns = decode_batch(sorted(set(blobs)))
    texts = Texts.of(columns.signatures, columns.hashes, columns.starts)
    pairs = np.stack(np.triu_indices(len(texts), 1), axis=1)
    keys = band_keys(columns.hashes, columns.starts, common)
    bits = planes(columns.signatures)
    pairs = pairs[(keys[pairs[:, 0]] == keys[pairs[:, 1]]).any(axis=1)]
    pairs = pairs[near(bits[pairs[:, 0]], bits[pairs[:, 1]])]
    sure = agreement(bits[pairs[:, 0]], bits[pairs[:, 1]]) >= SURE
    pairs = pairs[sure | (jaccard(texts, pairs) >= LINK)]
    label = components(len(texts), pairs)
    names = [row.astype(">u4").tobytes() for row in columns.signatures]
    found = {}
    for family in np.unique(label).tolist():
        members = np.array(sorted(np.flatnonzero(label == family).tolist(), key=names.__getitem__))
        for member, medoid in zip(members, members[clusters(texts.take(members))], strict=True):
            found[names[member]] = names[medoid]
    return found


def held(window: Window) -> dict[bytes, bytes]:
    texts = window.texts
    names = [texts.sketch(text).signature.astype(">u4").tobytes() for text in range(len(texts))]
    return {names[text]: names[medoid] for text, medoid in enumerate(window.clusters().tolist())}


def posts_of(rng: random.Random, bases: int, copies: int, strangers: int) -> list[Post]:
    families = [sentence(rng, 30) for _ in range(bases)]
    texts = [
        changed(rng, rng.choice(families), rng.choice((0.0, 0.05, 0.12, 0.2))) for _ in range(bases * copies)
    ]
    texts += [sentence(rng, 30) for _ in range(strangers)]
    rng.shuffle(texts)
    days = [rng.randrange(DAYS) for _ in texts]
    return [
        Post(f"actor-{at}", text, NOW - (DAYS - day) * DAY, id=f"event-{at}")
        for at, (text, day) in enumerate(zip(texts, days, strict=True))
    ]


@given(st.integers(0, 10_000), st.lists(st.integers(1, 30), max_size=8), st.data())
@settings(max_examples=40, deadline=None)
def test_any_order_batching_and_eviction_end_where_a_recomputation_ends(
    seed: int, sizes: list[int], data: st.DataObject
) -> None:
    rng = random.Random(seed)
    posts = posts_of(rng, bases=4, copies=8, strangers=20)
    window, at = Window(learn_at=data.draw(st.sampled_from((20, 40, 1_000)))), 0
    gone = 0
    for size in (*sizes, len(posts)):
        part = posts[at : at + size]
        blobs = sketch_batch([post.text for post in part])
        window.append(
            batch_of(part, at + 1), {at + 1 + row: blob for row, blob in enumerate(blobs) if blob is not None}
        )
        at += size
        gone = max(gone, data.draw(st.integers(0, DAYS)) - 3)
        window.evict(NOW - (DAYS - gone) * DAY)
    window.compact()
    left = [post.text for post in posts if post.time >= NOW - (DAYS - gone) * DAY]
    kept = [blob for blob in sketch_batch(left) if blob is not None]
    assert held(window) == (from_scratch(kept, window.texts.common) if kept else {})


def test_a_large_world_is_found_as_from_scratch_with_common_shingles_learned() -> None:
    rng = random.Random(5)
    posts = posts_of(rng, bases=30, copies=6, strangers=500)
    blobs = sketch_batch([post.text for post in posts])
    window = Window(learn_at=300)
    for at in range(0, len(posts), 97):
        seqs = range(at + 1, at + 1 + len(posts[at : at + 97]))
        window.append(
            batch_of(posts[at : at + 97], at + 1),
            {seq: blob for seq in seqs if (blob := blobs[seq - 1]) is not None},
        )
    assert len(window.texts.common)
    found = held(window)
    assert found == from_scratch([blob for blob in blobs if blob is not None], window.texts.common)
    sizes = np.unique(list(found.values()), return_counts=True)[1]
    assert np.count_nonzero(sizes >= 4) >= 18


def test_a_flood_of_alike_texts_is_one_family() -> None:
    rng = random.Random(6)
    base = sentence(rng, 40)
    posts = [Post(f"a-{at}", changed(rng, base, 0.02), NOW) for at in range(1_500)]
    window = Window()
    blobs = sketch_batch([post.text for post in posts])
    for at in range(0, len(posts), 500):
        window.append(
            batch_of(posts[at : at + 500], at + 1),
            {at + 1 + row: blob for row, blob in enumerate(blobs[at : at + 500]) if blob},
        )
    assert np.unique(window.texts.families, return_counts=True)[1].max() > 0.98 * len(window.texts)


def test_what_a_destroyed_key_sealed_is_forgotten_and_the_events_stay() -> None:
    rng = random.Random(7)
    posts = posts_of(rng, bases=3, copies=6, strangers=10)
    window = Window()
    blobs = sketch_batch([post.text for post in posts])
    half = len(posts) // 2
    for day, first, last in (("2025-06-01", 0, half), ("2025-06-02", half, len(posts))):
        batch = batch_of(posts[first:last], first + 1)
        place = batch.schema.get_field_index("seal_day")
        batch = batch.set_column(place, "seal_day", pa.array([day] * batch.num_rows))
        window.append(batch, {at + 1: blob for at in range(first, last) if (blob := blobs[at]) is not None})
    assert window.shred("2025-06-01".__eq__)
    assert not window.shred("2025-06-01".__eq__)
    assert len(window) == len(posts)
    assert held(window) == from_scratch([blob for blob in blobs[half:] if blob], window.texts.common)


def test_what_is_looked_for_is_found_in_old_and_new_texts() -> None:
    rng = random.Random(8)
    base = sentence(rng, 40)
    posts = [Post("a", changed(rng, base, 0.05), NOW) for _ in range(6)]
    posts += [Post("b", sentence(rng, 40), NOW) for _ in range(200)]
    rng.shuffle(posts)
    blobs = sketch_batch([post.text for post in posts])
    (wanted,) = sketch_batch([base])
    assert wanted is not None
    signature = wanted[4 : 4 + 4 * SLOTS]
    window = Window()
    for first, last in ((0, 100), (100, len(posts))):
        window.append(
            batch_of(posts[first:last], first + 1),
            {at + 1: blob for at in range(first, last) if (blob := blobs[at]) is not None},
        )
        (found,) = window.texts.like([signature], 0.25)
        texts = {window.texts.sketch(text).signature_bytes for text in found.tolist()}
        assert texts == {
            blob[4 : 4 + 4 * SLOTS]
            for post, blob in zip(posts[:last], blobs, strict=False)
            if post.actor == "a" and blob is not None
        }


def test_a_text_without_shingles_has_no_bands() -> None:
    with pytest.raises(ValueError, match="without shingles"):
        band_keys(np.empty(0, np.uint32), np.zeros(2, np.int64))
