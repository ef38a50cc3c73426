"""safetensors headers: findings and facts, or nothing; what gives tensors gives them inside 64 bits."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.assure.pieces import Held
    from tocsin.assure.weights import safetensors_tensors
    from tocsin.assure.weights.safetensors import SafetensorsExaminer
    from tocsin.kernel import BadInput


def one(data: bytes) -> None:
    piece = Held("model.safetensors", data)
    list(SafetensorsExaminer().examine(piece, "safetensors"))
    try:
        tensors = safetensors_tensors(piece)
    except BadInput:
        return
    assert all(0 <= tensor.length < 1 << 64 for tensor in tensors)


if __name__ == "__main__":
    fuzz(one)
