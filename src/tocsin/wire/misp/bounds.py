"""Bounds on a foreign MISP event, before PyMISP or misp-stix see any of it."""

from typing import Any

import msgspec

from tocsin.kernel import BadInput, TooLarge
from tocsin.kernel.limits import MAX_JSON_DEPTH
from tocsin.wire.json_bounds import bad_json, deeper_than, has_nul

MAX_MISP_BYTES = 96 << 20
"""One file: a release of 10,000 records, each carried property by property, is some 70 MB."""

MAX_MISP_EVENTS = 100
MAX_MISP_ELEMENTS = 100_000
"""Attributes, objects, tags, clusters and references of a file, together: what the converter loops over, at some
five milliseconds an attribute. Our own carriers do not count: it never sees them."""

_COUNTED = frozenset({"Attribute", "Object", "Tag", "Galaxy", "GalaxyCluster", "ObjectReference", "Sighting"})
CARRIER = "tocsin-record"
"""The name of the MISP object that carries a record of ours, whole."""

SAMPLE = "malware-sample"
"""An attribute whose data is an encrypted zip that PyMISP unpacks at once: never given to it."""

WHAT = "the MISP file"


def events_in(data: bytes) -> list[dict[str, Any]]:
    """The events of a file: one, wrapped or bare, a list, or a search's `response`.

    Raises TooLarge over a bound, BadInput when there is no event.
    """
    if len(data) > MAX_MISP_BYTES:
        raise TooLarge(f"{WHAT} is larger than {MAX_MISP_BYTES} bytes; export fewer events at a time")
    try:
        value = msgspec.json.decode(data)
    except RecursionError:
        raise TooLarge(f"{WHAT} nests deeper than {MAX_JSON_DEPTH} levels") from None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise bad_json(data, WHAT) from None
    if deeper_than(value, MAX_JSON_DEPTH):
        raise TooLarge(f"{WHAT} nests deeper than {MAX_JSON_DEPTH} levels")
    if has_nul(value):
        raise BadInput(f"{WHAT} holds a NUL character; export it again without")
    found = _unwrapped(value)
    if len(found) > MAX_MISP_EVENTS:
        raise TooLarge(f"{WHAT} has more than {MAX_MISP_EVENTS} events; export fewer at a time")
    if sum(map(_count, found)) > MAX_MISP_ELEMENTS:
        raise TooLarge(f"{WHAT} has more than {MAX_MISP_ELEMENTS} attributes, objects and tags; split it")
    return found


def _unwrapped(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict) and "response" in value:
        value = value["response"]
    listed = value if isinstance(value, list) else [value]
    found = [one.get("Event", one) if isinstance(one, dict) else one for one in listed]
    if not found or not all(isinstance(one, dict) and ("info" in one or "uuid" in one) for one in found):
        raise BadInput(f'{WHAT} is no MISP event; send {{"Event": {{"uuid": ..., "info": ...}}}}')
    return found


def _count(event: dict[str, Any]) -> int:
    waiting: list[Any] = [event]
    count = 0
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            if item.get("name") == CARRIER:
                continue
            count += sum(
                len(part) for name, part in item.items() if name in _COUNTED and isinstance(part, list)
            )
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
    return count


def listed(parent: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects under a name of a foreign object; what is none is passed over."""
    part = parent.get(name)
    return [one for one in part if isinstance(one, dict)] if isinstance(part, list) else []


def without_samples(event: dict[str, Any]) -> int:
    """Take the data out of malware samples, in place, wherever they are; returns of how many. Hashes stay."""
    waiting: list[Any] = [event]
    count = 0
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            if item.get("type") == SAMPLE and item.pop("data", None) is not None:
                count += 1
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
    return count
