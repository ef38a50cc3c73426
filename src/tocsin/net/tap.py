"""A recording relay on loopback: what really went over the wire, for the demo and for tests."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import Self

IN_MEMORY_BYTES = 1 << 20
"""Of each direction of each connection; beyond that the recording continues on disk."""

MAX_TAP_BYTES = 1 << 30
"""All recordings together. Beyond it the tap stops relaying: a partial recording would hide what left."""

_PIECE = 64 << 10
_BACKLOG = 64


class TapFullError(Exception):
    """The recording is not complete, so nothing may be concluded from it."""


class _Recording:
    """One direction of one connection, whole: a value split over two packets is found in it."""

    def __init__(self) -> None:
        self.file = SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115  # closed by the tap
        self.size = 0

    def read(self) -> bytes:
        self.file.seek(0)
        return self.file.read()


_Pair = tuple[_Recording, _Recording]


class Tap:
    """Listens on a free loopback port and relays to `host:port`, keeping the bytes of both directions.

    Use it in a `with`; read the recordings after the connections are done. Reading raises TapFullError when
    the bound was passed.
    """

    def __init__(self, host: str, port: int, *, limit: int = MAX_TAP_BYTES) -> None:
        self._target = (host, port)
        self._limit = limit
        self._lock = threading.Lock()
        self._size = 0
        self._full = False
        self._closing = False
        self._recordings: list[_Pair] = []
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every connection, wait for the threads, drop the recordings' files."""
        with self._lock:
            if self._closing:
                return
            self._closing = True
            doomed = [self._listener, *self._open]
        for sock in doomed:
            _shut(sock)
        self._listener.close()
        for thread in self._threads:
            thread.join()
        for pair in self._recordings:
            for recording in pair:
                recording.file.close()

    def to_target(self) -> list[bytes]:
        """What clients sent, one whole stream a connection."""
        return self._streams(0)

    def from_target(self) -> list[bytes]:
        """What the target answered, one whole stream a connection."""
        return self._streams(1)

    @property
    def sizes(self) -> tuple[int, int]:
        """Bytes relayed so far: (to the target, from the target)."""
        with self._lock:
            return (
                sum(pair[0].size for pair in self._recordings),
                sum(pair[1].size for pair in self._recordings),
            )

    def _streams(self, direction: int) -> list[bytes]:
        with self._lock:
            if self._full:
                raise TapFullError(f"more than {self._limit} bytes went through this tap")
            return [pair[direction].read() for pair in self._recordings]

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                target = socket.create_connection(self._target, timeout=10)
            except OSError:
                client.close()
                continue
            target.settimeout(None)
            pair = (_Recording(), _Recording())
            with self._lock:
                if self._closing:
                    client.close()
                    target.close()
                    return
                self._recordings.append(pair)
                self._open.update((client, target))
                self._start(self._serve, client, target, pair)

    def _serve(self, client: socket.socket, target: socket.socket, pair: _Pair) -> None:
        back = threading.Thread(target=self._relay, args=(target, client, pair[1]), daemon=True)
        back.start()
        self._relay(client, target, pair[0])
        back.join()
        with self._lock:
            self._open.difference_update((client, target))
        client.close()
        target.close()

    def _relay(self, source: socket.socket, sink: socket.socket, recording: _Recording) -> None:
        try:
            while piece := source.recv(_PIECE):
                if not self._keep(recording, piece):
                    break
                sink.sendall(piece)
            else:
                sink.shutdown(socket.SHUT_WR)
                return
        except OSError:
            pass
        _shut(source)
        _shut(sink)

    def _keep(self, recording: _Recording, piece: bytes) -> bool:
        """Record before relaying, so that what passed is never more than what was kept."""
        with self._lock:
            self._size += len(piece)
            if self._size > self._limit:
                self._full = True
                return False
            recording.file.seek(0, 2)
            recording.file.write(piece)
            recording.size += len(piece)
            return True


def _shut(sock: socket.socket) -> None:
    with suppress(OSError):  # already gone, which is what was wanted
        sock.shutdown(socket.SHUT_RDWR)
