"""What is sealed opens only under its key, in its place, unchanged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.trust.seal import KEY_BYTES, NONCE_BYTES, Seal, SealBroken, unwrap_key, wrap_key

KEY = bytes(range(KEY_BYTES))


def seal(key: bytes = KEY) -> Seal:
    return Seal(key, lambda size: b"n" * size)


@given(plain=st.binary(max_size=300), label=st.text(max_size=30))
def test_what_was_sealed_is_what_opens(plain: bytes, label: str) -> None:
    closed = seal().close(plain, label)
    assert seal().open(closed, label) == plain
    assert len(closed) == len(plain) + NONCE_BYTES + 16


@given(plain=st.binary(max_size=50), place=st.integers(min_value=0), change=st.integers(1, 255))
def test_one_changed_byte_does_not_open(plain: bytes, place: int, change: int) -> None:
    closed = bytearray(seal().close(plain, "here"))
    closed[place % len(closed)] ^= change
    with pytest.raises(SealBroken):
        seal().open(bytes(closed), "here")


def test_another_place_or_key_does_not_open() -> None:
    closed = seal().close(b"text", "event:1")
    with pytest.raises(SealBroken):
        seal().open(closed, "event:2")
    with pytest.raises(SealBroken):
        seal(bytes(KEY_BYTES)).open(closed, "event:1")


@given(plains=st.lists(st.binary(max_size=20), max_size=5))
def test_many_are_closed_each_in_its_place_under_a_nonce_of_its_own(plains: list[bytes]) -> None:
    drawn = iter(range(1, 256))
    many = Seal(KEY, lambda size: bytes(next(drawn) for _ in range(size)))
    closed = many.close_many([(plain, f"event:{at}") for at, plain in enumerate(plains)])
    assert [many.open(one, f"event:{at}") for at, one in enumerate(closed)] == plains
    assert len({one[:NONCE_BYTES] for one in closed}) == len(plains)


@pytest.mark.parametrize("cut", [b"", b"short", b"x" * 27])
def test_too_short_is_broken_not_a_crash(cut: bytes) -> None:
    with pytest.raises(SealBroken):
        seal().open(cut, "here")


def test_a_wrapped_key_opens_under_its_master_alone() -> None:
    wrapped = wrap_key(KEY, b"d" * KEY_BYTES)
    assert unwrap_key(KEY, wrapped) == b"d" * KEY_BYTES
    with pytest.raises(SealBroken):
        unwrap_key(bytes(KEY_BYTES), wrapped)
    with pytest.raises(SealBroken):
        unwrap_key(KEY, wrapped[:-1])
