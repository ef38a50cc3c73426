"""Messages of sums and counts over the lines between peers: to nodes that an operator named, and whose key is known."""

from tocsin.app.exchange import Exchange
from tocsin.kernel import BadInput, Conflict, NotAllowed, Peer, PeerFault, Unavailable
from tocsin.store.interface import Store

PATH = "/v1/sums"


class SumLine:
    """Gives one message to one node (`summing.Send`)."""

    def __init__(self, store: Store, exchange: Exchange) -> None:
        self._store, self._exchange = store, exchange

    def send(self, to: str, epoch: int, kind: str, body: bytes) -> None:
        """Raises Unavailable where it is to be sent again soon, BadInput or Conflict where never, PeerFault later."""
        give(self._store, self._exchange, to, f"{PATH}/{epoch}/{kind}", body)


def give(store: Store, exchange: Exchange, to: str, path: str, body: bytes) -> None:
    """Leave bytes at a node, by its STIX identity. It answers nothing but whether it took them.

    Raises Unavailable where it is to be sent again soon, BadInput, Conflict or NotAllowed for what it refused, and
    PeerFault later.
    """
    peer = _peer(store, to)
    with exchange.line(peer.name) as line:
        answer = line.post(path, body, content_type="application/octet-stream", accept="application/json")
    match answer.status:
        case 200 | 202 | 204:
            return
        case 503:
            raise Unavailable(f"{peer.name} is not so far yet")
        case 400 | 413:
            raise BadInput(f"{peer.name} refused it: it is broken, or newer than this node")
        case 403:
            raise NotAllowed(f"{peer.name} does not take it: has its operator agreed to the same?")
        case 409:
            raise Conflict(f"{peer.name} has gone on without it")
        case status:
            raise PeerFault(
                peer.name, f"answered {status}: is it a node of this version, and does it know us?"
            )


def _peer(store: Store, identity: str) -> Peer:
    for peer in store.peers.list():
        if peer.identity == identity:
            return peer
    raise PeerFault(identity, "is no peer of this node any more: name it, or withdraw what was agreed")
