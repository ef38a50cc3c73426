"""The log: entries wait, get their places together, and stay; no two roots for one size, whoever is killed when."""

import threading
import time
from hashlib import sha256

import pytest
import sqlalchemy as sa

from tests.contracts.store.places import Place
from tests.contracts.store.samples import START
from tests.contracts.store.test_crashes import said, start
from tocsin.kernel import Conflict, NotFound, Unavailable
from tocsin.store import Store
from tocsin.store.log_interface import KeptCheckpoint, LogEntry, LogFork, Witnessed
from tocsin.trust import merkle
from tocsin.trust.tlog import EMPTY_ROOT, Tree


def entry(number: int) -> LogEntry:
    made = sha256(b"%d" % number).digest()
    return LogEntry(START + number, "manifest", f"subject-{number % 3}", made, b"opening %d" % number)


def tree(store: Store, size: int) -> Tree:
    return Tree(size, store.log.tile)


def test_checkpoints_over_a_size_come_shortest_first(store: Store) -> None:
    kept = [KeptCheckpoint(size, size, bytes([size]) * 32, b"note") for size in (3, 1, 2)]
    for one in kept:
        store.log.put_checkpoint(one)
    assert [one.size for one in store.log.checkpoints_over(1)] == [2, 3]
    assert [one.size for one in store.log.checkpoints_over(0, limit=1)] == [1]
    assert store.log.checkpoints_over(3) == ()


def test_entries_get_their_places_in_the_order_of_their_moments(store: Store) -> None:
    assert (store.log.head().size, store.log.head().root) == (0, EMPTY_ROOT)
    store.log.add([entry(2), entry(0)])
    store.log.add([entry(1)])
    assert store.log.waiting() == 3
    assert store.log.head().size == 0
    head = store.log.grow()
    assert store.log.waiting() == 0
    assert head == store.log.head() == store.log.grow()
    found = store.log.entries()
    assert [(one.place, one.at) for one in found] == [(n, START + n) for n in range(3)]
    assert head.root == merkle.root([one.entry for one in found])
    assert store.log.entries(start=1, limit=1) == found[1:2]


def test_many_entries_and_few_at_a_time(store: Store) -> None:
    store.log.add([entry(n) for n in range(600)])
    heads = [store.log.grow(most=130) for _ in range(5)]
    assert [head.size for head in heads] == [130, 260, 390, 520, 600]
    lines = [one.entry for one in store.log.entries(limit=600)]
    for head in heads:
        assert head.root == merkle.root(lines[: head.size]) == tree(store, head.size).root()
    assert [len(store.log.tile(*at)) for at in ((0, 0), (0, 2), (1, 0), (0, 3))] == [8192, 2816, 64, 0]


def test_an_entry_is_kept_with_what_it_speaks_of_or_not_at_all(store: Store) -> None:
    def both() -> None:
        store.log.add([entry(1)])
        raise NotFound("what it speaks of")

    with pytest.raises(NotFound), store.together():
        both()
    assert store.log.waiting() == 0
    store.log.add([entry(1)])
    with pytest.raises(Conflict):
        store.log.add([entry(1)])


def test_what_is_about_one_thing(store: Store) -> None:
    store.log.add([entry(n) for n in range(6)])
    store.log.grow(most=4)
    assert [one.place for one in store.log.about("subject-1")] == [1, -1]
    assert store.log.about("nothing") == ()


def test_a_stopped_log_keeps_what_comes_and_gives_no_place(store: Store) -> None:
    store.log.add([entry(1)])
    store.log.stop("a peer saw more")
    with pytest.raises(Conflict, match="a peer saw more"):
        store.log.grow()
    store.log.add([entry(2)])
    assert (store.log.head().size, store.log.head().stopped) == (0, "a peer saw more")
    store.log.go_on()
    assert store.log.grow().size == 2


