"""Receipts: whose they are, for whom, and every way in which one is not."""

import msgspec
import pytest

from tocsin.kernel import BadInput, Receipt
from tocsin.trust.identity import NodeIdentity
from tocsin.trust.receipts import MAX_HELD, check_receipt, read_receipt, signed, signed_bytes

OURS, THEIRS, THIEF = (NodeIdentity(bytes([number]) * 32) for number in (1, 2, 3))
PLAIN = Receipt(
    record="indicator--6f1f4c2e-7a0b-5d54-9c0e-3f6f5d0c7a11",
    version=5_000,
    to=OURS.stix_identity,
    by=THEIRS.stix_identity,
    held=("ab" * 32,),
    done="withdrawn",
    at=7_000,
)


def check(receipt: Receipt) -> None:
    check_receipt(receipt, to=OURS.stix_identity, by=THEIRS.stix_identity, key=THEIRS.public, latest=10_000)


def test_a_receipt_holds_after_a_journey() -> None:
    arrived = read_receipt(msgspec.json.encode(signed(PLAIN, THEIRS)))
    check(arrived)
    assert arrived == signed(PLAIN, THEIRS)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"record": "indicator--6f1f4c2e-7a0b-5d54-9c0e-3f6f5d0c7a12"}, "signature"),
        ({"version": 5_001}, "signature"),
        ({"held": ()}, "signature"),
        ({"at": 7_001}, "signature"),
        ({"at": 10_001}, "time to come"),
        ({"to": THIEF.stix_identity}, "another node"),
        ({"by": THIEF.stix_identity}, "another node"),
        ({"key": THIEF.public.hex()}, "not pinned"),
        ({"signature": ""}, "signature"),
        ({"signature": "zz"}, "signature"),
        ({"signature": THEIRS.sign(signed_bytes(PLAIN).split(b"\n", 1)[1]).hex()}, "signature"),
    ],
)
def test_a_receipt_that_is_bent(changes: dict[str, object], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        check(msgspec.structs.replace(signed(PLAIN, THEIRS), **changes))


def test_a_receipt_that_somebody_else_signed() -> None:
    with pytest.raises(BadInput, match="not pinned"):
        check(signed(PLAIN, THIEF))


@pytest.mark.parametrize("body", [b"", b"{}", b"[" * 99_999, b'{"done":"nothing"}', b"\xff"])
def test_what_is_no_receipt(body: bytes) -> None:
    with pytest.raises(BadInput):
        read_receipt(body)


def test_a_receipt_with_too_much_in_it() -> None:
    with pytest.raises(BadInput, match="at most"):
        read_receipt(msgspec.json.encode(msgspec.structs.replace(PLAIN, held=("a",) * (MAX_HELD + 1))))
