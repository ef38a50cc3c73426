"""GGUF headers: findings and facts, or nothing; what gives tensors gives each a length."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.assure.pieces import Held
    from tocsin.assure.weights import gguf_tensors
    from tocsin.assure.weights.gguf import GgufExaminer
    from tocsin.kernel import BadInput


def one(data: bytes) -> None:
    piece = Held("model.gguf", data)
    list(GgufExaminer().examine(piece, "gguf"))
    try:
        tensors = gguf_tensors(piece)
    except BadInput:
        return
    assert all(tensor.length >= 0 for tensor in tensors)


if __name__ == "__main__":
    fuzz(one)
