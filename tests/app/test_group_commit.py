"""Writes that wait at the same time share a transaction; a bad one harms none of the others."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from tests.fixtures import Made
from tocsin.app.group_commit import GroupCommit
from tocsin.kernel import BadInput
from tocsin.store import Store


def cursor(store: Store, number: int) -> int:
    store.jobs.set_cursor(f"test.{number}", str(number))
    return number


class Counted:
    """The store's transactions, counted; the first one waits until it is let go."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.began = 0
        self.let_go = threading.Event()

    @contextmanager
    def together(self) -> Iterator[None]:
        self.began += 1
        assert self.let_go.wait(30)
        with self._store.together():
            yield


def run_many(commits: GroupCommit, counted: Counted, works: list[Callable[[], int]]) -> list[int | str]:
    """Each in its thread; all but the first wait while that one is under way. Results, or what was refused."""
    results: list[int | str] = []

    def run(work: Callable[[], int]) -> None:
        try:
            results.append(commits.run(work))
        except BadInput as error:
            results.append(error.message)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    threads[0].start()
    while not counted.began:
        time.sleep(0.001)
    for thread in threads[1:]:
        thread.start()
    while len(commits._waiting) < len(works) - 1:
        time.sleep(0.001)
    counted.let_go.set()
    for thread in threads:
        thread.join()
    return results


def test_who_waits_at_the_same_time_shares_one_transaction(made: Made) -> None:
    store = made.node.store
    counted = Counted(store)
    commits = GroupCommit(counted)  # type: ignore[arg-type]  # a store of which one method is asked
    works = [partial(cursor, store, number) for number in range(30)]
    assert sorted(map(int, run_many(commits, counted, list(works)))) == list(range(30))
    assert counted.began == 2
    assert [store.jobs.cursor(f"test.{number}") for number in range(30)] == [
        str(number) for number in range(30)
    ]


def test_a_bad_one_is_told_so_and_harms_no_other(made: Made) -> None:
    store = made.node.store
    counted = Counted(store)
    commits = GroupCommit(counted)  # type: ignore[arg-type]  # a store of which one method is asked

    def bad() -> int:
        cursor(store, 3)
        raise BadInput("three")

    works: list[Callable[[], int]] = [
        partial(cursor, store, 0),
        partial(cursor, store, 1),
        bad,
        partial(cursor, store, 2),
    ]
    assert sorted(map(str, run_many(commits, counted, works))) == ["0", "1", "2", "three"]
    assert [store.jobs.cursor(f"test.{number}") for number in range(4)] == ["0", "1", "2", None]


def test_alone_it_is_one_transaction(made: Made) -> None:
    commits = GroupCommit(made.node.store)
    assert commits.run(lambda: cursor(made.node.store, 7)) == 7
    assert made.node.store.jobs.cursor("test.7") == "7"


def test_nobody_waits_for_a_process_that_is_ending(made: Made) -> None:
    commits = GroupCommit(made.node.store)

    def ends() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        commits.run(ends)
    assert commits.run(lambda: 1) == 1
