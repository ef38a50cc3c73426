"""Pure steps over a history: the cut of the batches changes nothing, floods are bounded, clusters are a node's own."""

import random
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.correlate.worlds import changed, sentence
from tocsin.correlate import bands, history
from tocsin.correlate.bands import NOTHING_COMMON, PLANES
from tocsin.correlate.clusters import components
from tocsin.correlate.families import Families
from tocsin.correlate.history import (
    FEW,
    I64,
    MANY,
    TRIED,
    WIDTH,
    BandRows,
    Bools,
    Meetings,
    Met,
    Splitting,
    Typical,
    band_rows,
    common_of,
    families,
    verified,
)
from tocsin.wire.sketch import Sketch, decode, decode_batch, sketch_batch


def rows_in(buckets: Sequence[int]) -> BandRows:
    """Rows of buckets of these sizes; all of them agree."""
    code = np.repeat(np.arange(len(buckets)), buckets)
    text = np.concatenate([np.arange(size) for size in buckets]) if buckets else np.empty(0, np.int64)
    return BandRows(code, text + 1_000 * code, np.zeros((len(code), PLANES), np.uint64))


def pairs_of(parts: Sequence[Met]) -> bytes:
    return Met.of(parts).pairs.tobytes()


@settings(max_examples=25)
@given(
    st.lists(st.integers(1, 90) | st.just(MANY + 40), max_size=3), st.lists(st.integers(0, 900), max_size=6)
)
def test_where_batches_are_cut_changes_nothing(buckets: list[int], cuts: list[int]) -> None:
    rows = rows_in(buckets)
    edges = sorted({0, len(rows.code), *(cut for cut in cuts if cut < len(rows.code))})
    meetings = Meetings()
    parts = [meetings.take(rows.take(np.arange(first, last))) for first, last in pairwise(edges)]
    assert pairs_of(parts) == pairs_of([Meetings().take(rows)])


def test_a_flood_is_bounded_and_stays_together() -> None:
    meetings = Meetings()
    met = meetings.take(rows_in([5_000]))
    assert len(met.pairs) <= meetings.tried <= 2 * WIDTH * MANY + 2 * FEW * 5_000
    assert not components(5_000, met.pairs).any()


def test_a_small_bucket_is_tried_whole() -> None:
    assert len(Meetings().take(rows_in([WIDTH + 1])).pairs) == WIDTH * (WIDTH + 1) // 2


def test_of_two_groups_few_doubtful_pairs_are_looked_at() -> None:
    near = [(one, one + 1, 64) for one in range(40)] + [(one, one + 1, 64) for one in range(100, 140)]
    across = [(one, other, 30 + (one + other) % 7) for one in range(40) for other in range(100, 140)]
    table = np.array(near + across)
    asked: list[I64] = []

    def verify(pairs: I64) -> Bools:
        asked.append(pairs)
        last: Bools = np.arange(len(pairs)) == len(pairs) - 1
        return last

    tied = families(Met(table[:, :2], table[:, 2].astype(np.uint8)), verify)
    assert len(asked[0]) == TRIED
    assert {(one + other) % 7 for one, other in asked[0].tolist()} == {6}, "the likeliest first"
    assert set(tied.family.tolist()) == {0}, "one of them is enough"


def world(seed: int, templates: int, copies: int) -> tuple[I64, list[bytes]]:
    """Texts by number with their sketches: some alone, some copies of templates."""
    rng = random.Random(seed)
    texts = [sentence(rng, 30) for _ in range(40)]
    for _ in range(templates):
        base = sentence(rng, 30)
        texts += [changed(rng, base, rng.choice((0.05, 0.1, 0.2, 0.3))) for _ in range(copies)]
    blobs = [blob for blob in sketch_batch(texts) if blob is not None]
    numbers = np.array(sorted(rng.getrandbits(64) - (1 << 63) for _ in blobs), np.int64)
    rng.shuffle(blobs)
    return numbers, blobs


def typical_of(texts: I64, blobs: list[bytes], batch: int = 10_000) -> dict[int, int]:
    """All four steps in one process, the last in batches."""
    met = Met.of([Meetings().take(band_rows(texts, blobs, NOTHING_COMMON).sorted())])
    tied = families(met, lambda pairs: verified(pairs, texts, blobs))
    return split(tied.family, tied.texts, dict(zip(texts.tolist(), blobs, strict=True)), batch)


def split(family: I64, texts: I64, blobs: dict[int, bytes], batch: int) -> dict[int, int]:
    order = np.lexsort((texts, family))
    splitting = Splitting()

    def told() -> Iterator[Typical]:
        for at in range(0, len(order), batch):
            some = order[at : at + batch]
            yield from splitting.take(family[some], texts[some], [blobs[one] for one in texts[some].tolist()])
        yield from splitting.end()

    return {
        text: typical
        for part in told()
        for text, typical in zip(part.texts.tolist(), part.typical.tolist(), strict=True)
    }


def test_clusters_are_those_of_a_node() -> None:
    for seed in range(3):
        texts, blobs = world(seed, 12, 15)
        sketches: dict[int, Sketch] = {at: decode(blob) for at, blob in enumerate(blobs)}
        node = Families(lambda asked, held=sketches: {one: held[one] for one in asked})  # type: ignore[misc]
        node.add(decode_batch(blobs))
        said = typical_of(texts, blobs)
        assert len(said) > 100
        for at, medoid in enumerate(node.medoids.tolist()):
            assert said.get(int(texts[at]), int(texts[at])) == int(texts[medoid])


def test_a_family_of_any_size_is_split_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MAX_SPLIT", 20)
    texts, blobs = world(4, 2, 60)
    held = dict(zip(texts.tolist(), blobs, strict=True))
    one_family = np.zeros(len(texts), np.int64)
    whole = split(one_family, texts, held, 10_000)
    for batch in (1, 7, 20, 33):
        assert split(one_family, texts, held, batch) == whole
    largest = sorted(list(whole.values()).count(name) for name in set(whole.values()))[-2:]
    assert min(largest) > 40, "what came later went along"


def test_a_flood_does_not_make_its_own_text_common(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(6)
    flood, greeting = sentence(rng, 30), "as everybody says here when a letter begins"
    texts = [changed(rng, flood, 0.05) for _ in range(120)]
    texts += [f"{greeting} {sentence(rng, 30)}" for _ in range(80)]
    blobs = [blob for blob in sketch_batch(texts) if blob is not None]
    numbers = np.arange(len(blobs))
    assert len(common_of(numbers, blobs)) == 0, "too few to know"
    monkeypatch.setattr(history, "LEARN_FROM", len(blobs))
    monkeypatch.setattr(bands, "COMMON_SHARE", 0.5)
    common = common_of(numbers, blobs)
    of_flood, of_greeting = (
        decode_batch([sketch_batch([text])[0] or b""]).hashes for text in (flood, greeting)
    )
    assert np.isin(of_greeting, common).all()
    assert not np.isin(of_flood, common).any()
