"""Live lines to peers: a thread a trusted peer, waiting for its bell.

What comes over the line is not taken in: it only tells that there is something to pull, and the pull examines it
like everything else. So a line adds speed, and no second door.
"""

import threading
import time
from collections.abc import Iterable, Iterator

import structlog

from tocsin.app.exchange import Exchange
from tocsin.kernel import Clock, NotAllowed, NotFound, Peer, PeerFault, PeerStatus, micros
from tocsin.net import Line
from tocsin.store.interface import Store
from tocsin.wire.stix import is_timestamp, micros_of

LIVE_PATH = "/v1/live"
MEDIA_TYPE = "text/event-stream"

SILENCE_SECONDS = 45.0
"""A line without a byte for this long is broken: the other end speaks every 15 s."""

LIFE_SECONDS = 1_800.0
"""A line is given up after this, whatever comes over it, and begun anew."""

MAX_LISTENERS = 64
"""Threads that wait for bells; the peers beyond it are pulled from at the usual pause."""

LOOK_SECONDS = 2.0
"""Between two looks for peers that are new, or not trusted any more."""

FIRST_PAUSE_SECONDS = 1.0
MAX_PAUSE_SECONDS = 300.0
"""After a broken line: twice as long each time, up to this. The usual pull goes on meanwhile."""

STOP_SECONDS = 10.0

_log = structlog.get_logger("tocsin.live")


class LiveLines:
    """Keeps one line to each trusted peer while the node serves."""

    def __init__(self, store: Store, exchange: Exchange, clock: Clock) -> None:
        self._clock = clock
        self._store = store
        self._exchange = exchange
        self._stopping = threading.Event()
        self._listeners: dict[str, _Listener] = {}
        self._thread = threading.Thread(target=self._look, name="tocsin-live", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Hang up on everybody and wait until they have noticed."""
        self._stopping.set()
        self._thread.join(STOP_SECONDS)
        for listener in self._listeners.values():
            listener.hang_up()
        for listener in self._listeners.values():
            listener.join()

    def _look(self) -> None:
        while True:
            try:
                self._match(self._store.peers.list())
            except Exception as error:  # noqa: BLE001  # the store may be away for a while; the lines are kept
                _log.warning("live.look-failed", error=type(error).__name__)
            if self._stopping.wait(LOOK_SECONDS):
                return

    def _match(self, peers: tuple[Peer, ...]) -> None:
        now = micros(self._clock())
        wanted = {peer.name for peer in peers if peer.status_at(now) is PeerStatus.TRUSTED}
        for name in self._listeners.keys() - wanted:
            self._listeners.pop(name).hang_up()
        for name in sorted(wanted - self._listeners.keys())[: MAX_LISTENERS - len(self._listeners)]:
            listener = self._listeners[name] = _Listener(name, self._exchange)
            listener.start()


class _Listener:
    """One peer's line: rings, pulls, begins anew when it breaks."""

    def __init__(self, name: str, exchange: Exchange) -> None:
        self._name = name
        self._exchange = exchange
        self._stopping = threading.Event()
        self._line: Line | None = None
        self._thread = threading.Thread(target=self._listen, name=f"tocsin-live-{name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        self._thread.join(STOP_SECONDS)

    def hang_up(self) -> None:
        """End the line, and the thread soon after."""
        self._stopping.set()
        line = self._line
        if line is not None:
            line.hang_up()

    def _listen(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._stopping.is_set():
            begun = time.monotonic()
            try:
                self._once()
            except (NotFound, NotAllowed):
                return  # removed or not trusted any more: the look will begin anew if that changes
            except PeerFault as fault:
                _log.info("live.broken", peer=self._name, reason=fault.message)
            except Exception as error:  # noqa: BLE001  # one line must not end for good, nor for the others
                _log.error("live.failed", peer=self._name, exc_info=error)
            lasted = time.monotonic() - begun > MAX_PAUSE_SECONDS
            pause = FIRST_PAUSE_SECONDS if lasted else min(pause * 2, MAX_PAUSE_SECONDS)
            self._stopping.wait(pause)

    def _once(self) -> None:
        """One line for as long as it holds. What was released while there was none rings at its beginning."""
        cursor = self._exchange.peer(self._name).cursor
        query = {} if cursor is None else {"added_after": cursor}
        with self._exchange.line(self._name) as line:
            self._line = line
            try:
                told = line.listen(
                    LIVE_PATH, accept=MEDIA_TYPE, query=query, silence=SILENCE_SECONDS, life=LIFE_SECONDS
                )
                if cursor is None:
                    self._exchange.pull_all(only=self._name)
                for bell in bells(told):
                    if self._stopping.is_set():
                        return
                    self._rung(bell)
            finally:
                self._line = None

    def _rung(self, bell: int) -> None:
        cursor = self._exchange.peer(self._name).cursor
        if cursor is None or micros_of(cursor) < bell:  # an earlier pull may have brought it already
            self._exchange.pull_all(only=self._name)


def bells(lines: Iterable[bytes]) -> Iterator[int]:
    """When each record on a live line was added, in microseconds; all else is passed over unread."""
    for line in lines:
        field, _, value = line.partition(b": ")
        if field == b"id" and value.isascii() and is_timestamp(value.decode()):
            yield micros_of(value.decode())
