"""Sentences: complete in both languages, and never silent about what is missing."""

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.kernel import EvidenceStatus, Reason
from tocsin.taxonomy.messages import MAX_VALUE_CHARS, Sentence, evidence_words, sentence, sentences

PLACE = re.compile(r"\{[^{}]*\}")


@pytest.mark.parametrize("entry", sentences().values(), ids=lambda entry: entry.code)
def test_each_language_names_the_same_values(entry: Sentence) -> None:
    assert Counter(PLACE.findall(entry.en)) == Counter(PLACE.findall(entry.zh))
    assert re.search(r"[\u4e00-\u9fff]", entry.zh), "the Chinese sentence is in Chinese"
    assert not re.search(r"[\u4e00-\u9fff]", entry.en)


@pytest.mark.parametrize("entry", sentences().values(), ids=lambda entry: entry.code)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_place_is_filled(entry: Sentence, language: str) -> None:
    places = re.findall(r"\{(\w+)", entry.en if language == "en" else entry.zh)
    said = sentence(Reason(entry.code, dict.fromkeys(places, 0.25)), language)
    assert not PLACE.search(said)


def test_an_unknown_code_is_seen_with_its_values() -> None:
    reason = Reason("from.the.future", {"b": 2, "a": "x"})
    for language in ("en", "zh", "mn"):
        assert sentence(reason, language) == "from.the.future (a=x, b=2)"
    assert sentence(Reason("from.the.future")) == "from.the.future"


def test_a_missing_value_is_seen() -> None:
    entry = next(entry for entry in sentences().values() if "{" in entry.en)
    assert PLACE.search(sentence(Reason(entry.code)))


def test_ids_of_the_shared_language_are_said_in_words() -> None:
    values: dict[str, str | int | float] = {"category": "political.fraud.scam", "subject": "political"}
    said = sentence(Reason("look-back.refused-subject", values), "zh")
    assert "政治言论" in said
    basis = Reason("look-back.basis", {"basis": "Terms 4.2", "status": "observed"})
    assert "实际观察" in sentence(basis, "zh")
    assert "observed" in sentence(basis, "en")
    assert "<new>" in sentence(Reason("look-back.basis", {"basis": "x", "status": "<new>"}), "zh")
    assert set(evidence_words()) == set(EvidenceStatus)


def test_another_language_is_asked_for_before_english_is_used() -> None:
    entry = next(iter(sentences().values()))
    assert sentence(Reason(entry.code), "mn", translate=str.upper) == entry.en.upper()
    assert sentence(Reason(entry.code), "zh", translate=str.upper) == entry.zh


@given(
    st.sampled_from([*sentences(), "unknown"]),
    st.dictionaries(st.text(max_size=8), st.text(max_size=400) | st.integers() | st.floats(), max_size=4),
)
def test_no_value_breaks_out_of_its_sentence(code: str, values: dict[str, str | int | float]) -> None:
    """A value cannot start a line, turn the direction of the text after it, or fill the page."""
    places = re.findall(r"\{(\w+)", sentences()[code].en) if code in sentences() else []
    named = values | dict(zip(places, values.values(), strict=False))
    said = sentence(Reason(code, named))
    assert not re.search("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]", said)
    assert len(said) <= 1_000 + len(named) * (2 * MAX_VALUE_CHARS + 8) + 310 * len(named)
