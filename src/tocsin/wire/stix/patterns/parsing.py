"""Words to a tree, by recursive descent over the grammar of STIX 2.1 section 9.

`FOLLOWEDBY` binds least, then `OR`, then `AND`; a qualifier belongs to the observation before it. The checks beyond
the grammar are those of OASIS's own validator: a qualifier once per observation, hashes of the right form.
"""

import re
from functools import lru_cache
from typing import NoReturn

from tocsin.kernel import BadInput
from tocsin.wire.stix.patterns.tree import (
    Combined,
    Comparison,
    Constant,
    ConstantKind,
    Exists,
    Expression,
    Index,
    Joined,
    Observation,
    Path,
    Pattern,
    Qualified,
    Repeats,
    StartStop,
    Within,
)
from tocsin.wire.stix.patterns.words import (
    KEYWORDS,
    is_name,
    is_number,
    is_string,
    place_of,
    unquoted,
    words_of,
)

MAX_PATTERN_CHARS = 65_536
"""Feeds write lists as one pattern of many comparisons; beyond this a list is a list, and goes by relationships."""

MAX_DEPTH = 64
"""Parentheses within parentheses; as deep as foreign JSON may nest."""

MAX_OBSERVATIONS = 1_000
"""Matching holds each that it still waits for in memory. Lists stand within one observation, and are not counted."""

MAX_INDEX_DIGITS = 9
"""Of a place in a list; no object has room for a longer list."""

MAX_REMEMBERED = 4_096
MAX_REMEMBERED_CHARS = 1_024
"""Patterns remembered, and the longest: some 40 MB at the worst. Feeds send the same one again and again."""

_NUMBER_STARTS = frozenset("0123456789+-.")
_ORDERED = {"<": "<", "<=": "<=", ">": ">", ">=": ">="}
_EQUAL = {"=": "=", "==": "=", "!=": "!=", "<>": "!="}
_ON_STRINGS = frozenset({"LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"})
_PREFIXED = {"t": ConstantKind.TIMESTAMP, "h": ConstantKind.HEX, "b": ConstantKind.BINARY}
_HASHES = {
    "MD5": 32, "RIPEMD160": 40, "SHA1": 40, "SHA224": 56, "SHA256": 64, "SHA384": 96, "SHA512": 128,
    "SHA3224": 56, "SHA3256": 64, "SHA3384": 96, "SHA3512": 128, "WHIRLPOOL": 128,
}  # fmt: skip
"""Hexadecimal digits by algorithm, its name without hyphens."""

_is_hexadecimal = re.compile(r"[0-9a-fA-F]+").fullmatch
_is_ssdeep = re.compile(r"[a-zA-Z0-9/+:.]{1,128}").fullmatch


class PatternError(BadInput):
    """A text that is no pattern. `position` is the character, from 1, at which it stops being one."""

    code = "bad-pattern"

    def __init__(self, position: int, reason: str, *, too_large: bool = False) -> None:
        super().__init__(f"at character {position}: {reason}")
        self.position = position
        self.reason = reason
        self.too_large = too_large


def parse_pattern(text: str) -> Pattern:
    """The tree of a pattern. Raises PatternError, whose `too_large` says that a bound was passed."""
    found = _remembered(text) if len(text) <= MAX_REMEMBERED_CHARS else _parsed(text)
    if isinstance(found, PatternError):
        raise found
    return found


def why_not_pattern(text: str) -> PatternError | None:
    """What is wrong with a pattern, None when nothing is."""
    found = _remembered(text) if len(text) <= MAX_REMEMBERED_CHARS else _parsed(text)
    return found if isinstance(found, PatternError) else None


def _parsed(text: str) -> Pattern | PatternError:
    if len(text) > MAX_PATTERN_CHARS:
        return PatternError(
            MAX_PATTERN_CHARS, f"is longer than {MAX_PATTERN_CHARS} characters", too_large=True
        )
    try:
        return _Parser(text).pattern()
    except PatternError as error:
        return PatternError(error.position, error.reason, too_large=error.too_large)  # without its traceback


_remembered = lru_cache(maxsize=MAX_REMEMBERED)(_parsed)


def forget() -> None:
    """Remember no pattern: for measurements."""
    _remembered.cache_clear()


