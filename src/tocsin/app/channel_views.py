"""What scripts and people are shown of channels. Field names are a contract; nothing secret is among them."""

from typing import Any

from tocsin.app.channels import said_of
from tocsin.app.node import Node
from tocsin.kernel import NoticeState


def channel_views(node: Node) -> list[dict[str, Any]]:
    """Every channel: where, when it hears, what waits, left and died, and what went wrong last."""
    counts = node.store.outbox.counts()
    return [
        {
            "name": channel.name,
            "kind": channel.kind.value,
            "place": channel.place,
            "rule": said_of(channel.rule),
            "an_hour": channel.an_hour,
            "waiting": counts.get((channel.name, NoticeState.WAITING), 0),
            "sent": counts.get((channel.name, NoticeState.SENT), 0),
            "dead": counts.get((channel.name, NoticeState.DEAD), 0),
            "failures": channel.failures,
            "fault": channel.fault,
        }
        for channel in node.store.outbox.channels()
    ]
