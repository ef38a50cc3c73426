"""Pairs and clusters against plain Python sets; chains end; floods of alike texts stay cheap."""

import random
import time

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.correlate.worlds import changed, sentence
from tocsin.correlate.clusters import MEMBER, clusters
from tocsin.correlate.neighbours import Texts, candidates, jaccard, near_pairs
from tocsin.wire.sketch import bands, sketch_columns


def texts_of(texts: list[str]) -> Texts:
    columns = sketch_columns(texts)
    return Texts.of(columns.signatures, columns.hashes, columns.starts)


def grouped(medoids: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> list[list[int]]:
    groups: dict[int, list[int]] = {}
    for text, medoid in enumerate(medoids.tolist()):
        groups.setdefault(medoid, []).append(text)
    return list(groups.values())


def plain(texts: Texts, one: int, other: int) -> float:
    a, b = (
        set(texts.hashes[texts.first[at] : texts.first[at] + texts.size[at]].tolist()) for at in (one, other)
    )
    return len(a & b) / max(len(a | b), 1)


@given(st.integers(0, 1_000))
@settings(max_examples=20)
def test_verified_pairs_have_the_similarity_of_their_sets(seed: int) -> None:
    rng = random.Random(seed)
    base = sentence(rng, 40)
    texts = texts_of([changed(rng, base, share) for share in (0, 0.05, 0.1, 0.2, 0.5, 1, 1)])
    pairs = np.array([(i, j) for i in range(7) for j in range(i + 1, 7)])
    found = jaccard(texts, pairs)
    for (one, other), value in zip(pairs.tolist(), found.tolist(), strict=True):
        assert abs(value - plain(texts, one, other)) < 1e-6
    near, values = near_pairs(texts, least=0.5)
    assert all(value >= 0.5 for value in values.tolist())
    assert {tuple(pair) for pair in near.tolist()} <= {tuple(pair) for pair in pairs.tolist()}


def test_long_texts_are_estimated_within_the_stated_error() -> None:
    rng = random.Random(2)
    base = sentence(rng, 600)
    long = [base, changed(rng, base, 0.1)]
    truth = [{text[at : at + 5] for at in range(len(text) - 4)} for text in long]
    (value,) = jaccard(texts_of(long), np.array([[0, 1]])).tolist()
    assert abs(value - len(truth[0] & truth[1]) / len(truth[0] | truth[1])) < 0.08


def test_candidates_are_the_pairs_that_agree_in_a_band() -> None:
    rng = random.Random(7)
    bases = [sentence(rng, 40) for _ in range(40)]
    texts = texts_of([changed(rng, rng.choice(bases), rng.choice((0, 0.05, 0.3))) for _ in range(400)])
    keys = bands(texts.signatures, 21, 3)
    agree = (keys[:, None, :] == keys[None, :, :]).any(axis=2)
    pairs = candidates(texts.signatures, 21, 3)
    assert pairs.tolist() == np.argwhere(np.triu(agree, 1)).tolist()


def test_no_pairs_of_nothing() -> None:
    assert len(candidates(texts_of([]).signatures)) == 0
    assert clusters(texts_of([])).tolist() == []
    assert clusters(texts_of([sentence(random.Random(1))])).tolist() == [0]


def test_copies_are_one_cluster_and_strangers_are_alone() -> None:
    rng = random.Random(3)
    bases = [sentence(rng, 30) for _ in range(5)]
    texts = [changed(rng, base, 0.08) for base in bases for _ in range(12)] + [
        sentence(rng, 30) for _ in range(50)
    ]
    groups = {frozenset(group) for group in grouped(clusters(texts_of(texts)))}
    assert sum(map(len, groups)) == len(texts)
    for family in range(5):
        own = set(range(family * 12, family * 12 + 12))
        assert max(len(group & own) for group in groups if group <= own) >= 11


def test_a_chain_of_small_changes_does_not_run_on() -> None:
    rng = random.Random(4)
    chain = [sentence(rng, 40)]
    for _ in range(60):
        words = chain[-1].split()
        for _ in range(3):
            words[rng.randrange(40)] = sentence(rng, 1)
        chain.append(" ".join(words))
    texts = texts_of(chain)
    medoids = clusters(texts)
    assert max(map(len, grouped(medoids))) < 30
    for member, medoid in enumerate(medoids.tolist()):
        assert medoids[medoid] == medoid
        assert plain(texts, medoid, member) >= MEMBER - 1e-6


def test_a_flood_of_alike_texts_is_one_cluster_in_bounded_time() -> None:
    rng = random.Random(5)
    base = sentence(rng, 40)
    texts = texts_of([changed(rng, base, 0.02) for _ in range(3_000)])
    started = time.process_time()
    groups = grouped(clusters(texts))
    assert time.process_time() - started < 5
    assert max(map(len, groups)) > 2_950
