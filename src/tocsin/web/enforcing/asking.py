"""One question to a node, one answer: over HTTP, with the standard library alone.

It runs inside other people's programs, so it imports nothing of ours and nothing that has to be installed.
"""

import asyncio
import http.client
import json
import logging
import ssl
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 2.0
"""A question that takes longer is not answered: whoever waits for it is refused."""

MAX_ANSWER_BYTES = 256 << 10
PATH = "/v1/access/decide"

_log = logging.getLogger("tocsin.enforcing")


class WhenUnreachable(Enum):
    """What happens while the node cannot be asked."""

    REFUSE = "refuse"
    UNSAFE_LET_THROUGH = "unsafe-let-through"
    """Aloud: whoever asks is let in unasked, restricted models included. Each time is logged."""


@dataclass(frozen=True)
class Verdict:
    """`granted` is what counts. `reasons` are sentences, `obligations` ids with their values."""

    granted: bool
    reasons: tuple[str, ...] = ()
    obligations: dict[str, dict[str, Any]] = field(default_factory=dict)
    overlays: tuple[str, ...] = ()
    asked: bool = True
    """False where the node did not answer."""

    def unfulfilled(self, fulfils: frozenset[str]) -> tuple[str, ...]:
        """Obligations that nobody here fulfils."""
        return tuple(sorted(set(self.obligations) - fulfils))


def question(
    subject: str,
    model: str,
    *,
    act: str = "use",
    capability: str = "general",
    purpose: str = "",
    terms_accepted: bool = False,
    **context: str,
) -> dict[str, Any]:
    """A question in AuthZEN's form."""
    return {
        "subject": {"type": "user", "id": subject},
        "action": {"name": act},
        "resource": {"type": "model", "id": model, "properties": {"capability": capability}},
        "context": {"purpose": purpose, "terms_accepted": terms_accepted, **context},
    }


class Asker:
    """Asks one node, over connections that are kept open, each for one exchange at a time."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        when_unreachable: WhenUnreachable = WhenUnreachable.REFUSE,
        fulfils: frozenset[str] = frozenset(),
        language: str = "en",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`fulfils` names the obligations that this program fulfils ("log", "label-output"...): what carries another
        one is refused.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("the node's address begins with https:// or http://")
        self._secure, self._host, self._port = parts.scheme == "https", parts.hostname, parts.port
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._when_unreachable = when_unreachable
        self._fulfils = fulfils
        self._language = language
        self._tls = tls
        self._idle: list[http.client.HTTPConnection] = []

    async def ask(self, asked: dict[str, Any]) -> Verdict:
        """As `ask_now`, beside the event loop."""
        return await asyncio.to_thread(self.ask_now, asked)

    def ask_now(self, asked: dict[str, Any]) -> Verdict:
        """The node's answer; refused where it obliges to what nobody here does, and where the node does not answer."""
        try:
            verdict = self._verdict(self._posted(json.dumps(asked).encode()))
        except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError, AttributeError) as error:
            return self._unreachable(error)
        if verdict.granted and (unfulfilled := verdict.unfulfilled(self._fulfils)):
            why = f"nobody here fulfils: {', '.join(unfulfilled)}"
            return Verdict(False, (why,), verdict.obligations, verdict.overlays)
        return verdict

    def close(self) -> None:
        """Close what is kept open; a later question opens anew."""
        while self._idle:
            self._idle.pop().close()

    def _posted(self, body: bytes) -> bytes:
        """One exchange, on a fresh connection where a kept one was closed meanwhile."""
        while True:
            kept = self._taken()
            connection = kept or self._connected()
            try:
                connection.request("POST", PATH, body, self._headers)
                answer = connection.getresponse()
                content: bytes = answer.read(MAX_ANSWER_BYTES + 1)
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                connection.close()
                if kept is None:
                    raise
                continue
            except BaseException:
                connection.close()  # what is left of an answer belongs to no question to come
                raise
            if answer.status != http.client.OK or len(content) > MAX_ANSWER_BYTES:
                connection.close()
                raise ValueError(f"the node answered {answer.status}")
            self._idle.append(connection)
            return content

    def _taken(self) -> http.client.HTTPConnection | None:
        """A connection that is kept open, for this exchange alone."""
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _connected(self) -> http.client.HTTPConnection:
        if self._secure:
            context = self._tls or ssl.create_default_context()
            return http.client.HTTPSConnection(
                self._host, self._port, timeout=TIMEOUT_SECONDS, context=context
            )
        return http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_SECONDS)

    def _verdict(self, content: bytes) -> Verdict:
        told = json.loads(content)
        context = told["context"]
        return Verdict(
            granted=told["decision"] is True,
            reasons=tuple(str(one["says"].get(self._language, one["id"])) for one in context["reasons"]),
            obligations={str(one["id"]): dict(one["values"]) for one in context["obligations"]},
            overlays=tuple(map(str, context["overlays"])),
        )

    def _unreachable(self, error: Exception) -> Verdict:
        if self._when_unreachable is WhenUnreachable.UNSAFE_LET_THROUGH:
            _log.warning("let through unasked, as was chosen: %s", type(error).__name__)
            return Verdict(True, (), asked=False)
        _log.warning("refused, as the node cannot be asked: %s", type(error).__name__)
        return Verdict(False, ("the node that decides cannot be asked just now",), asked=False)
