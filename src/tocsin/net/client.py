"""The only outbound client: one line to one peer, with a bounded answer or a fault that names the peer."""

import re
import ssl
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from http.client import HTTPException
from socket import SHUT_RDWR, gaierror
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

import msgspec
from http_message_signatures import HTTPMessageSignaturesException
from urllib3.exceptions import HTTPError, LocationParseError, SSLError
from urllib3.exceptions import TimeoutError as StalledError
from urllib3.response import BaseHTTPResponse
from urllib3.util import Url, parse_url

from tocsin.kernel import Peer, PeerFault
from tocsin.kernel.limits import MAX_PEER_RESPONSE_BYTES, MAX_STIX_OBJECT_BYTES, PEER_TIMEOUT_SECONDS
from tocsin.net.sockets import CheckError, Deadline, PinnedConnection, PlainConnection
from tocsin.trust.signed_requests import RequestSigner

READ_BYTES = 64 << 10
"""One read from the socket."""

MAX_STREAM_LINE_BYTES = MAX_STIX_OBJECT_BYTES + 64
"""One line of an answer without end: an object, and what stands before it."""

KEPT_HEADERS = frozenset(
    {"content-type", "content-length", "retry-after", "x-taxii-date-added-first", "x-taxii-date-added-last"}
)
"""Everything else a peer says in its headers is dropped unread, cookies included."""

_CREDENTIAL = re.compile(r"[\x21-\x7e]{1,4096}")
_PATH = re.compile(r"/[\x21-\x7e]*")


class Answer(msgspec.Struct, frozen=True):
    """What a peer answered, complete: names in `headers` are lower case, `body` is decompressed."""

    status: int
    headers: dict[str, str]
    body: bytes


class AnswerTooLarge(PeerFault):
    """It was longer than the bound; less may be asked for."""


class Client:
    """Makes lines to peers. `monotonic` gives seconds; `timeout` and `limit` bound each answer.

    With a `signer`, what goes to a peer that gave no token, and whose key is pinned, is signed.
    """

    def __init__(
        self,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        timeout: float = PEER_TIMEOUT_SECONDS,
        limit: int = MAX_PEER_RESPONSE_BYTES,
        signer: Callable[[], RequestSigner] | None = None,
    ) -> None:
        self._signer = signer
        self._monotonic = monotonic
        self._timeout = timeout
        self._limit = limit

    def line(self, peer: Peer, credential: str | None = None) -> "Line":
        """A line to `peer`, to be used in a `with`. Nothing is connected yet. Raises PeerFault."""
        signs = credential is None and peer.node_key is not None
        return Line(
            peer,
            credential,
            monotonic=self._monotonic,
            timeout=self._timeout,
            limit=self._limit,
            signer=self._signer() if signs and self._signer is not None else None,
        )


