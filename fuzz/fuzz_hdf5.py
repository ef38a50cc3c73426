"""HDF5 structures and Keras configurations in them: findings and facts, or nothing."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.assure.pieces import Held
    from tocsin.assure.weights.hdf5 import Hdf5Examiner
    from tocsin.assure.weights.keras import KerasExaminer


def one(data: bytes) -> None:
    list(Hdf5Examiner().examine(Held("model.h5", data), "hdf5"))
    list(KerasExaminer().examine(Held("model.keras!/config.json", data), "keras"))


if __name__ == "__main__":
    fuzz(one)
