"""TorchScript sources, exported programs and TensorFlow Lite models: findings and facts, or nothing."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.assure.pieces import Held
    from tocsin.assure.weights.tflite import TfliteExaminer
    from tocsin.assure.weights.torch_export import TorchExportExaminer
    from tocsin.assure.weights.torchscript import TorchscriptExaminer


def one(data: bytes) -> None:
    list(TorchscriptExaminer().examine(Held("m.pt!/m/code/__torch__.py", data), "torchscript"))
    list(TorchExportExaminer().examine(Held("m.pt2!/m/models/model.json", data), "torch-export"))
    list(TfliteExaminer().examine(Held("m.tflite", data), "tflite"))


if __name__ == "__main__":
    fuzz(one)
