"""numpy's header: read as numpy writes it, and nothing else."""

import struct

import pytest

from tests.assure.pickles.judged import rules_of
from tests.assure.pickles.shapes import called, proto
from tocsin.assure.pickles.headers import BadHeader, read_header
from tocsin.assure.pieces import Held


def npy(header: str, body: bytes = b"", version: int = 1) -> bytes:
    text = header.encode("utf-8" if version == 3 else "latin-1") + b"\n"
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + length + text + body


def header(descr: str, shape: str = "(2,)") -> str:
    return f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}"


@pytest.mark.parametrize("version", [1, 2, 3])
def test_every_version(version: int) -> None:
    read = read_header(Held("x", npy(header("'<f8'"), bytes(16), version)))
    assert (read.shape, read.itemsize, read.objects, read.size) == ((2,), 8, False, 16)


@pytest.mark.parametrize(
    ("descr", "shape", "size"),
    [
        ("'|u1'", "()", 1),
        ("'<U3'", "(2, 0)", 0),
        ("'<M8[ns]'", "(3L,)", 24),
        ("[('a', '<f4'), ('b', '<i8', (2, 3))]", "(2,)", 104),
        ("[('a', [('b', '|b1'), ('c', '|V7')])]", "(1,)", 8),
        ("[(('title', 'a'), '<i2')]", "(5,)", 10),
    ],
)
def test_sizes(descr: str, shape: str, size: int) -> None:
    data = npy(header(descr, shape), bytes(size))
    assert read_header(Held("x", data)).size == size
    assert rules_of(data, "x") == set()
    assert rules_of(data + b"1", "x") == {"npy-size"}


@pytest.mark.parametrize(
    "descr", ["'|O'", "'|O8'", "[('a', '<f4'), ('b', '|O')]", "[('a', [('b', '|O', (2,))])]"]
)
def test_objects_are_a_pickle(descr: str) -> None:
    data = npy(header(descr, "(1,)"), proto(2, called("os", "getpid")))
    assert rules_of(data, "x") == {"dangerous-call"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "{'descr': '<f8'}",
        "__import__('os').getpid()",
        header("__import__('os')"),
        header("'<f8'", "(-1,)"),
        header("'<f8'", "[2]*9"),
        header("'\\x4f'"),
        header("('<f8', ('<f8',))"),
        header("'<z8'"),
        header("[[[[[[[[[[[[[[[[[[[['<f8']]]]]]]]]]]]]]]]]]]]"),
        header("'<f8'") + header("'<f8'"),
        "{'descr': '<f8', 'fortran_order': 0, 'shape': (2,), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), 'more': 1}",
        "{[1]: 2, (3): 4, 'descr': 5}",
    ],
)
def test_anything_else_is_inconclusive(text: str) -> None:
    assert rules_of(npy(text, bytes(16)), "x") == {"npy-header"}


def test_a_header_that_is_cut_or_too_long() -> None:
    data = npy(header("'<f8'"), bytes(16))
    for cut in (7, 9, 11, 40):
        with pytest.raises(BadHeader):
            read_header(Held("x", data[:cut]))
    with pytest.raises(BadHeader):
        read_header(Held("x", b"\x93NUMPY\x02\x00\xff\xff\xff\xff" + bytes(100)))
