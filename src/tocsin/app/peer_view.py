"""Peers as people and scripts read them: one row each, the same on the command line and in JSON."""

from typing import Any

from tocsin.app.node import Node
from tocsin.kernel import Peer, at_micros, micros
from tocsin.trust.words import all_spoken

_SECOND = 1_000_000


def peer_rows(node: Node) -> list[dict[str, Any]]:
    """Every peer by name; times in RFC 3339 or a dash."""
    now = micros(node.clock())
    return [_row(peer, now) for peer in node.store.peers.list()]


def _row(peer: Peer, now: int) -> dict[str, Any]:
    return {
        "name": peer.name,
        "url": peer.url,
        "status": peer.status_at(now).value,
        "until": _when(peer.until),
        "ends_soon": peer.ends_soon(now),
        "words": all_spoken(peer.node_key) if peer.node_key else {},
        "ceiling": peer.ceiling.value,
        "purposes": list(peer.purposes),
        "standing": peer.standing,
        "last_pull": _when(peer.last_pull),
        "lag_seconds": None if (lag := peer.lag(now)) is None else lag // _SECOND,
        "behind": peer.behind,
        "waiting": peer.waiting,
        "last_error": peer.last_error or "",
        "doubts": [
            {"since": _when(doubt.since), "until": _when(doubt.until), "why": doubt.why}
            for doubt in peer.doubts
        ],
    }


def lag_of(row: dict[str, Any]) -> str:
    """How far behind, in a few characters: all was had so long ago, and so many objects wait."""
    seconds = row["lag_seconds"]
    age = "never complete" if seconds is None else f"{seconds} s"
    return f"{age}, {row['waiting']} waiting" if row["waiting"] else age


def _when(moment: int | None) -> str:
    return "-" if moment is None else at_micros(moment).strftime("%Y-%m-%dT%H:%M:%SZ")
