"""A model's tensors wherever they lie: a file, a folder of shards."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from tocsin.assure.examining import Piece
from tocsin.assure.lineage.encodings import ENCODINGS, Encoding, Raw
from tocsin.kernel.errors import BadInput

FOLD = 4096
"""A row longer than MAX_ROW_BYTES is folded into rows of so many entries: it has no directions then."""

MAX_ROW_BYTES = 4 << 20


class FilePiece:
    """A file, read at an offset; two threads may read at once."""

    def __init__(self, file: Path, path: str) -> None:
        self.path = path
        self._fd = os.open(file, os.O_RDONLY)
        self.size = os.fstat(self._fd).st_size

    def read(self, offset: int, length: int) -> bytes:
        return os.pread(self._fd, length, offset)

    def close(self) -> None:
        os.close(self._fd)


class Tensor(NamedTuple):
    """One tensor as a matrix of `rows` by `columns`: a convolution's later axes are one, a vector is one row."""

    name: str
    shape: tuple[int, ...]
    rows: int
    columns: int
    encoding: Encoding
    piece: Piece
    offset: int

    @property
    def entries(self) -> int:
        return self.rows * self.columns

    @property
    def row_bytes(self) -> int:
        return self.columns // self.encoding.grain * self.encoding.unit.itemsize

    @property
    def size(self) -> int:
        return self.rows * self.row_bytes

    @property
    def is_matrix(self) -> bool:
        return len(self.shape) > 1 and min(self.rows, self.columns) > 1

    def raw(self, data: bytes) -> Raw:
        """Whole rows as an array of units, [rows, units]."""
        units = np.frombuffer(data, self.encoding.unit)
        return units.reshape(-1, self.columns // self.encoding.grain)

    def read_rows(self, start: int, stop: int) -> bytes:
        """Raises BadInput when the file ends before."""
        length = (stop - start) * self.row_bytes
        data = self.piece.read(self.offset + start * self.row_bytes, length)
        if len(data) != length:
            raise BadInput(f"{self.piece.path} ends within the tensor {self.name}: fetch the file again")
        return data
