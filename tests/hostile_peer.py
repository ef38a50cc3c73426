"""A peer that misbehaves, over real sockets: each request gets whatever bytes a script gives."""

import gzip
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from tocsin.net.tls import self_signed

TAXII = "application/taxii+json;version=2.1"


class Asked(msgspec.Struct, frozen=True):
    """One request as it came: header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Script = Callable[[Asked], Iterable[bytes]]
"""Gives the pieces of the answer, sent one by one as they come; the connection is closed after the last."""


class HostilePeer:
    """Listens on a free loopback port; `asked` keeps every request. With `tls` it has its own certificate."""

    def __init__(self, script: Script, *, tls: bool = False, host: str = "127.0.0.1") -> None:
        self.script = script
        self.asked: list[Asked] = []
        self.ended = threading.Event()
        """Set when the test is over: a script that would go on for ever looks at it."""
        self.certificate = b""
        self._context: ssl.SSLContext | None = None
        if tls:
            self.certificate, key = self_signed("hostile", ["localhost", host], now=datetime.now(UTC))
            self._context = _server_context(self.certificate, key)
        self._listener = socket.create_server((host, 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()

    @property
    def url(self) -> str:
        return f"{'https' if self._context else 'http'}://127.0.0.1:{self.port}/"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ended.set()
        for sock in (self._listener, *tuple(self._open)):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self.ended.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self._open.add(sock)
            self._start(self._serve, sock)

    def _serve(self, sock: socket.socket) -> None:
        speaking = sock
        with suppress(OSError, ssl.SSLError, ValueError):
            if self._context:
                speaking = self._context.wrap_socket(sock, server_side=True)
            asked = _read(speaking)
            if asked is not None:
                self.asked.append(asked)
                for piece in self.script(asked):
                    if self.ended.is_set():
                        break
                    speaking.sendall(piece)
            # Half-close and wait for the other side, so that unread bytes do not become a reset.
            speaking.shutdown(socket.SHUT_WR)
        speaking.close()
        self._open.discard(sock)


def _server_context(certificate: bytes, key: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "both.pem")
        path.write_bytes(certificate + key)
        context.load_cert_chain(path)
    return context


def _read(sock: socket.socket) -> Asked | None:
    with sock.makefile("rb") as stream:
        if (first := stream.read(1)) == b"\x16":
            return Asked(method="TLS", path="", headers={}, body=b"")
        words = (first + stream.readline(65_536)).decode("latin-1").split(" ")
        if len(words) < 2:
            return None
        headers: dict[str, str] = {}
        while (line := stream.readline(65_536).decode("latin-1").strip()) != "":
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = stream.read(int(headers.get("content-length", "0")))
    return Asked(method=words[0], path=words[1], headers=headers, body=body)


def answer(
    body: bytes, *, status: str = "200 OK", media_type: str = TAXII, headers: dict[str, str] | None = None
) -> bytes:
    """A well-formed answer with a true length."""
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Type: {media_type}",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def honest(body: bytes, status: str = "200 OK", media_type: str = TAXII) -> Script:
    """Always this body."""
    return lambda _: [answer(body, status=status, media_type=media_type)]


def garbage(_: Asked) -> Iterable[bytes]:
    """Not HTTP."""
    return [b"\x00\xffSSH-2.0-hello\r\n" * 8]


def silence(_: Asked) -> Iterable[bytes]:
    """Closes without a word."""
    return []


def redirect(to: str) -> Script:
    """Sends the client elsewhere."""
    return lambda _: [answer(b"", status="302 Found", headers={"Location": to})]


def endless_body(_: Asked) -> Iterator[bytes]:
    """A body without length that never ends."""
    yield f"HTTP/1.1 200 OK\r\nContent-Type: {TAXII}\r\nConnection: close\r\n\r\n".encode()
    while True:
        yield b" " * 65_536


def endless_chunks(_: Asked) -> Iterator[bytes]:
    """Chunk after chunk."""
    yield f"HTTP/1.1 200 OK\r\nContent-Type: {TAXII}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    while True:
        yield b"10000\r\n" + b" " * 65_536 + b"\r\n"


def endless_headers(_: Asked) -> Iterator[bytes]:
    """Headers without end."""
    yield b"HTTP/1.1 200 OK\r\n"
    number = 0
    while True:
        number += 1
        yield f"X-Filler-{number}: {'x' * 1000}\r\n".encode()


def endless_interim(_: Asked) -> Iterator[bytes]:
    """100 Continue, for ever."""
    while True:
        yield b"HTTP/1.1 100 Continue\r\n\r\n"


def huge_length(_: Asked) -> Iterable[bytes]:
    """Announces more than anybody takes."""
    return [b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n{"]


def negative_length(_: Asked) -> Iterable[bytes]:
    """A length that is none."""
    return [b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\nConnection: close\r\n\r\n{}"]


def short_body(_: Asked) -> Iterable[bytes]:
    """Announces 1,000 bytes, sends 11, closes."""
    return [
        f"HTTP/1.1 200 OK\r\nContent-Type: {TAXII}\r\nContent-Length: 1000\r\n\r\n".encode(),
        b'{"objects":',
    ]


def broken_chunks(_: Asked) -> Iterable[bytes]:
    """A chunk size that is no number."""
    return [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"]


def gzip_bomb(size: int) -> Script:
    """`size` zero bytes, compressed a thousandfold when first asked for: a table of scripts costs nothing."""
    return lambda _: [answer(_zeros(size), headers={"Content-Encoding": "gzip"})]


@cache
def _zeros(size: int) -> bytes:
    return gzip.compress(bytes(size))


def torn_gzip(_: Asked) -> Iterable[bytes]:
    """Half of a gzip member."""
    return [answer(gzip.compress(b"{}" * 100)[:-9], headers={"Content-Encoding": "gzip"})]


def other_encoding(_: Asked) -> Iterable[bytes]:
    """An encoding that nobody asked for."""
    return [answer(b"{}", headers={"Content-Encoding": "br"})]


def slow_drip(ended: threading.Event, pause: float = 0.02) -> Script:
    """One byte at a time, never silent for long."""

    def drip(_: Asked) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
        while not ended.wait(pause):
            yield b" "

    return drip


def slow_headers(ended: threading.Event, pause: float = 0.02) -> Script:
    """The same, before the headers are complete."""

    def drip(_: Asked) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nX-Slow: "
        while not ended.wait(pause):
            yield b"x"

    return drip


COLLECTION = "5f8f1c0e-6f0b-5c5e-9f57-2f6f0a4d1a01"
ADDED = "2026-03-05T10:20:31.000000Z"


def taxii(*pages: bytes, added: tuple[str, ...] = (), root: str = "/taxii2/tocsin/") -> Script:
    """A TAXII server as it should be, whose collection answers these pages of objects one after the other."""
    given = iter(enumerate(pages))

    def serve(asked: Asked) -> Iterable[bytes]:
        path = asked.path.partition("?")[0]
        if path == "/taxii2/":
            return [answer(b'{"title":"t","default":"' + root.encode() + b'"}')]
        if path.endswith("/collections/"):
            one = f'{{"id":"{COLLECTION}","alias":"shared","title":"t","can_read":true,"can_write":false}}'
            return [answer(b'{"collections":[' + one.encode() + b"]}")]
        number, page = next(given, (0, b"{}"))
        moment = added[number] if number < len(added) else ADDED
        headers = {"X-TAXII-Date-Added-Last": moment} if b'"objects"' in page and moment else {}
        return [answer(page, headers=headers)]

    return serve


def page_of(*objects: bytes, following: str | None = None) -> bytes:
    """An envelope; with `following` it promises another page under that token."""
    head = b'{"more":true,"next":"' + following.encode() + b'",' if following is not None else b"{"
    return head + b'"objects":[' + b",".join(objects) + b"]}"


def endless_pages(objects: Callable[[int], bytes]) -> Script:
    """Page after page, each with a token of its own and one new object."""
    first = taxii()
    count = iter(range(1 << 30))

    def serve(asked: Asked) -> Iterable[bytes]:
        if "/objects/" not in asked.path:
            return first(asked)
        number = next(count)
        body = page_of(objects(number), following=f"t{number}")
        return [answer(body, headers={"X-TAXII-Date-Added-Last": ADDED})]

    return serve
