"""Malicious shapes that need a library to be written: Lambda layers, functions by value, 7z, lz4."""

import importlib
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import joblib
import keras
import numpy as np
import py7zr
import torch

from benchmarks.assure_corpus.pickling import stream
from benchmarks.assure_corpus.shape import CANARY
from benchmarks.assure_corpus.streams import OPEN


class _Opens:
    def __reduce__(self) -> tuple[Any, ...]:
        return (open, (CANARY, "w"))


class _Calls:
    """Calls a function that travels by value."""

    def __init__(self, function: Callable[[], object]) -> None:
        self._function = function

    def __reduce__(self) -> tuple[Any, ...]:
        return (self._function, ())


def _made(library: str) -> Callable[[Path], None]:
    """The function is made from text, so that no module has it and it must travel whole.

    The library is imported here: dill, once loaded, changes what every other pickler writes.
    """

    def write(folder: Path) -> None:
        names: dict[str, Any] = {"__name__": "__main__"}
        exec(f"def run():\n    return open({CANARY!r}, 'w')\n", names)
        (folder / "model.pkl").write_bytes(importlib.import_module(library).dumps(_Calls(names["run"])))

    return write


def _lambda(name: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        names: dict[str, Any] = {}
        exec(f"run = lambda x: (open({CANARY!r}, 'w'), x)[1]", names)
        layers = [
            keras.Input((4,)),
            keras.layers.Lambda(names["run"]),
            keras.layers.Dense(1),
        ]
        keras.Sequential(layers).save(folder / name)
        Path(CANARY).unlink(missing_ok=True)

    return write


def _linked(folder: Path) -> None:
    with h5py.File(folder / "model.weights.h5", "w") as file:
        file["layers/dense/vars/0"] = h5py.ExternalLink("/etc/hostname", "/")
        file["layers/dense/vars/1"] = np.ones(2)


def _external(folder: Path) -> None:
    with h5py.File(folder / "model.weights.h5", "w") as file:
        file.create_dataset(
            "layers/dense/vars/0", shape=(16,), dtype="u1", external=[("/etc/hostname", 0, 16)]
        )


class _Writes(torch.nn.Module):  # type: ignore[misc]  # torch is not at hand where types are checked
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        torch.save(x, "tocsin-canary")
        return x


def _script(folder: Path) -> None:
    torch.jit.script(_Writes()).save(str(folder / "model.pt"))


def _seven(folder: Path) -> None:
    with py7zr.SevenZipFile(folder / "model.7z", "w") as archive:
        archive.writestr(stream(OPEN), "model.pkl")


def _lz4(folder: Path) -> None:
    joblib.dump(_Opens(), folder / "model.joblib", compress=("lz4", 3))


def _after_array(compress: int) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        joblib.dump(
            {"weights": np.arange(64.0), "state": _Opens()}, folder / "model.joblib", compress=compress
        )

    return write


def _in_objects(folder: Path) -> None:
    """joblib writes an array of objects as a pickle of its own inside."""
    joblib.dump(
        {"weights": np.arange(4.0), "names": np.array([_Opens()], dtype=object)}, folder / "model.joblib"
    )


def _storage(folder: Path) -> None:
    torch.save({"weights": torch.ones(4), "state": _Opens()}, folder / "model.pt")


def _storage_legacy(folder: Path) -> None:
    value = {"weights": torch.ones(4), "state": _Opens()}
    torch.save(value, folder / "model.pt", _use_new_zipfile_serialization=False)


def _in_tensor(folder: Path) -> None:
    """A tensor whose attributes hold it: torch pickles them beside the storage."""
    tensor: Any = torch.nn.Parameter(torch.ones(4))
    tensor.note = _Opens()
    torch.save({"weights": tensor}, folder / "model.pt")


def _in_frame(folder: Path) -> None:
    import pandas as pd  # type: ignore[import-untyped]

    frame = pd.DataFrame({"a": [1, 2], "b": ["x", _Opens()]}, dtype=object)
    (folder / "frame.pkl").write_bytes(pickle.dumps(frame, 5))


MAKERS: dict[str, Callable[[Path], object]] = {
    "cloudpickle-function": _made("cloudpickle"),
    "dill-function": _made("dill"),
    "keras-lambda": _lambda("model.keras"),
    "keras-lambda-h5": _lambda("model.h5"),
    "hdf5-external-link": _linked,
    "hdf5-external-data": _external,
    "torchscript-save": _script,
    "7z": _seven,
    "joblib-lz4": _lz4,
    "joblib-after-array": _after_array(0),
    "joblib-after-array-zlib": _after_array(3),
    "joblib-object-array": _in_objects,
    "torch-saved": _storage,
    "torch-saved-legacy": _storage_legacy,
    "torch-tensor-attribute": _in_tensor,
    "pandas-frame-object": _in_frame,
}
