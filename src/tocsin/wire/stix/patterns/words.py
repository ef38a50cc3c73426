"""The words of a pattern: text to tokens, in one pass of C, whatever it holds.

The lexer of the published grammar (oasis-open/cti-stix2-json-schemas, `pattern_grammar`), STIX 2.1 section 9: the
longest match, keywords in capitals and never a name.
"""

import re

KEYWORDS = frozenset(
    {
        "AND", "OR", "NOT", "FOLLOWEDBY", "LIKE", "MATCHES", "ISSUPERSET", "ISSUBSET", "EXISTS", "LAST", "IN",
        "START", "STOP", "SECONDS", "true", "false", "WITHIN", "REPEATS", "TIMES",
    }
)  # fmt: skip

_SPACE = r"[ \t\r\n\x0b\x0c\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
# Possessive throughout, and what is not closed takes the rest: no text is read twice.
_SKIPPED = rf"(?:{_SPACE}++|/\*(?s:.*?)\*/|//[^\r\n]*+)*+"
_TIMESTAMP = (
    r"t'[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]++)?Z'"
)
_HEX = r"h'(?:[0-9A-Fa-f]{2})*+'"
_BASE64 = r"[A-Za-z0-9+/]"
_BINARY = rf"b'(?!')(?:{_BASE64}{{4}})*+(?:{_BASE64}{{2}}==|{_BASE64}{{3}}=)?+'"
_STRING = r"'(?:[^'\\]++|\\['\\])*+'"
_WORD = (
    rf"{_TIMESTAMP}|{_HEX}|{_BINARY}"
    r"|[A-Za-z_][A-Za-z0-9_-]*+"
    rf"|{_STRING}"
    r"|[+-]?(?:[0-9]*+\.[0-9]++|0|[1-9][0-9]*+)"
    r"|==|!=|<>|<=|>="
    r"|(?s:'.*+|/\*.*+|.|\Z)"
)
_TOKENS = re.compile(f"{_SKIPPED}({_WORD})")

words_of = _TOKENS.findall
"""The words of a text, an empty one at the end. A word that is no word is one character, or an open quote's rest."""

is_string = re.compile(_STRING).fullmatch
is_name = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*").fullmatch
is_number = re.compile(r"[+-]?(?:[0-9]*\.[0-9]+|[0-9]+)").fullmatch
_escaped = re.compile(r"\\(.)")


def place_of(text: str, number: int) -> int:
    """At which character, from 1, the word of this number begins."""
    for index, found in enumerate(_TOKENS.finditer(text)):
        if index == number:
            return found.start(1) + 1
    return len(text) + 1


def unquoted(word: str) -> str:
    """What a string word says."""
    return _escaped.sub(r"\1", word[1:-1]) if "\\" in word else word[1:-1]
