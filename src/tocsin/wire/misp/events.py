"""Whole events: our records as one event, and one event as records.

An event that we write has two layers. misp-stix's is for people who work in MISP: galaxies, attributes, objects.
Ours carries each record whole (`carriers`). Reading takes the records from the carriers, leaves out what
misp-stix made of them, and converts only the rest: what somebody added in MISP, or an event that was never ours.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from tocsin.kernel import TLP, BadInput
from tocsin.wire.misp.bounds import events_in, listed, without_samples
from tocsin.wire.misp.carriers import carried, carrier, carrier_uuid, is_carrier, key_uuid, seconds
from tocsin.wire.misp.converter import from_misp, to_misp
from tocsin.wire.misp.tags import PAP, as_tags, names_of, pap_of, strictest_ref, tags_for, tlp_of
from tocsin.wire.stix.bundles import Bundle, version_of
from tocsin.wire.stix.canonical_form import canonical
from tocsin.wire.stix.labels import well_known
from tocsin.wire.stix.objects import OBSERVABLE_TYPES, Extended, StixObject
from tocsin.wire.stix.problems import Code, Problem
from tocsin.wire.stix.reading import check
from tocsin.wire.stix.tlp import level_of, marking, strictest

TITLE = "Records shared through Tocsin"
ORGANISATION = {"name": "Tocsin", "uuid": key_uuid("organisation")}
_CLOSED = {"0", "4"}
"""MISP's distribution levels `your organisation only` and `sharing group`."""


class Converted(msgspec.Struct, frozen=True):
    """`raised` are levels, by id, that MISP's tags set above what the object itself says."""

    bundle: Bundle
    raised: Mapping[str, TLP] = {}


def write_misp(contents: Sequence[bytes]) -> bytes:
    """One MISP event of STIX objects, made of nothing but their bytes: equal objects, equal carriers.

    Raises BadInput for what is no STIX, or should reading it back not give the same bytes; Unavailable without
    misp-stix.
    """
    values = [msgspec.json.decode(content, type=dict[str, Any]) for content in contents]
    definitions = {value["id"]: value for value in values if value["type"] == "marking-definition"}
    tags = [tags_for(value, definitions) for value in values]
    event = {
        "uuid": key_uuid("event", *sorted(hashlib.sha256(content).hexdigest() for content in contents)),
        "info": f"{TITLE} ({len(values)})",
        "date": max((str(value.get("modified", ""))[:10] for value in values), default="") or "1970-01-01",
        "timestamp": str(max(map(seconds, values), default=0)),
        "published": False,
        "analysis": "2",
        "threat_level_id": "4",
        "distribution": "0",
        "Orgc": _organisation(values),
        "Tag": as_tags(_event_tags(tags)),
    }
    rendered = to_misp(_with_markings(values))
    event |= {name: rendered[name] for name in ("Galaxy", "Attribute") if rendered.get(name)}
    event["Object"] = [*rendered.get("Object", ()), *_carriers(values, tags)]
    written = msgspec.json.encode({"Event": event})
    if _carried_back(written) != {canonical(value) for value in values}:
        raise BadInput("these records do not come back from MISP's form as they went in; nothing was written")
    return written


def _carried_back(written: bytes) -> set[bytes]:
    (event,) = events_in(written)
    return {canonical(carried(one)) for one in listed(event, "Object") if is_carrier(one)}


def _event_tags(tags: Sequence[Sequence[str]]) -> list[str]:
    """The strictest of everything inside: a cluster has no tags of its own in MISP."""
    names = [name for one in tags for name in one]
    level, pap = tlp_of(names), pap_of(names)
    if any(tlp_of(one) is None for one in tags):  # unmarked: ours to use, not to pass on
        level = max(level or TLP.AMBER, TLP.AMBER, key=lambda one: one.rank)
    found = [] if level is None else [f"tlp:{level.value}"]
    return found + ([] if pap is None else [f"PAP:{pap}"])


