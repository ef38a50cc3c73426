"""A parser that a file has taken over: what it cannot do, and what the caller is told."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tocsin.kernel import BadInput, Conflict, TooLarge
from tocsin.label.apart import Apart, Bounds, Cage

WORKS = Path(__file__).parent / "works"


@pytest.fixture(scope="module")
def works() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hostile_works", WORKS / "hostile_works.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["hostile_works"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def apart() -> Iterator[Apart]:
    with Apart(keepers=1, folders=[WORKS]) as pool:
        yield pool


def test_arguments_and_value_cross(apart: Apart, works: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("lottery ")
    said = apart.run(works.told, file, works.Said("refund", tmp_path), reads=[file])
    assert said == works.Said("lottery refund", tmp_path)


def test_an_error_of_ours_crosses_as_itself(apart: Apart, works: ModuleType) -> None:
    with pytest.raises(Conflict, match="two labels"):
        apart.run(works.refuses)


@pytest.mark.parametrize("work", ["crashes", "falls"])
def test_a_parser_that_falls_is_a_bad_file_and_the_next_file_is_read(
    apart: Apart, works: ModuleType, tmp_path: Path, work: str
) -> None:
    with pytest.raises(BadInput, match="fell over it"):
        apart.run(getattr(works, work))
    (tmp_path / "b").write_text("next")
    assert apart.run(works.reads, tmp_path / "b", reads=[tmp_path]) == "next"


def test_memory_ends_at_its_bound(apart: Apart, works: ModuleType) -> None:
    assert apart.run(works.takes_memory, 64) == 64 << 20
    with pytest.raises(TooLarge, match="512 MiB"):
        apart.run(works.takes_memory, 1024, bounds=Bounds(memory_bytes=512 << 20))


@pytest.mark.parametrize(
    ("work", "bounds"),
    [("hangs", Bounds(wall_seconds=0.3)), ("takes_the_processor", Bounds(cpu_seconds=1))],
)
def test_time_ends_at_its_bound(apart: Apart, works: ModuleType, work: str, bounds: Bounds) -> None:
    with pytest.raises(TooLarge, match="it was stopped"):
        apart.run(getattr(works, work), bounds=bounds)


def test_an_answer_without_end_is_stopped(apart: Apart, works: ModuleType) -> None:
    with pytest.raises(TooLarge, match="without end"):
        apart.run(works.talks)


def test_what_it_writes_ends_at_its_bound(apart: Apart, works: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        apart.run(works.fills, tmp_path / "big", writes=[tmp_path], bounds=Bounds(file_bytes=8 << 20))
    assert (tmp_path / "big").stat().st_size <= 8 << 20


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Apart]:
    """A pool whose keepers ask a kernel that has no Landlock and gives nobody a network namespace."""
    interpreter = tmp_path / "python"
    interpreter.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{WORKS / "refusing_kernel.py"}" "$@"\n')
    interpreter.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(interpreter))
    with Apart(keepers=1, folders=[WORKS]) as pool:
        yield pool


@pytest.mark.net
def test_what_is_said_to_hold_holds_and_no_more(apart: Apart, works: ModuleType, tmp_path: Path) -> None:
    """On any machine: one that has no Landlock, or forbids network namespaces, says so."""
    assert _attacked(apart, works, tmp_path) == apart.holds()


@pytest.mark.net
def test_where_the_kernel_refuses_the_cage_says_so(refused: Apart, works: ModuleType, tmp_path: Path) -> None:
    assert refused.holds() == Cage(files=False, network=False, tcp=False)
    assert _attacked(refused, works, tmp_path) == refused.holds()


def test_what_was_named_is_within_reach(apart: Apart, works: ModuleType, tmp_path: Path) -> None:
    apart.run(works.writes, tmp_path / "here", writes=[tmp_path])
    assert apart.run(works.reads, tmp_path / "here", reads=[tmp_path]) == "here"


def test_what_it_starts_ends_with_it(apart: Apart, works: ModuleType, tmp_path: Path) -> None:
    import time

    apart.run(works.leaves_one_running, tmp_path / "note", writes=[tmp_path])
    time.sleep(1.3)
    assert not (tmp_path / "note").exists()


def test_what_the_node_was_started_with_is_not_seen(
    apart: Apart, works: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_SECRET", "lottery")
    assert "TOCSIN_SECRET" not in apart.run(works.secrets)


def test_a_keeper_that_was_ended_is_replaced(works: ModuleType) -> None:
    with Apart(keepers=1, folders=[WORKS]) as pool:
        pool.run(works.secrets)
        pool.close()
        assert "PATH" in pool.run(works.secrets)


def _attacked(pool: Apart, works: ModuleType, folder: Path) -> Cage:
    """What every attack found shut. Files: to read one that was not named, to write where nothing may be."""
    import socket

    key, out = folder / "key.pem", folder / "out"
    key.write_text("secret")
    out.mkdir()
    reached = []
    for work, place in ((works.reads, key), (works.writes, folder / "elsewhere")):
        try:
            pool.run(work, place, reads=[out], writes=[out])
            reached.append(place)
        except BadInput:
            assert not (folder / "elsewhere").exists()
    assert len(reached) in (0, 2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert (works.calls_out(port), works.sends_out(port)) == ("heard", "heard")
        tcp, udp = pool.run(works.calls_out, port), pool.run(works.sends_out, port)
    return Cage(files=not reached, network=(tcp, udp) == ("unheard", "unheard"), tcp=tcp == "unheard")
