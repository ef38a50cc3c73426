"""What a stranger gives in accountable matching, answers, offers, statements and contradictions: read, or BadInput."""

import contextlib

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.kernel import TocsinError
    from tocsin.trust.identity import NodeIdentity
    from tocsin.trust.matching.accountable import (
        Rules,
        audit,
        contradiction,
        decode_answer,
        decode_offer,
        encode_answer,
        encode_offer,
        read_statement,
        statement_text,
    )
    from tocsin.wire.tlog import COSIGNATURE, ED25519, NoteKey

_KEYS = [
    NoteKey(name, kind, NodeIdentity(bytes([seed]) * 32).public)
    for name, kind, seed in (
        ("auditor", ED25519, 1),
        ("tocsin/alice", ED25519, 2),
        ("tocsin/bob", ED25519, 3),
        ("witness", COSIGNATURE, 4),
    )
]
_RULES = Rules(_KEYS[0], _KEYS[1], _KEYS[2], (_KEYS[3],))


def one(data: bytes) -> None:
    """As an answer to be audited, as an offer, as a statement, as two that may contradict each other."""
    with contextlib.suppress(TocsinError):
        answer = decode_answer(data)
        assert decode_answer(encode_answer(answer)) == answer
        audit(data, _RULES)
    with contextlib.suppress(TocsinError):
        offer = decode_offer(data)
        assert decode_offer(encode_offer(offer)) == offer
    with contextlib.suppress(TocsinError, UnicodeDecodeError):
        text = data.decode()
        assert statement_text(read_statement(text)) == text
    first, _, second = data.partition(b"\xff\xff\xff\xff")
    with contextlib.suppress(TocsinError):
        contradiction(first, second, _KEYS[1])


if __name__ == "__main__":
    fuzz(one)
