"""Handling labels put on this node's own records: a new version of each, under the same id."""

from typing import Any

import msgspec

from tocsin.app.access import Access
from tocsin.app.keyring import Keyring
from tocsin.app.signing import signed_anew
from tocsin.kernel import BadInput, Caller, Clock, NotFound, Origin, Record, micros
from tocsin.store.interface import Store
from tocsin.wire.stix import HandlingExtension, canonical, extension_id, micros_of, parse, timestamp
from tocsin.wire.stix.handling import BLOCS
from tocsin.wire.stix.labels import well_known

_MILLISECOND = 1_000


def labels_of(said: dict[str, Any]) -> HandlingExtension:
    """Labels as a person gave them. Raises BadInput."""
    try:
        labels = msgspec.convert(said, HandlingExtension)
    except msgspec.ValidationError:
        raise BadInput(
            "labels are: PAP clear, green, amber or red; places as DE or EU; a moment as 2026-12-31T00:00:00.000Z; "
            "purposes in small letters and hyphens"
        ) from None
    unknown = [
        place
        for places in (labels.only_to, labels.stays_in)
        if not isinstance(places, msgspec.UnsetType)
        for place in places
        if len(place) != 2 and place not in BLOCS
    ]
    if unknown:
        raise BadInput(f"{unknown[0]} is no country's code and none of the blocs {', '.join(sorted(BLOCS))}")
    if not isinstance(labels.embargo_until, msgspec.UnsetType):
        micros_of(labels.embargo_until)
    return labels


def label(
    store: Store,
    keys: Keyring,
    access: Access,
    clock: Clock,
    by: Caller,
    subject: str,
    labels: HandlingExtension,
) -> tuple[Record, ...]:
    """Put labels on a record, or on every record of a warning; what they had is replaced.

    Nothing leaves by it. Raises NotAllowed, NotFound when there is no own record, BadInput for labels that say nothing.
    """
    access.require(by, "warning.review")
    if labels == HandlingExtension():
        raise BadInput("name at least one label")
    one = store.records.get(subject)
    found = (one,) if one else store.records.list(warning=subject)
    own = [record for record in found if record.origin is Origin.OWN and well_known(record.id) is None]
    if not own:
        raise NotFound("there is no record of this node's own under this id, nor a warning that has any")
    moment = micros(clock())
    now = max(moment - moment % _MILLISECOND, *(record.version + _MILLISECOND for record in own))
    labelled = signed_anew((_labelled(record, labels, now) for record in own), keys)
    with store.together():
        store.records.put(labelled)
        access.audit(
            by.user,
            "record.label",
            subject=subject,
            purpose="exchange",
            detail={"records": len(labelled), "labels": msgspec.json.encode(labels).decode()},
        )
    return labelled


def _labelled(record: Record, labels: HandlingExtension, now: int) -> Record:
    value = msgspec.json.decode(record.stix)
    value.setdefault("extensions", {})[extension_id(HandlingExtension)] = msgspec.to_builtins(labels)
    value["modified"] = timestamp(now)
    stix = canonical(value)
    parse(stix)
    return msgspec.structs.replace(record, stix=stix, version=now, added=now)
