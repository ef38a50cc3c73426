"""What a typed STIX object must keep beyond its types: ids, references, timestamps and their order.

`follows_rules` is the quick yes for the many; `broken_rules` says of the few what is wrong.
Source: STIX 2.1 sections 2.9, 2.13, 3.2 and each object's own.
"""

from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any

from msgspec import UNSET

from tocsin.wire.stix.ids import type_of, type_of_shared
from tocsin.wire.stix.objects import OBSERVABLE_TYPES, TYPED, MarkingDefinition, Other, StixObject
from tocsin.wire.stix.problems import Code, Problem
from tocsin.wire.stix.times import exact, is_timestamp

MAX_PATTERN_CHARS = 16_384
"""A detection of one thing; a longer pattern is a list, and lists are for relationships."""

MILLISECONDS = 24
"""Length of a timestamp with three decimals: what created and modified carry at least (section 3.2)."""

_TIMES: dict[str, tuple[str, ...]] = {
    "campaign": ("first_seen", "last_seen"),
    "indicator": ("valid_from", "valid_until"),
    "relationship": ("start_time", "stop_time"),
    "report": ("published",),
    "sighting": ("first_seen", "last_seen"),
}
_MUST_FOLLOW = frozenset({"indicator", "relationship"})
"""Types whose second time must be later than the first; elsewhere it may be equal."""

_REFERENCES: dict[str, tuple[str, ...]] = {
    "relationship": ("source_ref", "target_ref"),
    "sighting": ("sighting_of_ref",),
}
_REFERENCE_LISTS: dict[str, tuple[str, ...]] = {
    "report": ("object_refs",),
    "sighting": ("observed_data_refs", "where_sighted_refs"),
}
NOT_IN_RELATIONSHIPS = frozenset({"relationship", "sighting", "bundle"})
"""What a relationship may not join (section 5.1)."""


