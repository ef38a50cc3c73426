"""What correlation takes from records: fingerprints to look for, and templates that were found harmless.

Enters: records, ours and others'. Leaves: indicators and dismissals, and what cannot be used, with the reason: it
is looked for nowhere. Records of other types are passed over.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

import msgspec

from tocsin.kernel import BadInput, Dismissal, Fingerprint, Indicator, Record
from tocsin.share.rules import is_rule
from tocsin.wire.sketch import SLOTS
from tocsin.wire.stix import (
    DismissalExtension,
    FingerprintExtension,
    fingerprint_pattern,
    micros_of,
    parse,
    read,
    read_fingerprint,
    view,
)
from tocsin.wire.stix import Indicator as StixIndicator

SIGNATURE_BYTES = 4 * SLOTS
_T = TypeVar("_T")


class Unusable(msgspec.Struct, frozen=True):
    """A record that is not looked for, and why. `peer` gave it, None for ourselves."""

    id: str
    peer: str | None
    reason: str


def indicators_from(records: Iterable[Record]) -> tuple[Indicator, ...]:
    """The fingerprints that the indicators among `records` carry, whatever their category.

    1. The record is a sound indicator with our fingerprint extension, and its author did not revoke it.
    2. The signature has its length, and the pattern names this very signature.
    What may be looked for (category, evidence, basis, size) is decided, and a refusal audited, where it is looked
    for: `correlate.look_back`. What fails 1 or 2 is in `unusable_in`.
    """
    return _read(records, _indicator)[0]


def dismissals_from(records: Iterable[Record]) -> tuple[Dismissal, ...]:
    """The templates found harmless among `records`; checked as indicators are, and each ends."""
    return _read(records, _dismissal)[0]


def unusable_in(records: Iterable[Record]) -> tuple[Unusable, ...]:
    """The indicators among `records` that are neither, and why."""
    return _read(records, lambda record, item: _indicator(record, item) or _dismissal(record, item))[1]


def read_one(record: Record) -> Indicator | Dismissal | Unusable | None:
    """What one record is to correlation; None when it is another type, or its author revoked it."""
    found: tuple[Indicator | Dismissal, ...]
    found, unusable = _read([record], _either)
    for said in (*unusable, *found):
        return said
    return None


def _either(record: Record, item: StixIndicator) -> Indicator | Dismissal | None:
    return _dismissal(record, item) or _indicator(record, item)


def _read(
    records: Iterable[Record], make: Callable[[Record, StixIndicator], _T | None]
) -> tuple[tuple[_T, ...], tuple[Unusable, ...]]:
    found: list[_T] = []
    unusable: list[Unusable] = []
    for record in records:
        if record.type != "indicator":
            continue
        try:
            item = _sound(record)
            made = None if item.revoked is True or is_rule(item) else make(record, item)
        except BadInput as error:
            unusable.append(Unusable(id=record.id, peer=record.peer, reason=error.message))
            continue
        if made is not None:
            found.append(made)
    return tuple(found), tuple(unusable)


def _sound(record: Record) -> StixIndicator:
    item = view(parse(record.stix))
    if not isinstance(item, StixIndicator) or item.id != record.id:
        raise BadInput("is not the indicator that it was kept as")
    return item


def _indicator(record: Record, item: StixIndicator) -> Indicator | None:
    if read(item, DismissalExtension) is not None:
        return None
    claim = read(item, FingerprintExtension)
    if claim is None:
        raise BadInput("carries no fingerprint")
    return Indicator(
        id=item.id,
        author=record.author,
        peer=record.peer,
        category=claim.category,
        status=claim.evidence_status,
        basis=claim.basis,
        fingerprint=_fingerprint(item, claim),
        valid_from=micros_of(item.valid_from),
        valid_until=None if isinstance(item.valid_until, msgspec.UnsetType) else micros_of(item.valid_until),
        confidence=None if isinstance(item.confidence, msgspec.UnsetType) else item.confidence,
        said=record.version,
    )


def _dismissal(record: Record, item: StixIndicator) -> Dismissal | None:
    said = read(item, DismissalExtension)
    if said is None:
        return None
    claim = read(item, FingerprintExtension)
    if claim is None:
        raise BadInput("carries no fingerprint")
    if item.valid_until != said.expires:
        raise BadInput("does not end when it says it does")
    return Dismissal(
        id=item.id,
        author=record.author,
        peer=record.peer,
        reason=said.reason,
        fingerprint=_fingerprint(item, claim),
        expires=micros_of(said.expires),
        made=micros_of(item.valid_from),
    )


def _fingerprint(item: StixIndicator, claim: FingerprintExtension) -> Fingerprint:
    held = read_fingerprint(claim)
    if len(held.signature) != SIGNATURE_BYTES:
        raise BadInput(f"its signature has not {SIGNATURE_BYTES} bytes")
    if item.pattern != fingerprint_pattern(held):
        raise BadInput("its pattern names another fingerprint than its extension holds")
    return held
