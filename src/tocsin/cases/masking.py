"""What a reviewer sees of a text: the words, without the identifiers."""

import re
from collections.abc import Iterable

MAX_SAMPLE_CHARS = 600
"""Enough to judge a template; not a reading room."""

_PATTERNS = (
    ("e-mail", re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")),
    ("link", re.compile(r"\b(?:https?://|www\.)\S{1,2000}", re.IGNORECASE)),
    ("domain", re.compile(r"\b(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}\b", re.IGNORECASE)),
    ("address", re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")),
    ("handle", re.compile(r"(?<![\w@])@\w{2,64}")),
    ("number", re.compile(r"(?<!\w)\+?\d(?:[\d ()./-]{5,24})\d(?!\w)")),
    ("code", re.compile(r"\b(?=[A-Za-z0-9]*\d)(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9]{16,128}\b")),
)


def holds_identifier(text: str) -> bool:
    """Whether anything in `text` looks like a link, an address, a number or a handle."""
    return any(pattern.search(text) for _, pattern in _PATTERNS)


def mask(text: str, identifiers: Iterable[str] = (), *, limit: int = MAX_SAMPLE_CHARS) -> str:
    """`text` shortened to `limit`, with `identifiers` (any case) and whatever looks like one replaced by [kind].

    Patterns run before shortening, so that no half of an identifier is left at the cut.
    """
    masked = text
    for value in sorted({value for value in identifiers if len(value) > 2}, key=len, reverse=True):
        masked = re.sub(re.escape(value), "[identifier]", masked, flags=re.IGNORECASE)
    for kind, pattern in _PATTERNS:
        masked = pattern.sub(f"[{kind}]", masked)
    return masked if len(masked) <= limit else masked[:limit] + " …"
