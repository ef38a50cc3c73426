"""Foreign names and values as they may be printed and kept."""

import re

_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
"""Control characters, halves of pairs, and what hides or turns the text around it: never printed as it is."""


def shown(name: str) -> str:
    """What is not to be seen is written out as \\uXXXX; all else stays."""
    return _UNSHOWN.sub(lambda found: f"\\u{ord(found[0]):04x}", name)
