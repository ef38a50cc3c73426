"""Traffic Light Protocol 2.0 in STIX, exactly as OASIS published it.

Source: oasis-open/cti-stix-common-objects, extension-definition-specifications/tlp-2.0 (the marking definitions
and the extension they use); FIRST, TLP version 2.0.
"""

from typing import Any

from msgspec import UNSET

from tocsin.kernel import TLP
from tocsin.wire.stix.objects import Extended, MarkingDefinition, StixObject, view

TLP_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
_CREATED = "2022-10-01T00:00:00.000Z"
_IDS = {
    TLP.CLEAR: "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    TLP.GREEN: "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    TLP.AMBER: "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    TLP.AMBER_STRICT: "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    TLP.RED: "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
_BY_ID = {identifier: level for level, identifier in _IDS.items()}
_VERSION_1 = {
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": TLP.CLEAR,
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": TLP.GREEN,
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": TLP.AMBER_STRICT,
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": TLP.RED,
}
"""TLP 1.0 (STIX 2.1 section 7.2.1.4). Its AMBER stayed within the organisation and its clients by the holder's
leave; it is read as the stricter of the two that followed."""

VERSION_1_NAMES = dict(zip(_VERSION_1, ("white", "green", "amber", "red"), strict=True))
"""The `tlp` of each published definition of TLP 1.0: the only four that there may be."""


def marking_id(level: TLP) -> str:
    """The published id of a level's marking definition."""
    return _IDS[level]


def marking(level: TLP) -> MarkingDefinition:
    """The published marking definition of a level."""
    return MarkingDefinition(
        id=_IDS[level],
        created=_CREATED,
        name=f"TLP:{level.value.upper()}",
        extensions={TLP_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": level.value}},
    )


def level_of(marking_ref: str) -> TLP | None:
    """The level a marking reference stands for, version 1 read as version 2; None when it is no TLP marking."""
    return _BY_ID.get(marking_ref) or _VERSION_1.get(marking_ref)


def strictest(item: StixObject | Extended) -> TLP | None:
    """The strictest level that any marking of an object sets, on the whole or on a part; None without any.

    A level on a part counts for the whole: what is not to be shown in part is not to be passed on by mistake.
    """
    refs: list[Any] = []
    typed = view(item)
    if typed.object_marking_refs is not UNSET:
        refs += typed.object_marking_refs
    granular = item.data.get("granular_markings") if isinstance(item, Extended) else None
    if granular is None:
        granular = getattr(typed, "granular_markings", UNSET)
    for entry in granular if isinstance(granular, list) else ():
        refs.append(entry.get("marking_ref") if isinstance(entry, dict) else entry.marking_ref)
    levels = [level for ref in refs if isinstance(ref, str) and (level := level_of(ref)) is not None]
    return max(levels, key=lambda level: level.rank, default=None)
