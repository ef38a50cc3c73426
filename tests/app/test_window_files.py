"""The window on disk: a killed process loses nothing, and what a destroyed key sealed comes back to nobody."""

import os
import signal
import subprocess
import sys
import textwrap
from datetime import timedelta
from pathlib import Path

import pytest

from tests.app.test_watch import dated, take
from tests.fixtures import Made
from tocsin.app.node import Node
from tocsin.app.past import StoredPast
from tocsin.app.window_files import CURRENT, FOLDER, VERSION, WindowFiles
from tocsin.correlate import Window


def saved(node: Node) -> WindowFiles:
    """The node's window as its store gives it, saved."""
    files = WindowFiles(node.data, node.keys, node.store.events, save_rows=1)
    window = Window(StoredPast(node.store.events, node.keys))
    sketches = StoredPast(node.store.events, node.keys)
    for batch in node.store.events.batches():
        window.append(batch, dict(sketches.sketches(batch.column("seq").to_numpy().tolist())))
    assert files.worth_saving(window)
    files.save(window)
    assert not files.worth_saving(window)
    return files


def test_a_start_takes_the_saved_window_and_then_what_came_since(made: Made) -> None:
    lines = dated(made).splitlines()
    take(made, "\n".join(lines[:-40]))
    saved(made.node)
    take(made, "\n".join(lines[-40:]))
    (found,) = made.node.watch.tick()
    assert found.actors == 12
    assert [row.detail["texts"] for row in made.node.store.audit.read(act="window.open")]
    told = made.node.store.audit.read(act="sketch.open")
    assert sum(int(row.detail["sketches"]) for row in told) == 40  # what came since, and nothing of the saved


def test_a_destroyed_day_is_gone_from_memory_and_from_disk(made: Made) -> None:
    take(made, dated(made))
    files = saved(made.node)
    folder = made.node.data / FOLDER
    day = made.now.date().isoformat()
    assert list(folder.glob(f"*/{day}.texts"))
    made.node.watch.tick()
    made.node.keys.destroy_before(made.now.date() + timedelta(days=1))
    made.node.watch.tick()
    assert not list(folder.glob(f"*/{day}.texts"))
    assert not list(folder.glob(f"*/{day}.band-*"))
    assert list(folder.glob(f"*/{day}.rows"))
    window = Window(StoredPast(made.node.store.events, made.node.keys))
    assert files.load(window)
    assert len(window) == made.node.store.events.count()
    assert len(window.texts) == 0


@pytest.mark.parametrize("harm", ["cut", "swapped", "version", "other store", "gone"])
def test_what_does_not_fit_is_made_again_from_the_events(made: Made, harm: str) -> None:
    take(made, dated(made))
    saved(made.node)
    folder = made.node.data / FOLDER
    parts = sorted(folder.glob("*/*.texts"))
    bands = sorted(folder.glob("*/*.band-*"))
    current = folder / CURRENT
    if harm == "cut":
        parts[0].write_bytes(parts[0].read_bytes()[:-1])
    elif harm == "swapped":
        first, second = bands[0].read_bytes(), bands[1].read_bytes()
        bands[0].write_bytes(second)
        bands[1].write_bytes(first)
    elif harm == "version":
        current.write_bytes(current.read_bytes().replace(f'"version":{VERSION}'.encode(), b'"version":99'))
    elif harm == "other store":
        current.write_bytes(current.read_bytes().replace(b'"event":"', b'"event":"x'))
    else:
        parts[0].unlink()
    (found,) = made.node.watch.tick()
    assert found.actors == 12
    assert made.node.store.audit.read(act="window.open") == ()
    assert made.node.store.audit.read(act="sketch.open")


def test_a_disk_that_refuses_costs_nothing_but_the_head_start(made: Made) -> None:
    take(made, dated(made))
    (made.node.data / FOLDER).write_text("not a folder")
    saved(made.node)
    (found,) = made.node.watch.tick()
    assert found.actors == 12


SAVER = """
    import os, sys
    from pathlib import Path
    from tests.app.test_window_files import saved
    from tocsin.app.node import Node

    node = Node(Path(sys.argv[1]))
    while True:
        saved(node)
        print("saved", flush=True)
"""


def test_killed_at_any_moment_of_saving_nothing_is_lost(made: Made) -> None:
    take(made, dated(made))
    for times in range(1, 4):
        worker = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(SAVER), str(made.node.data)],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        assert worker.stdout is not None
        for _ in range(times):
            assert worker.stdout.readline()
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        worker.stdout.close()
        window = Window(StoredPast(made.node.store.events, made.node.keys))
        assert WindowFiles(made.node.data, made.node.keys, made.node.store.events).load(window)
        assert len(window) == made.node.store.events.count()
    (found,) = made.node.watch.tick()
    assert found.actors == 12
    assert len(made.node.store.audit.read(act="window.open")) == 1
