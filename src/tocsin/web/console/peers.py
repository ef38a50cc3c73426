"""Peers: who they are, how far they are trusted, how the last pull went."""

from typing import Any

import msgspec
from litestar import Request, Response, get

from tocsin.kernel import Peer, PeerStatus
from tocsin.web.console import acts
from tocsin.web.console.languages import N_
from tocsin.web.console.render import render
from tocsin.web.console.visits import visit_of

STATES = {
    "waiting": N_("Nothing is sent or taken until its key has been compared."),
    "suspended": N_("Nothing is sent or taken while it is suspended."),
    "never": N_("Not pulled yet."),
    "failing": N_("The last pulls failed; nothing of them was kept."),
    "well": N_("The last pull was complete."),
}


class PeerRow(msgspec.Struct, frozen=True):
    """A peer, how it stands in one word of STATES, and what it fetched from here: objects and bytes."""

    peer: Peer
    state: str
    objects: int
    size: int


@get("/peers", sync_to_thread=True)
def peers_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Every peer, by name."""
    visit = visit_of(request)
    visit.require(acts.NODE_READ)
    store = visit.node.store
    fetched = store.releases.fetched()
    rows = [
        PeerRow(peer, state_of(peer), *fetched.get(peer.name, (0, 0)))
        for peer in sorted(store.peers.list(), key=lambda peer: peer.name)
    ]
    return render(visit, "peers.html", rows=rows, states=STATES, now=visit.now)


def state_of(peer: Peer) -> str:
    """The key into STATES."""
    if peer.status is PeerStatus.ADDED:
        return "waiting"
    if peer.status is PeerStatus.SUSPENDED:
        return "suspended"
    if peer.failures or peer.last_error:
        return "failing"
    return "never" if peer.last_pull is None else "well"
