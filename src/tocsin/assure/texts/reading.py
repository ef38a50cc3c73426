"""A small text file as a whole: bounded, strict UTF-8, or the finding that says why not."""

from tocsin.assure.examining import Piece, finding
from tocsin.kernel.artefacts import Finding

_BOM = b"\xef\xbb\xbf"


def bytes_of(piece: Piece, bound: int) -> tuple[bytes, Finding | None]:
    """All of a piece of at most `bound` bytes; else nothing, and the finding."""
    if piece.size > bound:
        return b"", finding("text.too-large", piece.path, size=piece.size, bound=bound)
    data = piece.read(0, piece.size)
    if len(data) != piece.size:
        return b"", finding("text.cut-short", piece.path, size=piece.size, read=len(data))
    return data, None


def text_of(piece: Piece, bound: int) -> tuple[str, Finding | None]:
    """The text of a piece, without a byte order mark; else "", and the finding."""
    data, wrong = bytes_of(piece, bound)
    if wrong is not None:
        return "", wrong
    try:
        return data.removeprefix(_BOM).decode("utf-8"), None
    except UnicodeDecodeError as error:
        return "", finding("text.not-utf-8", piece.path, offset=error.start)
