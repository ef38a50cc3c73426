"""Passwords: slow to guess, kept in a form that others can check, never taken when plain."""

import os

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from tocsin.kernel import BadInput
from tocsin.trust import passwords

WORDS = "a refund of the lottery"


def test_only_the_password_matches_and_no_two_are_kept_alike() -> None:
    kept = passwords.make(WORDS, os.urandom)
    assert kept != passwords.make(WORDS, os.urandom)
    assert passwords.matches(WORDS, kept)
    assert not passwords.matches(WORDS + " ", kept)
    assert not passwords.matches("", kept)
    assert not passwords.matches(WORDS, None)


def test_what_is_kept_is_argon2id_at_the_strength_of_the_rfc() -> None:
    kept = passwords.make(WORDS, os.urandom)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    Argon2id.verify_phc_encoded(WORDS.encode(), kept)


def test_one_password_from_two_keyboards() -> None:
    kept = passwords.make("caf\u00e9 at the lottery", os.urandom)
    assert passwords.matches("cafe\u0301 at the lottery", kept)


@pytest.mark.parametrize(
    "password", ["", "short", "a" * 14, "a" * 15, "abcabcabcabcabcabc", "x" * 257, "I am CHEN, let me in"]
)
def test_a_plain_password_is_refused(password: str) -> None:
    with pytest.raises(BadInput):
        passwords.check(password, "Chen")


@pytest.mark.parametrize("password", [WORDS, "一二三四五六七八九十甲乙丙丁戊", "x7" * 7 + "pqrst"])
def test_a_good_one_is_taken(password: str) -> None:
    passwords.check(password, "chen")
