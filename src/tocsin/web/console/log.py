"""The node's log, for auditors: what was signed, who cosigned it, what was seen of peers' logs, and how to check."""

from typing import Any

import msgspec
from litestar import Request, Response, get

from tocsin.app.transparency_log import origin_of
from tocsin.kernel import BadInput
from tocsin.web.console import acts
from tocsin.web.console.render import render
from tocsin.web.console.visits import Visit, visit_of
from tocsin.wire.tlog import parse_note

MAX_SHOWN = 20


class ShownCheckpoint(msgspec.Struct, frozen=True):
    size: int
    at: int
    root: str
    cosigned: tuple[str, ...]
    """Peers by the names that this node gives them; a log's name where it knows the peer no more."""


@get("/log", sync_to_thread=True)
def log_page(request: Request[Any, Any, Any]) -> Response[str]:
    """The newest checkpoints, the logs of peers, and what was found wrong."""
    visit = visit_of(request)
    visit.require(acts.AUDIT_READ)
    node = visit.node
    names = _names(visit)
    own = origin_of(node.node_id)
    shown = [
        ShownCheckpoint(
            kept.size,
            kept.at,
            kept.root.hex(),
            tuple(
                names.get(one.name, one.name) for one in parse_note(kept.note).signatures if one.name != own
            ),
        )
        for kept in node.store.log.checkpoints(limit=MAX_SHOWN)
    ]
    return render(
        visit,
        "log.html",
        head=node.store.log.head(),
        waiting=node.store.log.waiting(),
        key=str(node.transparency_log.key()),
        checkpoints=shown,
        seen=node.store.log.all_witnessed(),
        forks=[fork for fork in node.store.log.forks() if not fork.settled],
        most=MAX_SHOWN,
    )


def _names(visit: Visit) -> dict[str, str]:
    """Name of a log → name of the peer whose it is."""
    found = {}
    for peer in visit.node.store.peers.list():
        try:
            found[visit.node.exchange.witnessing.origin_of(peer)] = peer.name
        except BadInput:
            continue  # its key is not pinned: it cannot have cosigned
    return found
