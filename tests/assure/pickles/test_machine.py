"""The stack machine: what it keeps, what it steps over, where it stops, and what it says then."""

import pickle
import struct

import pytest

from tests.assure.pickles.judged import rules_of, verdict_of
from tests.assure.pickles.shapes import called, named, proto, text
from tocsin.assure.pickles import bounds, machine, memo, reading, streams
from tocsin.assure.pickles.streams import run_piece
from tocsin.assure.pickles.tensors import torch_tensors
from tocsin.assure.pickles.values import Made
from tocsin.assure.pieces import Held
from tocsin.kernel.artefacts import ArtefactVerdict

VAST = 100 * 10**9
F8 = called("numpy", "dtype", text("f8"), b"\x89", b"\x88")
WRAPPER = named("joblib.numpy_pickle", "NumpyArrayWrapper") + b")\x81}("


class Vast:
    """A file of a hundred gigabytes: bytes at its start and at its end, noughts between. Counts what is read of it."""

    def __init__(self, start: bytes, end: bytes) -> None:
        self.path = "vast.pkl"
        self.size = len(start) + VAST + len(end)
        self.read_bytes = 0
        self._start, self._end = start, end

    def read(self, offset: int, length: int) -> bytes:
        length = max(0, min(length, self.size - offset))
        self.read_bytes += length
        whole = self._start[offset : offset + length]
        into_end = offset + length - (self.size - len(self._end))
        end = self._end[max(0, len(self._end) - (self.size - offset)) : into_end] if into_end > 0 else b""
        return whole + bytes(length - len(whole) - len(end)) + end


def rules_told(piece: Vast) -> set[str]:
    return {found.rule.removeprefix("pickle.") for found in run_piece(piece).judge.findings()}


def wrapper(elements: int, dtype: bytes = F8) -> bytes:
    """joblib's, over a row of so many elements; the array's bytes follow."""
    shape = text("shape") + b"\x8a\x08" + struct.pack("<q", elements) + b"\x85"
    return WRAPPER + shape + text("dtype") + dtype + b"ub"


def test_bytes_of_a_hundred_gigabytes_are_stepped_over() -> None:
    vast = Vast(b"\x80\x04\x8e" + struct.pack("<Q", VAST), b"0" + called("os", "getpid") + b".")
    assert rules_told(vast) == {"dangerous-call"}
    assert vast.read_bytes < 4 * bounds.CHUNK_BYTES