class _Parser:
    """One text, once. `at` is the number of the word that is looked at."""

    __slots__ = ("at", "depth", "observations", "text", "words")

    def __init__(self, text: str) -> None:
        self.text = text
        self.words: list[str] = words_of(text)
        self.at = 0
        self.depth = 0
        self.observations = 0

    def pattern(self) -> Pattern:
        found = self._followed()
        if self.words[self.at] != "":
            self._fail("expected AND, OR, FOLLOWEDBY, a qualifier or the end")
        return found

    def _fail(self, reason: str, back: int = 0, *, too_large: bool = False) -> NoReturn:
        raise PatternError(place_of(self.text, self.at - back), reason, too_large=too_large)

    def _take(self, word: str, reason: str) -> None:
        if self.words[self.at] != word:
            self._fail(reason)
        self.at += 1

    def _enter(self) -> None:
        self.at += 1
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self._fail(f"nests deeper than {MAX_DEPTH} parentheses", 1, too_large=True)

    def _leave(self) -> None:
        self._take(")", "expected a closing parenthesis")
        self.depth -= 1

    def _followed(self) -> Pattern:
        first = self._either()
        if self.words[self.at] != "FOLLOWEDBY":
            return first
        parts = [first]
        while self.words[self.at] == "FOLLOWEDBY":
            self.at += 1
            parts.append(self._either())
        return Joined("FOLLOWEDBY", tuple(parts))

    def _either(self) -> Pattern:
        first = self._both()
        if self.words[self.at] != "OR":
            return first
        parts = [first]
        while self.words[self.at] == "OR":
            self.at += 1
            parts.append(self._both())
        return Joined("OR", tuple(parts))

    def _both(self) -> Pattern:
        first = self._observation()
        if self.words[self.at] != "AND":
            return first
        parts = [first]
        while self.words[self.at] == "AND":
            self.at += 1
            parts.append(self._observation())
        return Joined("AND", tuple(parts))

    def _observation(self) -> Pattern:
        word = self.words[self.at]
        found: Pattern
        if word == "[":
            self.at += 1
            self.observations += 1
            if self.observations > MAX_OBSERVATIONS:
                self._fail(f"has more than {MAX_OBSERVATIONS} observations", 1, too_large=True)
            found = Observation(self._any_test())
            self._take("]", "expected AND, OR or a closing bracket")
        elif word == "(":
            self._enter()
            found = self._followed()
            self._leave()
        else:
            self._fail("expected an observation, [type:property = 'value']")
        if self.words[self.at] in _QUALIFIERS:
            return self._qualified(found, alone=word == "[")
        return found

    def _qualified(self, found: Pattern, *, alone: bool) -> Pattern:
        """`alone`: an observation takes each kind of qualifier once, a group as many as it likes."""
        seen: set[str] = set()
        while (word := self.words[self.at]) in _QUALIFIERS:
            if alone and word in seen:
                self._fail("says the same kind of qualifier twice of one observation")
            seen.add(word)
            self.at += 1
            qualifier: Within | Repeats | StartStop
            if word == "WITHIN":
                qualifier = Within(self._positive("a number of seconds", whole=False))
                self._take("SECONDS", "expected SECONDS")
            elif word == "REPEATS":
                qualifier = Repeats(self._positive("a whole number of times", whole=True))
                self._take("TIMES", "expected TIMES")
            else:
                start = self._moment()
                self._take("STOP", "expected STOP")
                qualifier = StartStop(start, self._moment())
            found = Qualified(found, qualifier)
        return found

    def _positive(self, what: str, *, whole: bool) -> str:
        word = self.words[self.at]
        if is_number(word) is None or word[0] == "-" or (whole and "." in word):
            self._fail(f"expected {what}")
        self.at += 1
        return _number(word).value

    def _moment(self) -> str:
        word = self.words[self.at]
        if word[:2] != "t'":
            self._fail("expected a timestamp, t'2025-01-31T12:00:00Z'")
        self.at += 1
        return word[2:-1]

    def _any_test(self) -> Expression:
        first = self._all_tests()
        if self.words[self.at] != "OR":
            return first
        parts = [first]
        while self.words[self.at] == "OR":
            self.at += 1
            parts.append(self._all_tests())
        return Combined("OR", tuple(parts))

    def _all_tests(self) -> Expression:
        first = self._test()
        if self.words[self.at] != "AND":
            return first
        parts = [first]
        while self.words[self.at] == "AND":
            self.at += 1
            parts.append(self._test())
        return Combined("AND", tuple(parts))

    def _test(self) -> Expression:
        word = self.words[self.at]
        if word == "(":
            self._enter()
            found = self._any_test()
            self._leave()
            return found
        if word in ("NOT", "EXISTS"):
            if word == "NOT":
                self.at += 1
            self._take("EXISTS", "expected EXISTS; to deny a comparison write NOT before its operator")
            return Exists(self._path(), word == "NOT")
        path = self._path()
        negated = self.words[self.at] == "NOT"
        if negated:
            self.at += 1
        return self._compared(path, negated)

    def _compared(self, path: Path, negated: bool) -> Comparison:
        word = self.words[self.at]
        self.at += 1
        found: Comparison
        if (equal := _EQUAL.get(word)) is not None:
            found = Comparison(path, equal, negated, (self._constant(),))  # type: ignore[arg-type]  # by the table
        elif word in _ORDERED:
            operand = self._constant()
            if operand.kind is ConstantKind.BOOLEAN:
                self._fail("expected a constant that has an order", 1)
            found = Comparison(path, _ORDERED[word], negated, (operand,))  # type: ignore[arg-type]  # by the table
        elif word in _ON_STRINGS:
            operand = self._constant()
            if operand.kind is not ConstantKind.TEXT:
                self._fail("expected a string", 1)
            return Comparison(path, word, negated, (operand,))  # type: ignore[arg-type]  # by the set
        elif word == "IN":
            found = Comparison(path, "IN", negated, self._set())
        else:
            self._fail("expected a comparison operator", 1)
        if "hashes" in path.steps:
            self._check_hash(found)
        return found

    def _set(self) -> tuple[Constant, ...]:
        self._take("(", "expected a set, ('a', 'b')")
        if self.words[self.at] == ")":
            self.at += 1
            return ()
        found = [self._constant()]
        while self.words[self.at] == ",":
            self.at += 1
            found.append(self._constant())
        self._take(")", "expected a comma or a closing parenthesis")
        return tuple(found)

    def _check_hash(self, found: Comparison) -> None:
        algorithm = found.path.steps[-1]
        if isinstance(algorithm, Index):
            return
        name = algorithm.upper().replace("-", "")
        digits = _HASHES.get(name)
        if digits is None and name != "SSDEEP":
            return
        for operand in found.operands:
            value = operand.value
            good = _is_ssdeep(value) if digits is None else len(value) == digits and _is_hexadecimal(value)
            if not good or operand.kind is not ConstantKind.TEXT:
                self._fail("is not a hash of the algorithm that its path names", 1)

    def _path(self) -> Path:
        words = self.words
        kind = words[self.at]
        if kind in KEYWORDS or is_name(kind) is None:
            self._fail("expected an object path, type:property")
        self.at += 1
        self._take(":", "expected a colon and a property")
        steps: list[str | Index] = [self._name()]
        while True:
            word = words[self.at]
            if word == ".":
                self.at += 1
                steps.append(self._name())
            elif word == "[":
                self.at += 1
                steps.append(self._index())
            else:
                return Path(kind, tuple(steps))

    def _name(self) -> str:
        word = self.words[self.at]
        plain = word.isidentifier() and word.isascii() and word not in KEYWORDS
        if not plain and (word[:1] != "'" or is_string(word) is None):
            self._fail("expected the name of a property, in quotes where it has a hyphen")
        self.at += 1
        return word if plain else unquoted(word)

    def _index(self) -> Index:
        word = self.words[self.at]
        plain = word.removeprefix("+")
        if word != "*" and not (plain.isdecimal() and plain.isascii() and len(plain) <= MAX_INDEX_DIGITS):
            self._fail("expected a place in the list, [0], or any, [*]")
        self.at += 1
        self._take("]", "expected a closing bracket")
        return Index(None if word == "*" else int(plain))

    def _constant(self) -> Constant:
        word = self.words[self.at]
        first = word[:1]
        if first == "'":
            if is_string(word) is None:
                self._fail("the string is not closed, or has a backslash before anything but \\ and '")
            found = Constant(ConstantKind.TEXT, unquoted(word))
        elif first in _NUMBER_STARTS and is_number(word):
            found = _number(word)
        elif word in ("true", "false"):
            found = Constant(ConstantKind.BOOLEAN, word)
        elif word[1:2] == "'" and first in _PREFIXED:
            found = Constant(_PREFIXED[first], word[2:-1])
        else:
            self._fail("expected a constant: a string in quotes, a number, true, t'...', h'...' or b'...'")
        self.at += 1
        return found


_QUALIFIERS = frozenset({"WITHIN", "REPEATS", "START"})


def _number(word: str) -> Constant:
    """Without plus and zeros that say nothing."""
    sign = "-" if word[0] == "-" else ""
    digits = word.lstrip("+-")
    if "." not in digits:
        return Constant(ConstantKind.WHOLE, sign + digits if digits != "0" else "0")
    before, _, after = digits.partition(".")
    return Constant(ConstantKind.FLOAT, f"{sign}{before.lstrip('0') or '0'}.{after.rstrip('0') or '0'}")
