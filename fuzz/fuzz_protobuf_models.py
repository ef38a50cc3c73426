"""ONNX models and TensorFlow's graphs as protobuf: findings and facts, or nothing."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.assure.pieces import Held
    from tocsin.assure.weights.onnx import OnnxDataExaminer, OnnxExaminer
    from tocsin.assure.weights.saved_model import SavedModelExaminer


def one(data: bytes) -> None:
    piece = Held("model.onnx", data)
    OnnxExaminer().recognises(piece)
    list(OnnxExaminer().examine(piece, "onnx"))
    list(OnnxDataExaminer().examine({"model.onnx": piece}, {"model.onnx": "onnx"}))
    for name in ("saved_model.pb", "fingerprint.pb", "keras_metadata.pb"):
        list(SavedModelExaminer().examine(Held(name, data), "saved-model"))


if __name__ == "__main__":
    fuzz(one)
