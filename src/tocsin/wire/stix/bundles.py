"""A bundle: its objects, and what is wrong with each, by object.

Two objects of a bundle with the same id and version are one when they are equal, and a conflict when not:
the first stands. Source: STIX 2.1 section 8.
"""

from typing import Literal

import msgspec

from tocsin.kernel import BadInput, TooLarge
from tocsin.wire.json_bounds import bad_json
from tocsin.wire.stix.canonical_form import canonical
from tocsin.wire.stix.objects import Extended, StixObject, view
from tocsin.wire.stix.problems import Code, Problem
from tocsin.wire.stix.reading import check, read_many

MAX_BUNDLE_BYTES = 256 << 20
"""Whole ATT&CK is 50 MB; five times that is still read in one piece."""

MAX_BUNDLE_OBJECTS = 250_000
"""About 1 GB of memory at the worst; a larger set comes over TAXII in pages."""


class _Wire(msgspec.Struct, frozen=True):
    type: Literal["bundle"]
    objects: list[msgspec.Raw] = []


class Bundle(msgspec.Struct, frozen=True):
    """`objects` holds what is usable, once each; `problems` everything found, fatal or not."""

    objects: tuple[StixObject | Extended, ...]
    problems: tuple[Problem, ...]


_DECODER = msgspec.json.Decoder(_Wire)


def parse_bundle(data: bytes) -> Bundle:
    """The objects of a bundle and their defects.

    Raises TooLarge over MAX_BUNDLE_BYTES or MAX_BUNDLE_OBJECTS, BadInput when it is no bundle at all; what is
    wrong with a single object is a `Problem`, never an exception.
    """
    if len(data) > MAX_BUNDLE_BYTES:
        raise TooLarge(f"the bundle is larger than {MAX_BUNDLE_BYTES} bytes; split it")
    try:
        wire = _DECODER.decode(data)
    except msgspec.ValidationError:
        raise BadInput('is not a STIX bundle; send {"type": "bundle", "objects": [...]}') from None
    except RecursionError:
        raise TooLarge("the bundle nests too deep; send flatter objects") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise bad_json(data, "the bundle") from None
    if len(wire.objects) > MAX_BUNDLE_OBJECTS:
        raise TooLarge(f"the bundle has more than {MAX_BUNDLE_OBJECTS} objects; split it")
    if b"\\u0000" in data:  # rare, and then each object says whether it is its own
        found = [check(bytes(raw), index) for index, raw in enumerate(wire.objects)]
        items = [checked.item for checked in found]
        problems = [problem for checked in found for problem in checked.problems]
    else:
        items, problems = read_many(wire.objects)
    return _without_doubles(items, problems)


def _without_doubles(items: list[StixObject | Extended | None], problems: list[Problem]) -> Bundle:
    """Each version once, conflicts told."""
    kept = tuple([item for item in items if item is not None])
    if len({item.id for item in kept}) == len(kept):
        return Bundle(kept, tuple(problems))
    objects: dict[str, StixObject | Extended] = {}
    for index, item in enumerate(items):
        if item is None:
            continue
        first = objects.setdefault(item.id + version_of(item), item)
        if first is not item:
            problems.append(_twice(first, item, index))
    return Bundle(tuple(objects.values()), tuple(problems))


def version_of(item: StixObject | Extended) -> str:
    """The timestamp that tells versions apart: modified, else created, else empty."""
    typed = view(item)
    for stamp in (getattr(typed, "modified", msgspec.UNSET), typed.created):
        if stamp is not msgspec.UNSET:
            return str(stamp)
    return ""


def _twice(first: StixObject | Extended, second: StixObject | Extended, index: int) -> Problem:
    if canonical(first) == canonical(second):
        reason = "comes twice, equal; one is kept"
        return Problem(second.id, "id", Code.DUPLICATE, reason, fatal=False, index=index)
    reason = "comes twice in one version with other content; the first is kept"
    return Problem(second.id, "id", Code.CONFLICT, reason, index=index)
