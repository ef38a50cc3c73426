"""How far behind each peer we may be: asked of the peer, kept with its row, shown to people and to Prometheus."""

from contextlib import suppress

import msgspec

from tocsin.kernel import Clock, Peer, PeerFault, PeerStatus, micros
from tocsin.net import Line
from tocsin.store.interface import Store

SYNC_PATH = "/v1/sync"
_SECOND = 1_000_000
_MAX_SAID = 1_000_000_000
"""A peer may say any number; this is as large as one that is shown."""


class _Waiting(msgspec.Struct):
    waiting: int


def ask_waiting(line: Line, cursor: str | None) -> int | None:
    """How many objects the peer says are waiting; None when it does not say. Never a fault: it is only a figure."""
    with suppress(PeerFault, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        query = {} if cursor is None else {"after": cursor}
        answer = line.get(SYNC_PATH, accept="application/json", query=query)
        if answer.status == 200:
            said = msgspec.json.decode(answer.body, type=_Waiting).waiting
            return said if 0 <= said <= _MAX_SAID else None
    return None


def still_waiting(said: int | None, objects: int, more: bool) -> int | None:
    """What is left of what the peer said was waiting, after a pull of so many objects."""
    if not more:
        return 0
    return None if said is None else max(0, said - objects)


def lags(store: Store, clock: Clock) -> list[tuple[Peer, float | None]]:
    """Every trusted peer, and how many seconds we may be behind it; None before the first complete pull."""
    now = micros(clock())
    found = []
    for peer in store.peers.list():
        if peer.status_at(now) is PeerStatus.TRUSTED:
            lag = peer.lag(now)
            found.append((peer, None if lag is None else lag / _SECOND))
    return found
