"""Pieces within a piece: bytes that lie in a pickle, looked at in their turn."""

from collections.abc import Iterator

from tocsin.assure.examining import Nested, Piece, finding
from tocsin.assure.pickles.bounds import MAX_INNER_TEXT
from tocsin.assure.pickles.values import Blob
from tocsin.kernel.artefacts import Finding


class Slice:
    """So many bytes of another piece, from an offset on."""

    def __init__(self, piece: Piece, path: str, offset: int, size: int) -> None:
        self._piece = piece
        self._offset = offset
        self.path = path
        self.size = size

    def read(self, offset: int, length: int) -> bytes:
        return self._piece.read(self._offset + offset, max(0, min(length, self.size - offset)))


class Held:
    """A few bytes in memory."""

    def __init__(self, data: bytes, path: str) -> None:
        self._data = data
        self.path = path
        self.size = len(data)

    def read(self, offset: int, length: int) -> bytes:
        return self._data[offset : offset + length]


def inner_pieces(piece: Piece, inside: list[Blob | bytes]) -> Iterator[Nested | Finding]:
    """What another loader is given, as pieces; text is turned back into the bytes that it stands for."""
    for place, value in enumerate(inside):
        path = f"{piece.path}!/bytes-{place}"
        if isinstance(value, bytes):
            yield Nested(Held(value, path))
        elif value.kind == "bytes":
            yield Nested(Slice(piece, path, value.offset, value.size))
        elif value.size > MAX_INNER_TEXT:
            yield finding("pickle.bound", piece.path, offset=value.offset, bound="MAX_INNER_TEXT")
        else:
            text = piece.read(value.offset, value.size).decode("utf-8", "surrogatepass")
            yield Nested(Held(text.encode("latin-1", "replace"), path))
