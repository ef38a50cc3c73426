"""What a text holds that a person who looks at it does not see: encoded, in invisible letters, in parts not shown.

Enters: a text as it came. Leaves: (how it is hidden, what it says). Refuses: an attachment of a letter, which is
encoded because letters are, and names its encoding.
"""

import base64
import binascii
import re
from collections.abc import Iterator

SEEN_BY_NOBODY = frozenset({"unseen"})
"""Hidden as programmers and designers hide things every day: it counts with words that speak to a reader alone."""

MAX_ENCODED = 8
"""Base64 runs of one text that are decoded: a page of images has hundreds, and an instruction needs one."""

MAX_PARTS = 32
"""Comments and hidden elements of one page that are read, each up to 2,000 characters (the patterns say so)."""

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{40,4096}={0,2}")
_ATTACHED = re.compile(r"content-transfer-encoding:\s*base64", re.IGNORECASE)
_TAGS = re.compile("[\U000e0020-\U000e007e]{8,}")
_COMMENT = re.compile(r"<!--(.{12,2000}?)-->", re.DOTALL)
_NOT_SHOWN = re.compile(
    r"""<[^<>]{0,400}?(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0(?![.\d]*[1-9])"""
    r"""|(?<!background-)color\s*:\s*(?:white|transparent|#fff\b|#ffffff)|\bhidden\b)[^<>]{0,400}>([^<]{12,2000})""",
    re.IGNORECASE,
)


def concealed_in(text: str) -> Iterator[tuple[str, str]]:
    """`hidden`: tag characters, and base64 that decodes to text. `unseen`: comments, elements that are not shown."""
    if not text.isascii():
        for found in _TAGS.finditer(text):
            yield "hidden", "".join(chr(ord(char) - 0xE0000) for char in found[0])
    if "<" in text:
        for pattern in (_COMMENT, _NOT_SHOWN):
            for number, found in enumerate(pattern.finditer(text)):
                if number >= MAX_PARTS:
                    break
                yield "unseen", found[1]
    for number, found in enumerate(_BASE64.finditer(text)):
        if number >= MAX_ENCODED:
            return
        if _ATTACHED.search(text, max(0, found.start() - 200), found.start()):
            continue
        raw = found[0].rstrip("=").replace("-", "+").replace("_", "/")
        try:
            plain = base64.b64decode(raw + "=" * (-len(raw) % 4), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
        if " " in plain or not plain.isascii():
            yield "hidden", plain
