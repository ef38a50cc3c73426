"""What a typed STIX object must keep beyond its types: ids, references, timestamps and their order.

`follows_rules` is the quick yes for the many; `broken_rules` says of the few what is wrong.
Source: STIX 2.1 sections 2.9, 2.13, 3.2 and each object's own (`fields`, `own_rules`).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any

from msgspec import UNSET

from tocsin.wire.stix.fields import NOT_IN_RELATIONSHIPS, ORDERS, REFERENCE_LISTS, REFERENCES, TIMES
from tocsin.wire.stix.ids import UUID_PATTERN, type_of, type_of_shared
from tocsin.wire.stix.objects import OBSERVABLE_TYPES, TYPED, MarkingDefinition, Other, StixObject, Versioned
from tocsin.wire.stix.own_rules import OWN_RULES, Found, broken_extensions
from tocsin.wire.stix.parts import UNSAID
from tocsin.wire.stix.patterns import MAX_PATTERN_CHARS, why_not_pattern
from tocsin.wire.stix.problems import Code, Problem
from tocsin.wire.stix.times import exact, is_timestamp

MILLISECONDS = 24
"""Length of a timestamp with three decimals: what created and modified carry at least (section 3.2)."""

STIX_PATTERN = "stix"
"""The one `pattern_type` whose patterns are read here; the others are the business of whoever knows them."""

_NOT_JOINED = frozenset({None, *NOT_IN_RELATIONSHIPS})
_TIMESTAMP = "is not a timestamp; write 2025-01-31T12:00:00.000Z"


def _getter(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    if not names:
        return lambda _: ()
    return attrgetter(*names) if len(names) > 1 else lambda item: (getattr(item, names[0]),)


_GET_TIMES = {kind: _getter(TIMES.get(kind, ())) for kind in TYPED}
_USUAL_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}\.[0-9]{3}Z"
_USUAL = {
    kind: re.compile(f"{kind}--{UUID_PATTERN}\n{_USUAL_TIME}\n{_USUAL_TIME}").fullmatch
    for kind, struct in TYPED.items()
    if issubclass(struct, Versioned)
}
_moment = datetime.fromisoformat
_SIMPLE = frozenset(TYPED) - set(OWN_RULES) - set(REFERENCES) - set(REFERENCE_LISTS) - {"indicator"}
"""Types with no rule beyond the common ones and their timestamps."""


def follows_rules(item: Any) -> bool:
    """Whether a typed object breaks no rule at all, defects included. Says nothing of `Other`."""
    kind, created = item.type, item.created
    if item.spec_version is UNSAID or not (_as_usual(item, kind) or _versions_hold(item, kind)):
        return False
    author, markings = item.created_by_ref, item.object_marking_refs
    if author is not UNSET and type_of_shared(author) != "identity":
        return False
    if markings is not UNSET:
        for ref in markings:
            if type_of_shared(ref) != "marking-definition":
                return False
    times = _GET_TIMES[kind](item)
    if times and not _times_hold(item, kind, times, created):
        return False
    if item.extensions is not UNSET and next(broken_extensions(item), None) is not None:
        return False
    return item.granular_markings is UNSET and _rest_holds(item, kind)


def _as_usual(item: Any, kind: str) -> bool:
    """A quick yes for what nearly all have: an id and two versions to the millisecond, by one match."""
    usual = _USUAL.get(kind)
    if usual is None:
        return False
    created, modified = item.created, item.modified
    # Of one length, text order is the order of time.
    if created > modified or usual(f"{item.id}\n{created}\n{modified}") is None:
        return False
    try:
        _moment(created)
        _moment(modified)
    except ValueError:
        return False
    return True


def _versions_hold(item: Any, kind: str) -> bool:
    created = item.created
    if type_of(item.id) != kind:
        return False
    if created is UNSET:
        return True
    if len(created) < MILLISECONDS or not is_timestamp(created):
        return False
    modified = getattr(item, "modified", created)
    return modified == created or (
        len(modified) >= MILLISECONDS and is_timestamp(modified) and exact(modified) >= exact(created)
    )


def _times_hold(item: Any, kind: str, times: tuple[Any, ...], created: Any) -> bool:
    if times.count(UNSET) == len(times):
        return True
    for time in times:
        if time is not UNSET and time != created and not is_timestamp(time):
            return False
    return len(times) < 2 or next(_broken_order(item, kind), None) is None


def _rest_holds(item: Any, kind: str) -> bool:
    if kind == "relationship":
        return type_of(item.source_ref) not in _NOT_JOINED and type_of(item.target_ref) not in _NOT_JOINED
    if kind == "indicator":
        return 0 < len(item.pattern) <= MAX_PATTERN_CHARS and (
            item.pattern_type != STIX_PATTERN or why_not_pattern(item.pattern) is None
        )
    return kind in _SIMPLE or next(_broken_rest(item), None) is None


def broken_rules(item: StixObject, whole: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Every rule that an object breaks; `whole` is its JSON, all properties included."""
    return tuple(_all_broken(item, whole))


