"""Connections that check who answers before a byte of ours leaves, and that end at one deadline.

A timeout on a socket counts silence only, so a peer that drips a byte a second would hold us for ever. These
sockets shorten their timeout before every call to what is left of the whole answer's time.
"""

import hmac
import socket
import ssl
from collections.abc import Callable
from typing import Any

from cryptography.x509 import load_der_x509_certificate
from urllib3.connection import HTTPConnection, HTTPSConnection

from tocsin.net.addresses import is_loopback, refused_address
from tocsin.net.tls import spki_pin


class CheckError(Exception):
    """This node's own check failed; the message is plain and holds no secret."""


class Deadline:
    """The moment, on a monotonic clock, when an answer must be complete."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._end = monotonic()

    def restart(self, seconds: float) -> None:
        """Give the next request its own time."""
        self._end = self._monotonic() + seconds

    def left(self) -> float:
        """Seconds left; raises TimeoutError when there are none."""
        left = self._end - self._monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class TimedSocket(socket.socket):
    deadline: Deadline

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(self.deadline.left())
        return super().recv_into(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self.settimeout(self.deadline.left())
        super().sendall(*args, **kwargs)


class TimedTlsSocket(ssl.SSLSocket):
    deadline: Deadline

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(self.deadline.left())
        return super().recv_into(*args, **kwargs)

    def send(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(self.deadline.left())
        return super().send(*args, **kwargs)


def connected(host: str, port: int, deadline: Deadline, *, allow_private: bool) -> TimedSocket:
    """A socket to the first address of `host` that may be used and answers.

    1. Resolve. 2. Pass over addresses that are refused, so that not even a SYN goes there. 3. Connect.
    4. Check the address the system says we reached. Raises CheckError, OSError, TimeoutError.
    """
    refusal: str | None = None
    failure: OSError | None = None
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        refusal = refused_address(str(address[0]), allow_private=allow_private)
        if refusal:
            continue
        sock = TimedSocket(family, kind, protocol)
        try:
            sock.settimeout(deadline.left())
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.connect(address)
            _check_reached(sock, allow_private=allow_private)
        except OSError as error:
            sock.close()
            failure = error
            continue
        except BaseException:
            sock.close()
            raise
        sock.deadline = deadline
        return sock
    if failure is not None:
        raise failure
    raise CheckError(f"the address it leads to {refusal}" if refusal else "its name leads to no address")


def _check_reached(sock: socket.socket, *, allow_private: bool) -> None:
    reached = refused_address(str(sock.getpeername()[0]), allow_private=allow_private)
    if reached:
        raise CheckError(f"the address it leads to {reached}")


class PlainConnection(HTTPConnection):
    """HTTP without TLS: only to a loopback address, and only for a peer that may be private."""

    def __init__(self, host: str, port: int | None, deadline: Deadline, *, allow_private: bool) -> None:
        super().__init__(host, port)
        self.deadline = deadline
        self.allow_private = allow_private

    def _new_conn(self) -> socket.socket:
        if not self.allow_private:
            raise CheckError("plain http is only spoken on this machine, when you allow it; use https")
        sock = connected(self._dns_host, self.port, self.deadline, allow_private=True)
        if not is_loopback(str(sock.getpeername()[0])):
            sock.close()
            raise CheckError("plain http is only spoken on this machine; use https")
        return sock


class PinnedConnection(HTTPSConnection):
    """HTTPS: with a pin the server's key decides and no authority is asked; without one, authorities do."""

    def __init__(
        self, host: str, port: int | None, deadline: Deadline, *, allow_private: bool, pin: bytes | None
    ) -> None:
        super().__init__(
            host,
            port,
            ssl_context=tls_context(pinned=pin is not None),
            cert_reqs="CERT_REQUIRED" if pin is None else "CERT_NONE",
        )
        self.deadline = deadline
        self.allow_private = allow_private
        self.pin = pin

    def _new_conn(self) -> socket.socket:
        return connected(self._dns_host, self.port, self.deadline, allow_private=self.allow_private)

    def connect(self) -> None:
        super().connect()
        sock = self.sock
        assert isinstance(sock, TimedTlsSocket)
        sock.deadline = self.deadline
        if self.pin is not None and not hmac.compare_digest(key_of(sock), self.pin):
            self.close()
            raise CheckError("its TLS key is not the one that was pinned; compare the keys with its operator")


def tls_context(*, pinned: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.sslsocket_class = TimedTlsSocket
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if pinned:
        # The pin is compared in `connect`, before a request is sent: stronger than any chain.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        context.load_default_certs()
    return context


def key_of(sock: ssl.SSLSocket) -> bytes:
    certificate = sock.getpeercert(binary_form=True)
    if not certificate:
        raise CheckError("it showed no TLS certificate")
    try:
        return spki_pin(load_der_x509_certificate(certificate))
    except ValueError as error:
        raise CheckError("its TLS certificate cannot be read") from error
