"""TensorFlow Lite: builtin operators are clean; custom ones, and files that lead nowhere, are told."""

import pytest
from hypothesis import given, settings

from tests.assure.weights.looking import broken, found, held, look, vector
from tocsin.assure.weights.tflite import TfliteExaminer

EXAMINER = TfliteExaminer()


def test_builtin_operators_are_clean_and_custom_ones_are_told() -> None:
    assert found(EXAMINER, vector("plain.tflite")) == []
    assert found(EXAMINER, vector("custom.tflite")) == ["tflite.custom-operator"]


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        (b"FlexOS", ["tflite.tensorflow"]),
        (b"FlexNo", ["tflite.tensorflow"]),
        (b"FlexEr", ["tflite.tensorflow"]),
        (b"Mfcc\x00\x00", ["tflite.custom-operator"]),
    ],
)
def test_custom_operators_are_told_by_their_name(name: bytes, rules: list[str]) -> None:
    assert found(EXAMINER, vector("custom.tflite").replace(b"Erfinv", name)) == rules


def test_tensorflows_own_that_compute_and_those_of_the_library_are_clean() -> None:
    data = vector("custom.tflite")
    at = data.index(b"Erfinv") - 4
    for name in (b"Mfcc", b"FlexE\x00"):
        length = len(name.rstrip(b"\x00"))
        changed = data[:at] + length.to_bytes(4, "little") + name.ljust(6, b"\x00") + data[at + 10 :]
        assert found(EXAMINER, changed) == ([] if name == b"Mfcc" else ["tflite.tensorflow"])


@pytest.mark.parametrize(
    "data",
    [b"\x00\x00\x00\x00TFL3", b"\xff\xff\xff\xffTFL3", vector("plain.tflite")[:64], b"\x08\x00\x00\x00TFL3"],
)
def test_what_leads_out_of_the_file_is_told(data: bytes) -> None:
    assert found(EXAMINER, data) == ["tflite.broken"]


def test_it_is_known_by_its_identifier() -> None:
    assert EXAMINER.recognises(held(b"\x1c\x00\x00\x00TFL3")) == "tflite"
    assert EXAMINER.recognises(held(b"TFL3", "a.tflite")) == ""


@given(data=broken(vector("custom.tflite")))
@settings(max_examples=100)
def test_a_broken_model_is_told_of_and_raises_nothing(data: bytes) -> None:
    if EXAMINER.recognises(held(data)):
        look(EXAMINER, data)
