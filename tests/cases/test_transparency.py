"""Counts that may be published: nothing small stands there, and nothing small can be worked out."""

import csv
import io

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tocsin.cases.transparency import (
    SMALL_COUNT,
    Delay,
    Report,
    as_csv,
    as_html,
    as_json,
    as_markdown,
    delay,
    table,
)

COUNTS = st.dictionaries(st.sampled_from("abcdefgh").map(lambda one: (one,)), st.integers(0, 30), max_size=6)


@given(counts=COUNTS, apart=st.none() | st.integers(0, 12))
def test_nothing_small_is_told_or_can_be_worked_out(
    counts: dict[tuple[str, ...], int], apart: int | None
) -> None:
    made = table("t", "T", ("what",), counts, apart=apart)
    told = {row.key: row.count for row in made.rows if row.count is not None}
    assert all(count >= SMALL_COUNT for count in told.values())
    assert all(counts[key] == count for key, count in told.items())
    hidden = [row.key for row in made.rows if row.count is None]
    if made.total is None or made.total == 0:
        return
    left = made.total - sum(told.values())
    assert made.total >= SMALL_COUNT
    assert left == 0 or left >= SMALL_COUNT
    if left:
        assert len(hidden) + (apart is not None) > 1


@given(counts=COUNTS.filter(lambda one: sum(one.values()) > 0), apart=st.integers(1, 9))
def test_that_something_is_kept_apart_does_not_show_in_the_rows(
    counts: dict[tuple[str, ...], int], apart: int
) -> None:
    """With nothing apart, a row is hidden all the same: who sees a dash learns nothing of a restricted queue."""
    for many in (0, apart):
        made = table("t", "T", ("what",), counts, apart=many)
        assert any(row.count is None for row in made.rows)


def test_a_table_as_it_is_read() -> None:
    counts: dict[tuple[str, ...], int] = {("scam",): 40, ("phishing",): 9, ("malware",): 3}
    made = table("categories", "By category", ("category",), counts)
    assert [(row.key[0], row.count) for row in made.rows] == [
        ("malware", None),
        ("phishing", None),
        ("scam", 40),
    ]
    assert made.total == 52
    assert table("t", "T", ("x",), {("a",): 3}).total is None
    assert table("t", "T", ("x",), {}).total == 0
    assert [row.count for row in table("t", "T", ("x",), {("a",): 7, ("b",): 8}).rows] == [7, 8]


@given(st.lists(st.floats(0, 1_000), min_size=SMALL_COUNT, max_size=40))
def test_a_delay_is_one_that_was_taken(hours: list[float]) -> None:
    found = delay(hours)
    taken = {round(one, 1) for one in hours}
    assert found.median_hours in taken
    assert found.p90_hours in taken
    assert found.median_hours is not None
    assert found.p90_hours is not None
    assert found.median_hours <= found.p90_hours
    assert delay(hours[: SMALL_COUNT - 1]) == Delay(None, None, None)


def test_four_forms_tell_the_same_and_no_markup_gets_in() -> None:
    made = Report(
        node="A | <node>",
        since=0,
        until=86_400_000_000,
        made=1,
        tables=(table("t", "By <b>", ("what",), {("<i>",): 6, ("b|c",): 7, ("d",): 1}),),
        delay=delay([1.0, 2.0, 3.0, 4.0, 5.0]),
    )
    assert msgspec.json.decode(as_json(made), type=Report) == made
    rows = list(csv.reader(io.StringIO(as_csv(made))))
    assert ["t", "b|c", "7"] in rows
    assert ["t", "d", ""] in rows
    assert ["delay", "median_hours", "3.0"] in rows
    page = as_html(made)
    assert "<i>" not in page
    assert "&lt;i&gt;" in page
    assert "b\\|c" in as_markdown(made)
    assert "nine of ten 5.0" in as_markdown(made)
    few = msgspec.structs.replace(made, delay=delay([]))
    assert "Too few" in as_markdown(few)
