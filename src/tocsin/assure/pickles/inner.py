"""Bytes that lie in a pickle and are given to another loader: pieces of their own, looked at in their turn."""

from collections.abc import Iterator

from tocsin.assure.examining import Nested, Piece, finding
from tocsin.assure.pickles.bounds import MAX_INNER_TEXT
from tocsin.assure.pickles.values import Blob
from tocsin.assure.pieces import Held, Window
from tocsin.kernel.artefacts import Finding


def inner_pieces(piece: Piece, inside: list[Blob | bytes]) -> Iterator[Nested | Finding]:
    """What another loader is given, as pieces; text is turned back into the bytes that it stands for."""
    for place, value in enumerate(inside):
        path = f"{piece.path}!/bytes-{place}"
        if isinstance(value, bytes):
            yield Nested(Held(path, value))
        elif value.kind == "bytes":
            yield Nested(Window(path, piece, value.offset, value.size))
        elif value.size > MAX_INNER_TEXT:
            yield finding("pickle.bound", piece.path, offset=value.offset, bound="MAX_INNER_TEXT")
        else:
            how = "raw-unicode-escape" if value.kind == "raw-latin1" else "utf-8"
            text = piece.read(value.offset, value.size).decode(how, "replace")
            yield Nested(Held(path, text.encode("latin-1", "replace")))
