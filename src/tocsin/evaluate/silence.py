"""What counts as an answer, and the digest that stands for a text that is not kept."""

import unicodedata
from hashlib import sha256

BLANK = "blank-answer"
"""Why a sample is invalid to which nothing came back."""


def is_blank(text: str) -> bool:
    """Whether it says nothing: empty, or separators and what is not printed at all (Unicode categories Z and C)."""
    return all(unicodedata.category(character)[0] in "ZC" for character in text)


def text_digest(text: str) -> str:
    """sha256 of its UTF-8 bytes, hex."""
    # lone surrogates come through JSON's escapes; they are text that no encoding has
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
