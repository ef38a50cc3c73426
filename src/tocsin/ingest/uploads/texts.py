"""Plain text, kept as UTF-8. Whatever it says it is (HTML, a script), it is text here and is shown as that."""

import re
from email.message import Message

from tocsin.kernel import BadInput, TooLarge

MAX_TEXT_BYTES = 2 << 20
"""A long conversation, exported; beyond it nobody reads it as a whole."""

ENCODINGS = frozenset({"utf-8", "utf-16", "gb18030", "gbk", "gb2312", "big5", "windows-1251", "windows-1252"})
"""What a sender may name: encodings that notes in English, Chinese and Mongolian are found in."""

_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
"""Escape sequences move a terminal's cursor and colour; none of them is text."""


def text(content: bytes, declared: str = "") -> tuple[bytes, tuple[str, ...]]:
    """UTF-8 without control characters, and what was left out. Raises BadInput, TooLarge."""
    if len(content) > MAX_TEXT_BYTES:
        raise TooLarge(f"the text is over {MAX_TEXT_BYTES >> 20} MB: send the part that matters")
    found = _decoded(content, declared)
    clean, removed = _CONTROLS.subn("", found)
    if removed * 100 > len(found):  # one in a hundred is a slip of some program; more is no text
        raise BadInput("this file is not text: send a screenshot (PNG, JPEG) or a PDF of it")
    if not clean.strip():
        raise BadInput("the text is empty: write what happened in the report itself, or send a screenshot")
    return clean.encode(), ("control-characters",) if removed else ()


def _decoded(content: bytes, declared: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig"]
        named = _charset(declared)
        if named in ENCODINGS:
            encodings.append(named)
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadInput("the text is not UTF-8: save it as UTF-8 and send it again, or send a screenshot of it")


def _charset(declared: str) -> str:
    header = Message()
    header["Content-Type"] = declared.replace("\r", " ").replace("\n", " ")[:200]
    return str(header.get_content_charset(""))
