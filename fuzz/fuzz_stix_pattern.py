"""STIX patterns: a tree whose text parses to it again, or an error with a place in the text."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.wire.stix.patterns import parse_pattern, pattern_text, why_not_pattern


def one(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    error = why_not_pattern(text)
    if error is not None:
        assert 1 <= error.position <= len(text) + 1
        return
    found = parse_pattern(text)
    again = pattern_text(found)
    assert parse_pattern(again) == found
    assert pattern_text(parse_pattern(again)) == again


if __name__ == "__main__":
    fuzz(one)
