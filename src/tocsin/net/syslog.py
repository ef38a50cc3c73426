"""One syslog message to the collector that an operator named: over TLS (RFC 5425), TCP (RFC 6587), UDP (RFC 5426).

Syslog has no answer: what was handed to the network may be lost, and nobody says so. Without TLS only private addresses
are spoken to.
"""

import hmac
import socket
import time
from contextlib import closing
from urllib.parse import urlsplit

from tocsin.kernel import BadInput, ServiceFault
from tocsin.net.addresses import refused_address
from tocsin.net.sockets import CheckError, Deadline, TimedTlsSocket, connected, key_of, tls_context

SCHEMES = {"syslog+tls": 6514, "syslog+tcp": 601, "syslog+udp": 514}
TIMEOUT_SECONDS = 10.0
MAX_DATAGRAM_BYTES = 2_048
"""Every receiver must take 480 and should take 2,048 (RFC 5426, 3.2)."""


class SyslogClient:
    """Sends. `url` is `syslog+tls://host[:port]`, or with tcp or udp; `pin` is the server key's SHA-256."""

    def __init__(
        self,
        name: str,
        url: str,
        *,
        allow_private: bool,
        pin: bytes | None = None,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        """Raises BadInput for an address that is none."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise BadInput(
                f"{name}: its address cannot be read; it looks like syslog+tls://logs.example"
            ) from None
        if parts.scheme not in SCHEMES or not parts.hostname or parts.username or parts.path.strip("/"):
            raise BadInput(f"{name}: its address begins with one of {', '.join(f'{s}://' for s in SCHEMES)}")
        self._name = name
        self._scheme, self._host, self._port = parts.scheme, parts.hostname, port or SCHEMES[parts.scheme]
        self.origin = f"{self._scheme}://{self._host}:{self._port}"
        self._allow_private = allow_private
        self._pin = pin
        self._timeout = timeout

    def send(self, message: bytes) -> None:
        """Hand one message to the network. Raises ServiceFault."""
        try:
            if self._scheme == "syslog+udp":
                self._datagram(message)
            else:
                self._stream(message)
        except CheckError as fault:
            raise ServiceFault(f"{self._name}: {fault}") from fault
        except TimeoutError as fault:
            raise ServiceFault(f"{self._name}: not taken within {self._timeout:g} seconds") from fault
        except (OSError, ValueError) as fault:
            raise ServiceFault(f"{self._name}: the connection to it failed") from fault

    def _stream(self, message: bytes) -> None:
        deadline = Deadline(time.monotonic)
        deadline.restart(self._timeout)
        secure = self._scheme == "syslog+tls"
        with closing(connected(self._host, self._port, deadline, allow_private=self._allow_private)) as sock:
            if not secure:
                self._require_private(str(sock.getpeername()[0]))
            speaking: socket.socket = self._wrapped(sock, deadline) if secure else sock
            with closing(speaking):
                speaking.sendall(b"%d %s" % (len(message), message))  # octet counting

    def _wrapped(self, sock: socket.socket, deadline: Deadline) -> socket.socket:
        secured = tls_context(pinned=self._pin is not None).wrap_socket(sock, server_hostname=self._host)
        assert isinstance(secured, TimedTlsSocket)
        secured.deadline = deadline
        if self._pin is not None and not hmac.compare_digest(key_of(secured), self._pin):
            raise CheckError("its TLS key is not the one that was pinned")
        return secured

    def _datagram(self, message: bytes) -> None:
        if len(message) > MAX_DATAGRAM_BYTES:
            message = message[:MAX_DATAGRAM_BYTES]
        found = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_DGRAM)
        family, kind, protocol, _, address = found[0]
        refusal = refused_address(str(address[0]), allow_private=self._allow_private)
        if refusal:
            raise CheckError(f"the address it leads to {refusal}")
        self._require_private(str(address[0]))
        with socket.socket(family, kind, protocol) as sock:
            sock.settimeout(self._timeout)
            sock.sendto(message, address)

    def _require_private(self, address: str) -> None:
        if refused_address(address, allow_private=False) is None:
            raise CheckError("without TLS only a private address is spoken to; use syslog+tls://")
