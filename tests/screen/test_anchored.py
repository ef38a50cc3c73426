"""Patterns behind literals: a whole column says what each text says by itself."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from tocsin.screen.anchored import Anchored, Entry

ANCHORED = Anchored(
    {
        "asks": [Entry(starts=("send", "mail", "寄", "envía"), then=r"\b")],
        "names": [Entry(starts=("to ", "à "), then=r"[a-z]+\b")],
    }
)
PIECES = ["send", "mail", "寄", "envía", "to ", "à ", "ann", " ", "s", "é", ".", "resend"]
texts = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@given(rows=st.lists(texts, max_size=6), most=st.integers(0, 60))
def test_a_column_has_the_hits_of_its_texts(rows: list[str], most: int) -> None:
    found = {row: list(hits) for row, hits in ANCHORED.by_row(pa.array(rows, pa.string()), most)}
    expected = {row: hits for row, text in enumerate(rows) if (hits := list(ANCHORED.hits(text[:most])))}
    assert {row: hits for row, hits in found.items() if hits} == expected


def test_a_literal_within_a_word_begins_nothing() -> None:
    assert [hit.kind for hit in ANCHORED.hits("resend it, mail to ann")] == ["asks", "names"]
