"""Exclusion lists: MISP's format as it is, every type, and a bad file named."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.kernel import BadInput
from tocsin.taxonomy.exclusions import MAX_TEXTS, Values, load_lists, read_list, shipped_lists


def made(kind: str, *entries: str, name: str = "ours") -> bytes:
    """As MISP writes one, with properties that are its own."""
    return json.dumps(
        {
            "name": name,
            "type": kind,
            "version": 20260101,
            "description": "d",
            "matching_attributes": ["domain", "domain|ip"],
            "list": list(entries),
        }
    ).encode()


@pytest.mark.parametrize(
    ("kind", "entry", "hits", "misses"),
    [
        ("string", "D41D8CD9", ["d41d8cd9"], ["d41d8cd98"]),
        (
            "hostname",
            "google.com",
            ["google.com", "GOOGLE.com", "https://google.com/x?y", "http://u:p@google.com:80"],
            ["www.google.com", "notgoogle.com", "google.com.evil.example"],
        ),
        ("hostname", ".edu", ["mit.edu", "https://a.b.edu/x", "edu"], ["edu.example", "medu"]),
        (
            "cidr",
            "10.0.0.0/8",
            ["10.1.2.3", "http://10.9.9.9/a", "10.2.0.0/16"],
            ["11.0.0.1", "10.0.0.0/7", "x"],
        ),
        ("cidr", "2001:db8::/32", ["2001:db8::1"], ["2001:db9::1", "10.0.0.1"]),
        ("substring", "lottery.example", ["http://www.lottery.example/x"], ["lottery"]),
        (
            "regex",
            "/^cdn[0-9]+\\.example$/i",
            ["cdn7.example", "CDN12.example"],
            ["cdn.example", "xcdn7.example"],
        ),
        ("regex", "^a+b$", ["aab"], ["aabc"]),
    ],
)
def test_every_type_of_list(kind: str, entry: str, hits: list[str], misses: list[str]) -> None:
    values = Values([read_list(made(kind, entry), "ours.json")])
    assert [values.of(value) for value in hits] == ["ours"] * len(hits)
    assert [values.of(value) for value in misses] == [None] * len(misses)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"not json", "MISP"),
        (made("none", "x"), "MISP"),
        (made("cidr", "300.1.1.1/8"), "no network"),
        (made("regex", "(" * 3), "no expression"),
        (made("regex", "a" * 999), "more than"),
        (made("substring", "com"), "too short"),
        (made("text", *(str(n) for n in range(MAX_TEXTS + 1))), "too many"),
    ],
)
def test_a_bad_list_is_named(data: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        read_list(data, "ours.json")
    assert "ours" in caught.value.message


def test_an_operators_list_joins_the_shipped_ones_or_takes_a_place(tmp_path: Path) -> None:
    names = {one.name for one in shipped_lists()}
    assert {"popular-domains", "reserved-networks", "public-texts"} <= names
    (tmp_path / "own.json").write_bytes(made("hostname", "ours.example"))
    assert {one.name for one in load_lists(tmp_path)} == names | {"ours"}
    (tmp_path / "own.json").write_bytes(made("hostname", "only.example", name="popular-domains"))
    assert Values(load_lists(tmp_path)).of("google.com") is None
    assert load_lists(tmp_path / "nothing") == load_lists()


def test_what_everybody_uses_is_excluded() -> None:
    values = Values(shipped_lists())
    for value in ("google.com", "https://www.wikipedia.org/", "192.168.1.1", "8.8.8.8", "weixin.qq.com"):
        assert values.of(value), value
    for value in ("lottery-refund-desk.org", "93.184.216.34", ""):
        assert values.of(value) is None, value


@given(st.text(max_size=300))
def test_any_value_has_an_answer(value: str) -> None:
    found = Values(shipped_lists()).of(value)
    assert found is None or isinstance(found, str)
