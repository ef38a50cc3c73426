"""The line to the OpenID provider that an operator named: the same checks as to a peer, at its own hosts alone."""

import base64
import time
from collections.abc import Callable, Mapping
from urllib.parse import quote_plus, urlencode

from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

from tocsin.kernel import Peer, PeerFault, ProviderFault
from tocsin.net.client import Answer, Line

MAX_ANSWER_BYTES = 256 << 10
"""A discovery document, a key set, a token answer: the largest seen are a tenth of it."""
TIMEOUT_SECONDS = 10.0
"""For a whole answer: a person waits for it."""

_JSON = "application/json"


class ProviderClient:
    """Asks a provider. `hosts` are further hosts (with a port where it is not 443) beside the issuer's own."""

    def __init__(
        self,
        issuer: str,
        *,
        hosts: tuple[str, ...] = (),
        allow_private: bool = False,
        timeout: float = TIMEOUT_SECONDS,
        limit: int = MAX_ANSWER_BYTES,
    ) -> None:
        own = parse_url(issuer)
        self.host = own.netloc or ""
        self._origins = {_origin(own)} | {_origin(parse_url(f"https://{host}")) for host in hosts}
        self._allow_private = allow_private
        self._timeout = timeout
        self._limit = limit

    def get(self, url: str, *, accept: str = _JSON) -> bytes:
        """GET a document, JSON unless it is told. Raises ProviderFault."""
        return self._ask(url, lambda line, path: line.get(path, accept=accept))

    def exchange(
        self, url: str, form: Mapping[str, str], *, client: str, secret: str | None, basic: bool
    ) -> bytes:
        """POST a form to the token endpoint, with the client's secret where there is one. Raises ProviderFault."""
        fields = dict(form)
        headers: dict[str, str] = {}
        if secret is not None and basic:
            # both are form-encoded first: RFC 6749, 2.3.1
            pair = f"{quote_plus(client)}:{quote_plus(secret)}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        else:
            fields["client_id"] = client
            if secret is not None:
                fields["client_secret"] = secret
        body = urlencode(fields).encode()
        return self._ask(url, lambda line, path: line.form(path, body, headers))

    def allows(self, url: str) -> bool:
        """Whether an address is at a host that the operator named, and not by plain http elsewhere."""
        try:
            parsed = parse_url(url)
        except LocationParseError:
            return False
        return parsed.auth is None and _origin(parsed) in self._origins

    @staticmethod
    def with_query(url: str, query: Mapping[str, str]) -> str:
        """An address of the provider with parameters added to those it has (RFC 6749, 3.1)."""
        address = url.partition("#")[0]
        return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"

    def _ask(self, url: str, ask: Callable[["_FormLine", str], Answer]) -> bytes:
        if not self.allows(url):
            raise ProviderFault(
                "it named an address at a host that was not named (oidc_hosts, or hosts in applicants.yaml)"
            )
        parsed = parse_url(url)
        place = Peer(
            name=self.host,
            url=f"{parsed.scheme}://{parsed.netloc}",
            allow_private=self._allow_private,
        )
        try:
            with _FormLine(
                place, None, monotonic=time.monotonic, timeout=self._timeout, limit=self._limit
            ) as line:
                answer = ask(line, parsed.request_uri)
        except PeerFault as fault:
            raise ProviderFault(fault.message.removeprefix(f"peer {self.host}: ")) from fault
        if answer.status != 200:
            raise ProviderFault(f"it answered {answer.status}")
        return answer.body


class _FormLine(Line):
    """A line that also sends forms."""

    def form(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        form = {"Accept": _JSON, "Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", path, form | dict(headers), body)


def _origin(url: Url) -> tuple[str | None, str | None, int]:
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)
