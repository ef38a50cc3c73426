"""What the last node of the demo knows in the end: who saw the campaign, and about how much of it."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec

from tocsin.app.demo_nodes import DemoNode
from tocsin.kernel import Origin
from tocsin.store import open_store


class Sight(msgspec.Struct, frozen=True):
    """One node's word on the campaign, as another has it: ranges and a day, never a count or an hour."""

    node: str
    accounts: str
    events: str
    said: str


class Picture(msgspec.Struct, frozen=True):
    """What `node` holds of others' records: how many of each STIX type, and every sighting."""

    node: str
    records: dict[str, int]
    sightings: tuple[Sight, ...]


def common_picture(node: DemoNode) -> Picture:
    """Read a node's store as its own operator may; the node keeps serving."""
    store = open_store(node.data, None)
    try:
        records = store.records.list(origin=Origin.PEER)
    finally:
        store.close()
    decoded = [(record, msgspec.json.decode(record.stix)) for record in records]
    names = {record.author: stix["name"] for record, stix in decoded if record.type == "identity"}
    sightings = [
        _sight(names.get(record.author, record.peer or ""), stix)
        for record, stix in decoded
        if record.type == "sighting"
    ]
    return Picture(
        node=node.name,
        records=dict(sorted(Counter(record.type for record in records).items())),
        sightings=tuple(sorted(sightings, key=lambda sight: (sight.node, sight.said))),
    )


def _sight(author: str, sighting: Mapping[str, Any]) -> Sight:
    ranges: dict[str, str] = {}
    for extension in sighting.get("extensions", {}).values():
        ranges.update({name: str(value) for name, value in extension.items()})
    return Sight(
        node=author,
        accounts=ranges.get("actors", ""),
        events=ranges.get("events", ""),
        said=str(sighting.get("modified", ""))[:10],
    )
