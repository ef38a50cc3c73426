"""What is a pickle: by its opcodes under any name, and by its name where its opcodes do not say."""

import pickle

import pytest

from tests.assure.pickles.shapes import called, named
from tocsin.assure.pickles.recognising import _FIRST, recognised
from tocsin.assure.pickles.table import TABLE
from tocsin.assure.pieces import Held


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    "value", [[1, 2, 3], {"a": 1.5}, ("x", None), "a text of some length", list(range(5000))]
)
def test_pickles_without_a_name(protocol: int, value: object) -> None:
    assert recognised(Held("weights", pickle.dumps(value, protocol))) == "pickle"


@pytest.mark.parametrize(
    "text",
    [
        b"conda\nnumpy\ntorch==2.1\n",
        b'{"a": 1}',
        b"I am a model. Not a pickle.\n",
        b"Licence: Apache\n",
        b"N.B. this is a text",
        b"(see below)\n",
        b"](a link)",
        b"# A model card\n",
        b"<html>",
        b"GGUF\x03\x00\x00\x00\x10\x00\x00\x00" + bytes(40),
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"PK\x03\x04" + bytes(30),
        b"\x89HDF\r\n\x1a\n",
        b"",
        bytes(100),
        b"\x80\x00\x00\x00\x00\x00\x00\x00{}",
        b"\x80\x02\x00\x00\x00\x00\x00\x00{}",
    ],
)
def test_what_is_none(text: bytes) -> None:
    for name in ("README", "requirements.txt", "model.bin", "weights.pt"):
        assert recognised(Held(name, text)) == ""


@pytest.mark.parametrize("name", ["a.pkl", "A.PICKLE", "x.zip!/archive/data.pkl", "m.joblib", "d.dill"])
def test_the_name_is_enough_to_look(name: str) -> None:
    assert recognised(Held(name, b"(a text that no pickle is")) == "pickle"


@pytest.mark.parametrize(
    "start", [b"x\x5e", b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\x00", b"\x5d\x00\x00\x80", b"\x04\x22\x4d\x18"]
)
def test_what_is_compressed_is_the_walkers(start: bytes) -> None:
    assert recognised(Held("m.joblib", start + bytes(50))) == ""


def test_what_calls_before_it_breaks_is_one() -> None:
    assert recognised(Held("notes.txt", called("os", "getpid") + b" and then a text")) == "pickle"


@pytest.mark.parametrize(
    "start",
    [
        b"V" + b"a" * 9000 + b"\n0",
        b"N0" * 9000,
        b"X\x00\x90\x00\x00" + b"a" * 0x9000 + b"0",
        b"GGUF\x03\x00\x00\x00\x00",
        b"(S'" + b"a" * 5000 + b"'\nI1\nt0",
    ],
)
def test_a_call_after_a_long_start_is_not_missed(start: bytes) -> None:
    assert recognised(Held("weights.bin", start + called("os", "getpid") + b".")) == "pickle"
    assert recognised(Held("weights.bin", start + named("os", "getpid"))) == "pickle"


def test_a_pickle_begins_with_what_the_machine_knows() -> None:
    known = {opcode for opcode, handler in enumerate(TABLE) if handler is not TABLE[0]}
    assert known == _FIRST  # the numbers alone, so that the machine need not be there
