"""The demo's parts without nodes: what went over a wire, the user's own file, and that no program stays behind."""

import gzip
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from tocsin.app.demo_input import MAX_NODES, divided, raw_values_of
from tocsin.app.demo_nodes import Children, DemoError, DemoNode, Shells, ended_by_signals
from tocsin.app.demo_wire import bodies, record_ids
from tocsin.kernel import BadInput

NOW = datetime(2026, 3, 17, 15, 30, tzinfo=UTC)
SLEEPER = (sys.executable, "-c", "import time; time.sleep(600)")
STUBBORN = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('set', flush=True); time.sleep(600)",
)


def test_bodies_of_answers_are_read_whether_chunked_or_not() -> None:
    envelope = b'{"objects":[{"id":"indicator--1"},{"id":"indicator--2"},{"id":"indicator--1"}]}'
    stream = (
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(envelope), envelope)
        + b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
    )
    assert bodies(stream, requests=False) == [envelope, b"hello world"]
    assert record_ids(envelope) == {"indicator--1", "indicator--2"}
    assert record_ids(b"hello world") == set()
    assert record_ids(b'{"title": "x"}') == set()


def test_bodies_of_requests_are_read() -> None:
    stream = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\nPOST /b HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi"
    assert b"hi" in bodies(stream, requests=True)


def _event(number: int, source: str) -> bytes:
    return msgspec.json.encode(
        {
            "id": f"e{number}",
            "time": "2026-03-16T10:00:00Z",
            "source": source,
            "kind": "content.post",
            "actor": f"somebody-{number}",
            "text": f"a text of number {number} that is long enough to have a piece",
            "observables": [{"type": "domain", "value": "shop-number-one.example"}],
        }
    )


def test_a_file_is_divided_by_source(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl.gz"
    lines = [_event(number, f"place {number % 2}") for number in range(9)] + [b"not json"]
    lines.append(lines[3])
    file.write_bytes(gzip.compress(b"\n".join(lines)))
    nodes, refused = divided(file, lambda: NOW)
    assert {name: len(part) for name, part in nodes.items()} == {"place-0": 5, "place-1": 4}
    assert refused == 1
    values = raw_values_of(nodes)
    assert "somebody-3" in values
    assert "shop-number-one.example" in values
    assert len(values) == len(set(values)) >= 9 + 9 + 1


def test_many_sources_share_a_bounded_number_of_nodes(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_bytes(b"\n".join(_event(number, f"s{number % 11}") for number in range(44)))
    nodes, refused = divided(file, lambda: NOW)
    assert len(nodes) == MAX_NODES
    assert refused == 0
    assert sum(map(len, nodes.values())) == 44
    sources = [{line.source for line in part} for part in nodes.values()]
    assert sum(map(len, sources)) == 11, "a source lies whole in one node"


def test_a_file_without_events_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no file"):
        divided(tmp_path / "none", lambda: NOW)
    empty = tmp_path / "empty"
    empty.write_bytes(b"\n\nx\n")
    with pytest.raises(BadInput, match="holds no event"):
        divided(empty, lambda: NOW)


def _play(children: Children) -> list[subprocess.Popen[bytes]]:
    started = [children.start(SLEEPER), children.start(STUBBORN, stdout=subprocess.PIPE)]
    with children:
        assert started[1].stdout is not None
        started[1].stdout.readline()  # now it ignores SIGTERM
        started[1].stdout.close()
        return started


def test_every_program_ends_with_the_demo_even_a_stubborn_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.app.demo_nodes.END_SECONDS", 0.5)
    children = Children()
    started = _play(children)
    assert [child.returncode for child in started] == [-signal.SIGTERM, -signal.SIGKILL]
    with pytest.raises(DemoError, match="ending"):
        children.start(SLEEPER)


@pytest.mark.net
def test_a_command_that_fails_says_so_and_the_next_has_the_same_program(tmp_path: Path) -> None:
    with Children() as children:
        with Shells(children) as shells:
            node = DemoNode("lab", tmp_path / "none", children, shells, SLEEPER)
            with pytest.raises(
                DemoError, match=r"node lab: `tocsin peer list` ended with [23]; its last words:\n\w"
            ):
                node.run("peer", "list")
            (shell,) = children.living
            assert node.run("init", "--name", "lab")["admin_token"]
            assert children.living == (shell,)
            os.kill(shell, signal.SIGKILL)
            with pytest.raises(DemoError, match="has ended"):
                node.run("peer", "list")
        assert not list(children.living)


def test_sigterm_unwinds_as_ctrl_c_does() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), ended_by_signals():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before