def _getter(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    if not names:
        return lambda _: ()
    return attrgetter(*names) if len(names) > 1 else lambda item: (getattr(item, names[0]),)


_GET_TIMES = {kind: _getter(_TIMES.get(kind, ())) for kind in TYPED}
_GET_REFERENCES = {kind: _getter(_REFERENCES.get(kind, ())) for kind in TYPED}
_GET_LISTS = {kind: _getter(_REFERENCE_LISTS.get(kind, ())) for kind in TYPED}


def follows_rules(item: Any) -> bool:
    """Whether a typed object breaks no rule at all, defects included. Says nothing of `Other`."""
    kind, created = item.type, item.created
    if type_of(item.id) != kind or len(created) < MILLISECONDS or not is_timestamp(created):
        return False
    if kind != "marking-definition":
        modified = item.modified
        if modified != created and (
            len(modified) < MILLISECONDS or not is_timestamp(modified) or exact(modified) < exact(created)
        ):
            return False
    author, markings = item.created_by_ref, item.object_marking_refs
    if author is not UNSET and type_of_shared(author) != "identity":
        return False
    if markings is not UNSET and any(type_of_shared(ref) != "marking-definition" for ref in markings):
        return False
    times = _GET_TIMES[kind](item)
    if times and not _times_hold(kind, times, created):
        return False
    return _rest_holds(item, kind)


def _times_hold(kind: str, times: tuple[Any, ...], created: str) -> bool:
    for time in times:
        if time is not UNSET and time != created and not is_timestamp(time):
            return False
    if len(times) < 2 or times[0] is UNSET or times[1] is UNSET:
        return True
    first, second = exact(times[0]), exact(times[1])
    return first < second if kind in _MUST_FOLLOW else first <= second


def _rest_holds(item: Any, kind: str) -> bool:
    if kind == "relationship":
        return type_of(item.source_ref) not in (None, *NOT_IN_RELATIONSHIPS) and type_of(
            item.target_ref
        ) not in (None, *NOT_IN_RELATIONSHIPS)
    if kind == "indicator":
        granular = item.granular_markings
        return 0 < len(item.pattern) <= MAX_PATTERN_CHARS and granular is UNSET
    return next(_broken_rest(item), None) is None


def broken_rules(item: StixObject) -> tuple[Problem, ...]:
    """Every rule that an object breaks."""
    return tuple(_all_broken(item))


def _all_broken(item: Any) -> Iterator[Problem]:
    sound = item.id if type_of(item.id) is not None else ""
    for field, code, reason, fatal in _broken(item):
        yield Problem(sound, field, code, reason, fatal)


_Found = tuple[str, Code, str, bool]


def _broken(item: Any) -> Iterator[_Found]:
    named = type_of(item.id)
    if named is None:
        yield "id", Code.ID, "is not an identifier; write type--uuid in lower-case ASCII", True
    elif named != item.type:
        yield "id", Code.ID, "names another type than the object's own", True
    yield from _broken_versions(item)
    if item.created_by_ref is not UNSET and type_of(item.created_by_ref) != "identity":
        yield "created_by_ref", Code.ID, "is not the id of an identity", True
    for index, ref in enumerate(() if item.object_marking_refs is UNSET else item.object_marking_refs):
        if type_of(ref) != "marking-definition":
            yield f"object_marking_refs[{index}]", Code.ID, "is not the id of a marking definition", True
    yield from _broken_times(item)
    yield from _broken_rest(item)


def _broken_versions(item: Any) -> Iterator[_Found]:
    versioned = not isinstance(item, MarkingDefinition) and item.type not in OBSERVABLE_TYPES
    stamps = {"created": item.created}
    if not isinstance(item, MarkingDefinition):
        stamps["modified"] = item.modified
    good = True
    for field, text in stamps.items():
        if text is UNSET:
            good = False
            if versioned and not _declares_observable(item):
                yield field, Code.MISSING, "is needed on every object that has versions", False
        elif not is_timestamp(text):
            good = False
            yield field, Code.TIMESTAMP, "is not a timestamp; write 2025-01-31T12:00:00.000Z", True
        elif len(text) < MILLISECONDS:
            yield field, Code.TIMESTAMP, "has no milliseconds, which the standard wants here", False
    if good and "modified" in stamps and exact(stamps["modified"]) < exact(stamps["created"]):
        yield "modified", Code.ORDER, "is before created", False


def _declares_observable(item: Any) -> bool:
    """Whether an extension says that this custom type is an observable, which has no versions."""
    if item.extensions is UNSET:
        return False
    return any(extension.get("extension_type") == "new-sco" for extension in item.extensions.values())


def _broken_times(item: Any) -> Iterator[_Found]:
    if isinstance(item, Other):
        return
    fields = _TIMES.get(item.type, ())
    values = [getattr(item, field) for field in fields]
    good = len(fields) == 2
    for field, text in zip(fields, values, strict=True):
        if text is UNSET:
            good = False
        elif not is_timestamp(text):
            good = False
            yield field, Code.TIMESTAMP, "is not a timestamp; write 2025-01-31T12:00:00.000Z", True
    if good:
        first, second = exact(values[0]), exact(values[1])
        if first > second or (first == second and item.type in _MUST_FOLLOW):
            yield fields[1], Code.ORDER, f"is not after {fields[0]}", False


def _broken_rest(item: Any) -> Iterator[_Found]:
    if isinstance(item, Other):
        return
    yield from _broken_references(item)
    yield from _broken_granular(item)
    if item.type == "indicator" and not 0 < len(item.pattern) <= MAX_PATTERN_CHARS:
        yield "pattern", Code.SIZE, f"is empty or longer than {MAX_PATTERN_CHARS} characters", True
    if item.type == "marking-definition" and item.definition is UNSET and item.extensions is UNSET:
        yield "definition", Code.MISSING, "is needed where no extension defines the marking", True


def _broken_references(item: Any) -> Iterator[_Found]:
    for field in _REFERENCES.get(item.type, ()):
        kind = type_of(getattr(item, field))
        if kind is None:
            yield field, Code.ID, "is not an identifier; write type--uuid in lower-case ASCII", True
        elif item.type == "relationship" and kind in NOT_IN_RELATIONSHIPS:
            yield field, Code.VALUE, "may not point at a relationship, a sighting or a bundle", True
    for field in _REFERENCE_LISTS.get(item.type, ()):
        refs = getattr(item, field)
        for index, ref in enumerate(() if refs is UNSET else refs):
            if type_of(ref) is None:
                yield f"{field}[{index}]", Code.ID, "is not an identifier; write type--uuid", True


def _broken_granular(item: Any) -> Iterator[_Found]:
    for index, marking in enumerate(() if item.granular_markings is UNSET else item.granular_markings):
        if (marking.lang is UNSET) == (marking.marking_ref is UNSET):
            yield f"granular_markings[{index}]", Code.VALUE, "needs marking_ref or lang, and not both", True
        elif marking.marking_ref is not UNSET and type_of(marking.marking_ref) != "marking-definition":
            yield f"granular_markings[{index}].marking_ref", Code.ID, "is not a marking definition's id", True
