"""A node signs the records it authors, once, when it makes them: what is kept holds every salt."""

from collections.abc import Iterable

import msgspec

from tocsin.app.keyring import Keyring
from tocsin.kernel import Origin, Record, TocsinError
from tocsin.trust.signed_fields import Refused, carries_signature, sign, unsigned, verify
from tocsin.trust.units import in_order
from tocsin.wire.stix import canonical
from tocsin.wire.stix.labels import well_known


def signed(records: Iterable[Record], keys: Keyring) -> tuple[Record, ...]:
    """The records, those of this node's own authorship signed field by field. The same twice for the same content.

    Passed over: what everybody has (markings, extension definitions), what others wrote, what is signed already.
    """
    return tuple(_signed(record, keys) if _is_ours(record, keys) else record for record in records)


def signed_anew(records: Iterable[Record], keys: Keyring) -> tuple[Record, ...]:
    """New versions of records that may have been signed before: the signature of the version before comes off first."""
    return signed((_bare(record) for record in records), keys)


def _bare(record: Record) -> Record:
    value = msgspec.json.decode(record.stix)
    if not carries_signature(value):
        return record
    value = unsigned(value)
    if not value["extensions"]:
        del value["extensions"]
    return msgspec.structs.replace(record, stix=canonical(value), root=None, original=None)


def _is_ours(record: Record, keys: Keyring) -> bool:
    ours = record.origin is Origin.OWN and record.author == keys.identity.stix_identity
    return ours and record.root is None and well_known(record.id) is None


def _signed(record: Record, keys: Keyring) -> Record:
    value = msgspec.json.decode(record.stix)
    if not carries_signature(value):
        value = sign(value, keys.identity, keys.seed(canonical(in_order(value))), keys.history())
    found = verify(value, confirmed=(keys.identity.public,))
    if isinstance(
        found, Refused
    ):  # before anything is kept: a record that its author cannot verify helps nobody
        raise TocsinError(f"{record.id} was not signed soundly: {found}; report this as a fault of the node")
    return msgspec.structs.replace(record, stix=canonical(value), root=found.root)