class Line:
    """Requests to one peer over one connection. Not for several threads at once."""

    def __init__(
        self,
        peer: Peer,
        credential: str | None,
        *,
        monotonic: Callable[[], float],
        timeout: float,
        limit: int,
        signer: RequestSigner | None = None,
    ) -> None:
        self._signer = signer
        self._peer = peer
        self._monotonic = monotonic
        self._deadline = Deadline(monotonic)
        self._timeout = timeout
        self._limit = limit
        if credential is not None and not _CREDENTIAL.fullmatch(credential):
            # http.client would put the value into its error message.
            raise PeerFault(peer.name, "the token kept for it is not one; give it again")
        self._credential = credential
        self._base = _base_of(peer)
        self._connection = self._connect()
        self.received = 0
        """Bytes of bodies so far, decompressed."""

    def _connect(self) -> PlainConnection | PinnedConnection:
        host, port, private = self._base.host, self._base.port, self._peer.allow_private
        assert host is not None
        host = host.strip("[]")
        if self._base.scheme == "http":
            return PlainConnection(host, port or 80, self._deadline, allow_private=private)
        return PinnedConnection(
            host, port or 443, self._deadline, allow_private=private, pin=self._peer.tls_pin
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    @property
    def base_path(self) -> str:
        """The path of the peer's URL, `/` when it has none."""
        return self._base.path or "/"

    def local_path(self, url: str) -> str:
        """The path of a URL (absolute or not) that a peer sent, when it stays at the peer's own origin.

        Raises PeerFault for any other place: a link must not send our token elsewhere.
        """
        if "//" not in url:
            return url if url.startswith("/") else self.base_path.rstrip("/") + "/" + url
        try:
            parsed = parse_url(url)
        except LocationParseError as error:
            raise PeerFault(self._peer.name, "it named a URL that cannot be read") from error
        if parsed.auth is not None or _origin(parsed) != _origin(self._base):
            raise PeerFault(self._peer.name, "it pointed to another address, which is never followed")
        return parsed.path or "/"

    def get(
        self, path: str, *, accept: str = "application/json", query: Mapping[str, str] | None = None
    ) -> Answer:
        """GET `path` (absolute) at the peer, with a query whose values are escaped here. Raises PeerFault."""
        asked = f"{path}?{urlencode(query)}" if query else path
        return self._ask("GET", asked, {"Accept": accept}, None)

    def post(self, path: str, body: bytes, *, content_type: str, accept: str) -> Answer:
        """POST `body` to `path` at the peer. Raises PeerFault."""
        return self._ask("POST", path, {"Accept": accept, "Content-Type": content_type}, body)

    def listen(
        self, path: str, *, accept: str, query: Mapping[str, str], silence: float, life: float
    ) -> Iterator[bytes]:
        """Lines of an answer that does not end, as they come, without their ends.

        It ends with the peer's answer, or after `life` seconds whatever the peer does. Raises PeerFault for an
        answer that is not 200, for `silence` seconds without a byte, and for a line over MAX_STREAM_LINE_BYTES.
        """
        asked = f"{path}?{urlencode(query)}" if query else path
        try:
            yield from self._lines(asked, accept, silence, life)
        except PeerFault:
            raise
        except Exception as error:
            raise PeerFault(self._peer.name, self._plain(error)) from error
        finally:
            self._connection.close()

    def hang_up(self) -> None:
        """End a `listen` of another thread: its read fails at once."""
        sock = self._connection.sock
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(SHUT_RDWR)

    def _lines(self, path: str, accept: str, silence: float, life: float) -> Iterator[bytes]:
        self._deadline.restart(self._timeout)
        self._connection.request(
            "GET",
            path,
            headers=self._sent({"Accept": accept}) | self._signature("GET", path, None),
            preload_content=False,
            decode_content=False,
        )
        response = self._connection.getresponse()
        try:
            if response.status != 200:
                raise PeerFault(self._peer.name, f"it answered {response.status} where 200 was due")
            begun, rest = self._monotonic(), b""
            while self._monotonic() - begun < life:
                self._deadline.restart(min(silence, life))
                piece = response.read1(READ_BYTES)
                if not piece:
                    return
                *whole, rest = (rest + piece).split(b"\n")
                if len(rest) > MAX_STREAM_LINE_BYTES or any(len(s) > MAX_STREAM_LINE_BYTES for s in whole):
                    raise PeerFault(
                        self._peer.name, f"a line of its answer is over {MAX_STREAM_LINE_BYTES} bytes"
                    )
                yield from (one.rstrip(b"\r") for one in whole)
        finally:
            response.close()

    def _sent(self, headers: Mapping[str, str]) -> dict[str, str]:
        sent = {"Accept-Encoding": "identity", "User-Agent": "tocsin", **headers}
        if self._credential is not None:
            sent["Authorization"] = f"Bearer {self._credential}"
        return sent

    def _signature(self, method: str, path: str, body: bytes | None) -> dict[str, str]:
        """The headers that sign a request, for a peer that gave no token and whose key is pinned."""
        if self._signer is None or self._peer.node_key is None:
            return {}
        host = f"{self._base.host}:{self._base.port}" if self._base.port else self._base.host
        url = f"{self._base.scheme}://{host}{path}"
        try:
            return self._signer.headers(method, url, body, recipient_key=self._peer.node_key)
        except HTTPMessageSignaturesException as error:
            raise PeerFault(self._peer.name, "the path it named cannot be signed") from error

    def _ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        if not _PATH.fullmatch(path):
            raise PeerFault(self._peer.name, "the path to ask for is not one")
        sent = self._sent(headers) | self._signature(method, path, body)
        self._deadline.restart(self._timeout)
        try:
            return self._exchange(method, path, sent, body)
        except PeerFault:
            self._connection.close()
            raise
        except Exception as error:
            self._connection.close()
            raise PeerFault(self._peer.name, self._plain(error)) from error

    def _exchange(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """1. Send. 2. Refuse redirects. 3. Read within the bounds. 4. Decompress within the bounds."""
        self._connection.request(
            method, path, body=body, headers=headers, preload_content=False, decode_content=False
        )
        response = self._connection.getresponse()
        try:
            if 300 <= response.status < 400:
                raise PeerFault(
                    self._peer.name, f"it redirected ({response.status}), which is never followed"
                )
            raw = self._read(response)
        finally:
            response.close()
        content = self._decompressed(raw, response.headers.get("Content-Encoding", "identity"))
        self.received += len(content)
        kept = {
            name.lower(): value for name, value in response.headers.items() if name.lower() in KEPT_HEADERS
        }
        return Answer(status=response.status, headers=kept, body=content)

    def _read(self, response: BaseHTTPResponse) -> bytes:
        announced = response.headers.get("Content-Length", "0")
        if announced.isdecimal() and int(announced[:20]) > self._limit:
            raise self._too_large()
        pieces: list[bytes] = []
        size = 0
        while piece := response.read(READ_BYTES, decode_content=False):
            size += len(piece)
            if size > self._limit:
                raise self._too_large()
            pieces.append(piece)
        return b"".join(pieces)

    def _decompressed(self, raw: bytes, encoding: str) -> bytes:
        encoding = encoding.strip().lower()
        if encoding in ("", "identity"):
            return raw
        if encoding not in ("gzip", "x-gzip"):
            raise PeerFault(self._peer.name, "it compressed its answer in a way we did not ask for")
        inflate = zlib.decompressobj(31)
        try:
            content = inflate.decompress(raw, self._limit + 1)
        except zlib.error as error:
            raise PeerFault(self._peer.name, "its gzip answer is damaged") from error
        if len(content) > self._limit:
            raise self._too_large()
        if not inflate.eof or inflate.unused_data:
            raise PeerFault(self._peer.name, "its gzip answer ends too early or too late")
        return content

    def _too_large(self) -> AnswerTooLarge:
        return AnswerTooLarge(self._peer.name, f"its answer is longer than {self._limit} bytes")

    def _plain(self, error: Exception) -> str:
        """One plain sentence for what went wrong; never the exception's text, which may quote anything."""
        match error:
            case CheckError():
                return str(error)
            case TimeoutError() | StalledError():
                return f"no complete answer within {self._timeout:g} seconds"
            case ssl.SSLCertVerificationError():
                return "its TLS certificate is not valid for its name; pin its key instead"
            case SSLError() | ssl.SSLError():
                return "it does not speak TLS as it should"
            case gaierror():
                return "its name cannot be resolved"
            case ConnectionRefusedError():
                return "nothing answers at its address"
            case HTTPException() | HTTPError() | ValueError():
                return "it answered something that is not HTTP, or broke off in the middle"
            case OSError():
                return "the connection to it failed"
        raise error


def _base_of(peer: Peer) -> Url:
    try:
        base = parse_url(peer.url)
    except LocationParseError as error:
        raise PeerFault(peer.name, "its address cannot be read") from error
    if base.scheme not in ("http", "https") or not base.host:
        raise PeerFault(peer.name, "its address must begin with https://")
    if base.auth is not None or base.query is not None or base.fragment is not None:
        raise PeerFault(peer.name, "its address must hold no password, query or fragment")
    return base


def _origin(url: Url) -> tuple[str | None, str | None, int]:
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)
