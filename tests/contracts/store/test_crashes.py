"""Kill -9, two processes at once, readers beside a compactor: nothing acknowledged is lost, none is there twice."""

import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.contracts.store.places import Place
from tests.contracts.store.samples import ids_of, row, rows_of
from tests.contracts.store.worker import BATCH
from tests.forks import Forks
from tocsin.store import Appended, compaction, journal

ROOT = Path(__file__).resolve().parents[3]


def start(place: Place, task: str, number: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.contracts.store.worker", task]
    return subprocess.Popen(
        [*command, str(place.data), place.url or "-", str(number)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def said(process: "subprocess.Popen[str]", word: str) -> list[str]:
    """What a process said after `word` until it ended."""
    output, _ = process.communicate(timeout=60)
    return said_in(output, word)


def said_in(output: str, word: str) -> list[str]:
    """A last line that was cut off counts for nothing."""
    lines = output.splitlines()[: output.count("\n")]
    return [line.split(maxsplit=1)[1] for line in lines if line.startswith(word)]


def events_of(first_numbers: list[str]) -> list[str]:
    return [f"event-{n}" for first in first_numbers for n in range(int(first), int(first) + BATCH)]


def assert_kept(place: Place, acknowledged: list[str]) -> None:
    """All there, each once, in one order; and sent again, all are duplicates."""
    store = place.open()
    store.migrate()
    found = ids_of(store)
    assert not [event for event, times in Counter(found).items() if times > 1]
    assert set(acknowledged) <= set(found)
    assert store.events.count() == len(found)
    assert set(store.events.sealed(acknowledged)) == set(acknowledged)
    again = [row(int(event.removeprefix("event-"))) for event in found]
    assert store.events.append(again) == Appended(0, len(again))
    seqs = [event["seq"] for event in rows_of(store)]
    assert seqs == sorted(seqs)


@pytest.mark.slow
def test_killed_at_any_step_of_compaction(place: Place, workers: Forks) -> None:
    """Each process dies at another fsync: of a temporary file, of its folder, before and after the swap."""
    acknowledged = []
    for step in range(1, 12):
        process = workers.run("append_and_compact", str(place.data), place.url or "-", str(step))
        acknowledged += events_of(said_in(process.stdout, "kept"))
        assert process.returncode == -signal.SIGKILL
    assert acknowledged
    assert_kept(place, acknowledged)
    assert not list(place.data.rglob("*.tmp"))


@pytest.mark.slow
def test_killed_at_any_moment(place: Place) -> None:
    acknowledged = []
    for turn in range(3):
        process = start(place, "append_for_ever", turn)
        assert process.stdout is not None
        first = process.stdout.readline()  # it is at work
        time.sleep(0.05 + turn * 0.07)
        process.kill()
        acknowledged += events_of([first.split()[1], *said(process, "kept")])
    assert_kept(place, acknowledged)


@pytest.mark.slow
def test_two_processes_append_while_two_compact(place: Place) -> None:
    """Half of what the two append is the same. A reader beside them never sees one behind it."""
    appending = [start(place, "append_some", number) for number in (1, 2)]
    compacting = [start(place, "compact", 40) for _ in range(2)]
    store = place.open()
    cursor, seen = 0, []
    while any(process.poll() is None for process in appending):
        for event in rows_of(store, after=cursor):
            cursor = event["seq"]
            seen.append(event["id"])
    acknowledged = [event for process in appending for event in events_of(said(process, "kept"))]
    moved = [int(word) for process in compacting for word in said(process, "moved")]
    assert all(process.returncode == 0 for process in appending + compacting)
    seen += ids_of(store, after=cursor)
    assert sorted(seen) == sorted(set(acknowledged))
    moved.append(store.events.compact())
    assert sum(moved) == len(seen)
    assert_kept(place, acknowledged)


def test_a_reader_sees_each_event_once_whatever_is_compacted_meanwhile(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between any two batches everything may move and every file be replaced."""
    monkeypatch.setattr(journal, "PAGE_ROWS", 7)
    monkeypatch.setattr(compaction, "ROUND_ROWS", 5)
    monkeypatch.setattr(compaction, "MERGE_AT", 2)
    store = place.open()
    other = place.open()
    store.events.append([row(n) for n in range(100)])
    store.events.compact(keep_rows=70)
    found = []
    for turn, batch in enumerate(store.events.batches()):
        found += batch.column("id").to_pylist()
        other.events.append([row(1000 + turn)])
        other.events.compact(keep_rows=max(0, 60 - 10 * turn))
    assert found == [f"event-{n}" for n in range(100)]


def test_one_compactor_at_a_time(place: Place) -> None:
    store = place.open()
    store.events.append([row(n) for n in range(10)])
    with compaction.Compactor(store.events._database, place.data).alone(wait=True) as held:  # type: ignore[attr-defined]
        assert held
        assert place.open().events.compact() == 0
    assert store.events.compact() == 10


def test_threads_of_one_store_append_at_once(place: Place) -> None:
    store = place.open()
    threads = [
        threading.Thread(target=lambda n=n: store.events.append([row(i) for i in range(n * 10, n * 10 + 20)]))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ids_of(store)) == sorted(f"event-{n}" for n in range(90))
