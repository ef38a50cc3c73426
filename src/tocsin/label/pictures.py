"""Carriers of PNG, JPEG, WebP, GIF and TIFF: a drawn notice, and XMP put in without touching the picture."""

import zlib
from pathlib import Path
from typing import Any

import msgspec

from tocsin.kernel import BadInput, TooLarge
from tocsin.kernel.labels import Scheme
from tocsin.label.carrying import Ask, Carried, Field
from tocsin.label.drawing import opened, with_notice
from tocsin.label.fields import carried_in, packet_with
from tocsin.label.formats import Format
from tocsin.label.splicing import spliceable
from tocsin.wire import xmp
from tocsin.wire.aigc import MAX_CHARS

MAX_PICTURE_BYTES = 256 << 20
"""100 million pixels of three bytes, not compressed, fit. It is held in memory whole."""
MAX_EXIF_BYTES = 1 << 20
"""A JPEG's segment holds 64 kB; more in a PNG or WebP is no camera's."""

_USER_COMMENT, _DESCRIPTION, _EXIF_FOLDER = 0x9286, 0x010E, 0x8769
_CODED = (b"ASCII\0\0\0", b"UNICODE\0", b"JIS\0\0\0\0\0", b"\0" * 8)
"""What Exif writes before a comment (CIPA DC-008, 4.6.6)."""
_PNG_EXIF = (b"eXIf", b"Raw profile type exif")
_PNG_FIELD = tuple(
    kind + word + b"\0" for kind in (b"tEXt", b"iTXt", b"zTXt") for word in (b"AIGC", b"aigc", b"Aigc")
)
"""Chunks that may stand behind the picture: Pillow decodes all of it to come there, so it is asked only then."""
_TAIL_BYTES = 66_000
"""A zip's directory ends within its own 22 bytes and a comment of 65,535."""


class PictureCarrier(msgspec.Struct, frozen=True):
    """One of the five formats. As `label.carrying.Carrier`."""

    format: Format
    schemes: frozenset[Scheme] = frozenset(Scheme)

    def write(self, source: Path, target: Path, ask: Ask) -> None:
        """As `label.carrying.Carrier.write`. Without a notice every pixel stays, to the bit."""
        content = _read(source)
        opened(content, self.format)
        told = polyglot(content)
        if told:
            raise BadInput(f"the file is a {self.format} and {told} at once: make it anew from its pixels")
        before = spliceable(content, self.format).packet
        if ask.explicit:
            content = with_notice(content, self.format, ask.tongue)
        if ask.implicit:
            content = spliceable(content, self.format).put(packet_with(before, ask))
        elif ask.explicit and before is not None:
            content = spliceable(content, self.format).put(before)
        target.write_bytes(content)

    def read(self, source: Path) -> Carried:
        """As `label.carrying.Carrier.read`: every packet of XMP, Exif's comments, and PNG's texts."""
        content = _read(source)
        packets = dict.fromkeys(xmp.scanned(content))
        notes = []
        try:
            packed = spliceable(content, self.format).packet
        except BadInput:
            packed = None
            notes.append("broken-file")
        if packed is not None:
            packets |= dict.fromkeys(xmp.scanned(packed))  # a PNG's may be compressed
        carried = carried_in(packets)
        beside, odd = _beside(content, self.format)
        notes += odd
        told = polyglot(content)
        if told:
            notes.append("polyglot")
        fields = tuple(dict.fromkeys((*carried.fields, *beside)))
        return msgspec.structs.replace(carried, fields=fields, notes=(*carried.notes, *notes))


def polyglot(content: bytes) -> str:
    """What else the file is: readers of that kind would read something that no look at the picture shows."""
    head, tail = content[:1024], content[-_TAIL_BYTES:]
    if b"%PDF-" in head:
        return "a PDF"
    if b"PK\x05\x06" in tail and b"PK\x01\x02" in tail:
        return "a zip"
    lowered = head.lower()
    if b"<script" in lowered or b"<html" in lowered:
        return "a web page"
    return ""


def _read(source: Path) -> bytes:
    with source.open("rb") as file:
        content = file.read(MAX_PICTURE_BYTES + 1)
    if len(content) > MAX_PICTURE_BYTES:
        raise TooLarge(f"a picture has at most {MAX_PICTURE_BYTES >> 20} MiB here")
    return content


def _beside(content: bytes, format_: Format) -> tuple[list[Field], list[str]]:
    """GB 45438's field where writers put it that write no XMP: Exif's comment and description, PNG's texts."""
    found: list[Field] = []
    notes: list[str] = []
    try:
        picture = opened(content, format_)
    except (BadInput, TooLarge):
        return found, ["broken-file"]
    try:
        exif = picture.info.get("exif", b"")
        if len(exif) > MAX_EXIF_BYTES:
            notes.append("exif-too-large")
        elif format_ is not Format.PNG or any(one in content for one in _PNG_EXIF):
            read = picture.getexif()
            found += _field("exif-comment", read.get_ifd(_EXIF_FOLDER).get(_USER_COMMENT))
            found += _field("exif-description", read.get(_DESCRIPTION))
    except Exception:  # noqa: BLE001 - Exif of strangers makes its reader raise of every kind
        notes.append("unreadable-exif")
    if format_ is Format.PNG and any(one in content for one in _PNG_FIELD):
        try:
            for keyword, text in getattr(picture, "text", {}).items():
                if keyword.lower() == "aigc":
                    found += [Field(Scheme.GB45438, "png-text", text[: MAX_CHARS + 1])]
        except (ValueError, OSError, SyntaxError, zlib.error):
            notes.append("unreadable-text")
    return found, notes


def _field(where: str, value: Any) -> list[Field]:
    if isinstance(value, bytes):
        for code in _CODED:
            value = value.removeprefix(code)
        value = value.decode("utf-16-be" if value[:1] == b"\0" else "utf-8", "replace")
    if not isinstance(value, str):
        return []
    text = value.strip("\0 \r\n\t")
    if not text.startswith("{") or "label" not in text.lower():
        return []
    return [Field(Scheme.GB45438, where, text[: MAX_CHARS + 1])]
