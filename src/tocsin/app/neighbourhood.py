"""The neighbourhood of one record: what it refers to and what refers to it, a few steps wide, bounded.

Relationships become edges of their kind. Markings, extension definitions and authors are left out: everything
refers to them, and they tell nothing.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from tocsin.kernel import NotFound, Record
from tocsin.store.finding import Wanted
from tocsin.store.interface import Store
from tocsin.wire.stix import type_of

MAX_STEPS = 3
MAX_NODES = 60
"""More than this is not read in a picture; what is left out is counted."""

MAX_INBOUND = 50
"""Newest records that refer to one record: a popular one has thousands."""

_SILENT = frozenset({"marking-definition", "extension-definition", "identity"})
_RELATIONSHIP = "relationship"
_MAX_DEPTH = 8


class Node(msgspec.Struct, frozen=True):
    """`step` is how far from the middle; `held` whether this node has the record."""

    id: str
    type: str
    name: str
    step: int
    held: bool


class Edge(msgspec.Struct, frozen=True):
    """`source` `kind` `target`; `kind` is a relationship's type, or the property that refers."""

    source: str
    kind: str
    target: str


class Neighbourhood(msgspec.Struct, frozen=True):
    """`left_out` counts records that the bounds cut off, as far as they were seen."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    left_out: int


def neighbourhood(store: Store, record_id: str, *, steps: int = 1, most: int = MAX_NODES) -> Neighbourhood:
    """The records within `steps` references of one, nearest first. Raises NotFound when it is not kept."""
    middle = store.records.get(record_id)
    if middle is None:
        raise NotFound("there is no such record: `tocsin record search` finds those there are")
    nodes = {record_id: _node(record_id, middle, 0)}
    edges: dict[Edge, None] = {}
    left_out: set[str] = set()
    ring = [middle]
    for step in range(1, min(steps, MAX_STEPS) + 1):
        wider: list[Record] = []
        for record in ring:
            for edge, known in _around(store, record, left_out):
                other = edge.target if edge.source == record.id else edge.source
                if other not in nodes:
                    if len(nodes) >= most:
                        left_out.add(other)
                        continue
                    held = known or store.records.get(other)
                    nodes[other] = _node(other, held, step)
                    if held is not None:
                        wider.append(held)
                edges[edge] = None
        ring = wider
    return Neighbourhood(tuple(nodes.values()), tuple(edges), len(left_out - nodes.keys()))


def _around(store: Store, record: Record, left_out: set[str]) -> Iterator[tuple[Edge, Record | None]]:
    """Edges of one record both ways, with the record at the other end where it is at hand already."""
    for kind, target in references(record):
        if (
            record.type == _RELATIONSHIP or type_of(target) != _RELATIONSHIP
        ):  # it is an edge, found at its ends
            yield Edge(record.id, kind, target), None
    found = store.search.find(Wanted(refers_to=record.id, limit=MAX_INBOUND))
    if found.more:
        left_out.add(f"more that refer to {record.id}")
    for other in found.records:
        if other.type in _SILENT:
            continue
        ends = _ends(other)
        if ends is not None and record.id in ends[1:]:
            kind, source, target = ends
            yield Edge(source, kind, target), None
            continue
        for kind, target in references(other):
            if target == record.id:
                yield Edge(other.id, kind, target), other


def references(record: Record) -> list[tuple[str, str]]:
    """(property, id) for every record that this one refers to by a `_ref` or `_refs` property, at any depth."""
    return list(dict.fromkeys(_references(msgspec.json.decode(record.stix), _MAX_DEPTH)))


def _references(value: Any, depth: int) -> Iterator[tuple[str, str]]:
    if not depth:
        return
    if isinstance(value, list):
        for inner in value:
            yield from _references(inner, depth - 1)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name.endswith(("_ref", "_refs")):
                for target in inner if isinstance(inner, list) else [inner]:
                    if isinstance(target, str) and type_of(target) not in {None, *_SILENT}:
                        yield name, target
            else:
                yield from _references(inner, depth - 1)


def _ends(record: Record) -> tuple[str, str, str] | None:
    """What a relationship says: kind, source, target; None for other records and for one that is not sound."""
    if record.type != _RELATIONSHIP:
        return None
    value = msgspec.json.decode(record.stix)
    ends = tuple(value.get(name) for name in ("relationship_type", "source_ref", "target_ref"))
    return ends if all(isinstance(end, str) for end in ends) else None


def _node(record_id: str, record: Record | None, step: int) -> Node:
    kind = type_of(record_id) or "unknown"
    return Node(record_id, kind, name_of(record) if record else "", step, record is not None)


def name_of(record: Record) -> str:
    """What people call it: its name, or the first words of what it says."""
    value = msgspec.json.decode(record.stix)
    if not isinstance(value, dict):
        return ""
    for name in ("name", "value", "opinion", "relationship_type", "abstract", "description", "pattern"):
        said = value.get(name)
        if isinstance(said, str) and said.strip():
            return " ".join(said.split())[:120]
    return ""
