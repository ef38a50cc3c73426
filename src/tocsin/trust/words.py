"""A node key in words, for two operators to read to each other: nine words, the same key in either language.

The lists are those of BIP-39 (2,048 words each, 11 bits a word; English words differ in their first four letters,
Chinese ones are one character each), from the `mnemonic` package. Nine words are 99 bits: to find a key with the
words of one given node costs 2^99 tries, of any of a million nodes 2^79. Nine is no length of a wallet's phrase,
so nobody takes it for one. Two keys of one's own with equal words cost 2^50 tries and deceive nobody about another.
"""

import hashlib
import hmac
import re
import unicodedata
from functools import cache

from tocsin.trust.identity import PUBLIC_BYTES, fingerprint

WORDS = 9
BITS_A_WORD = 11
LANGUAGES = {"en": "english", "zh": "chinese_simplified"}
"""Language of the reader → name of the list. A language without a list reads the English words."""

DOMAIN = b"tocsin key words v1\0"
MAX_COMPARED_CHARS = 400
"""Nine words with whatever stands between them; nobody reads more aloud."""

_BETWEEN = re.compile(r"[\W_]+")
_HEX = re.compile(r"[0-9a-f]{32,64}")


def words_of(public: bytes, language: str = "en") -> tuple[str, ...]:
    """The nine words of a node key (32 bytes) in a language of LANGUAGES, or in English."""
    digest = hashlib.sha256(DOMAIN + public).digest()
    number = int.from_bytes(digest, "big") >> (8 * len(digest) - WORDS * BITS_A_WORD)
    listed = _list(LANGUAGES.get(language, LANGUAGES["en"]))
    places = range(WORDS - 1, -1, -1)
    return tuple(listed[(number >> (BITS_A_WORD * place)) % (1 << BITS_A_WORD)] for place in places)


def spoken(public: bytes, language: str = "en") -> str:
    """The words in one line, in three groups of three."""
    words = words_of(public, language)
    return " · ".join(" ".join(words[start : start + 3]) for start in range(0, WORDS, 3))


def all_spoken(public: bytes) -> dict[str, str]:
    """Language → `spoken`, for every language that has a list."""
    return {language: spoken(public, language) for language in LANGUAGES}


def agree(compared: str, public: bytes) -> bool:
    """Whether what a person was read is this key: all its words in one language, or its hexadecimal fingerprint.

    Spaces, dots and case do not matter. Part of the words is not enough.
    """
    if len(public) != PUBLIC_BYTES or len(compared) > MAX_COMPARED_CHARS:
        return False
    folded = unicodedata.normalize("NFKC", compared).casefold()
    plain = _BETWEEN.sub("", folded)
    if _HEX.fullmatch(plain):
        known = {fingerprint(public).replace(" ", ""), hashlib.sha256(public).hexdigest()}
        return any(hmac.compare_digest(plain, one) for one in known)
    # English words stay apart: run together, two rows of words could read the same.
    said = " ".join(_BETWEEN.split(folded)).strip()
    return hmac.compare_digest(
        said.encode(), " ".join(words_of(public, "en")).encode()
    ) or hmac.compare_digest(plain.encode(), "".join(words_of(public, "zh")).encode())


@cache
def _list(name: str) -> tuple[str, ...]:
    from mnemonic import Mnemonic  # reads a file; not on the way of `tocsin --help`

    return tuple(unicodedata.normalize("NFKC", word) for word in Mnemonic(name).wordlist)
