"""Tokens: only the one that was minted counts."""

import os

import pytest

from tocsin.trust import tokens


def test_a_minted_token_matches_itself_and_no_other() -> None:
    one, other = tokens.mint(os.urandom), tokens.mint(os.urandom)
    presented = tokens.read(one.text)
    assert presented is not None
    assert presented.id == one.id
    assert tokens.matches(presented, one.digest)
    assert not tokens.matches(presented, other.digest)
    assert not tokens.matches(presented, None)


def test_the_secret_is_not_in_what_is_kept() -> None:
    minted = tokens.mint(os.urandom)
    secret = minted.text.rsplit("_", 1)[1] if minted.text.count("_") == 2 else minted.text[20:]
    assert secret.encode() not in minted.digest
    assert len(minted.digest) == 32


def test_the_digest_of_nobody_is_never_a_match() -> None:
    presented = tokens.read("tocsin_" + "0" * 12 + "_" + "A" * 43)
    assert presented is not None
    assert not tokens.matches(tokens.Presented(id="x", digest=bytes(32)), None)


@pytest.mark.parametrize(
    "text",
    ["", "tocsin_", "tocsin_zz_secret", "tocsin_" + "0" * 12 + "_" + "A" * 42, "x" * 10_000, "tocsin_\x00"],
)
def test_another_shape_is_no_token(text: str) -> None:
    assert tokens.read(text) is None
