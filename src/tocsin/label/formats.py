"""Which format a file is of, by its bytes; its name decides only between texts, which have no magic."""

from enum import StrEnum

import msgspec

from tocsin.kernel import BadInput

HEAD_BYTES = 4096
"""What is looked at to tell a format: the longest magic ends before byte 300, `%PDF-` may stand in the first 1,024."""


class Format(StrEnum):
    """What labels are written into."""

    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"
    PNG = "png"
    JPEG = "jpeg"
    WEBP = "webp"
    GIF = "gif"
    TIFF = "tiff"
    WAV = "wav"
    MP3 = "mp3"
    MP4 = "mp4"
    PDF = "pdf"
    DOCX = "docx"


class _Row(msgspec.Struct, frozen=True):
    media_type: str
    suffixes: tuple[str, ...]


_ROWS = {
    Format.TEXT: _Row("text/plain", (".txt", ".text", "")),
    Format.MARKDOWN: _Row("text/markdown", (".md", ".markdown")),
    Format.HTML: _Row("text/html", (".html", ".htm", ".xhtml")),
    Format.PNG: _Row("image/png", (".png",)),
    Format.JPEG: _Row("image/jpeg", (".jpg", ".jpeg")),
    Format.WEBP: _Row("image/webp", (".webp",)),
    Format.GIF: _Row("image/gif", (".gif",)),
    Format.TIFF: _Row("image/tiff", (".tif", ".tiff")),
    Format.WAV: _Row("audio/wav", (".wav",)),
    Format.MP3: _Row("audio/mpeg", (".mp3",)),
    Format.MP4: _Row("video/mp4", (".mp4", ".m4a", ".mov")),
    Format.PDF: _Row("application/pdf", (".pdf",)),
    Format.DOCX: _Row("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (".docx",)),
}

PICTURES = frozenset({Format.PNG, Format.JPEG, Format.WEBP, Format.GIF, Format.TIFF})
TEXTS = frozenset({Format.TEXT, Format.MARKDOWN, Format.HTML})

_TIFF = (b"II*\0", b"MM\0*")
_BIG_TIFF = (b"II+\0", b"MM\0+")
_HTML = (b"<!doctype html", b"<html")
_MP4_BRANDS = (
    b"isom",
    b"iso2",
    b"iso4",
    b"iso5",
    b"iso6",
    b"mp41",
    b"mp42",
    b"avc1",
    b"M4A ",
    b"M4V ",
    b"qt  ",
    b"dash",
)


def media_type(format_: Format) -> str:
    """As C2PA and HTTP name it."""
    return _ROWS[format_].media_type


def suffixes(format_: Format) -> tuple[str, ...]:
    """The ends of names that go with it, the usual one first."""
    return _ROWS[format_].suffixes


def sniff(head: bytes, suffix: str) -> Format:
    """The format of a file from its first HEAD_BYTES and the end of its name (".md"). Raises BadInput for any other."""
    found = _by_magic(head)
    if found is not None:
        return found
    lowered = suffix.lower()
    if b"\0" in head:
        raise BadInput(f"this is no format that labels are written into: one of {', '.join(Format)}")
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<svg", b"<?xml")) or (lowered == ".svg"):
        raise BadInput(
            "SVG and XML can run scripts and are not labelled: export the picture as PNG or WebP first"
        )
    if start.startswith(_HTML):
        return Format.HTML
    for format_ in (Format.MARKDOWN, Format.HTML, Format.TEXT):
        if lowered in _ROWS[format_].suffixes:
            return format_
    raise BadInput(f"{lowered} is no format that labels are written into: one of {', '.join(Format)}")


def _by_magic(head: bytes) -> Format | None:  # noqa: C901 - one line a format
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Format.PNG
    if head.startswith(b"\xff\xd8\xff"):
        return Format.JPEG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return Format.GIF
    if head.startswith(_TIFF):
        return Format.TIFF
    if head.startswith(_BIG_TIFF):
        raise BadInput("BigTIFF is not labelled: save it as TIFF under 4 GB, or as PNG")
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return Format.WEBP
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return Format.WAV
    if head[4:8] == b"ftyp":
        if head[8:12] in _MP4_BRANDS:
            return Format.MP4
        raise BadInput(
            "this is an ISO media file of another kind (HEIC, AVIF, ...): export it as MP4, PNG or WebP"
        )
    if head.startswith(b"%PDF-"):
        return Format.PDF
    if head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2):  # layer III
        return Format.MP3
    if head.startswith(b"PK\x03\x04"):
        return Format.DOCX  # its reader looks at what is in it
    return None
