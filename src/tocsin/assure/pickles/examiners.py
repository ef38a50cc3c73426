"""The examiners of pickles and of numpy's files; their rows stand in `assure.examiners`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tocsin.assure.examining import Nested, Piece, Told, finding
from tocsin.assure.pickles.recognising import NUMPY_MAGIC, recognised
from tocsin.assure.pieces import Window
from tocsin.kernel.artefacts import Fact

if TYPE_CHECKING:  # with the allowlist: only a pickle needs it
    from tocsin.assure.pickles.streams import Ran

_CODE_VERSION = 1
"""Raised when the same bytes may be judged otherwise; the allowlist has a version of its own."""


class PickleExaminer:
    """Pickles of every protocol: plain, torch's (in a zip or before 1.6), joblib's, dill's and cloudpickle's."""

    name = "pickle"

    @property
    def version(self) -> int:
        from tocsin.assure.pickles.allowed import allowed

        return _CODE_VERSION * 1000 + allowed().version

    def recognises(self, piece: Piece) -> str:
        return recognised(piece)

    def examine(self, piece: Piece, format_name: str) -> Iterator[Told]:
        from tocsin.assure.pickles.inner import inner_pieces
        from tocsin.assure.pickles.streams import run_piece

        ran = run_piece(piece)
        yield from ran.judge.findings()
        yield from inner_pieces(piece, ran.judge.inside)
        yield from _facts(piece.path, ran)


class NumpyExaminer:
    """numpy's files: the header by its grammar; elements are stepped over, objects are a pickle of their own."""

    name = "numpy"
    version = 1

    def recognises(self, piece: Piece) -> str:
        return "numpy" if piece.read(0, len(NUMPY_MAGIC)) == NUMPY_MAGIC else ""

    def examine(self, piece: Piece, format_name: str) -> Iterator[Told]:
        from tocsin.assure.pickles.headers import BadHeader, read_header

        try:
            header = read_header(piece)
        except BadHeader as bad:
            yield finding("pickle.npy-header", piece.path, reason=bad.reason)
            return
        held = piece.size - header.start
        if header.objects:
            yield Nested(Window(f"{piece.path}!/objects", piece, header.start, held), "pickle")
        elif held != header.size:
            yield finding("pickle.npy-size", piece.path, offset=header.start, expected=header.size, held=held)
        dtypes = {header.descr: 1}
        yield Fact(
            "tensors", piece.path, {"count": 1, "dtypes": dtypes, "bytes": held, "shape": list(header.shape)}
        )


def _facts(path: str, ran: "Ran") -> Iterator[Fact]:
    from tocsin.assure.pickles.numpy_types import ITEM_SIZES

    libraries = ran.judge.libraries()
    if libraries:
        yield Fact("metadata", path, {"libraries": libraries})
    if ran.judge.tensors:
        size = sum(
            storage.elements * (ITEM_SIZES.get(storage.dtype, 0) if storage.dtype else 1)
            for storage in ran.judge.storages.values()
        )
        count = sum(ran.judge.tensors.values())
        yield Fact("tensors", path, {"count": count, "dtypes": dict(ran.judge.tensors), "bytes": size})
