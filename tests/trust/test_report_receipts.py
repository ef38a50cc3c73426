"""Numbers and secrets of public reports: drawn, forgiving to type, hard to guess."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.trust import report_receipts as receipts
from tocsin.trust.boxes import seal_to
from tocsin.trust.seal import SealBroken

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@given(st.binary(min_size=receipts.SECRET_BYTES, max_size=receipts.SECRET_BYTES))
def test_every_draw_is_another_secret(drawn: bytes) -> None:
    secret = receipts.draw_secret(lambda count: drawn[:count])
    signs = secret.replace("-", "")
    assert len(signs) == receipts.SECRET_CHARS
    assert set(signs) <= set(ALPHABET)
    assert sum(ALPHABET.index(sign) << 5 * place for place, sign in enumerate(reversed(signs))) >> 4 == (
        int.from_bytes(drawn, "big")
    ), "all bits of the draw are in the secret"


@given(st.binary(min_size=17, max_size=17))
def test_however_it_is_typed_it_is_the_same(drawn: bytes) -> None:
    number = receipts.draw_number(lambda count: drawn[:count])
    secret = receipts.draw_secret(lambda count: drawn[:count])
    for typed in (secret.lower(), secret.replace("-", ""), secret.replace("-", " "), f" {secret} "):
        assert receipts.matches(typed, receipts.digest_of(secret))
    for typed in (number.lower().replace("0", "o").replace("1", "l"), number.replace("1", "I")):
        assert receipts.number_as_written(typed) == number


@pytest.mark.parametrize("typed", ["", "2K7P", "U" * 12, "2K7P-9QXW-R4T!", "Ω" * 12, "2" * 10_000])
def test_what_is_no_number_is_none(typed: str) -> None:
    assert receipts.number_as_written(typed) == ""


def test_no_secret_matches_what_is_not_kept() -> None:
    secret = receipts.draw_secret(os.urandom)
    assert not receipts.matches(secret, None)
    assert not receipts.matches("", None)
    assert not receipts.matches("", bytes(32))
    assert not receipts.matches(receipts.draw_secret(os.urandom), receipts.digest_of(secret))


def test_an_answer_opens_with_the_secret_alone_and_in_its_place() -> None:
    secret = receipts.draw_secret(os.urandom)
    label = receipts.answer_label("2K7P-9QXW-R4TD", 1)
    sealed = seal_to(receipts.answer_box(secret).public, b"decided", label)
    assert receipts.answer_box(secret.lower()).open(sealed, label) == b"decided"
    for box, place in (
        (receipts.answer_box(receipts.draw_secret(os.urandom)), label),
        (receipts.answer_box(secret), receipts.answer_label("2K7P-9QXW-R4TD", 2)),
    ):
        with pytest.raises(SealBroken):
            box.open(sealed, place)
