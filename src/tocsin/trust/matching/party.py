"""What both sides of a session do: read in order, keep the transcript, end at the first breach."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from tocsin.kernel import BadInput, Conflict, NotAllowed, TocsinError
from tocsin.trust.matching.messages import Message, Proposal, Transcript, decode, encode

DONE = "it came to its end"

M = TypeVar("M", bound=Message)


class Party:
    """One side. After a breach, a withdrawal or the end every further word is refused."""

    def __init__(self) -> None:
        self._transcript = Transcript()
        self._session = b""
        self._over = ""

    @property
    def over(self) -> str:
        """Why the session is over; "" while it is not."""
        return self._over

    def withdraw(self) -> None:
        """The operator takes its consent back: nothing more is computed or told."""
        self._over = self._over or "consent was withdrawn"

    def _end(self, why: str) -> None:
        self._over = self._over or why

    @contextmanager
    def _going(self) -> Iterator[None]:
        """One exchange. Whatever is refused in it ends the session, so that no hostile peer tries again within it."""
        if self._over:
            raise NotAllowed(f"this session is over: {self._over}; propose a new one")
        try:
            yield
        except TocsinError:
            self._end("a message was refused")
            raise

    def _heard(self, raw: bytes, wanted: type[M]) -> M:
        """The message in the bytes, if it is the one that comes next. Raises BadInput, Conflict."""
        message = decode(raw)
        if not isinstance(message, wanted):
            raise BadInput(f"a message came out of its turn: {wanted.__name__.lower()} comes next")
        if self._session and message.session != self._session:
            raise Conflict("a message belongs to another session")
        if not isinstance(message, Proposal) and message.after != self._transcript.digest:
            raise Conflict(
                "a message does not follow what was said before it: it is replayed, left out or altered"
            )
        self._transcript.add(raw)
        return message

    def _said(self, message: Message) -> bytes:
        raw = encode(message)
        self._transcript.add(raw)
        return raw
