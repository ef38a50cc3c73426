"""GGUF headers: findings and facts, or nothing; what gives tensors gives each a length."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.assure.weights import gguf_tensors
    from tocsin.assure.weights.gguf import GgufExaminer
    from tocsin.assure.weights.text_piece import TextPiece
    from tocsin.kernel import BadInput


def one(data: bytes) -> None:
    piece = TextPiece("model.gguf", data)
    list(GgufExaminer().examine(piece, "gguf"))
    try:
        tensors = gguf_tensors(piece)
    except BadInput:
        return
    assert all(tensor.length >= 0 for tensor in tensors)


if __name__ == "__main__":
    fuzz(one)
