"""Pseudonyms: the same here, meaningless elsewhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.trust.pseudonyms import Pseudonyms, looks_like_pseudonym

ONE, OTHER = Pseudonyms(b"1" * 32), Pseudonyms(b"2" * 32)


@given(st.text(max_size=40))
def test_the_same_value_has_one_name_at_one_node_and_another_elsewhere(value: str) -> None:
    assert ONE.of("actor", value) == ONE.of("actor", value)
    assert ONE.of("actor", value) != OTHER.of("actor", value)
    assert ONE.of("actor", value) != ONE.of("session", value)
    assert looks_like_pseudonym(f"by {ONE.of('actor', value).upper()}!")


@given(st.text(max_size=10), st.text(max_size=10), st.text(max_size=10), st.text(max_size=10))
def test_domain_and_value_do_not_run_together(a: str, b: str, c: str, d: str) -> None:
    if (a, b) != (c, d) and "\x00" not in a + c:
        assert ONE.of(a, b) != ONE.of(c, d)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Pseudonyms(b"short")


def test_ordinary_words_do_not_look_like_one() -> None:
    assert not looks_like_pseudonym("ps_ and ps_0123, sha256 " + "0" * 64)
