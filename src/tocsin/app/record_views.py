"""What scripts are shown of records. Field names here are a contract (docs/reference.md)."""

from typing import Any

from tocsin.app.library import Shown
from tocsin.app.neighbourhood import Neighbourhood, name_of
from tocsin.kernel import Record, at_micros


def record_line(record: Record) -> dict[str, Any]:
    """A record in a list."""
    return {
        "id": record.id,
        "type": record.type,
        "name": name_of(record),
        "category": record.category,
        "tlp": record.tlp.value,
        "origin": record.origin.value,
        "author": record.author,
        "peer": record.peer,
        "version": _time(record.version),
        "added": _time(record.added),
    }


def shown_view(shown: Shown) -> dict[str, Any]:
    """A record with all that bears on it."""
    return record_line(shown.record) | {
        "author_name": shown.author,
        "confidence": {
            "stated": shown.left.stated,
            "left": shown.left.now,
            "half_life_days": shown.left.half_life_days,
            "ended": shown.left.ended,
        },
        "content": shown.key,
        "sources": [
            {"id": one.id, "author": one.author, "name": one.name, "peer": one.peer} for one in shown.sources
        ],
        "sightings": {
            "nodes": shown.seen.nodes,
            "accounts_at_least": shown.seen.low,
            "accounts_at_most": shown.seen.high,
        },
        "opinions": {
            "spread": shown.spread,
            "each": [
                {"opinion": one.opinion, "author": one.author, "name": one.name, "why": one.explanation}
                for one in shown.opinions
            ],
        },
        "excluded": shown.excluded,
        "stix": shown.content,
    }


def neighbourhood_view(found: Neighbourhood) -> dict[str, Any]:
    return {
        "nodes": [
            {"id": node.id, "type": node.type, "name": node.name, "step": node.step, "held": node.held}
            for node in found.nodes
        ],
        "edges": [{"source": edge.source, "kind": edge.kind, "target": edge.target} for edge in found.edges],
        "left_out": found.left_out,
    }


def _time(value: int) -> str:
    return at_micros(value).isoformat(timespec="microseconds").replace("+00:00", "Z")
