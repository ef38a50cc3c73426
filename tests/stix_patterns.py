"""Hypothesis strategies for patterns: trees in their one form, and texts that nearly are patterns."""

from typing import Any

from hypothesis import strategies as st

from tests.strategies import plain_chars
from tocsin.wire.stix.patterns import (
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

_strings = st.text(plain_chars | st.sampled_from("'\\\n\"[]()"), max_size=12)
_types = st.from_regex(r"[a-z_][a-z0-9-]{0,8}", fullmatch=True)
_wholes = st.integers(-(10**20), 10**20).map(str)
_counts = st.integers(0, 10**6).map(str)
_floats = st.tuples(
    st.sampled_from(["", "-"]), _counts, st.from_regex(r"0|[0-9]{0,4}[1-9]", fullmatch=True)
).map(lambda parts: f"{parts[0]}{parts[1]}.{parts[2]}")
_moments = st.datetimes().map(lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S}Z".rjust(20, "0"))


def _constants(*kinds: ConstantKind) -> st.SearchStrategy[Constant]:
    values = {
        ConstantKind.TEXT: _strings,
        ConstantKind.WHOLE: _wholes,
        ConstantKind.FLOAT: _floats,
        ConstantKind.BOOLEAN: st.sampled_from(["true", "false"]),
        ConstantKind.TIMESTAMP: _moments,
        ConstantKind.HEX: st.binary(max_size=4).map(bytes.hex),
        ConstantKind.BINARY: st.sampled_from(["YQ==", "YWI=", "YWJj", "YWJjZA=="]),
    }
    return st.sampled_from(kinds or tuple(values)).flatmap(
        lambda kind: values[kind].map(lambda value: Constant(kind, value))
    )


@st.composite
def paths(draw: st.DrawFn) -> Path:
    names = _strings.filter(lambda name: name != "hashes") | st.sampled_from(
        ["value", "dst_ref", "AND", "x-1"]
    )
    steps: list[str | Index] = [draw(names)]
    steps += draw(st.lists(names | st.builds(Index, st.none() | st.integers(0, 99)), max_size=3))
    return Path(draw(_types), tuple(steps))


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    path, negated = draw(paths()), draw(st.booleans())
    operator: Any = draw(
        st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "IN", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"])
    )
    if operator in ("=", "!="):
        return Comparison(path, operator, negated, (draw(_constants()),))
    if operator == "IN":
        return Comparison(path, "IN", negated, tuple(draw(st.lists(_constants(), max_size=3))))
    if operator in ("<", "<=", ">", ">="):
        ordered = [kind for kind in ConstantKind if kind is not ConstantKind.BOOLEAN]
        return Comparison(path, operator, negated, (draw(_constants(*ordered)),))
    return Comparison(path, operator, negated, (draw(_constants(ConstantKind.TEXT)),))


def tests_of() -> st.SearchStrategy[Expression]:
    leaf: st.SearchStrategy[Expression] = comparisons() | st.builds(Exists, paths(), st.booleans())
    return st.recursive(
        leaf,
        lambda inner: st.builds(
            Combined, st.sampled_from(["AND", "OR"]), st.lists(inner, min_size=2, max_size=3).map(tuple)
        ),
        max_leaves=4,
    )


_qualifiers = (
    st.builds(Within, _counts | _floats.filter(lambda text: text[0] != "-"))
    | st.builds(Repeats, _counts)
    | st.builds(StartStop, _moments, _moments)
)


def patterns() -> st.SearchStrategy[Pattern]:
    """Any pattern as a tree that its text parses to."""
    leaf: st.SearchStrategy[Pattern] = st.builds(Observation, tests_of())

    def larger(inner: st.SearchStrategy[Pattern]) -> st.SearchStrategy[Pattern]:
        joined = st.builds(
            Joined,
            st.sampled_from(["AND", "OR", "FOLLOWEDBY"]),
            st.lists(inner, min_size=2, max_size=3).map(tuple),
        )
        return joined | st.builds(Qualified, inner, _qualifiers)

    return st.recursive(leaf, larger, max_leaves=4)


PIECES = [
    "[", "]", "(", ")", "a:b", ":", ".", ",", "=", "==", "!=", "<", ">=", "IN", "NOT", "AND", "OR", "FOLLOWEDBY",
    "LIKE", "EXISTS", "WITHIN", "REPEATS", "START", "STOP", "SECONDS", "TIMES", "5", "-5", "1.5", ".5", "0", "'x'",
    "'", "\\", "true", "t'2024-01-01T00:00:00Z'", "t'", "h'0f'", "b'YQ=='", "*", "x-y", "hashes", "MD5",
    "é", "/*", "*/", "//", "\n", " ", "\u2003",
]  # fmt: skip


@st.composite
def nearly(draw: st.DrawFn, text: str) -> str:
    """A pattern's text with a piece put in, taken out or put for another."""
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 3)))
    return text[:start] + draw(st.sampled_from(["", *PIECES])) + text[end:]
