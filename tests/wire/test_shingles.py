"""Shingle hashes of many texts at once, against one text at a time and against the plain implementation."""

import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.test_sketch import plain_hashes
from tocsin.wire import shingles as sh

ALPHABETS = (
    "abcdefghijklmnop qrstuvwxyz",
    "абвгдежзийклмн опрстуфхцчшщ",
    "今日東京のカ한국是不了人我在有他这中大来上",
    "aé🙂\U00020000\U0003ffff\U00010000ز",
    "\ud83d\ude00\udc00x",
)
"""ASCII, one unit a character, two units, beyond 16 bits, and halves of pairs that stand alone."""


def hashes_of(texts: list[str]) -> list[list[int]]:
    found: list[list[int]] = []
    for first, part in sh.distinct_hashes(texts, sh.read_lengths(texts)):
        assert first == len(found)
        ends = np.cumsum(part.counts)
        found += [row.tolist() for row in np.split(part.hashes, ends[:-1])]
    return found


@given(
    st.lists(st.sampled_from(ALPHABETS).flatmap(lambda letters: st.text(letters, max_size=60)), max_size=8)
)
def test_hashes_are_those_of_the_plain_implementation(texts: list[str]) -> None:
    assert hashes_of(texts) == [plain_hashes(text) for text in texts]


def test_blocks_and_chunks_do_not_show() -> None:
    rng = random.Random(8)
    texts = [
        "".join(rng.choices(rng.choice(ALPHABETS), k=rng.choice((0, 0, 3, 4, 5, 300, 300, 900))))
        for _ in range(1_200)
    ]
    assert sum(map(len, texts)) > 1.5 * sh.BLOCK_UNITS * sh.CHUNK_BLOCKS
    assert hashes_of(texts) == [hashes_of([text])[0] for text in texts]


def test_a_text_of_the_most_units_is_counted_whole() -> None:
    rng = random.Random(9)
    wide = [chr(point) for point in (*range(0x4E00, 0x9FFF), *range(0xAC00, 0xD7A3))]
    text = "".join(rng.choices(wide, k=sh.MAX_UNITS + 10))
    (found,) = hashes_of([text])
    assert len(found) > 65_500  # two units a character: near the most that 16 bits count
    assert hashes_of(["x", text, ""]) == [[], found, []]
    assert found == plain_hashes(text)
