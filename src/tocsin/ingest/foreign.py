"""A checked STIX object of somebody else, as the record that this node keeps."""

import msgspec

from tocsin.ingest.known_keys import KnownKeys
from tocsin.kernel import TLP, BadInput, Origin, Record
from tocsin.trust.signed_fields import Refused, verify
from tocsin.trust.units import SIGNED_FIELDS
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


def foreign_record(
    item: StixObject | Extended,
    *,
    origin: Origin,
    peer: str | None,
    received: int,
    data: bytes | None = None,
    keys: KnownKeys | None = None,
) -> Record:
    """The record of a checked object, in canonical bytes, under the strictest of its markings.

    `received` in microseconds; it is the version of what has none of its own. `data` are the bytes as they came, kept
    where they differ. Raises BadInput when the object has no canonical form, carries an extension of ours that is not
    of its form, or its author's signature does not hold (naming the field) or is, by `keys`, of a key that did not
    speak for its author then.
    """
    seen = view(item)
    conduct = conduct_of(item)
    version = version_of(item)
    stix = canonical(item)
    moment = micros_of(version) if version else received
    return Record(
        id=seen.id,
        type=seen.type,
        version=moment,
        stix=stix,
        origin=origin,
        author=author_of(item),
        tlp=strictest(item) or UNMARKED,
        category=conduct.category if conduct else "",
        added=received,
        peer=peer,
        root=_root(item, stix, moment, keys),
        original=None if data == stix else data,
    )


def _root(item: StixObject | Extended, stix: bytes, moment: int, keys: KnownKeys | None) -> bytes | None:
    """The root that the author signed; None for an unsigned object."""
    extensions = view(item).extensions
    if extensions is msgspec.UNSET or SIGNED_FIELDS not in extensions:
        return None
    found = verify(msgspec.json.decode(stix), confirmed=keys.confirmed if keys else frozenset())
    if isinstance(found, Refused):
        raise BadInput(f"is not what its author signed: {found}")
    refused = keys.refuse(found.author, found.key, moment) if keys else None
    if refused is not None:
        raise BadInput(refused)
    return found.root
