"""A private key opens with its passphrase, in its place, and with no other."""

import msgspec
import pytest

from tocsin.kernel import BadInput
from tocsin.trust.locked_keys import MAX_MEMORY_KIB, Locked, check, lock, unlock
from tocsin.trust.seal import KEY_BYTES, SealBroken

SECRET, WORDS = bytes(range(KEY_BYTES)), "lottery refund at the third door"


def test_it_opens_with_its_passphrase_however_it_is_composed() -> None:
    locked = lock(SECRET, WORDS + " é", "member/k1", lambda size: b"s" * size)
    assert unlock(locked, WORDS + " e\u0301", "member/k1") == SECRET
    assert SECRET not in locked
    with pytest.raises(SealBroken):
        unlock(locked, WORDS, "member/k1")
    with pytest.raises(SealBroken):
        unlock(locked, WORDS + " é", "member/k2")


@pytest.mark.parametrize("weak", ["short", "a" * 40, "abcde" * 5, "x" * 300])
def test_a_weak_passphrase_is_refused(weak: str) -> None:
    with pytest.raises(BadInput, match="five words"):
        check(weak)


def test_parameters_that_would_take_the_memory_are_refused() -> None:
    for wrong in (
        b"no such thing",
        msgspec.msgpack.encode(Locked(bytes(16), 1, 1, MAX_MEMORY_KIB * 1024, b"")),
        msgspec.msgpack.encode(Locked(bytes(16), 1 << 30, 1, 64, b"")),
        msgspec.msgpack.encode(Locked(b"", 1, 1, 64, b"")),
    ):
        with pytest.raises(SealBroken, match="make a new one"):
            unlock(wrong, WORDS, "member/k1")
