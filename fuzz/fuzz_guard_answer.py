"""Answers of guard models: a verdict on what was asked, or NoVerdict."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin.wire.guards"]):
    from tocsin.wire.guards import NoVerdict, Question, Shape, read

QUESTIONS = [Question("k1", "a"), Question("k2", "b")]
LABELS = {"S1": None, "S2": None, "Violent": None, "fraud.scam": None}


def one(data: bytes) -> None:
    """Every shape over the same bytes; nothing but the ids that were asked may come out."""
    for shape in Shape:
        asked = QUESTIONS if shape is Shape.SAFEGUARD else QUESTIONS[:1]
        try:
            said = read(shape, data, asked, LABELS)
        except NoVerdict:
            continue
        assert set(said) <= {question.id for question in asked}
        for answer in said.values():
            assert set(answer.labels) <= set(LABELS)
            assert answer.unsafe or not answer.labels


if __name__ == "__main__":
    fuzz(one)
