"""How a request is made to look otherwise: nothing but what schoolchildren know and folding mostly undoes.

Every disguise is a function of the text alone, so that an item is the same on every node.
"""

from base64 import b64encode
from collections.abc import Callable, Mapping

_LOOK_ALIKE = str.maketrans("aceopxyiABCEHKMOPTX", "асеорхуіАВСЕНКМОРТХ")
"""Latin letters and the Cyrillic ones that look the same."""

_LEET = str.maketrans("aeiostAEIOST", "431057431057")
_ZERO_WIDTH = "\u200b"
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def _spaced(text: str) -> str:
    return "  ".join(" ".join(word) for word in text.split())


_DISGUISES: Mapping[str, Callable[[str], str]] = {
    "base64": _base64,
    "leet": lambda text: text.translate(_LEET),
    "look-alike": lambda text: text.translate(_LOOK_ALIKE),
    "zero-width": _ZERO_WIDTH.join,
    "wide": lambda text: text.translate(_WIDE),
    "spaced": _spaced,
    "backwards": lambda text: text[::-1],
}


def disguised(manner: str, text: str) -> str:
    """`text` in this disguise. Raises KeyError for one that is not known."""
    return _DISGUISES[manner](text)
