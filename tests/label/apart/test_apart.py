"""A parser that a file has taken over: what it cannot do, and what the caller is told."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.conftest import missing
from tocsin.kernel import BadInput, Conflict, TooLarge
from tocsin.label.apart import Apart, Bounds

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


def test_files_that_were_not_named_are_out_of_reach(apart: Apart, works: ModuleType, tmp_path: Path) -> None:
    if not _landlock():
        missing("Landlock (Linux 5.13 and later)")
    key, out = tmp_path / "key.pem", tmp_path / "out"
    key.write_text("secret")
    out.mkdir()
    with pytest.raises(BadInput):
        apart.run(works.reads, key, reads=[out], writes=[out])
    with pytest.raises(BadInput):
        apart.run(works.writes, tmp_path / "elsewhere", reads=[tmp_path], writes=[out])
    apart.run(works.writes, out / "here", writes=[out])
    assert [one.name for one in sorted(tmp_path.iterdir())] == ["key.pem", "out"]
    assert (out / "here").read_text() == "here"


@pytest.mark.net
def test_no_network_is_there(apart: Apart, works: ModuleType) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert works.calls_out(port) == "heard"
        assert apart.run(works.calls_out, port) == "unheard"


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


def _landlock() -> bool:
    import ctypes

    return int(ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1)) >= 1
