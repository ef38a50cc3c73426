"""TensorFlow Lite: a flatbuffer "TFL3". Read here: its operator codes; a custom one needs somebody's library.

A flatbuffer is tables of offsets. The few that lead to the operator codes are followed by hand, each within the file:
the general library walks a whole buffer in memory and does not check where an offset leads.
(flatbuffers "Internals"; tensorflow/compiler/mlir/lite/schema/schema.fbs.)
"""

import struct
from collections.abc import Iterator

from tocsin.assure.examining import Piece, Told, finding
from tocsin.assure.weights.operators import operators
from tocsin.assure.weights.reading import Broken
from tocsin.assure.weights.telling import bounded
from tocsin.kernel.artefacts import Fact

FORMAT = "tflite"
IDENTIFIER = b"TFL3"

MAX_CODES = 10_000
"""Kinds of operators of one model; the largest have about 100."""

MAX_NAME_BYTES = 1_000
CUSTOM = 32
"""`BuiltinOperator.CUSTOM`."""

LAST_BUILTIN = 220
"""A little above the newest builtin operator (209 in TensorFlow 2.21): beyond, nobody knows what it is."""

OWN = frozenset({"TFLite_Detection_PostProcess", "Mfcc", "AudioSpectrogram", "Convolution2DTransposeBias"})
"""Custom by their number, and brought by TensorFlow Lite itself."""

FLEX = "Flex"
"""TensorFlow's own operators, run by its full runtime: "FlexReadFile" is ReadFile."""

_VERSION, _CODES, _SUBGRAPHS = 0, 1, 2
_OLD_CODE, _NAME, _CODE = 0, 1, 3


class TfliteExaminer:
    """Tells of operators that are not of TensorFlow Lite."""

    name = "tflite"
    version = 1

    def recognises(self, piece: Piece) -> str:
        return FORMAT if piece.read(4, 4) == IDENTIFIER else ""

    def examine(self, piece: Piece, format_name: str) -> Iterator[Told]:
        return bounded(_examined(piece), piece.path)


def _examined(piece: Piece) -> Iterator[Told]:
    try:
        codes = list(_codes(_Tables(piece)))
    except Broken as broken:
        yield broken.told(piece.path)
        return
    for number, name in codes:
        if name.startswith(FLEX) and name.removeprefix(FLEX) in operators("tensorflow"):
            continue
        if number == CUSTOM and name not in OWN:
            rule = "tflite.tensorflow" if name.startswith(FLEX) else "tflite.custom-operator"
            yield finding(rule, piece.path, field=name, operator=name)
        elif not 0 <= number <= LAST_BUILTIN:
            yield finding("tflite.unknown-operator", piece.path, operator=number)
    yield Fact("operator-set", piece.path, {"tflite": len(codes)})


class _Tables:
    """Reads numbers at offsets. Raises Broken for one that leads out of the file."""

    def __init__(self, piece: Piece) -> None:
        self.piece = piece

    def number(self, offset: int, layout: str) -> int:
        width = struct.calcsize(layout)
        data = self.piece.read(offset, width) if 0 <= offset < self.piece.size else b""
        if len(data) < width:
            raise Broken("tflite.broken", offset=offset)
        found: int = struct.unpack(layout, data)[0]
        return found

    def field(self, table: int, index: int) -> int:
        """Where a table's field lies; 0 when it has its default."""
        virtual = table - self.number(table, "<i")
        if 4 + 2 * index + 2 > self.number(virtual, "<H"):
            return 0
        inside = self.number(virtual + 4 + 2 * index, "<H")
        return table + inside if inside else 0

    def follow(self, offset: int) -> int:
        """Where an offset leads."""
        return offset + self.number(offset, "<I")


def _codes(tables: _Tables) -> Iterator[tuple[int, str]]:
    """Number and custom name of every operator code."""
    root = tables.follow(0)
    place = tables.field(root, _CODES)
    if not place or not tables.field(root, _SUBGRAPHS):
        raise Broken("tflite.broken", offset=root)
    vector = tables.follow(place)
    count = tables.number(vector, "<I")
    if count > MAX_CODES:
        raise Broken("tflite.too-many", offset=vector, count=count, limit=MAX_CODES)
    for index in range(count):
        code = tables.follow(vector + 4 + 4 * index)
        old, new, name = (tables.field(code, field) for field in (_OLD_CODE, _CODE, _NAME))
        # Numbers above 127 are in the newer field; a reader takes the greater of the two.
        number = max(tables.number(old, "<b") if old else 0, tables.number(new, "<i") if new else 0)
        yield number, _text(tables, name) if name else ""


def _text(tables: _Tables, place: int) -> str:
    at = tables.follow(place)
    length = tables.number(at, "<I")
    if length > MAX_NAME_BYTES:
        raise Broken("tflite.too-many", offset=at, count=length, limit=MAX_NAME_BYTES)
    return tables.piece.read(at + 4, length).decode("utf-8", "replace")