def _all_broken(item: Any, whole: Mapping[str, Any]) -> Iterator[Problem]:
    sound = item.id if type_of(item.id) is not None else ""
    for field, code, reason, fatal in _broken(item, whole):
        yield Problem(sound, field, code, reason, fatal)


def _broken(item: Any, whole: Mapping[str, Any]) -> Iterator[Found]:
    named = type_of(item.id)
    if named is None:
        yield "id", Code.ID, "is not an identifier; write type--uuid in lower-case ASCII", True
    elif named != item.type:
        yield "id", Code.ID, "names another type than the object's own", True
    if item.spec_version is UNSAID:
        yield "spec_version", Code.MISSING, "is needed: without it the object is of STIX 2.0", True
    yield from _broken_versions(item)
    if item.created_by_ref is not UNSET and type_of(item.created_by_ref) != "identity":
        yield "created_by_ref", Code.ID, "is not the id of an identity", True
    for index, ref in enumerate(() if item.object_marking_refs is UNSET else item.object_marking_refs):
        if type_of(ref) != "marking-definition":
            yield f"object_marking_refs[{index}]", Code.ID, "is not the id of a marking definition", True
    yield from broken_extensions(item)
    if not isinstance(item, Other):
        yield from _broken_times(item)
        yield from _broken_rest(item)
        yield from _broken_granular(item, whole)


def _broken_versions(item: Any) -> Iterator[Found]:
    versioned = item.type not in OBSERVABLE_TYPES and not _declares_observable(item)
    needed = (
        ()
        if not versioned
        else ("created",)
        if isinstance(item, MarkingDefinition)
        else ("created", "modified")
    )
    stamps: dict[str, str] = {}
    for field in ("created", "modified"):
        text = getattr(item, field, UNSET)
        if text is UNSET:
            if field in needed:
                yield field, Code.MISSING, "is needed in an object with versions", False
            continue
        stamps[field] = text
    good = len(stamps) == 2
    for field, text in stamps.items():
        if not is_timestamp(text):
            good = False
            yield field, Code.TIMESTAMP, _TIMESTAMP, True
        elif len(text) < MILLISECONDS:
            yield field, Code.TIMESTAMP, "has no milliseconds, which the standard wants here", False
    if good and exact(stamps["modified"]) < exact(stamps["created"]):
        yield "modified", Code.ORDER, "is before created", False


def _declares_observable(item: Any) -> bool:
    """Whether an extension says that this custom type is an observable, which has no versions."""
    if item.extensions is UNSET:
        return False
    return any(extension.get("extension_type") == "new-sco" for extension in item.extensions.values())


def _broken_times(item: Any) -> Iterator[Found]:
    good = True
    for field in TIMES.get(item.type, ()):
        text = getattr(item, field)
        if text is not UNSET and not is_timestamp(text):
            good = False
            yield field, Code.TIMESTAMP, _TIMESTAMP, True
    if good:
        yield from _broken_order(item, item.type)