def test_tiles_that_were_changed_are_found_before_anything_is_added(place: Place) -> None:
    store = place.open()
    store.log.add([entry(n) for n in range(300)])
    head = store.log.grow()
    database = store.log._database  # type: ignore[attr-defined]
    with database.writing() as connection:
        connection.execute(
            sa.text("UPDATE log_tiles SET hashes = :h WHERE level = 0 AND number = 1"), {"h": bytes(44 * 32)}
        )
    store.log.add([entry(300)])
    with pytest.raises(Unavailable, match="restore a backup"):
        store.log.grow()
    assert store.log.head() == head
    assert store.log.waiting() == 1


def test_one_checkpoint_for_a_size(store: Store) -> None:
    first = KeptCheckpoint(3, START, b"r" * 32, b"note")
    store.log.put_checkpoint(first)
    more = KeptCheckpoint(3, START + 1, b"r" * 32, b"note, cosigned")
    store.log.put_checkpoint(more)
    assert store.log.checkpoint(3) == KeptCheckpoint(3, START, b"r" * 32, b"note, cosigned")
    with pytest.raises(Conflict, match="forked"):
        store.log.put_checkpoint(KeptCheckpoint(3, START, b"s" * 32, b"another"))
    store.log.put_checkpoint(KeptCheckpoint(5, START, b"t" * 32, b"later"))
    assert [one.size for one in store.log.checkpoints()] == [5, 3]
    newest = store.log.checkpoint()
    assert newest is not None
    assert newest.size == 5
    assert store.log.checkpoint(4) is None


def test_what_was_seen_of_a_peer_moves_from_what_was_seen(store: Store) -> None:
    seen = Witnessed("origin", "alpha", START, 3, b"r" * 32, b"note")
    store.log.see(seen, before=0)
    with pytest.raises(Conflict, match="meanwhile"):
        store.log.see(seen, before=0)
    with pytest.raises(Conflict, match="meanwhile"):
        store.log.see(seen, before=2)
    later = Witnessed("origin", "alpha", START, 7, b"s" * 32, b"note 2")
    store.log.see(later, before=3)
    assert store.log.witnessed("origin") == later
    assert store.log.witnessed("other") is None
    assert store.log.all_witnessed() == (later,)


def test_evidence_is_kept_once(store: Store) -> None:
    fork = LogFork("f1", "alpha", "origin", START, "two roots", b"one", b"two")
    assert store.log.add_fork(fork)
    assert not store.log.add_fork(fork)
    assert store.log.forks() == (fork,)
    store.log.see(Witnessed("origin", "alpha", START, 3, b"r" * 32, b"note"), before=0)
    assert store.log.settle("another", at=START) == 0
    assert store.log.settle("origin", at=START + 5) == 1
    assert store.log.settle("origin", at=START + 6) == 0
    assert [one.settled for one in store.log.forks()] == [START + 5]
    assert store.log.witnessed("origin") is None


def test_threads_add_and_grow_at_once(place: Place) -> None:
    store = place.open()
    heads = []

    def work(first: int) -> None:
        for n in range(first, first + 20):
            store.log.add([entry(n)])
            heads.append(store.log.grow())

    threads = [threading.Thread(target=work, args=(n * 20,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.log.head().size == 80
    assert len({head.size for head in heads}) == len({(head.size, head.root) for head in heads})
    assert len({one.entry for one in store.log.entries()}) == 80


@pytest.mark.slow
def test_killed_at_any_moment_no_size_has_two_roots(place: Place) -> None:
    """What was said before the kill, of either process, is a beginning of what is there after it."""
    heads = []
    for turn in range(3):
        workers = [start(place, "grow_for_ever", turn * 2 + n) for n in range(2)]
        first = [worker.stdout.readline() for worker in workers if worker.stdout]  # they are at work
        time.sleep(0.05 + turn * 0.1)
        for worker in workers:
            worker.kill()
        heads += [line.split(maxsplit=1)[1] for line in first]
        heads += [head for worker in workers for head in said(worker, "head")]
    store = place.open()
    lines = [one.entry for one in store.log.entries(limit=1_000_000)]
    assert len(lines) == store.log.head().size
    assert store.log.head().root == merkle.root(lines)
    assert heads
    for head in heads:
        size, root = head.split()
        assert tree(store, int(size)).root().hex() == root
    store.log.add([entry(-1)])
    assert store.log.grow().size >= len(lines) + 1
