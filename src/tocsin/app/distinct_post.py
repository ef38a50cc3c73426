"""Messages of counts on their way to other nodes: in memory, in order, again where a node is not there.

A node that is down does not hold up the others. What belongs to a count that is over is dropped.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

from tocsin.app.exchange import Exchange
from tocsin.app.sum_line import give
from tocsin.kernel import BadInput, Clock, Conflict, NotAllowed, TocsinError, Unavailable, micros
from tocsin.store.interface import Store

PATH = "/v1/distinct"

PROPOSE, AGREED, ENDED = "propose", "agreed", "ended"
JOINED, SENT, POOL, OPENED = "joined", "sent", "pool", "opened"
PROTOCOL = (JOINED, SENT, POOL, OPENED)
"""Messages of `trust.distinct`; the three before them are about a count."""

KINDS = (PROPOSE, AGREED, ENDED, *PROTOCOL)

SOON_MICROS, LATER_MICROS = 200_000, 15_000_000
"""A node that is not so far yet is asked again soon, for a minute; then, and one that cannot be reached, later."""

_SOON_FOR = 60_000_000

MAX_WAITING = 1_000
"""Messages in memory: four counts of 32 members at their fullest turn, eight times over."""

LAST_WORD_MICROS = 3_600_000_000
"""That a count ended is tried for so long: after it the other node's own bound ends it."""

Send = Callable[[str, str, str, bytes], None]
"""(a node's STIX identity, session, kind, body). Raises TocsinError with its reason."""


class Mail(NamedTuple):
    """One message to one node."""

    to: str
    session: str
    kind: str
    body: bytes


class Outbox:
    """Several threads may post, one delivers."""

    def __init__(self, send: Send, clock: Clock) -> None:
        self._send, self._clock = send, clock
        self._lock = threading.Lock()
        self._waiting: deque[tuple[int, Mail]] = deque(maxlen=MAX_WAITING)
        self._due: dict[tuple[str, str], int] = {}

    def post(self, mail: Mail) -> None:
        with self._lock:
            self._waiting.append((micros(self._clock()), mail))

    def deliver(self, wanted: Callable[[Mail], bool]) -> Iterator[tuple[Mail, TocsinError]]:
        """Send what waits; yields what was refused for good."""
        with self._lock:
            waiting = list(self._waiting)
            self._waiting.clear()
        now, kept = micros(self._clock()), []
        self._due = {place: due for place, due in self._due.items() if due > now}
        held = set(self._due)
        for at, mail in waiting:
            if not wanted(mail) or (mail.kind == ENDED and now - at > LAST_WORD_MICROS):
                continue
            node, here = (mail.to, ""), (mail.to, mail.session)
            if node in held or here in held:
                kept.append((at, mail))
                continue
            try:
                self._send(*mail)
            except Unavailable:
                held.add(here)
                self._due[here] = now + (SOON_MICROS if now - at < _SOON_FOR else LATER_MICROS)
            except (BadInput, Conflict, NotAllowed) as error:
                if mail.kind != ENDED:
                    yield mail, error
                continue
            except TocsinError:
                held.add(node)
                self._due[node] = now + LATER_MICROS
            else:
                continue
            kept.append((at, mail))
        with self._lock:
            self._waiting.extendleft(reversed(kept))


class DistinctLine:
    """Gives one message to one node (`Send`)."""

    def __init__(self, store: Store, exchange: Exchange) -> None:
        self._store, self._exchange = store, exchange

    def send(self, to: str, session: str, kind: str, body: bytes) -> None:
        """Raises Unavailable where it is to be sent again soon; BadInput, Conflict, NotAllowed where never."""
        give(self._store, self._exchange, to, f"{PATH}/{session}/{kind}", body)
