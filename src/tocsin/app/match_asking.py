"""This node's side of a session that it begins with a peer: message by message over one line, first to last.

A connection that drops, or an answer that does not come, is no end: the same message is said again and gets the same
answer. What the peer refuses ends the session, and what was found by then is thrown away.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from tocsin.kernel import NotAllowed, PeerFault
from tocsin.net import Line

if TYPE_CHECKING:
    from tocsin.trust.matching import Proposal

MATCH_PATH = "/v1/match"
ASK_PATH = f"{MATCH_PATH}/ask"
MEDIA_TYPE = "application/vnd.tocsin.match+msgpack"

PATIENCE_SECONDS = 600.0
"""Without an answer to one message: the peer may be computing the tags of a million values."""

PAUSE_SECONDS, MAX_PAUSE_SECONDS = 0.25, 5.0
AGAIN = frozenset({429, 502, 503})


class Talk:
    """Messages to one peer, to be used in a `with`. `open_line` gives a fresh line."""

    def __init__(
        self,
        peer: str,
        open_line: Callable[[], Line],
        *,
        patience: float = PATIENCE_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._peer = peer
        self._open = open_line
        self._patience = patience
        self._sleep = sleep
        self._monotonic = monotonic
        self._stack = ExitStack()
        self._line: Line | None = None
        self.sent = self.received = self.again = 0
        """Bytes of bodies, and how often a message was said again."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def ask(self, proposal: "Proposal") -> None:
        """Whether the session may begin. Raises NotAllowed where it waits or is refused, PeerFault."""
        from tocsin.trust.matching.messages import encode

        status, _ = self._post(ASK_PATH, encode(proposal))
        if status == 202:
            raise NotAllowed(
                f"peer {self._peer} says yes to each session, and was asked now: run this again once its operator has"
                " allowed it (`tocsin share match allow` there)"
            )
        if status != 204:
            raise self._refused(status)

    def pledge(self, session: str, offer: bytes) -> bytes:
        """The peer's pledge for this side's. Raises NotAllowed, PeerFault."""
        return self.say(f"{session}/pledge", offer)

    def say(self, session: str, message: bytes) -> bytes:
        """The peer's answer to a message, which may be said several times. Raises NotAllowed, PeerFault."""
        until, pause = self._monotonic() + self._patience, PAUSE_SECONDS
        while True:
            fault: PeerFault | None = None
            try:
                status, body = self._post(f"{MATCH_PATH}/{session}", message)
                if status == 200:
                    return body
                if status not in AGAIN:
                    raise self._refused(status)
            except PeerFault as error:
                fault = error
            if self._monotonic() >= until:
                raise fault or PeerFault(self._peer, "it was busy for too long; run the session later")
            self.again += 1
            self._sleep(pause)
            pause = min(pause * 2, MAX_PAUSE_SECONDS)

    def _post(self, path: str, body: bytes) -> tuple[int, bytes]:
        if self._line is None:
            self._line = self._stack.enter_context(self._open())
        self.sent += len(body)
        try:
            answer = self._line.post(path, body, content_type=MEDIA_TYPE, accept=MEDIA_TYPE)
        except PeerFault:
            self._stack.close()
            self._line = None
            raise
        self.received += len(answer.body)
        return answer.status, answer.body

    def _refused(self, status: int) -> NotAllowed:
        why = {
            400: "it cannot read what was sent: do both nodes run the same version, and are their clocks right",
            401: "it does not know this node, or has just started: its operator adds and trusts this one as a peer",
            403: "nothing that its operator agreed to holds this session, or a budget or quota of the week is"
            " spent; both agree with --pledged, or neither",
            404: "it holds no such session: it was started anew, or offers no matching. Run it again",
            409: "it has held this session before: run it again",
        }.get(status, "it did not answer as a node does")
        return NotAllowed(f"peer {self._peer} refused the session ({status}): {why}")