def _broken_order(item: Any, kind: str) -> Iterator[Found]:
    order = ORDERS.get(kind)
    if order is None:
        return
    first, second = getattr(item, order.first), getattr(item, order.second)
    if first is UNSET or second is UNSET:
        return
    early, late = exact(first), exact(second)
    if early > late or (order.strict and early == late):
        yield order.second, Code.ORDER, f"is not after {order.first}", False


def _broken_rest(item: Any) -> Iterator[Found]:
    kind = item.type
    yield from _broken_references(item)
    if kind == "indicator":
        yield from _broken_pattern(item)
    if kind == "marking-definition" and item.definition is UNSET and item.extensions is UNSET:
        yield "definition", Code.MISSING, "is needed where no extension defines the marking", True
    own = OWN_RULES.get(kind)
    if own is not None:
        yield from own(item)


def _broken_pattern(item: Any) -> Iterator[Found]:
    """A pattern that does not parse detects nothing, but what else the indicator says may be of use."""
    if not 0 < len(item.pattern) <= MAX_PATTERN_CHARS:
        yield "pattern", Code.SIZE, f"is empty or longer than {MAX_PATTERN_CHARS} characters", True
        return
    error = why_not_pattern(item.pattern) if item.pattern_type == STIX_PATTERN else None
    if error is not None:
        yield "pattern", Code.PATTERN, error.message, error.too_large


def _broken_references(item: Any) -> Iterator[Found]:
    for field, allowed in REFERENCES.get(item.type, {}).items():
        ref = getattr(item, field)
        if ref is UNSET:
            continue
        kind = type_of(ref)
        if kind is None:
            yield field, Code.ID, "is not an identifier; write type--uuid in lower-case ASCII", True
        elif not allowed(kind):
            # A relationship about a relationship would be read as one about an object.
            yield field, Code.VALUE, "names a type that may not stand here", item.type == "relationship"
    for field, allowed in REFERENCE_LISTS.get(item.type, {}).items():
        refs = getattr(item, field)
        for index, ref in enumerate(() if refs is UNSET else refs):
            kind = type_of(ref)
            if kind is None:
                yield f"{field}[{index}]", Code.ID, "is not an identifier; write type--uuid", True
            elif not allowed(kind):
                yield f"{field}[{index}]", Code.VALUE, "names a type that may not stand here", False


def _broken_granular(item: Any, whole: Mapping[str, Any]) -> Iterator[Found]:
    for index, marking in enumerate(() if item.granular_markings is UNSET else item.granular_markings):
        field = f"granular_markings[{index}]"
        if (marking.lang is UNSET) == (marking.marking_ref is UNSET):
            yield field, Code.VALUE, "needs marking_ref or lang, and not both", True
        elif marking.marking_ref is not UNSET and type_of(marking.marking_ref) != "marking-definition":
            yield f"{field}.marking_ref", Code.ID, "is not a marking definition's id", True
        for place, selector in enumerate(marking.selectors):
            if not selects(whole, selector):
                yield f"{field}.selectors[{place}]", Code.DANGLING, "selects nothing in this object", False


def selects(whole: Mapping[str, Any], selector: str) -> bool:
    """Whether a granular marking's selector (section 7.2.3.1) finds something: `labels.[0]`, `name`."""
    value: Any = whole
    for step in selector.split("."):
        if isinstance(value, Mapping) and step in value:
            value = value[step]
        elif isinstance(value, list) and step[:1] == "[" and step[-1:] == "]" and step[1:-1].isdecimal():
            place = int(step[1:-1]) if len(step) < MAX_PLACE_CHARS else len(value)
            if place >= len(value):
                return False
            value = value[place]
        else:
            return False
    return True


MAX_PLACE_CHARS = 10
"""An index with more digits is beyond any list that fits in an object."""
