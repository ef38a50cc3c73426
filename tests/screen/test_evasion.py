"""Evasion: a note on texts written for people and against machines, and on nothing else."""

from tests.screen.said import lines
from tests.wire.test_fold import ENGLISH, SENTENCES
from tocsin.screen import Evasion, prepare


def noted(texts: list[str]) -> list[int]:
    return [int(row["row"]) for row in Evasion()(prepare(lines(texts))).to_pylist()]


def test_disguised_texts_are_noted() -> None:
    texts = [
        "Сlаim yоur lоttеry rеfund",
        "cl41m y0ur l0ttery r3fund",
        "c\u200bl\u200baim y\u200bour lot\u200btery",
        "l̶o̶t̶t̶e̶r̶y̶ refund",
    ]
    assert noted(texts) == [0, 1, 2, 3]


def test_everyday_texts_are_not() -> None:
    everyday = [*ENGLISH, *(sentence for group in SENTENCES.values() for sentence in group)]
    everyday += [
        "Das iPhone'ом и PDFка",
        "👨‍👩‍👧 ❤️‍🔥 party!",
        "soft\u00adhyphens in pasted\u00adtext",
        "x2 v1.0 mp3",
    ]
    assert noted(everyday) == []
