"""Mail to the one server that an operator named: TLS always, but for a server on this machine."""

import hmac
import smtplib
import socket
import time
from urllib.parse import urlsplit

from tocsin.kernel import BadInput, ServiceFault
from tocsin.net.addresses import is_loopback
from tocsin.net.sockets import CheckError, Deadline, TimedTlsSocket, connected, key_of, tls_context

SCHEMES = {"smtps": 465, "smtp": 587}
"""TLS from the first byte (RFC 8314, 3.3), or STARTTLS (RFC 3207), which is then required."""

TIMEOUT_SECONDS = 30.0
"""For the whole conversation: a server may look up names and scan."""


class MailClient:
    """Sends whole messages. `url` is `smtps://host[:port]` or `smtp://host[:port]`; `pin` is the server key's
    SHA-256."""

    def __init__(
        self,
        name: str,
        url: str,
        *,
        allow_private: bool,
        pin: bytes | None = None,
        user: str = "",
        password: str = "",
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        """Raises BadInput for an address that is none."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise BadInput(
                f"{name}: its address cannot be read; it looks like smtps://mail.example"
            ) from None
        if parts.scheme not in SCHEMES or not parts.hostname or parts.username or parts.path.strip("/"):
            raise BadInput(
                f"{name}: its address looks like smtps://mail.example:465 or smtp://mail.example:587"
            )
        self._name = name
        self._scheme, self._host, self._port = parts.scheme, parts.hostname, port or SCHEMES[parts.scheme]
        self.origin = f"{self._scheme}://{self._host}:{self._port}"
        self._allow_private = allow_private
        self._pin = pin
        self._user, self._password = user, password
        self._timeout = timeout

    def send(self, sender: str, to: tuple[str, ...], message: bytes) -> None:
        """Hand one message over. Raises ServiceFault unless the server took it for every recipient."""
        try:
            self._send(sender, to, message)
        except CheckError as fault:
            raise ServiceFault(f"{self._name}: {fault}") from fault
        except TimeoutError as fault:
            raise ServiceFault(
                f"{self._name}: no complete answer within {self._timeout:g} seconds"
            ) from fault
        except smtplib.SMTPResponseException as fault:
            # its text is the server's, and may quote what was sent
            raise ServiceFault(f"{self._name}: the server refused ({fault.smtp_code})") from fault
        except smtplib.SMTPRecipientsRefused as fault:
            raise ServiceFault(f"{self._name}: the server refused the recipients") from fault
        except smtplib.SMTPException as fault:
            raise ServiceFault(f"{self._name}: the server does not speak SMTP as it should") from fault
        except (OSError, ValueError) as fault:
            raise ServiceFault(f"{self._name}: the connection to it failed") from fault

    def _send(self, sender: str, to: tuple[str, ...], message: bytes) -> None:
        """1. Connect where it is allowed. 2. TLS, or this machine. 3. Log in, never without TLS. 4. Hand over."""
        deadline = Deadline(time.monotonic)
        deadline.restart(self._timeout)
        with _Smtp(deadline, self._allow_private, implicit=self._scheme == "smtps", pin=self._pin) as server:
            server.connect(self._host, self._port)  # 1
            server.ehlo_or_helo_if_needed()
            if not server.secure and server.has_extn("starttls"):  # 2
                server.upgrade(self._host)
            if not server.secure and not (self._allow_private and server.on_this_machine):
                raise CheckError("it offers no TLS, and mail is sent without only on this machine")
            if self._user:  # 3
                if not server.secure:
                    raise CheckError("it offers no TLS: the password is not sent without")
                server.login(self._user, self._password)
            refused = server.sendmail(sender, list(to), message)  # 4
        if refused:
            raise CheckError("the server refused some of the recipients")


class _Smtp(smtplib.SMTP):
    """A conversation over a checked socket with one deadline."""

    def __init__(self, deadline: Deadline, allow_private: bool, *, implicit: bool, pin: bytes | None) -> None:
        super().__init__(local_hostname="localhost")  # our own name is nobody's business
        self._deadline = deadline
        self._allow_private = allow_private
        self._implicit = implicit
        self._pin = pin
        self.secure = False

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        sock = connected(host, port, self._deadline, allow_private=self._allow_private)
        return self._wrapped(sock, host) if self._implicit else sock

    @property
    def on_this_machine(self) -> bool:
        return self.sock is not None and is_loopback(str(self.sock.getpeername()[0]))

    def upgrade(self, host: str) -> None:
        """STARTTLS; what the server said before it is forgotten (RFC 3207, 4.2)."""
        code, answer = self.docmd("STARTTLS")
        if code != 220:
            raise smtplib.SMTPResponseException(code, answer)
        assert self.sock is not None
        self.sock = self._wrapped(self.sock, host)
        self.file = None
        self.helo_resp = self.ehlo_resp = None
        self.esmtp_features = {}
        self.does_esmtp = False
        self.ehlo()

    def _wrapped(self, sock: socket.socket, host: str) -> socket.socket:
        sock.settimeout(self._deadline.left())
        try:
            secured = tls_context(pinned=self._pin is not None).wrap_socket(sock, server_hostname=host)
        except BaseException:
            sock.close()
            raise
        assert isinstance(secured, TimedTlsSocket)
        secured.deadline = self._deadline
        if self._pin is not None and not hmac.compare_digest(key_of(secured), self._pin):
            secured.close()
            raise CheckError("its TLS key is not the one that was pinned")
        self.secure = True
        return secured
