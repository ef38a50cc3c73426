"""Names in texts: bytes tell where none can be, and a quick search finds what a plain one would."""

import re
import sys
import unicodedata

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from tocsin.screen.agents.recipients import (
    MOST,
    perhaps_recipients,
    perhaps_tools,
    recipients_in,
    tools_in,
)
from tocsin.screen.words import Texts

TOOLS = re.compile(r"(?<!\w)([a-z]{2,20}(?:_[a-z0-9]{1,20}){1,4})\b")
PIECES = [
    "send_money", "a_b", "ab_c", "_", "x" * 19, "send", "2", " ", "é", "٣٤٥٦", "12", "0x" + "a" * 40, "ann@b.example",
    "https://a.example", "5500 1122 3344", "2026-11-22", "ab12345678901", ":/", "/", "@", "0", "x",
]  # fmt: skip
texts = st.one_of(st.lists(st.sampled_from(PIECES), max_size=14).map("".join), st.text(max_size=40))


@given(rows=st.lists(texts, max_size=5))
def test_a_text_that_is_passed_over_has_no_name(rows: list[str]) -> None:
    column = Texts(pa.array(rows, pa.string()))
    recipients, tools = perhaps_recipients(column), perhaps_tools(column)
    assert {row for row, text in enumerate(rows) if recipients_in(text)} <= recipients
    assert {row for row, text in enumerate(rows) if tools_in(text)} <= tools


def test_plain_words_are_passed_over() -> None:
    plain = Texts(pa.array(["когда следующая репетиция? в 10:30", "what is new: a/b, 2026", "", "下次排练"]))
    assert perhaps_recipients(plain) == {1}  # four digits
    assert perhaps_tools(plain) == set()


def test_the_digits_of_every_script_are_looked_at() -> None:
    digits = [char for char in map(chr, range(sys.maxunicode)) if unicodedata.category(char) == "Nd"]
    column = Texts(pa.array([char * 4 for char in digits], pa.string()))
    assert perhaps_recipients(column) == set(range(len(digits)))


@given(text=texts)
def test_tools_are_found_as_by_a_plain_search(text: str) -> None:
    plain: dict[str, tuple[str, int, int]] = {}
    for match in TOOLS.finditer(text):
        if len(plain) < MOST:
            plain.setdefault(match[1], (match[1], match.start(1), match.end(1)))
    assert list(tools_in(text)) == list(plain.values())
