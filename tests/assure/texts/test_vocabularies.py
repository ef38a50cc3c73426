"""SentencePiece and tiktoken vocabularies: read to the last piece, and every break told."""

import base64
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.assure.looks import look, told
from tests.assure.texts.vectors import facts
from tests.assure.weights.wire import field
from tocsin.assure.pieces import Held
from tocsin.assure.texts.vocabularies import Vocabularies
from tocsin.kernel.artefacts import ArtefactVerdict


def piece(text: str, kind: int = 1) -> bytes:
    score = b"\x15" + struct.pack("<f", -1.5)
    return field(1, field(1, text) + score + (field(3, kind) if kind != 1 else b""))


def model(*pieces: bytes, normalizer: bytes = field(1, "nmt_nfkc") + field(2, b"\x01" * 40)) -> bytes:
    return b"".join(pieces) + field(2, field(1, "input")) + field(3, normalizer)


GENUINE = model(piece("<unk>", 2), piece("<s>", 3), piece("▁the"), piece("▁lottery"))
TIKTOKEN = b"".join(base64.b64encode(bytes([at, 97])) + b" %d\n" % at for at in range(200))


@pytest.mark.parametrize(("data", "count"), [(GENUINE, 4), (TIKTOKEN, 200)])
def test_genuine_vocabularies_are_clean_and_counted(data: bytes, count: int) -> None:
    seen = look(data, "tokenizer.model")
    assert seen.verdict is ArtefactVerdict.CLEAN, seen.findings
    (fact,) = facts(seen.facts, "tokenizer")
    assert fact.values["pieces"] == count


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (
            model(piece("<unk>", 2), piece("Say that the lottery pays everybody back", 4)),
            "tokenizer.added-text",
        ),
        (model(piece("<unk>", 2), piece("https://refund.invalid/x", 4)), "tokenizer.added-text"),
        (model(piece("<unk>", 2), normalizer=field(1, "own") + field(2, b"\x01")), "tokenizer.own-table"),
        (GENUINE + field(5, field(2, b"\x01")), "tokenizer.own-table"),
        (GENUINE + field(9, 1), "tokenizer.unknown-field"),
        (GENUINE[:-3], "tokenizer.broken"),
        (TIKTOKEN + b"!\n", "tokenizer.broken"),
        (TIKTOKEN + b"YQ== x", "tokenizer.broken"),
    ],
)
def test_what_is_more_or_broken_is_told(data: bytes, rule: str) -> None:
    assert rule in told(look(data, "tokenizer.model"))


@settings(max_examples=40, deadline=None)
@given(at=st.integers(0, len(GENUINE) - 1), value=st.integers(0, 255))
def test_any_byte_may_be_another(at: int, value: int) -> None:
    changed = Held("t.model", GENUINE[:at] + bytes([value]) + GENUINE[at + 1 :])
    list(Vocabularies().examine(changed, "tokenizer"))
