"""Patterns: what OASIS's own validator takes is taken, what it refuses is refused, and the tree says it all."""

from pathlib import Path as FilePath
from typing import Any

import pytest
import stix2patterns
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from stix2patterns.validator import validate

from tests.stix_patterns import PIECES, nearly, patterns
from tocsin.wire.stix.patterns import (
    MAX_DEPTH,
    MAX_OBSERVATIONS,
    MAX_PATTERN_CHARS,
    Combined,
    Comparison,
    Constant,
    ConstantKind,
    Index,
    Joined,
    Observation,
    Path,
    Pattern,
    PatternError,
    Qualified,
    Within,
    parse_pattern,
    pattern_text,
    why_not_pattern,
)

VECTORS: dict[str, Any] = yaml.safe_load(
    (FilePath(__file__).parents[3] / "vectors" / "patterns" / "examples.yaml").read_text("utf-8")
)
SHIPPED = (
    (FilePath(stix2patterns.__file__).parent / "test" / "v21" / "spec_examples.txt").read_text().split("\n")
)


def reference(text: str) -> bool:
    """Whether stix2-patterns takes it. It falls over some bad texts; that is a refusal."""
    try:
        return bool(validate(text, "2.1"))
    except (AttributeError, UnboundLocalError, IndexError, KeyError):
        return False


def accepted(text: str) -> bool:
    return why_not_pattern(text) is None


@pytest.mark.parametrize("text", [*VECTORS["standard"], *VECTORS["accepted"], *filter(None, SHIPPED)])
def test_both_take(text: str) -> None:
    assert reference(text)
    found = parse_pattern(text)
    assert parse_pattern(pattern_text(found)) == found
    assert reference(pattern_text(found))


@pytest.mark.parametrize("text", VECTORS["refused"])
def test_both_refuse(text: str) -> None:
    assert not reference(text)
    error = why_not_pattern(text)
    assert error is not None
    assert 1 <= error.position <= len(text) + 1
    assert not error.too_large


@pytest.mark.parametrize("case", VECTORS["wider"], ids=lambda case: case["pattern"])
def test_where_the_standard_allows_more(case: dict[str, str]) -> None:
    assert not reference(case["pattern"])
    assert accepted(case["pattern"])


@given(patterns())
def test_a_tree_is_its_text_and_both_take_it(pattern: Pattern) -> None:
    text = pattern_text(pattern)
    assert parse_pattern(text) == pattern
    assert reference(text)


@settings(max_examples=150)
@given(st.data())
def test_a_text_that_nearly_is_one_is_the_same_to_both(draws: Any) -> None:
    base = draws.draw(
        st.sampled_from([*VECTORS["standard"], *VECTORS["accepted"]]) | patterns().map(pattern_text)
    )
    agree(draws.draw(nearly(base)))


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_any_words_are_the_same_to_both(pieces: list[str]) -> None:
    agree(f"[a:b = 1{' '.join(pieces)}")


def agree(text: str) -> None:
    """But for what `wider` lists."""
    if accepted(text) != reference(text):
        comment_first = text.lstrip("( \t\r\n\u2003")[:1] == "/"
        part_of_a_hash = "hashes" in text
        assert accepted(text), text
        assert comment_first or part_of_a_hash, text


def test_the_tree() -> None:
    found = parse_pattern(
        "[a-b:c.'d e'[*].f[2] NOT IN ('x', 007.50) AND a:b = 1 OR a:b > 2] WITHIN 300 SECONDS"
        " AND [c:d = h'00'] FOLLOWEDBY [e:f = true]"
    )
    path = Path("a", ("b",))
    first = Combined(
        "AND",
        (
            Comparison(
                Path("a-b", ("c", "d e", Index(None), "f", Index(2))),
                "IN",
                True,
                (Constant(ConstantKind.TEXT, "x"), Constant(ConstantKind.FLOAT, "7.5")),
            ),
            Comparison(path, "=", False, (Constant(ConstantKind.WHOLE, "1"),)),
        ),
    )
    second = Comparison(path, ">", False, (Constant(ConstantKind.WHOLE, "2"),))
    assert found == Joined(
        "FOLLOWEDBY",
        (
            Joined(
                "AND",
                (
                    Qualified(Observation(Combined("OR", (first, second))), Within("300")),
                    Observation(
                        Comparison(Path("c", ("d",)), "=", False, (Constant(ConstantKind.HEX, "00"),))
                    ),
                ),
            ),
            Observation(Comparison(Path("e", ("f",)), "=", False, (Constant(ConstantKind.BOOLEAN, "true"),))),
        ),
    )


def test_one_spelling() -> None:
    said = "( [a:'b'==+1/*x*/AND a:c<>.50] )OR [a:'x-y'='it\\'s']REPEATS +2 TIMES // end"
    assert (
        pattern_text(parse_pattern(said))
        == "[a:b = 1 AND a:c != 0.5] OR [a:'x-y' = 'it\\'s'] REPEATS 2 TIMES"
    )


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("", 1, "an observation"),
        ("[a:b = 1", 9, "closing bracket"),
        ("[a:b = 1] AND", 14, "an observation"),
        ("[a:b = é]", 8, "a constant"),
        ("[a:b  'x']", 7, "comparison operator"),
        ("[a:c-d = 1]", 4, "in quotes"),
        ("[NOT a:b = 1]", 6, "EXISTS"),
        ("[a:b = 'open", 8, "not closed"),
        ("[a:b = 1] WITHIN 5 HOURS", 20, "SECONDS"),
        ("[a:b = 1] WITHIN 5 SECONDS WITHIN 6 SECONDS", 28, "twice"),
        ("[file:hashes.MD5 = 'f00']", 20, "a hash"),
        ("[a:b[9999999999] = 1]", 6, "a place"),
        ("[a:b > true]", 8, "an order"),
    ],
)
def test_an_error_says_where_and_what_was_expected(text: str, position: int, words: str) -> None:
    with pytest.raises(PatternError, match=words) as caught:
        parse_pattern(text)
    assert caught.value.position == position
    assert str(caught.value).startswith(f"at character {position}: ")


def test_bounds() -> None:
    long = f"[a:b IN ({', '.join(['1'] * 21_000)})]"
    assert len(long) < MAX_PATTERN_CHARS
    assert accepted(long)
    deep = f"[{'(' * MAX_DEPTH}a:b = 1{')' * MAX_DEPTH}]"
    assert accepted(deep)
    many = " OR ".join(["[a:b = 1]"] * MAX_OBSERVATIONS)
    assert accepted(many)
    too_deep = f"[{'(' * (MAX_DEPTH + 1)}a:b = 1{')' * (MAX_DEPTH + 1)}]"
    for text in (f"[a:b = '{'x' * MAX_PATTERN_CHARS}']", too_deep, f"{many} OR [a:b = 1]"):
        error = why_not_pattern(text)
        assert error is not None
        assert error.too_large


@pytest.mark.parametrize(
    "text",
    [
        "(" * 65_000,
        "[a:b = '" + "\\'a" * 20_000,
        "/*" * 32_000,
        "[a:b IN (" + "1," * 25_000,
        "[" + "a:b" * 20_000,
    ],
)
def test_the_longest_bad_texts_are_refused(text: str) -> None:
    error = why_not_pattern(text)
    assert error is not None


@given(st.text(max_size=40))
def test_any_text_is_an_answer(text: str) -> None:
    error = why_not_pattern(text)
    if error is None:
        found = parse_pattern(text)
        assert parse_pattern(pattern_text(found)) == found
    else:
        assert text == "" or 1 <= error.position <= len(text) + 1