def _organisation(values: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The author, where the records hold its identity; never a name that they do not."""
    names = {value["id"]: value.get("name") for value in values if value["type"] == "identity"}
    for value in values:
        author = value.get("created_by_ref")
        name = names.get(author)
        if isinstance(author, str) and isinstance(name, str) and well_known(author) is None:
            return {"name": name, "uuid": author.partition("--")[2]}
    return ORGANISATION


def _with_markings(values: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """With the TLP definitions that they name: misp-stix makes no tag of one that it has not seen."""
    have = {value["id"] for value in values}
    named = {ref for value in values for ref in value.get("object_marking_refs", ())}
    levels = [marking(level) for level in TLP]
    return [*(msgspec.to_builtins(one) for one in levels if one.id in named - have), *values]


def _carriers(values: Sequence[dict[str, Any]], tags: Sequence[list[str]]) -> Iterator[dict[str, Any]]:
    where = {value["id"]: carrier_uuid(value) for value in values}
    ties: dict[str, list[tuple[str, str]]] = {}
    for value in values:
        if value["type"] == "relationship" and value["target_ref"] in where:
            ties.setdefault(value["source_ref"], []).append(
                (value["relationship_type"], where[value["target_ref"]])
            )
    for value, names in zip(values, tags, strict=True):
        yield carrier(value, names, ties.get(value["id"], ()))


def read_misp(data: bytes) -> Converted:
    """The STIX objects of a MISP file's events, checked, with every marking that MISP's tags set.

    Raises TooLarge over a bound, BadInput when it is no event or misp-stix cannot convert it, Unavailable without
    misp-stix, where it is needed.
    """
    objects: dict[str, StixObject | Extended] = {}
    problems: list[Problem] = []
    raised: dict[str, TLP] = {}
    every = (one for index, event in enumerate(events_in(data)) for one in _read_event(event, index))
    for index, (item, found, level) in enumerate(every):
        problems += [msgspec.structs.replace(problem, index=index) for problem in found]
        if item is None:
            continue
        first = objects.setdefault(item.id + version_of(item), item)
        if first is not item and canonical(first) != canonical(item):
            reason = "comes twice in one version with other content; the first is kept"
            problems.append(Problem(item.id, "", Code.CONFLICT, reason, index=index))
        if level is not None:
            raised[item.id] = max(level, raised.get(item.id, level), key=lambda one: one.rank)
    return Converted(Bundle(tuple(objects.values()), tuple(problems)), raised)


_Found = tuple[StixObject | Extended | None, tuple[Problem, ...], TLP | None]


def _read_event(event: dict[str, Any], index: int) -> Iterator[_Found]:
    tagged: list[list[str]] = []
    values: list[dict[str, Any]] = []
    said: list[TLP | None] = []
    for one in listed(event, "Object"):
        if not is_carrier(one):
            continue
        try:
            value = carried(one)
            content = canonical(value)
        except BadInput as error:
            yield None, (Problem("", "", Code.VALUE, f"a record in it {error.message}", index=index),), None
            continue
        checked = check(content, index)
        names = [name for attribute in listed(one, "Attribute") for name in names_of(attribute)]
        level = tlp_of(names)
        own = strictest(checked.item) if checked.item is not None else None
        values.append(value)
        tagged.append(names)
        said.append(own)
        yield checked.item, checked.problems, level if _above(level, own) else None
    whole = tlp_of(names_of(event))
    if values and _above(whole, tlp_of(_event_tags([[f"tlp:{one.value}"] if one else [] for one in said]))):
        # somebody tagged the event more strictly than anything that we wrote into it
        for value in values:
            checked = check(canonical(value), index)
            yield checked.item, (), whole
    yield from _read_rest(event, values, index)


def _above(level: TLP | None, own: TLP | None) -> bool:
    return level is not None and level.rank > (TLP.AMBER if own is None else own).rank


def _read_rest(event: dict[str, Any], values: Sequence[dict[str, Any]], index: int) -> Iterator[_Found]:
    rest = _without_rendering(event, values) if values else event
    if values and not any(rest.get(name) for name in ("Attribute", "Object", "Galaxy", "EventReport")):
        return
    if samples := without_samples(rest):
        reason = f"{samples} malware samples are left out; their hashes are kept"
        yield None, (Problem("", "", Code.VALUE, reason, fatal=False, index=index),), None
    made = from_misp(rest)
    for note in made.notes:
        yield None, (Problem("", "", Code.VALUE, note, fatal=False, index=index),), None
    for value in _marked(made.objects, event):
        checked = check(canonical(value), index)
        yield checked.item, checked.problems, None


def _without_rendering(event: dict[str, Any], values: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The event without its carriers and without what misp-stix makes of what they carry, made again to compare."""
    rendered = to_misp(_with_markings(values))
    ours = {_trace(one) for one in _elements(rendered)}
    rest = dict(event)
    rest["Attribute"] = [one for one in listed(event, "Attribute") if _trace(one) not in ours]
    rest["Galaxy"] = []
    for galaxy in listed(event, "Galaxy"):
        left = [one for one in listed(galaxy, "GalaxyCluster") if _trace(one) not in ours]
        if left:
            rest["Galaxy"].append(galaxy | {"GalaxyCluster": left})
    rest["Object"] = []
    for one in listed(event, "Object"):
        attributes = [part for part in listed(one, "Attribute") if _trace(part) not in ours]
        if attributes and not is_carrier(one):
            rest["Object"].append(one | {"Attribute": attributes})
    return rest


def _elements(event: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for holder in (event, *listed(event, "Object")):
        yield from listed(holder, "Attribute")
    for galaxy in listed(event, "Galaxy"):
        yield from listed(galaxy, "GalaxyCluster")


def _trace(element: dict[str, Any]) -> tuple[str, str, str]:
    """What an attribute or cluster says, whatever its uuid, its times and its tags."""
    return (str(element.get("type")), str(element.get("object_relation")), str(element.get("value")))


def _marked(objects: Sequence[dict[str, Any]], event: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """With the event's markings on all that is in it: misp-stix leaves them on the report alone.

    What shares the UUID of an element is one thing in MISP, so a level on one form of it counts for all.
    """
    whole, pap = tlp_of(names_of(event)), pap_of(names_of(event))
    if whole is None and str(event.get("distribution")) in _CLOSED:
        whole = TLP.AMBER_STRICT
    of_element: dict[str, list[str]] = {}
    for value in objects:
        refs = of_element.setdefault(str(value.get("id")).partition("--")[2], [])
        refs += [ref for ref in value.get("object_marking_refs", ()) if isinstance(ref, str)]
    for value in objects:
        if value.get("type") == "marking-definition":
            if level_of(str(value.get("id"))) is None:  # every node has those of TLP
                yield value
            continue
        made = dict(value)
        refs = strictest_ref(dict.fromkeys(of_element[str(value.get("id")).partition("--")[2]]), whole)
        if refs:
            made["object_marking_refs"] = refs
        labels = [label for label in value.get("labels", ()) if isinstance(label, str)]
        levels = [level for level in (pap, pap_of(labels)) if level is not None]
        if levels and value.get("type") not in OBSERVABLE_TYPES:
            plain = [label for label in labels if pap_of([label]) is None]
            made["labels"] = [*plain, f"PAP:{max(levels, key=PAP.index)}"]
        yield made
