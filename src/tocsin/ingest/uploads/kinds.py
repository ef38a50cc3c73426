"""What a file is, by its first bytes; what the sender calls it decides nothing but the encoding of plain text."""

import re
from enum import StrEnum

import msgspec

MAX_FILE_BYTES = 25 << 20
"""One file, as it comes and as it is kept: a long document of scans. It is sealed in one piece, in memory."""

_HEAD_BYTES = 16 << 10
"""How much of a text is looked at for the headers of a letter."""

_LETTER_HEADERS = frozenset(
    {b"from", b"to", b"date", b"received", b"message-id", b"mime-version", b"subject", b"return-path"}
)
_LEAST_LETTER_HEADERS = 3
"""A note that begins "Subject: ..." is a note; mail programs write many more (RFC 5322, section 3.6)."""

_HEADER_LINE = re.compile(rb"([!-9;-~]+)[ \t]*:[^\r\n]*\Z")


class Kind(StrEnum):
    """The closed list of what is taken; the value is the media type as it comes."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    GIF = "image/gif"
    PDF = "application/pdf"
    TEXT = "text/plain"
    MAIL = "message/rfc822"


class Upload(msgspec.Struct, frozen=True):
    """A file as it is kept. `media_type` is that of `content`; `stripped` names what was found and left out."""

    media_type: str
    content: bytes
    stripped: tuple[str, ...]
    original_sha256: str
    """Of the bytes as they came, which are not kept: who has them can show that they sent them."""


def kind_of(content: bytes) -> Kind | None:
    """What these bytes are, or None for what is not taken. Text is whatever may be text: `texts` reads it."""
    if content.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return Kind.WEBP
    if content.startswith((b"GIF87a", b"GIF89a")):
        return Kind.GIF
    if content.startswith(b"%PDF-"):
        return Kind.PDF
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Kind.TEXT
    if b"\0" in content:
        return None
    return Kind.MAIL if _is_letter(content[:_HEAD_BYTES]) else Kind.TEXT


def _is_letter(head: bytes) -> bool:
    """Whether it begins with a block of header lines, enough of them a mail's."""
    names = set()
    for line in head.splitlines():
        if not line:
            break
        if line[:1] in b" \t":
            continue  # folded (RFC 5322, section 2.2.3)
        found = _HEADER_LINE.match(line)
        if found is None:
            return False
        names.add(found[1].lower())
    return len(names & _LETTER_HEADERS) >= _LEAST_LETTER_HEADERS
