"""Is a piece a pickle? By its first opcodes, for protocols 0 and 1 have no magic; by its name only to look at more."""

import pickle  # the opcodes' numbers alone: nothing here unpickles
import string

from tocsin.assure.examining import Piece
from tocsin.assure.pickles.bounds import MAX_PROTOCOL
from tocsin.kernel.artefacts import Severity

NUMPY_MAGIC = b"\x93NUMPY"
"""Of numpy's own files, which are no pickles and may hold one."""

PREFIX_BYTES = 4096
"""Read to recognise; the walker allows a few kilobytes."""

_PICKLE_NAMES = (".pkl", ".pickle", ".p", ".joblib", ".dill", ".cloudpickle")
"""Files that are loaded as pickles for their name: whatever stands in them, a loader would try."""

_ZIPS = (b"PK\x03\x04", b"PK\x05\x06")
"""As a pickle: a persistent id of the rest of the line, which every loader refuses."""

_PACKED = (*_ZIPS, b"BZh", b"\x28\xb5\x2f\xfd", b"\x5d\x00\x00")
"""Compressed streams that begin with an opcode: joblib writes them under the names above, and the walker opens them."""

_TORCH_START = b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."
"""LONG1 with torch's magic number, and STOP; a PROTO stands before."""

_FIRST = frozenset(
    number[0]
    for name, number in vars(pickle).items()
    if name.isupper() and isinstance(number, bytes) and len(number) == 1
)
"""Every opcode: what begins with another byte is no pickle, and the allowlist need not be read to know it."""

_TEXT = frozenset(map(ord, string.printable))


def recognised(piece: Piece) -> str:
    """ "torch-legacy", "joblib", "pickle" or ""."""
    start = piece.read(0, PREFIX_BYTES)
    if not start or start[0] not in _FIRST or start.startswith(_ZIPS):
        return ""
    if start[0] == pickle.PROTO[0] and len(start) > 2:
        return _kind(start) if start[1] <= MAX_PROTOCOL and start[2] in _FIRST else ""
    if piece.path.rpartition("/")[2].lower().endswith(_PICKLE_NAMES) and not start.startswith(_PACKED):
        return _kind(start)
    return _kind(start) if _runs(piece, printable=set(start) <= _TEXT) else ""


def _kind(start: bytes) -> str:
    if _TORCH_START in start[:32]:
        return "torch-legacy"
    return "joblib" if b"joblib.numpy_pickle" in start else "pickle"


def _runs(piece: Piece, *, printable: bool) -> bool:
    """Do its first opcodes make sense? A text can look like some: they must reach STOP, call something, name something
    dangerous, or go on for as long as is read here.
    """
    from tocsin.assure.pickles.judging import Judge
    from tocsin.assure.pickles.machine import Machine
    from tocsin.assure.pickles.reading import BrokenStream, OverBound, Reader
    from tocsin.assure.pickles.table import TABLE

    judge = Judge("")
    reader = Reader(piece, chunk=PREFIX_BYTES, most=_MOST_WALKED)
    try:
        Machine(reader, judge).run(TABLE)
    except OverBound:
        return True
    except BrokenStream:
        return judge.calls > 0 or any(found.severity is Severity.CRITICAL for found in judge.findings())
    return reader.offset > _LEAST or not printable


_MOST_WALKED = 4 * PREFIX_BYTES

_LEAST = 3
"""Bytes of a pickle that is recognised by running alone; "N." is a pickle, and an abbreviation."""
