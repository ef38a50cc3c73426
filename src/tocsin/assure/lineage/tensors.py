"""A tensor as a comparison sees it: a matrix in a piece."""

import math
from typing import NamedTuple

import numpy as np

from tocsin.assure.examining import Piece
from tocsin.assure.lineage.encodings import Encoding, Raw
from tocsin.kernel.errors import BadInput


class Tensor(NamedTuple):
    """A matrix of `rows` by `columns`: the later axes of a convolution are one, a vector is one row."""

    name: str
    shape: tuple[int, ...]
    rows: int
    columns: int
    encoding: Encoding
    piece: Piece
    offset: int
    head: int = 0
    """Rows of an attention head whose two halves llama.cpp has interleaved, for its rotary embedding; 0: none."""

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
        """Rows as the base would have them. Raises BadInput when the file ends before."""
        if self.head:
            first, last = start // self.head * self.head, -(-stop // self.head) * self.head
            rows = np.frombuffer(self._read(first, last), np.uint8).reshape(
                -1, self.head // 2, 2, self.row_bytes
            )
            return rows.swapaxes(1, 2).reshape(-1, self.row_bytes)[start - first : stop - first].tobytes()
        return self._read(start, stop)

    def _read(self, start: int, stop: int) -> bytes:
        length = (stop - start) * self.row_bytes
        data = self.piece.read(self.offset + start * self.row_bytes, length)
        if len(data) != length:
            raise BadInput(f"{self.piece.path} ends within the tensor {self.name}: fetch the file again")
        return data


MAX_ROW = 1 << 20
"""Entries of a row. What has longer ones (a vector of millions, a flattened model) is folded into shorter ones, and has
no directions then; what cannot be folded is not read.
"""


def tensor(name: str, shape: tuple[int, ...], encoding: Encoding, piece: Piece, offset: int) -> Tensor | None:
    """None when its rows do not consist of whole units, or are longer than MAX_ROW and cannot be folded."""
    entries = math.prod(shape)
    rows = shape[0] if len(shape) > 1 else 1
    if not entries or (entries // rows) % encoding.grain:
        return None
    columns = entries // rows
    if columns > MAX_ROW:
        fold = math.gcd(columns, MAX_ROW)
        if fold % encoding.grain or fold < encoding.grain or entries // fold > MAX_ROW:
            return None
        rows, columns = entries // fold, fold
    return Tensor(name, shape, rows, columns, encoding, piece, offset)
