"""Words in a column of texts: the same as looking for each in each, wherever the column begins."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from tocsin.screen.words import TABLE_BYTES, Texts, Words

LETTERS = "ab é中🙂"
words = st.lists(st.text(LETTERS, min_size=1, max_size=4), min_size=1, max_size=6, unique=True)
columns = st.lists(st.text(LETTERS, max_size=12), max_size=8)


def places(word: str, text: str) -> list[int]:
    return [at for at in range(len(text)) if text.startswith(word, at)]


@given(words=words, rows=columns, first=st.integers(0, 4))
def test_every_word_is_found_in_its_rows_and_runs_into_no_other(
    words: list[str], rows: list[str], first: int
) -> None:
    column = pa.array(rows, pa.string()).slice(min(first, len(rows)))
    found = Words(words).by_row(Texts(column))
    expected = {
        row: sorted(
            (number, len(text[:at].encode()), len((text[:at] + word).encode()))
            for number, word in enumerate(words)
            for at in places(word, text)
        )
        for row, text in enumerate(rows[first:])
    }
    assert {row: sorted(found[row]) for row in found} == {row: hits for row, hits in expected.items() if hits}
    assert list(found) == sorted(found)


def test_a_word_that_ends_in_a_text_and_begins_before_it_is_not_its_own() -> None:
    column = Texts(pa.array(["a", "ab"], pa.string()))
    assert Words(["a", "aab"]).by_row(column) == {0: [(0, 0, 1)], 1: [(0, 0, 1)]}


@given(words=words, text=st.text(LETTERS, max_size=60))
def test_places_are_counted_in_characters(words: list[str], text: str) -> None:
    found = Words(words).within(text)
    assert sorted(found) == sorted(
        (number, at, at + len(word)) for number, word in enumerate(words) for at in places(word, text)
    )


def test_many_words_are_found_as_few_are() -> None:
    many = Words([*(f"word {number:06}" for number in range(TABLE_BYTES // 8)), "refund"])
    assert list(many.within("a refund")) == [(TABLE_BYTES // 8, 2, 8)]


@given(rows=columns)
def test_without_words_nothing_is_found(rows: list[str]) -> None:
    none = Words(())
    assert not none
    assert none.by_row(Texts(pa.array(rows, pa.string()))) == {}
    assert list(none.within("".join(rows))) == []


@given(rows=columns, first=st.integers(0, 4))
def test_a_byte_tells_its_row(rows: list[str], first: int) -> None:
    texts = Texts(pa.array(rows, pa.string()).slice(min(first, len(rows))))
    kinds = texts.flags((pa.array(range(256)).to_numpy() == ord("a")).astype("uint8"))
    assert texts.rows(kinds != 0) == {row for row, text in enumerate(rows[first:]) if "a" in text}
