"""Key words: both languages, the lists as published, and what counts as the same."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.trust.identity import NodeIdentity, fingerprint
from tocsin.trust.words import BITS_A_WORD, DOMAIN, LANGUAGES, WORDS, agree, all_spoken, spoken, words_of

KEYS = st.binary(min_size=32, max_size=32)
PUBLIC = NodeIdentity(b"\x01" * 32).public
OTHER = NodeIdentity(b"\x02" * 32).public


def test_the_words_are_fixed_for_ever() -> None:
    digest = int.from_bytes(hashlib.sha256(DOMAIN + bytes(32)).digest(), "big")
    first = digest >> (256 - BITS_A_WORD)
    from mnemonic import Mnemonic

    assert words_of(bytes(32))[0] == Mnemonic("english").wordlist[first]
    assert WORDS * BITS_A_WORD >= 80


@given(KEYS)
def test_a_key_agrees_with_its_own_words_however_they_are_written(public: bytes) -> None:
    for language in LANGUAGES:
        words = words_of(public, language)
        assert len(words) == WORDS
        assert agree(spoken(public, language), public)
        assert agree("\n".join(words).upper(), public)
        assert agree(", ".join(words), public)
    assert agree("".join(words_of(public, "zh")), public)
    assert agree(fingerprint(public), public)
    assert agree(hashlib.sha256(public).hexdigest(), public)


@given(KEYS, st.integers(0, WORDS - 1))
def test_one_word_less_or_another_is_another_key(public: bytes, place: int) -> None:
    for language in LANGUAGES:
        words = list(words_of(public, language))
        other = words_of(OTHER, language)[place]
        assert not agree(" ".join(words[:place] + words[place + 1 :]), public)
        if other != words[place]:
            assert not agree(" ".join([*words[:place], other, *words[place + 1 :]]), public)


@pytest.mark.parametrize("said", ["", " ", "abandon", "0" * 32, "a" * 401, "\ud800"])
def test_what_is_no_fingerprint(said: str) -> None:
    assert not agree(said, PUBLIC)


def test_a_key_of_another_length_agrees_with_nothing() -> None:
    assert not agree(fingerprint(b"short"), b"short")


def test_a_language_without_a_list_reads_english() -> None:
    assert spoken(PUBLIC, "mn") == spoken(PUBLIC, "en") == all_spoken(PUBLIC)["en"]
