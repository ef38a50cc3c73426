"""Runs a piece as what a loader sees in it: pickles one after another, torch's old layout, joblib's arrays between."""

from contextlib import suppress
from math import prod

import msgspec

from tocsin.assure.examining import Piece
from tocsin.assure.pickles.allowed import allowed
from tocsin.assure.pickles.bounds import MAX_STREAMS
from tocsin.assure.pickles.judging import Judge
from tocsin.assure.pickles.kinds import small_numbers
from tocsin.assure.pickles.machine import Machine
from tocsin.assure.pickles.numpy_types import ITEM_SIZES
from tocsin.assure.pickles.reading import BrokenStream, OverBound, Reader
from tocsin.assure.pickles.table import TABLE
from tocsin.assure.pickles.values import Dtype, Made, Value

TORCH_MAGIC = 0x1950A86A20F9469CFC6C
"""torch.serialization.MAGIC_NUMBER: the first pickle of a file of torch before 1.6."""

TORCH_STREAMS = 5
"""Magic number, protocol, system, the object, the storages' keys; raw storages follow."""

TORCH_OBJECT = 3
"""Which of them, counted from nought, is what was saved."""


_NDARRAY = allowed().entry("numpy", "ndarray")


class Ran(msgspec.Struct, frozen=True):
    """`values`: the first few results, as a loader would return them. `arrays`: how many of joblib's were passed."""

    judge: Judge
    values: tuple[Value, ...]
    arrays: int


class _Arrays:
    """joblib reads an array's bytes when its wrapper was built: they stand between the opcodes."""

    def __init__(self) -> None:
        self.count = 0

    def after_build(self, machine: Machine, target: Made) -> Value:
        if target.entry is None or target.entry.gives != "joblib-array":
            return target
        self.count += 1
        reader, items = machine.reader, target.items or {}
        shape, dtype = small_numbers(items.get("shape")), items.get("dtype")
        detail = dtype.detail if isinstance(dtype, Made) else None
        if shape is None or any(side < 0 for side in shape) or not isinstance(detail, Dtype):
            machine.judge.tell("pickle.joblib-array", reader.offset)
            raise BrokenStream("array")
        _end_frame(reader)
        if detail.itemsize < 0 or detail.doubtful:
            machine.judge.tell("pickle.joblib-array", reader.offset)
            raise BrokenStream("array")
        if detail.objects:
            Machine(reader, machine.judge).run(TABLE)
        else:
            if items.get("numpy_array_alignment_bytes") is not None:
                reader.skip(reader.take(1)[0])
            reader.skip(prod(shape) * detail.itemsize)
        machine.kept -= len(items)
        items.clear()  # there may be millions of wrappers
        return Made(_NDARRAY)


def run_piece(piece: Piece) -> Ran:
    """Every pickle of the piece, as joblib and torch read them and as pickle itself does."""
    ran = _run(piece, _Arrays())
    if ran.arrays:
        _read_plainly(piece, ran.judge)
    return ran


def _run(piece: Piece, arrays: _Arrays) -> Ran:
    judge = Judge(piece.path)
    reader = Reader(piece)
    found: list[Value] = []
    streams = 0
    while reader.offset < piece.size:
        try:
            value = _one(reader, judge, arrays, first=not streams)
        except _Ended:
            break
        streams += 1
        if streams <= TORCH_STREAMS:
            found.append(value)
        if streams == TORCH_STREAMS and found[0] == TORCH_MAGIC:
            _storages(reader, judge)
            break
        if streams >= MAX_STREAMS:
            judge.tell("pickle.bound", reader.offset, bound="MAX_STREAMS")
            break
    if not streams and not reader.size:
        judge.tell("pickle.broken", 0, reason="end")
    if reader.torn:
        judge.tell("pickle.frame", 0)
    return Ran(judge, tuple(found), arrays.count)


class _Ended(Exception):
    """Nothing more can be read; what there was to say is said."""


def _one(reader: Reader, judge: Judge, arrays: _Arrays, *, first: bool) -> Value:
    start = reader.offset
    machine = Machine(reader, judge)
    machine.after_build = arrays.after_build
    try:
        value = machine.run(TABLE)
    except BrokenStream as broken:
        if first:
            judge.tell("pickle.broken", reader.offset, reason=broken.reason)
        else:
            judge.tell("pickle.trailing", start, reason=broken.reason)
        raise _Ended from None
    except OverBound as over:
        judge.tell("pickle.bound", reader.offset, bound=over.bound)
        raise _Ended from None
    _end_frame(reader)
    return value


def _end_frame(reader: Reader) -> None:
    """A frame ends where a pickle or an array begins, or one unpickler has read further than another."""
    if reader.frame_end >= 0 and reader.frame_end != reader.offset:
        reader.torn = True
    reader.frame_end = -1


def _storages(reader: Reader, judge: Judge) -> None:
    """What follows must be exactly the storages named: each its count of elements (8 bytes), then the elements."""
    expected = 0
    for storage in judge.storages.values():
        size = ITEM_SIZES.get(storage.dtype, 0) if storage.dtype else 1
        expected += 8 + size * storage.elements
    if reader.offset + expected != reader.size:
        judge.tell("pickle.storages", reader.offset, expected=expected, held=reader.size - reader.offset)


def _read_plainly(piece: Piece, judge: Judge) -> None:
    """The same bytes as pickle alone would take them, without joblib's arrays: what is found so is told too.

    It ends, for an honest file, at the first array: its padding is no opcode. That it breaks there says nothing.
    """
    plain = Judge(piece.path, plainly=True)
    with suppress(BrokenStream, OverBound):
        Machine(Reader(piece), plain).run(TABLE)
    judge.take(plain)
