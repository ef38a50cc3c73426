"""Answers of access as programs read them."""

import msgspec

from tocsin.kernel.admission import AccessAnswer
from tocsin.wire.authzen import answer_value

LANGUAGES = ("en", "zh")


def encoded(answer: AccessAnswer) -> bytes:
    """AuthZEN's JSON, its reasons in every language that we have."""
    return msgspec.json.encode(answer_value(answer, sentences(answer)))


def sentences(answer: AccessAnswer) -> dict[str, tuple[str, ...]]:
    """What each reason says, by language; an own rule's in its author's words."""
    from tocsin.admit import said

    return {
        language: tuple(said(one.rule, None, language, otherwise=one.says) for one in answer.reasons)
        for language in LANGUAGES
    }


def changes(answer: AccessAnswer, language: str = "en") -> tuple[tuple[str, ...], ...]:
    """What would change it, in sentences: each alternative a set that would do together."""
    from tocsin.admit import said

    return tuple(tuple(said(one.id, one.values, language) for one in way) for way in answer.change)
