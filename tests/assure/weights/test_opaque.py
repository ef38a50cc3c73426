"""Formats that are known and not read are said by name; native code is found."""

import pytest

from tests.assure.weights.looking import held
from tocsin.assure.weights.opaque import OpaqueExaminer
from tocsin.kernel.artefacts import ArtefactVerdict, Finding

EXAMINER = OpaqueExaminer()


@pytest.mark.parametrize(
    ("data", "path", "format_name", "verdict"),
    [
        (b"\x7fELF\x02", "ops.bin", "native-code", ArtefactVerdict.FOUND),
        (b"MZ" + bytes(62) + b"PE\x00\x00", "a", "native-code", ArtefactVerdict.FOUND),
        (b"nothing known", "libops.so", "native-code", ArtefactVerdict.FOUND),
        (b"BC\xc0\xde", "a", "compiled-program", ArtefactVerdict.NOT_EXAMINED),
        (b"", "model.engine", "compiled-program", ArtefactVerdict.NOT_EXAMINED),
        (b"tjgg", "ggml-model.bin", "other-model", ArtefactVerdict.NOT_EXAMINED),
        (b"\x81\xa6params", "flax_model.msgpack", "other-model", ArtefactVerdict.NOT_EXAMINED),
        (
            b'<?xml version="1.0"?>\n<PMML version="4.4">',
            "a.xml",
            "other-model",
            ArtefactVerdict.NOT_EXAMINED,
        ),
        (b'<?xml version="1.0"?>\n<net name="a">', "a.xml", "other-model", ArtefactVerdict.NOT_EXAMINED),
    ],
)
def test_what_has_no_examiner_is_said_by_name(
    data: bytes, path: str, format_name: str, verdict: ArtefactVerdict
) -> None:
    piece = held(data, path)
    assert EXAMINER.recognises(piece) == format_name
    (told,) = EXAMINER.examine(piece, format_name)
    assert isinstance(told, Finding)
    assert told.verdict is verdict
    assert told.values["what"]


def test_what_is_not_known_is_left_to_others() -> None:
    assert EXAMINER.recognises(held(b"MZ and a text", "a.txt")) == ""
    assert EXAMINER.recognises(held(b"<html>", "a.html")) == ""
