"""Files of neighbours: which format a file has, and its objects with their defects, whatever the format."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from tocsin.ingest.bundles import import_bundle
from tocsin.kernel import TLP, BadInput, TooLarge
from tocsin.wire.misp import read_misp
from tocsin.wire.neighbours import is_aiid_entry, is_aiid_header, read_aiid, read_avid
from tocsin.wire.neighbours.documents import MAX_FILE_BYTES
from tocsin.wire.stix import Bundle, view

ATLAS_SOURCE = "mitre-atlas"
"""What ATLAS calls itself in its external references."""


class Format(StrEnum):
    """What `tocsin share import` reads. ATLAS is a STIX bundle that must hold ATLAS."""

    STIX = "stix"
    ATLAS = "atlas"
    AVID = "avid"
    AIID = "aiid"
    MISP = "misp"


MADE_HERE = frozenset({Format.AVID, Format.AIID})
"""Formats without versions of their own: the STIX is our rendering, and a changed entry is our new version."""


class Read(msgspec.Struct, frozen=True):
    """What a file was and what it held. `raised` are TLP levels, by id, that were set around an object."""

    form: Format
    bundle: Bundle
    raised: Mapping[str, TLP] = {}


def read_neighbour(file: Path, form: Format | None = None) -> Read:
    """A file's objects and their defects; the format is found where none is given.

    Raises BadInput when it cannot be read or its format is not clear, TooLarge over MAX_FILE_BYTES.
    """
    data = _bytes(file)
    known = form or detect(data)
    if known is None:
        raise BadInput(f"cannot tell what {file.name} is: say --format, one of {', '.join(Format)}")
    if known is Format.MISP:
        converted = read_misp(data)
        return Read(known, converted.bundle, converted.raised)
    return Read(known, _READERS[known](data))


def detect(data: bytes) -> Format | None:
    """The format of a file where it is clear from its first entry, else None."""
    start = data[:_PEEK_BYTES].lstrip()
    if start[:1] == b"[":
        try:
            listed = msgspec.json.decode(data, type=list[msgspec.Raw])
        except _UNREADABLE:
            return None
        return _of(bytes(listed[0])) if listed else None
    if start[:1] == b"{":
        return _of(data.strip().partition(b"\n")[0]) or _of(data)
    return Format.AIID if is_aiid_header(start.partition(b"\n")[0]) else None


_PEEK_BYTES = 65_536
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def _of(text: bytes) -> Format | None:
    try:
        value = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except _UNREADABLE:
        return None
    if "objects" in value and bytes(value.get("type", b"")) == b'"bundle"':
        return Format.ATLAS if b'"mitre-atlas"' in bytes(value["objects"]) else Format.STIX
    if "Event" in value or "response" in value or {"info", "Attribute"} <= set(value):
        return Format.MISP
    if bytes(value.get("data_type", b"")) == b'"AVID"':
        return Format.AVID
    return Format.AIID if is_aiid_entry(value) else None


def _bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise BadInput(f"cannot read {file}: {error.strerror}") from None
    if len(data) > MAX_FILE_BYTES:
        raise TooLarge(f"{file} is larger than {MAX_FILE_BYTES} bytes; split it")
    return data


def _atlas(data: bytes) -> Bundle:
    bundle = import_bundle(data)
    for item in bundle.objects:
        listed: Any = getattr(view(item), "external_references", msgspec.UNSET)
        for one in () if listed is msgspec.UNSET else listed:
            if (one["source_name"] if isinstance(one, dict) else one.source_name) == ATLAS_SOURCE:
                return bundle
    raise BadInput("holds nothing of MITRE ATLAS: take stix-atlas.json, or say --format stix")


_READERS: Mapping[Format, Callable[[bytes], Bundle]] = {
    Format.STIX: import_bundle,
    Format.ATLAS: _atlas,
    Format.AVID: read_avid,
    Format.AIID: read_aiid,
}
