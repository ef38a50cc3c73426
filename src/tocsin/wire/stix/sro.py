"""The STIX relationship objects (SRO) as typed structs. Source: STIX Version 2.1, OASIS Standard, section 5."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from tocsin.wire.stix.parts import Flag, Text, Texts, Versioned


class Relationship(Versioned, frozen=True, kw_only=True, tag="relationship"):
    """Section 5.1."""

    relationship_type: str
    description: Text = UNSET
    source_ref: str
    target_ref: str
    start_time: Text = UNSET
    stop_time: Text = UNSET


class Sighting(Versioned, frozen=True, kw_only=True, tag="sighting"):
    """Section 5.2."""

    description: Text = UNSET
    first_seen: Text = UNSET
    last_seen: Text = UNSET
    count: Annotated[int, Meta(ge=0, le=999_999_999)] | UnsetType = UNSET
    sighting_of_ref: str
    observed_data_refs: Texts = UNSET
    where_sighted_refs: Texts = UNSET
    summary: Flag = UNSET


SRO = Relationship | Sighting
