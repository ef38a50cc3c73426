"""The line to a service that an operator named (a guard model, a webhook): the same checks as to a peer."""

import time
from collections.abc import Mapping

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from tocsin.kernel import BadInput, Peer, PeerFault, ServiceFault
from tocsin.net.client import Answer, Line


class ServiceClient:
    """Posts to one address. Redirects are never followed, private addresses only reached where allowed, and plain http
    only spoken on this machine. `timeout` is for a whole answer, `limit` bytes of it are read.
    """

    def __init__(
        self,
        name: str,
        url: str,
        *,
        allow_private: bool,
        timeout: float,
        limit: int,
        pin: bytes | None = None,
    ) -> None:
        """Raises BadInput for an address that is none."""
        try:
            parsed = parse_url(url)
        except LocationParseError:
            raise BadInput(f"{name}: its address cannot be read; it begins with https://") from None
        if parsed.scheme not in ("http", "https") or not parsed.host or parsed.auth or parsed.fragment:
            raise BadInput(f"{name}: its address begins with https://, and holds no password and no fragment")
        self._name = name
        self._path = parsed.request_uri
        self.origin = f"{parsed.scheme}://{parsed.netloc}"
        """What of the address may be shown: its path can be a secret."""
        self._place = Peer(name=name, url=self.origin, allow_private=allow_private, tls_pin=pin)
        self._timeout = timeout
        self._limit = limit

    def post(
        self,
        body: bytes,
        *,
        below: str = "",
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        content_type: str = "application/json",
    ) -> Answer:
        """POST `body` to the address, or `below` it. Raises ServiceFault, whose message holds no secret."""
        path = self._path.rstrip("/") + below if below else self._path
        sent = {"Accept": "application/json, */*", "Content-Type": content_type, **(headers or {})}
        try:
            with _ServiceLine(
                self._place, key, monotonic=time.monotonic, timeout=self._timeout, limit=self._limit
            ) as line:
                return line.send(path, body, sent)
        except PeerFault as fault:
            raise ServiceFault(
                f"{self._name}: {fault.message.removeprefix(f'peer {self._name}: ')}"
            ) from fault


class _ServiceLine(Line):
    """A line with headers of its own."""

    def send(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        return self._ask("POST", path, headers, body)
