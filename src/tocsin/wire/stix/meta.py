"""The STIX meta objects as typed structs: what is said about other objects.

Source: STIX Version 2.1, OASIS Standard, section 7.
"""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from tocsin.wire.stix.parts import UNSAID, Granular, References, StixObject, Text, Texts, Versioned

ExtensionType = Literal["new-sdo", "new-sco", "new-sro", "property-extension", "toplevel-property-extension"]


class LanguageContent(Versioned, frozen=True, kw_only=True, tag="language-content"):
    """Section 7.1. `contents` maps a language to property names to their translations, of any form."""

    object_ref: str
    object_modified: Text = UNSET
    contents: Annotated[dict[str, dict[str, Any]], Meta(min_length=1)]


class MarkingDefinition(
    StixObject,
    frozen=True,
    kw_only=True,
    tag_field="type",
    tag="marking-definition",
    forbid_unknown_fields=True,
):
    """Section 7.2.1. Not versioned: it never changes."""

    spec_version: Literal["2.1"] = UNSAID
    created: str
    external_references: References = UNSET
    granular_markings: Granular = UNSET
    name: Text = UNSET
    definition_type: Text = UNSET
    definition: dict[str, Any] | UnsetType = UNSET


class ExtensionDefinition(Versioned, frozen=True, kw_only=True, tag="extension-definition"):
    """Section 7.3."""

    name: str
    description: Text = UNSET
    schema: str
    version: str
    extension_types: Annotated[list[ExtensionType], Meta(min_length=1)]
    extension_properties: Texts = UNSET


META = ExtensionDefinition | LanguageContent | MarkingDefinition
