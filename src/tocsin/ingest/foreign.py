"""A checked STIX object of somebody else, as the record that this node keeps."""

import msgspec

from tocsin.kernel import TLP, Origin, Record
from tocsin.wire.stix import Extended, StixObject, canonical, micros_of, strictest, version_of, view
from tocsin.wire.stix.labels import conduct_of

UNMARKED = TLP.AMBER
"""What nobody marked is ours to use and not ours to pass on."""


def author_of(item: StixObject | Extended) -> str:
    """The STIX identity that an object speaks for: its `created_by_ref`; an identity without one, itself."""
    seen = view(item)
    if seen.created_by_ref is not msgspec.UNSET:
        return seen.created_by_ref
    return seen.id if seen.type == "identity" else ""


def foreign_record(item: StixObject | Extended, *, origin: Origin, peer: str | None, received: int) -> Record:
    """The record of a checked object, in canonical bytes, under the strictest of its markings.

    `received` in microseconds; it is the version of what has none of its own. Raises BadInput when the object
    has no canonical form, or carries an extension of ours that is not of its form.
    """
    seen = view(item)
    conduct = conduct_of(item)
    version = version_of(item)
    return Record(
        id=seen.id,
        type=seen.type,
        version=micros_of(version) if version else received,
        stix=canonical(item),
        origin=origin,
        author=author_of(item),
        tlp=strictest(item) or UNMARKED,
        category=conduct.category if conduct else "",
        added=received,
        peer=peer,
    )
