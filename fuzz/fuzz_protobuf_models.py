"""ONNX models as protobuf: findings and facts, or nothing."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.assure.pieces import Held
    from tocsin.assure.weights.onnx import OnnxDataExaminer, OnnxExaminer


def one(data: bytes) -> None:
    piece = Held("model.onnx", data)
    OnnxExaminer().recognises(piece)
    list(OnnxExaminer().examine(piece, "onnx"))
    list(OnnxDataExaminer().examine({"model.onnx": piece}, {"model.onnx": "onnx"}))


if __name__ == "__main__":
    fuzz(one)
