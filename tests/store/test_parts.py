"""What is pure in the room: runs to merge, ranges to delete, places a filter names."""

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from tocsin.store.catalogue import DataFile, FileKind
from tocsin.store.compaction import FULL_BYTES, MERGE_AT, mergeable
from tocsin.store.every_table import metadata
from tocsin.store.retention import ranges


def file(number: int, size: int, day: str = "") -> DataFile:
    return DataFile(number, FileKind.SEALED, day, 1, size, number, number)


@given(st.lists(st.integers(1, FULL_BYTES), max_size=200))
def test_merging_leaves_few_files_and_ends(sizes: list[int]) -> None:
    files = [file(number, size) for number, size in enumerate(sizes)]
    before = sum(one.size for one in files)
    while run := mergeable(files):
        numbers = [one.number for one in run]
        where = [one.number for one in files].index(numbers[0])
        assert [one.number for one in files[where : where + len(run)]] == numbers, "neighbours only"
        files[where : where + len(run)] = [file(numbers[0], sum(one.size for one in run))]
    assert sum(one.size for one in files) == before
    run_of_small = 0
    for one in files:
        run_of_small = run_of_small + 1 if one.size * 2 < FULL_BYTES else 0
        assert run_of_small < MERGE_AT


def test_files_of_two_days_are_never_merged_and_a_day_that_is_over_is_one_file() -> None:
    files = [file(1, 10, "2026-11-01"), file(2, 10, "2026-11-01"), file(3, 10, "2026-11-02")]
    assert [one.number for one in mergeable(files)] == [1, 2]
    assert mergeable(files[1:]) == []
    assert mergeable([]) == []


@given(st.lists(st.tuples(st.integers(1, 5), st.booleans())))
def test_ranges_hold_exactly_the_chosen(steps: list[tuple[int, bool]]) -> None:
    seqs = np.cumsum([step for step, _ in steps]).astype(np.int64)
    chosen = np.array([flag for _, flag in steps], bool)
    found = ranges(seqs, chosen)
    inside = [any(first <= seq <= last for first, last in found) for seq in seqs]
    assert inside == list(chosen)


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [([True] * 3, [(1, 9)]), ([False] * 3, []), ([True, False, True], [(1, 1), (9, 9)])],
)
def test_neighbours_are_one_range(chosen: list[bool], expected: list[tuple[int, int]]) -> None:
    assert ranges(np.array([1, 5, 9], np.int64), np.array(chosen)) == expected


def test_no_column_needs_its_values_converted() -> None:
    """`dialect.insert_many` hands rows to SQLite's driver as they are."""
    plain = (sa.Text, sa.Integer, sa.BigInteger, sa.LargeBinary)
    for table in metadata.sorted_tables:
        for column in table.columns:
            assert isinstance(column.type, plain), f"{table.name}.{column.name} is {column.type!r}"
            assert column.type.__class__.__mro__[1] is not sa.types.TypeDecorator
