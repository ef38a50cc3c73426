"""Receivers that word of a warning goes to, as they are elsewhere: a mail server, a syslog collector."""

import socket
import ssl
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from tocsin.net import self_signed, spki_pin


def tls_pair() -> tuple[ssl.SSLContext, bytes]:
    """A server's context with a key of its own, and the pin that names the key."""
    certificate, key = self_signed("listener", ["localhost", "127.0.0.1"], now=datetime.now(UTC))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "both.pem")
        path.write_bytes(certificate + key)
        context.load_cert_chain(path)
    return context, spki_pin(certificate)


class Mailbox:
    """Takes mail; `refuses` is answered in place of taking it."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, list[str], bytes]] = []
        self.refuses = ""
        self.secure: list[bool] = []
        self.logins: list[tuple[bytes, bytes]] = []

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.refuses:
            return self.refuses
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append((envelope.mail_from or "", list(envelope.rcpt_tos), content))
        self.secure.append(session.ssl is not None)
        return "250 taken"

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False)


@contextmanager
def mail_server(mailbox: Mailbox, *, tls: ssl.SSLContext | None = None, login: bool = False) -> Iterator[int]:
    """A real SMTP server on loopback, with STARTTLS where it has a context; yields its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=port,
        tls_context=tls,
        require_starttls=tls is not None,
        authenticator=mailbox.authenticate if login else None,
        auth_required=login,
        auth_require_tls=True,
    )
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


class Collector:
    """A syslog receiver: octet-counted frames over TCP or TLS (RFC 6587, 5425), or datagrams."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, udp: bool = False) -> None:
        self.messages: list[bytes] = []
        self.came = threading.Event()
        self._tls = tls
        if udp:
            self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._sock.bind(("127.0.0.1", 0))
        else:
            self._sock = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._sock.getsockname()[1]
        self._udp = udp
        threading.Thread(target=self._run, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()

    def _run(self) -> None:
        with suppress(OSError, ValueError):
            while True:
                if self._udp:
                    self._keep(self._sock.recv(65_536))
                    continue
                sock, _ = self._sock.accept()
                if self._tls:
                    try:
                        sock = self._tls.wrap_socket(sock, server_side=True)
                    except OSError:
                        continue
                with sock, sock.makefile("rb") as stream:
                    while length := _length(stream):
                        self._keep(stream.read(length))

    def _keep(self, message: bytes) -> None:
        if not message:
            return  # the socket was shut
        self.messages.append(message)
        self.came.set()


def _length(stream: Any) -> int:
    digits = b""
    while (one := stream.read(1)) not in (b" ", b""):
        digits += one
    return int(digits or b"0")
