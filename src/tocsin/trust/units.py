"""The parts of a STIX object that its author commits to one by one, and those that no view may leave out.

A *unit* is a property, a property of an extension, or an element of a list in LISTS. What no view may leave out
is committed to without a salt, and as null where it is absent: so taking it away shows, and adding it too.
Format 1: what stands here never changes. Docs: docs/signatures.md.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import msgspec

from tocsin.kernel import BadInput
from tocsin.kernel.limits import MAX_JSON_DEPTH
from tocsin.wire.json_bounds import deeper_than
from tocsin.wire.stix import SignedFieldsExtension, canonical, extension_id

SIGNED_FIELDS = extension_id(SignedFieldsExtension)
"""Where the signature stands in `extensions`; no unit itself."""

MAX_UNITS = 4_096
"""Fields and elements of one object; the schema bounds the digests by the same number."""

EXTENSIONS = "extensions"
"""As a unit: the ids of all other extensions. They say what an object is, so none is hidden whole."""

LISTS = frozenset(
    {
        "aliases",
        "external_references",
        "kill_chain_phases",
        "labels",
        "object_refs",
        "observed_data_refs",
        "sample_refs",
        "where_sighted_refs",
    }
)
"""Lists whose elements are units. Their order means nothing in STIX, so they are signed in ascending order of their
canonical bytes: no index is needed, and none tells where something was withheld. Other lists are one unit."""

_COMMON = (
    "type",
    "id",
    "spec_version",
    "created",
    "modified",
    "created_by_ref",
    "object_marking_refs",
    "granular_markings",
    "revoked",
)
_ALWAYS: Mapping[str, tuple[str, ...]] = {
    "attack-pattern": ("name",),
    "campaign": ("name",),
    "course-of-action": ("name",),
    "extension-definition": ("name", "schema", "version", "extension_types"),
    "grouping": ("context",),
    "identity": ("name",),
    "indicator": ("indicator_types", "pattern", "pattern_type", "valid_from", "valid_until"),
    "infrastructure": ("name",),
    "intrusion-set": ("name",),
    "language-content": ("object_ref", "object_modified", "contents"),
    "malware": ("is_family",),
    "malware-analysis": ("product", "result"),
    "note": ("content",),
    "observed-data": ("first_observed", "last_observed", "number_observed"),
    "opinion": ("opinion",),
    "relationship": ("relationship_type", "source_ref", "target_ref", "start_time", "stop_time"),
    "report": ("name", "published"),
    "sighting": ("sighting_of_ref", "count"),
    "threat-actor": ("name",),
    "tool": ("name",),
    "vulnerability": ("name",),
}
"""By type: what STIX 2.1 requires, and what would turn the meaning round if it were hidden (an end of validity, a
count that may be 0, `benign` among the types)."""


def always_shown(kind: str) -> tuple[str, ...]:
    """The properties of a type that no view leaves out."""
    return (*_COMMON, *_ALWAYS.get(kind, ()))


class Unit(msgspec.Struct, frozen=True):
    """`path` is what is committed to: a JSON Pointer (RFC 6901), with `-` for every element of a list. `pointer` is
    where it stands in this view. `text` is the RFC 8785 form of `value`; `salted` unless it is always shown."""

    path: str
    pointer: str
    place: tuple[str | int, ...]
    value: Any
    text: bytes
    salted: bool

    @property
    def key(self) -> tuple[str, bytes]:
        """What tells this unit from every other, in any view: two elements of one list are never equal."""
        return self.path, self.text


class Unfit(BadInput):
    """An object that cannot be signed as it is; `field` is a pointer to what is wrong."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


def pointer(*parts: str | int) -> str:
    """A JSON Pointer to a place."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


def units_of(value: Mapping[str, Any]) -> tuple[Unit, ...]:
    """Every unit of an object, what is always shown first. Raises Unfit naming what cannot be signed as it is."""
    if deeper_than(value, MAX_JSON_DEPTH):
        raise Unfit("", f"nests deeper than {MAX_JSON_DEPTH} levels")
    units = tuple(_each(value))
    if len(units) > MAX_UNITS:
        raise Unfit("", f"has more than {MAX_UNITS} fields")
    for name in (
        "type",
        "id",
        "created",
        *(name for name in ("modified", "created_by_ref") if name in value),
    ):
        if not isinstance(value.get(name), str):
            raise Unfit(pointer(name), "is needed, as a string")
    return units


def _each(value: Mapping[str, Any]) -> Iterator[Unit]:
    shown = always_shown(str(value.get("type")))
    for name in shown:
        if name in value and value[name] is None:
            raise Unfit(pointer(name), "is null, which STIX does not know; leave it out")
        yield _unit((name,), value.get(name), salted=False)
    extensions = _extensions(value)
    yield _unit((EXTENSIONS,), sorted(extensions) or None, salted=False)
    for name, inner in value.items():
        if name in LISTS:
            yield from _elements(name, inner)
        elif name != EXTENSIONS and name not in shown:
            yield _salted((name,), inner)
    for key, extension in extensions.items():
        for name, inner in extension.items():
            yield _salted((EXTENSIONS, key, name), inner)


def in_order(value: Mapping[str, Any]) -> dict[str, Any]:
    """The object with each list of LISTS in the order in which it is signed."""
    return {
        name: sorted(inner, key=lambda one: _text(pointer(name), one))
        if name in LISTS and isinstance(inner, list)
        else inner
        for name, inner in value.items()
    }


def _extensions(value: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """All extensions but the signature."""
    found = value.get(EXTENSIONS, {})
    if not isinstance(found, dict):
        raise Unfit(pointer(EXTENSIONS), "is not an object")
    for key, extension in found.items():
        if not isinstance(extension, dict) or not extension:
            raise Unfit(pointer(EXTENSIONS, key), "is not an object with properties")
    return {key: extension for key, extension in found.items() if key != SIGNED_FIELDS}


def _elements(name: str, inner: Any) -> Iterator[Unit]:
    if not isinstance(inner, list) or not inner:
        raise Unfit(pointer(name), "is not a list with elements")
    units = [
        Unit(pointer(name, "-"), pointer(name, at), (name, at), one, _text(pointer(name, at), one), True)
        for at, one in enumerate(inner)
    ]
    if any(one.text >= other.text for one, other in pairwise(units)):
        raise Unfit(pointer(name), "has elements out of order, or one of them twice")
    yield from units


def _salted(place: tuple[str, ...], inner: Any) -> Unit:
    if inner is None:
        raise Unfit(pointer(*place), "is null, which STIX does not know; leave it out")
    return _unit(place, inner, salted=True)


def _unit(place: tuple[str, ...], inner: Any, *, salted: bool) -> Unit:
    where = pointer(*place)
    return Unit(where, where, place, inner, _text(where, inner), salted)


def _text(where: str, inner: Any) -> bytes:
    try:
        return canonical(inner)
    except BadInput as error:
        raise Unfit(where, error.message) from None
