"""TensorFlow's checkpoints: an index (a sorted table), and files of raw numbers without any magic, beside each other.

The numbers are known by their index. Of the index itself the mark at its end is asked for; what it says (types,
extents, places) TensorFlow checks when it reads.
"""

import re
from collections.abc import Iterator, Mapping

from tocsin.assure.examining import Piece
from tocsin.assure.weights.onnx import begins_like_text
from tocsin.kernel.artefacts import Fact, Finding

TABLE_MARK = bytes.fromhex("57fb808b247547db")
"""The last eight bytes of a sorted table (tsl/lib/io/format.h, `kTableMagicNumber`)."""

_INDEX = ".index"
_DATA = re.compile(r"\.data-\d{5}-of-\d{5}")


class CheckpointExaminer:
    """Tells a fact "tensor-data" of an index and of the files of numbers that go with it."""

    name = "tensorflow-checkpoint"
    version = 1

    def examine(self, pieces: Mapping[str, Piece], formats: Mapping[str, str]) -> Iterator[Finding | Fact]:
        stems = {
            path.removesuffix(_INDEX)
            for path, piece in pieces.items()
            if path.endswith(_INDEX) and piece.read(max(0, piece.size - 8), 8) == TABLE_MARK
        }
        for path, piece in sorted(pieces.items()):
            stem, data = path.removesuffix(_INDEX), _DATA.search(path)
            if data and data.end() == len(path):
                stem = path[: data.start()]
            if stem in stems and stem != path and not begins_like_text(piece):
                yield Fact("tensor-data", path, {"named_by": f"{stem}{_INDEX}"})
