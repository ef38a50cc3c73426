"""What is sealed to a public key opens with its private half, in its place, unchanged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.trust.boxes import Box, seal_to
from tocsin.trust.seal import KEY_BYTES, SealBroken

BOX = Box(bytes(range(1, KEY_BYTES + 1)))


@given(plain=st.binary(max_size=300), label=st.text(max_size=30))
def test_what_was_sealed_is_what_opens(plain: bytes, label: str) -> None:
    closed = seal_to(BOX.public, plain, label)
    assert BOX.open(closed, label) == plain
    assert len(closed) == len(plain) + 48
    assert closed != seal_to(BOX.public, plain, label)


def test_another_key_place_or_byte_does_not_open() -> None:
    closed = seal_to(BOX.public, b"text", "case/1/words")
    with pytest.raises(SealBroken):
        BOX.open(closed, "case/2/words")
    with pytest.raises(SealBroken):
        Box(bytes(range(KEY_BYTES))).open(closed, "case/1/words")
    for place in range(len(closed)):
        with pytest.raises(SealBroken):
            BOX.open(closed[:place] + bytes([closed[place] ^ 1]) + closed[place + 1 :], "case/1/words")
    for cut in (b"", closed[:10], closed[:-1]):
        with pytest.raises(SealBroken):
            BOX.open(cut, "case/1/words")


@pytest.mark.parametrize("public", [b"", b"x" * 31, bytes(32)])
def test_bytes_that_are_no_key_are_refused(public: bytes) -> None:
    with pytest.raises(SealBroken, match="make a new one"):
        seal_to(public, b"text", "here")


def test_the_box_of_a_key_is_always_the_same_and_not_the_key_itself() -> None:
    key = bytes(KEY_BYTES)
    assert Box.of_key(key).public == Box.of_key(key).public
    assert Box.of_key(key).public != Box(b"\x01" * KEY_BYTES).public
    with pytest.raises(ValueError, match="32 bytes"):
        Box(b"short")
