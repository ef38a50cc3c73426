"""The part of the corpus that real libraries wrote once: tests/vectors/artefacts, told in its ORIGIN.md."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.assure_corpus.shape import Benign, Shape

FOLDER = Path(__file__).parents[2] / "tests" / "vectors" / "artefacts"

_OPENS = "opens a file for writing"
_OUTSIDE = "has the reader open a file outside the model"
_EVIL: Mapping[str, tuple[str, str, str]] = {
    "cloudpickle-function": ("functions by value", _OPENS, "pickle"),
    "dill-function": ("functions by value", _OPENS, "pickle"),
    "keras-lambda": ("keras", _OPENS, "keras"),
    "keras-lambda-h5": ("keras", _OPENS, "keras"),
    "hdf5-external-link": ("keras", _OUTSIDE, ""),
    "hdf5-external-data": ("keras", _OUTSIDE, ""),
    "torchscript-save": ("torchscript", "writes a file when it is called", "torchscript"),
    "7z": ("archives", _OPENS, "archive-7z"),
    "joblib-lz4": ("joblib", _OPENS, "joblib"),
    "joblib-after-array": ("joblib", _OPENS, "joblib"),
    "joblib-after-array-zlib": ("joblib", _OPENS, "joblib"),
    "joblib-object-array": ("joblib", _OPENS, "joblib"),
    "torch-saved": ("torch", _OPENS, "torch"),
    "torch-saved-legacy": ("torch", _OPENS, "torch"),
    "torch-tensor-attribute": ("torch", _OPENS, "torch"),
    "pandas-frame-object": ("compressed pickles", _OPENS, "pandas"),
}
_NEEDS = {"cloudpickle-function": "cloudpickle", "dill-function": "dill", "pandas-frame-object": "pandas"}


def _files(folder: Path) -> dict[str, bytes]:
    """By path, sorted: a corpus is the same everywhere."""
    found = sorted(file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): file.read_bytes() for file in found}


def recorded_shapes() -> Iterator[Shape]:
    """The malicious ones."""
    for name, (family, does, loader) in _EVIL.items():
        files = _files(FOLDER / "malicious" / name)
        yield Shape(f"recorded-{name}", family, does, loader, files, needs=_NEEDS.get(name, ""))


def recorded_benign() -> Iterator[Benign]:
    """The benign ones; the family is the library, by the name's first word."""
    for folder in sorted((FOLDER / "benign").iterdir()):
        family = folder.name.partition("-")[0]
        yield Benign(f"recorded-{folder.name}", family, "tests/vectors/artefacts/ORIGIN.md", _files(folder))
