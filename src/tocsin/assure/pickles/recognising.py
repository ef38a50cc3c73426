"""Is a piece a pickle? By its first opcodes, for protocols 0 and 1 have no magic; by its name only to look at more."""

import string
from pickle import PROTO

from tocsin.assure.examining import Piece
from tocsin.assure.pickles.bounds import MAX_PROTOCOL
from tocsin.assure.pickles.judging import Judge
from tocsin.assure.pickles.machine import Machine
from tocsin.assure.pickles.reading import BrokenStream, OverBound, Reader
from tocsin.assure.pickles.table import TABLE
from tocsin.assure.pieces import Held

PREFIX_BYTES = 4096
"""Read to recognise; the walker allows a few kilobytes."""

_PICKLE_NAMES = (".pkl", ".pickle", ".p", ".joblib", ".dill", ".cloudpickle")
"""Files that are loaded as pickles for their name: whatever stands in them, a loader would try."""

_OTHERS = (b"PK\x03\x04", b"PK\x05\x06", b"BZh", b"\x28\xb5\x2f\xfd", b"\x5d\x00\x00", b"GGUF")
"""What opens as something else though its first byte is an opcode, and is looked at as that."""

_TORCH_START = b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."
"""LONG1 with torch's magic number, and STOP; a PROTO stands before."""

_FIRST = frozenset(opcode for opcode, handler in enumerate(TABLE) if handler is not TABLE[0])
_TEXT = frozenset(map(ord, string.printable))


def recognised(piece: Piece) -> str:
    """ "torch-legacy", "joblib", "pickle" or ""."""
    start = piece.read(0, PREFIX_BYTES)
    if not start or start[0] not in _FIRST or start.startswith(_OTHERS):
        return ""
    if start[0] == PROTO[0] and len(start) > 2:
        return _kind(start) if start[1] <= MAX_PROTOCOL and start[2] in _FIRST else ""
    if piece.path.rpartition("/")[2].lower().endswith(_PICKLE_NAMES):
        return _kind(start)
    return _kind(start) if _runs(start, whole=piece.size <= len(start)) else ""


def _kind(start: bytes) -> str:
    if _TORCH_START in start[:32]:
        return "torch-legacy"
    return "joblib" if b"joblib.numpy_pickle" in start else "pickle"


def _runs(start: bytes, *, whole: bool) -> bool:
    """Do its first opcodes make sense? A text can look like some: it must end with STOP, call something, or go on."""
    judge = Judge("")
    machine = Machine(Reader(Held("", start)), judge)
    try:
        machine.run(TABLE)
    except (BrokenStream, OverBound):
        if judge.calls:
            return True
        return not whole and machine.reader.offset >= len(start) - 16
    return machine.reader.offset > _LEAST or not set(start) <= _TEXT


_LEAST = 3
"""Bytes of a pickle that is recognised by running alone; "N." is a pickle, and an abbreviation."""
