"""Pickles and numpy files: findings, facts and pieces within, or nothing; for any bytes, as any of their formats."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin.assure.pickles"]):
    from tocsin.assure.examining import Nested
    from tocsin.assure.pickles import NumpyExaminer, PickleExaminer
    from tocsin.assure.pickles.tensors import torch_tensors
    from tocsin.assure.pieces import Held
    from tocsin.kernel.artefacts import Fact, Finding

PICKLES, ARRAYS = PickleExaminer(), NumpyExaminer()


def one(data: bytes) -> None:
    """Recognised or not, it is examined: a walker may be told to."""
    piece = Held("fuzz.pkl", data)
    for examiner in (PICKLES, ARRAYS):
        examiner.recognises(piece)
        for told in examiner.examine(piece, examiner.name):
            assert isinstance(told, Finding | Fact | Nested)
    torch_tensors(piece)


if __name__ == "__main__":
    fuzz(one)
