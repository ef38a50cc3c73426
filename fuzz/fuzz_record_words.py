"""What the search index makes of any record and of any question: tokens within the bounds, never a failure."""

import atheris
import msgspec

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.kernel import TLP, Origin, Record
    from tocsin.store.words import MAX_TOKENS, asked, tokens_of


def one(data: bytes) -> None:
    """Bytes that are JSON as a record, and any bytes as a question."""
    for token, _ in asked(data.decode("utf-8", "replace")):
        assert token
        assert not set(token) & set(" '\"\\")
    try:
        msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return  # what is kept was parsed before
    record = Record("note--1", "note", 1, data, Origin.PEER, "a 'b", TLP.GREEN, 'c" d', 1, "p\\q")
    tokens = tokens_of(record)
    assert len(tokens) <= MAX_TOKENS
    assert not any(set(token) & set(" '\"\\") for token in tokens)


if __name__ == "__main__":
    fuzz(one)
