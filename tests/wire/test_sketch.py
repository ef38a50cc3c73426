"""Sketches against a plain implementation of docs/fingerprints.md, and against bytes that are none."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.kernel import BadInput
from tocsin.wire import sketch as sk
from tocsin.wire.fold import fold
from tocsin.wire.shingles import MAX_UNITS

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "sketch.json").read_text("utf-8"))
M64 = (1 << 64) - 1

TEXTS = st.lists(
    st.text(alphabet="abcdefgh ijklmnop" + "åß我们今日東京のカ한국" + "\U00020000🙂", max_size=120),
    max_size=6,
)


def scramble(value: int) -> int:
    value = value * 0xFF51AFD7ED558CCD & M64
    value ^= value >> 32
    value = value * 0xC4CEB9FE1A85EC53 & M64
    return value ^ value >> 29


def units(text: str) -> list[int]:
    found = []
    for char in text:
        point = ord(char)
        found.append(point)
        if 0x3040 <= point <= 0x9FFF or 0xAC00 <= point <= 0xD7A3 or 0x20000 <= point <= 0x3FFFF:
            found.append(point + 0x110000)
    return found


def plain_hashes(text: str) -> list[int]:
    """Distinct shingle hashes, ascending, one step at a time."""
    row = [unit if unit < 0x80 else scramble(unit) for unit in units(text[:MAX_UNITS])]
    keys = (sum(row[at + i] << 8 * i for i in range(5)) & M64 for at in range(len(row) - 4))
    return sorted({scramble(key) >> 32 for key in keys})


def plain_signature(hashes: list[int]) -> list[int]:
    least: dict[int, int] = {}
    for value in hashes:
        least.setdefault(value >> 26, value)
    out = []
    for slot in range(sk.SLOTS):
        if slot in least:
            out.append(least[slot])
            continue
        order = sorted(range(sk.SLOTS), key=lambda o: murmur(0x746F6373696E0001 ^ slot << 8 ^ o << 20))
        out.append(next(least[other] for other in order if other in least))
    return out


def murmur(value: int) -> int:
    value ^= value >> 33
    value = value * 0xFF51AFD7ED558CCD & M64
    value ^= value >> 33
    value = value * 0xC4CEB9FE1A85EC53 & M64
    return value ^ value >> 33


@given(TEXTS)
def test_a_batch_is_what_the_plain_implementation_says(texts: list[str]) -> None:
    for text, blob in zip(texts, sk.sketch_batch(texts), strict=True):
        expected = plain_hashes(text)
        if len(expected) < sk.MIN_SHINGLES:
            assert blob is None
            continue
        assert blob is not None
        found = sk.decode(blob)
        assert found.shingles == len(expected)
        assert found.hashes.tolist() == expected[: sk.MAX_SHINGLES]
        assert found.signature.tolist() == plain_signature(expected)


@given(TEXTS)
def test_columns_and_blobs_agree_and_neighbours_do_not_matter(texts: list[str]) -> None:
    blobs = sk.sketch_batch(texts)
    assert blobs == [sk.sketch_batch([text])[0] for text in texts]
    columns = sk.sketch_columns(texts)
    for row, blob in enumerate(blobs):
        held = columns.hashes[columns.starts[row] : columns.starts[row + 1]]
        assert len(held) == 0 if blob is None else held.tolist() == sk.decode(blob).hashes.tolist()


@pytest.mark.parametrize("row", VECTORS["rows"], ids=lambda row: row["text"][:16])
def test_published_vectors(row: dict[str, object]) -> None:
    text = str(row["text"])
    assert fold(text) == row["folded"]
    blob = sk.sketch_batch([fold(text)])[0]
    if row["signature"] is None:
        assert blob is None
        return
    assert blob is not None
    found = sk.decode(blob)
    assert found.signature_bytes.hex() == row["signature"]
    assert found.shingles == row["shingles"]
    assert found.hashes[:4].tolist() == row["first_hashes"]


def test_a_long_text_is_read_to_a_bound_and_chunks_do_not_show() -> None:
    long = " ".join(f"w{number}" for number in range(30_000))
    blob = sk.sketch_batch(["x" * 10, long, "a" * 40_000, long])
    assert blob[1] == blob[3] is not None
    assert blob[1] == sk.sketch_batch([long[:MAX_UNITS]])[0]
    assert len(blob[1] or b"") == 4 * (1 + sk.SLOTS + sk.MAX_SHINGLES)


def test_similarity_estimates_jaccard() -> None:
    rng = np.random.default_rng(5)
    words = [f"word{number}" for number in range(500)]
    for share in (0.05, 0.3, 0.6, 0.9):
        for _ in range(10):
            one = rng.choice(words, 200).tolist()
            other = [str(rng.choice(words)) if rng.random() < share else word for word in one]
            texts = [" ".join(one), " ".join(other)]
            a, b = (sk.decode(blob) for blob in sk.sketch_batch(texts) if blob is not None)
            truth = plain_jaccard(*texts)
            assert abs(sk.exact_jaccard(a.hashes, b.hashes) - truth) < 0.09
            assert abs(sk.similarity(a.signature, b.signature_bytes) - truth) < 0.25


def plain_jaccard(one: str, other: str) -> float:
    a, b = set(plain_hashes(one)), set(plain_hashes(other))
    return len(a & b) / len(a | b)


@given(st.binary(max_size=600))
def test_bytes_that_are_no_sketch_are_bad_input(blob: bytes) -> None:
    try:
        found = sk.decode(blob)
    except BadInput:
        return
    assert len(found.hashes) == min(found.shingles, sk.MAX_SHINGLES)


def test_every_changed_part_of_a_sketch_is_noticed() -> None:
    blob = sk.sketch_batch(["the quick brown fox jumps over the lazy dog by the river"])[0]
    assert blob is not None
    swapped = blob[:-8] + blob[-4:] + blob[-8:-4]
    for bad in (b"", blob[:-1], blob[:-4], blob + blob[-4:], b"\x02" + blob[1:], swapped):
        with pytest.raises(BadInput):
            sk.decode_batch([blob, bad])
    with pytest.raises(BadInput):
        sk.signature_array(b"12")


def test_bands_fit_in_the_signature() -> None:
    signatures = np.arange(2 * sk.SLOTS, dtype=np.uint32).reshape(2, sk.SLOTS)
    assert sk.bands(signatures, 16, 4).shape == (2, 16)
    with pytest.raises(ValueError, match="do not fit"):
        sk.bands(signatures, 17, 4)


def test_band_keys_do_not_depend_on_how_many_are_taken_at_once() -> None:
    signatures = np.random.default_rng(6).integers(0, 1 << 32, (sk.BAND_TEXTS + 3, sk.SLOTS), np.uint32)
    found = sk.bands(signatures, 21, 3)
    for row in (0, 1, sk.BAND_TEXTS - 1, sk.BAND_TEXTS, sk.BAND_TEXTS + 2):
        assert found[row].tolist() == plain_bands(signatures[row].tolist(), 21, 3)


def plain_bands(slots: list[int], number: int, rows: int) -> list[int]:
    keys = []
    for band in range(number):
        key = band + 1
        for slot in slots[band * rows : band * rows + rows]:
            key = ((key * 0xC4CEB9FE1A85EC53 & M64) ^ slot) * 0xFF51AFD7ED558CCD & M64
            key ^= key >> 32
        keys.append(key)
    return keys
