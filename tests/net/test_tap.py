"""The recording relay: every byte of both directions, or an error."""

import socket

import pytest

from tests.hostile_peer import HostilePeer, honest
from tocsin.kernel import Peer
from tocsin.net import Client, Tap
from tocsin.net.tap import TapFullError

pytestmark = pytest.mark.net


def fetch(port: int, path: str) -> bytes:
    with Client(timeout=5).line(Peer(name="p", url=f"http://127.0.0.1:{port}", allow_private=True)) as line:
        return line.get(path, accept="*/*").body


def test_both_directions_are_kept_one_stream_a_connection() -> None:
    body = b"canary-" * 500_000  # beyond what is kept in memory
    with HostilePeer(honest(body)) as it, Tap("127.0.0.1", it.port) as tap:
        assert fetch(tap.port, "/one") == body
        assert fetch(tap.port, "/two") == body
        sent, received = tap.to_target(), tap.from_target()
        assert tap.sizes == (sum(map(len, sent)), sum(map(len, received)))
    assert [b"/one" in stream for stream in sent] == [True, False]
    assert [stream.count(b"canary-") for stream in received] == [500_000, 500_000]


def test_a_full_recording_is_not_a_recording() -> None:
    with HostilePeer(honest(b"x" * 10_000)) as it, Tap("127.0.0.1", it.port, limit=1_000) as tap:
        with socket.create_connection(("127.0.0.1", tap.port), timeout=5) as sock:
            sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
            while sock.recv(4096):
                pass
        with pytest.raises(TapFullError):
            tap.from_target()


def test_a_dead_target_closes_the_client() -> None:
    with HostilePeer(honest(b"")) as it:
        port = it.port
    with Tap("127.0.0.1", port) as tap, socket.create_connection(("127.0.0.1", tap.port), timeout=5) as sock:
        assert sock.recv(1) == b""
