"""Whatever a real unpickler asks for that is not allowed, we do not call clean; whatever bytes come, we end."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.assure.pickles.judged import VECTORS, verdict_of
from tests.assure.pickles.shapes import framed, named, stacked, text
from tocsin.assure.pickles.allowed import allowed, todays_name
from tocsin.assure.pickles.table import TABLE
from tocsin.kernel.artefacts import ArtefactVerdict

_OPCODES = [opcode for opcode, handler in enumerate(TABLE) if handler is not TABLE[0]]
_NAMES = [
    ("os", "system"),
    ("collections", "OrderedDict"),
    ("__builtin__", "set"),
    ("copy_reg", "_reconstructor"),
    ("numpy", "dtype"),
    ("joblib.numpy_pickle", "NumpyArrayWrapper"),
    ("collections", "os.system"),
    ("co", "lections"),
]

name_parts = st.sampled_from(_NAMES)
pushes = st.one_of(
    name_parts.map(lambda pair: named(*pair)),
    name_parts.map(lambda pair: stacked(*pair)),
    name_parts.flatmap(lambda pair: st.sampled_from(pair)).map(text),
    name_parts.map(lambda pair: b"i" + "\n".join(pair).encode() + b"\n"),
    st.sampled_from(
        [b"N", b"K\x01", b"]", b"}", b")", b"(", b"\x8f", b"I1\n", b"S'os'\n", b"Vos\n", b"C\x02ab"]
    ),
)
acts = st.sampled_from(
    [b"R", b"\x81", b"\x92", b"o", b"b", b"t", b"\x85", b"\x86", b"\x87", b"l", b"d", b"e", b"u", b"s", b"a", b"\x90",
     b"\x91", b"\x93", b"0", b"1", b"2", b"\x94", b"q\x00", b"q\x01", b"h\x00", b"h\x01", b"p1\n", b"g1\n",
     b"j\x01\0\0\0", b"r\x02\0\0\0", b"Q", b"P1\n", b"\x80\x04", b"\x80\x02", b"\x80\x06", b"\x82\x01", b"\x97",
     b"\x98", b".", b"\x95\x03\0\0\0\0\0\0\0", b"\x95\x20\0\0\0\0\0\0\0", b"\x00"]
)  # fmt: skip
streams = st.lists(st.one_of(pushes, acts), min_size=1, max_size=24).map(b"".join)
noise = st.lists(
    st.one_of(st.sampled_from(_OPCODES).map(lambda opcode: bytes([opcode])), st.binary(max_size=6))
).map(b"".join)


@pytest.fixture(scope="module")
def recorder() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.assure.pickles.recorder"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def asked(recorder: subprocess.Popen[bytes], data: bytes) -> list[list[tuple[str, str]]]:
    """What each of Python's unpicklers asks for: C's, then its own."""
    assert recorder.stdin is not None
    assert recorder.stdout is not None
    recorder.stdin.write(len(data).to_bytes(4, "little") + data)
    recorder.stdin.flush()
    return [[(module, name) for module, name in names] for names in json.loads(recorder.stdout.readline())]


def is_allowed(module: str, name: str) -> bool:
    return allowed().entry(*todays_name(module, name)) is not None


def held_to_it(recorder: subprocess.Popen[bytes], data: bytes) -> None:
    by_c, by_python = asked(recorder, data)
    foreign = {pair for pair in by_c + by_python if not is_allowed(*pair)}
    if foreign or by_c != by_python:
        assert verdict_of(data) is not ArtefactVerdict.CLEAN, (foreign, by_c, by_python)
    else:
        verdict_of(data, "f")


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=streams, protocol=st.integers(0, 5))
def test_no_name_that_is_not_allowed_is_clean(
    recorder: subprocess.Popen[bytes], data: bytes, protocol: int
) -> None:
    held_to_it(recorder, b"\x80" + bytes([protocol]) + data + b".")
    held_to_it(recorder, data)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=streams, length=st.integers(0, 60))
def test_nor_where_frames_lie(recorder: subprocess.Popen[bytes], data: bytes, length: int) -> None:
    held_to_it(recorder, framed(data, length) + b".")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=noise)
def test_nor_in_noise(recorder: subprocess.Popen[bytes], data: bytes) -> None:
    held_to_it(recorder, data)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["df-p4.pkl", "jl-p2.joblib", "torch-fp8.data.pkl", "t-p0.pkl", "dt-p4.pkl"]),
    place=st.floats(0, 1, exclude_max=True),
    put=st.one_of(st.binary(max_size=3), pushes, acts),
    over=st.booleans(),
)
def test_nor_in_a_real_file_with_bytes_changed(
    recorder: subprocess.Popen[bytes], name: str, place: float, put: bytes, over: bool
) -> None:
    data = (VECTORS / name).read_bytes()
    at = int(place * len(data))
    held_to_it(recorder, data[:at] + put + data[at + (len(put) if over else 0) :])
