"""The loose form: equal for a phrase and for what people and disguises make of it; idempotent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.wire.fold import fold
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
