"""The loose form: equal for a phrase and for what people and disguises make of it; idempotent."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.wire import han
from tocsin.wire.fold import fold
from tocsin.wire.leet import every_word
from tocsin.wire.loose import loose


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("précédentes", "precedentes"),
        ("lóttèrÿ réfünd", "lottery refund"),
        ("l o t t e r y", "lottery"),
        ("l.o.t.t.e.r.y refund", "lottery refund"),
        ("l-o-t-t-e-r-y", "lottery"),
        ("в.о.з.в.р.а.т", "возврат"),
        ("ещё", "еще"),
        ("өмнөх зүйл", "омнох зуйл"),
        ("تـجـاهـل", "تجاهل"),
        ("تَجَاهَلْ التَّعليمات", "تجاهل التعليمات"),
        ("ﺗﺠﺎﻫﻞ", "تجاهل"),
        ("إلى الإدارة", "الى الاداره"),
        ("می\u200cشود", "میشود"),
        ("ᠪᠠᠶᠢᠨ\u180eᠠ", "ᠪᠠᠶᠢᠨᠠ"),
        ("ᠮᠣᠩᠭᠣᠯ\u202fᠤᠨ", "ᠮᠤᠩᠬᠤᠯ ᠤᠨ"),
        ("ᠠ\u180bᠪᠤ", "ᠠᠪᠤ"),
    ],
)
def test_spellings_of_one_word_are_one(text: str, same: str) -> None:
    assert loose(fold(text)) == loose(fold(same))


@pytest.mark.parametrize(
    "text", ["a b c", "j. r. r. tolkien", "plan a - b", "e-mail at 7 p.m.", "x y, z", "1 2 3 4 5 6", ""]
)
def test_initials_and_numbers_stay(text: str) -> None:
    assert loose(fold(text)) == fold(text)


@given(st.text(max_size=60))
def test_twice_is_once(text: str) -> None:
    once = loose(fold(text))
    assert loose(once) == once


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text",
    [
        "1",
        "a1",
        "a.",
        "a b ",
        "中",
        "中 ",
        "中a",
        "女子",
        "a@",
        "0000-",
        "a\u0301\u0301",
        "аa",
        "ᠠ\u180b",
        "ا\u064e",
        "xi ",
    ],
)
@pytest.mark.parametrize("before", ["", "a0a ", "中 "])
def test_long_texts_are_no_work(text: str, before: str) -> None:
    form = loose(fold(before + text * (100_000 // len(text)) + " 中"))
    assert len(han.sounds(han.joined(form))) <= len(form)


@given(st.text("abz01234567890@$!é-— ", max_size=20))
def test_each_word_is_read_by_itself(text: str) -> None:
    """What is passed over at once is what would not change: word by word it comes to the same."""
    assert every_word(text) == "".join(map(every_word, re.split("([a-zé0-9@$!]+)", text)))


def test_words_of_letters_and_digits_are_read_as_letters() -> None:
    assert (
        every_word("r3fund 2026 no7 b2b 1ottery, $5 wa11et! x9")
        == "refund 2026 not b2b lottery, $5 wallet! xg"
    )
