"""Masking: a reviewer reads the words, not the identifiers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.cases.masking import MAX_SAMPLE_CHARS, mask


@pytest.mark.parametrize(
    ("text", "kind", "gone"),
    [
        ("write to anna.b+x@mail.example.org now", "[e-mail]", "anna"),
        ("go to https://example.org/claim?x=1 today", "[link]", "example.org"),
        ("see refund-desk.example today", "[domain]", "refund-desk"),
        ("from 192.0.2.17 again", "[address]", "192.0.2"),
        ("ask @refund_helper please", "[handle]", "refund_helper"),
        ("call +49 (30) 1234-5678 now", "[number]", "1234"),
        ("send to bc1qxy2kgdygjrsqtzq2n0yrf2493p83kkfjhx0wlh now", "[code]", "bc1q"),
    ],
)
def test_identifiers_become_their_kind(text: str, kind: str, gone: str) -> None:
    masked = mask(text)
    assert kind in masked
    assert gone not in masked


def test_known_identifiers_are_masked_in_any_case() -> None:
    assert "canary" not in mask("Hello CANARY seven", ["canary seven"]).casefold()


def test_words_stay() -> None:
    sentence = "Your lottery refund is ready. 您的彩票退款已准备好。 Ваш возврат готов."
    assert mask(sentence) == sentence


@given(st.text(max_size=3_000), st.lists(st.text(min_size=3, max_size=12), max_size=4))
def test_never_longer_than_a_sample_and_never_an_identifier(text: str, identifiers: list[str]) -> None:
    masked = mask(text + " " + " ".join(identifiers), identifiers)
    assert len(masked) <= MAX_SAMPLE_CHARS + 2
    for value in identifiers:
        if value not in "[identifier]" and len(value) > 8:
            assert value not in masked