def test_so_is_an_array_of_joblib() -> None:
    vast = Vast(b"\x80\x04" + wrapper(VAST // 8), b"0" + called("os", "getpid") + b".")
    assert rules_told(vast) == {"dangerous-call"}
    assert vast.read_bytes < 6 * bounds.CHUNK_BYTES


@pytest.mark.parametrize(
    ("hidden", "rule"),
    [
        (called("os", "getpid"), "dangerous-call"),
        (text("os") + named("builtins", "str") + text("getpid") + b"\x85\x81\x93)R", "hidden-global"),
        (called("collections", "Counter") + b")R", "call-of-result"),
    ],
)
def test_an_array_of_joblib_may_not_hide_what_pickle_would_run(hidden: bytes, rule: str) -> None:
    rows = len(hidden) // 8 + 1
    assert rule in rules_of(proto(4, wrapper(rows) + (hidden + b".").ljust(8 * rows, b"\x00")))


def test_objects_in_an_array_of_joblib_are_a_pickle() -> None:
    objects = called("numpy", "dtype", text("O8"), b"\x89", b"\x88")
    assert rules_of(proto(4, wrapper(1, objects) + proto(2, b"N"))) == set()
    assert "dangerous-call" in rules_of(proto(4, wrapper(1, objects) + proto(2, called("os", "getpid"))))


@pytest.mark.parametrize("elements", [-1, 1 << 40])
def test_an_array_of_joblib_that_cannot_be_measured(elements: int) -> None:
    assert verdict_of(proto(4, wrapper(elements) + bytes(8))) is ArtefactVerdict.INCONCLUSIVE


def test_an_array_of_an_unknown_type() -> None:
    assert "joblib-array" in rules_of(proto(4, wrapper(1, called("numpy", "dtype", text("z9"))) + bytes(8)))


@pytest.mark.parametrize("step", [1, 7, 100])
def test_chunks_do_not_change_what_is_seen(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "CHUNK_BYTES", 400 + step)
    made: list[object] = [{"a": list(range(300)), f"text {place}": "x" * place} for place in range(40)]
    for protocol in range(6):
        data = pickle.dumps(made, protocol)
        assert rules_of(data) == set()
        assert "dangerous-call" in rules_of(data[:-1] + b"0" + called("os", "getpid") + b".")


@pytest.mark.parametrize(
    ("bound", "where", "data"),
    [
        ("MAX_STACK", machine, proto(2, b"N" * 900)),
        ("MAX_MARKS", machine, proto(2, b"(" * 900 + b"N")),
        ("MAX_MEMO", memo, proto(4, b"N" + b"\x94" * 900)),
        ("MAX_MEMO_SPARSE", memo, proto(2, b"N" + b"".join(b"r" + struct.pack("<I", 2 * n + 9) for n in range(90)))),
        ("MAX_WALKED_BYTES", reading, proto(2, b"N0" * 500 + b"N")),
        ("MAX_STREAMS", streams, proto(2, b"N") * 40),
    ],
)  # fmt: skip
def test_over_a_bound_is_inconclusive(
    bound: str, where: object, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rules_of(data) == set()
    monkeypatch.setattr(reading, "CHUNK_BYTES", 64)
    monkeypatch.setattr(where, bound, 16)
    assert rules_of(data) == {"bound"}


def test_over_the_memos_budget_names_can_no_longer_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memo, "MEMO_BUDGET_BYTES", 0)
    assert rules_of(pickle.dumps([{"a": ("b", 1), "c": b"d"}] * 3, 4)) == set()
    assert rules_of(proto(4, text("os") + b"\x940" + text("getpid") + b"\x940h\x00h\x01\x93)R")) == {
        "hidden-global"
    }


def test_deep_nesting_ends() -> None:
    for opening, closing in ((b"(", b"t"), (b"(", b"l"), (b"N", b"\x85"), (b"N", b"\x86")):
        deep = opening * 9_000 + b"N" + closing * 9_000
        assert verdict_of(proto(2, deep)) in (ArtefactVerdict.CLEAN, ArtefactVerdict.INCONCLUSIVE)
    assert rules_of(b"]" + b"q\x00" + b"h\x00a" * 10 + b".") == set()


def test_a_memo_with_gaps_counts_as_pickle_does() -> None:
    gapped = text("os") + b"q\x050" + text("getpid") + b"\x940h\x05h\x01\x93)R"
    assert rules_of(proto(4, gapped)) == {"dangerous-call"}


def test_tensors_under_many_names_end() -> None:
    shared = b"}" + text("a") + b"}" + text("b") + b"Nss"
    (value,) = run_piece(Held("x", proto(2, shared))).values
    assert isinstance(value, Made)
    assert torch_tensors(Held("x", proto(2, b"}q\x00" + text("me") + b"h\x00s"))) == ()


def test_no_class_may_be_changed_through_its_slots() -> None:
    slots = (
        named("collections", "deque") + b")RN}" + text("__class__") + named("builtins", "list") + b"s\x86b"
    )
    assert "state-not-allowed" in rules_of(proto(2, slots))


def test_long_lines_of_protocol_0_are_stepped_over() -> None:
    for size in (255, 256, 257, 70_000, 600_000):
        for value in ("x" * size, b"y" * size, int("7" * min(size, 4000))):
            data = pickle.dumps([value, "after"], 0)
            assert rules_of(data) == set()
            assert rules_of(data[:-1] + b"0" + called("os", "getpid") + b".") == {"dangerous-call"}
    assert rules_of(b"V" + b"x" * 300_000) == {"broken"}


def test_an_array_of_objects_first_in_a_joblib_file_is_honest() -> None:
    objects = called("numpy", "dtype", text("O8"), b"\x89", b"\x88")
    within = b"\x80\x04" + text("numpy._core.multiarray") + b"\x94" + b"h\x00" + text("dtype") + b"\x93."
    assert rules_of(b"\x80\x04" + text("steps") + b"\x94" + wrapper(1, objects) + within + b".") == {
        "global-not-allowed"
    }
    renamed = within.replace(b"numpy._core.multiarray", b"numpy").replace(b"\x8c\x16", b"\x8c\x05")
    assert rules_of(b"\x80\x04" + text("steps") + b"\x94" + wrapper(1, objects) + renamed + b".") == set()
