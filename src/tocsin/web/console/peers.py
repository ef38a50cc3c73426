"""Peers: who they are, how far they are trusted, how the last pull went."""

from collections import Counter
from typing import Any

import msgspec
from litestar import Request, Response, get

from tocsin.kernel import Peer, PeerStatus, micros
from tocsin.trust.words import spoken
from tocsin.web.console import acts
from tocsin.web.console.languages import N_
from tocsin.web.console.render import render
from tocsin.web.console.visits import visit_of

MAX_RECALLS = 100_000

STATES = {
    "waiting": N_("Nothing is sent or taken until its key has been compared."),
    "suspended": N_("Nothing is sent or taken while it is suspended."),
    "revoked": N_("Its key is no longer believed. What came since is marked; compare its new key."),
    "expired": N_("Trust has ended. Nothing is sent or taken until it is renewed."),
    "never": N_("Not pulled yet."),
    "failing": N_("The last pulls failed; what came before the fault was kept."),
    "behind": N_("The last pull ended before all was had; the next goes on from there."),
    "well": N_("The last pull was complete."),
}


class PeerRow(msgspec.Struct, frozen=True):
    """A peer, how it stands in one word of STATES, its key in words, its groups, and what it fetched.

    `recalled` records were taken back from it, of which it has `confirmed` so many.
    """

    peer: Peer
    status: PeerStatus
    state: str
    words: str
    groups: tuple[str, ...]
    recalled: int
    confirmed: int
    objects: int
    size: int


@get("/peers", sync_to_thread=True)
def peers_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Every peer, by name."""
    visit = visit_of(request)
    visit.require(acts.NODE_READ)
    store = visit.node.store
    fetched = store.releases.fetched()
    groups = store.groups.list()
    taken_back = store.recalls.list(limit=MAX_RECALLS)
    recalled = Counter(one.peer for one in taken_back)
    confirmed = Counter(one.peer for one in taken_back if one.receipt is not None)
    moment = micros(visit.node.clock())
    rows = [
        PeerRow(
            peer=peer,
            status=peer.status_at(moment),
            state=state_of(peer, moment),
            words=spoken(peer.node_key, visit.language.tag[:2]) if peer.node_key else "",
            groups=tuple(group.title for group in groups if group.open_to(peer.name)),
            recalled=recalled[peer.name],
            confirmed=confirmed[peer.name],
            objects=fetched.get(peer.name, (0, 0))[0],
            size=fetched.get(peer.name, (0, 0))[1],
        )
        for peer in sorted(store.peers.list(), key=lambda peer: peer.name)
    ]
    own = spoken(visit.node.keys.identity.public, visit.language.tag[:2])
    return render(visit, "peers.html", rows=rows, own=own, moment=moment, states=STATES, now=visit.now)


def state_of(peer: Peer, now: int) -> str:
    """The key into STATES; `now` in microseconds."""
    match peer.status_at(now):
        case PeerStatus.ADDED:
            return "waiting"
        case PeerStatus.TRUSTED:
            pass
        case status:
            return status.value
    if peer.failures or peer.last_error:
        return "failing"
    if peer.behind:
        return "behind"
    return "never" if peer.last_pull is None else "well"
