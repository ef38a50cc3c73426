"""Writes tests/vectors/artefacts again: small files by the real libraries, too large to have at hand.

    PYTHON -m benchmarks.assure_corpus.record tests/vectors/artefacts

PYTHON has torch, tensorflow-cpu, keras, scikit-learn, scipy, pandas, joblib, onnx, skl2onnx, gguf, safetensors, h5py,
tokenizers, sentencepiece, dill, cloudpickle, lz4, py7zr and nbformat. ORIGIN.md beside the files names the versions.
"""

import importlib.metadata
import os
import platform
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "torch")

from benchmarks.assure_corpus import record_evil, record_frames, record_tables, record_texts, record_torch

PACKAGES = (
    *(
        "torch",
        "tensorflow-cpu",
        "keras",
        "numpy",
        "scikit-learn",
        "scipy",
        "pandas",
        "joblib",
        "onnx",
        "skl2onnx",
    ),
    *(
        "gguf",
        "safetensors",
        "h5py",
        "tokenizers",
        "sentencepiece",
        "dill",
        "cloudpickle",
        "lz4",
        "py7zr",
        "nbformat",
    ),
)
MOST_BYTES = 1_500_000


def _write(place: Path, makers: dict[str, Callable[[Path], object]]) -> None:
    for name, make in makers.items():
        folder = place / name
        folder.mkdir(parents=True)
        make(folder)
        print(f"{name}: {sum(file.stat().st_size for file in folder.rglob('*') if file.is_file()):,} bytes")


def main() -> int:
    """Everything anew. Raises RuntimeError where it came out too large."""
    place = Path(sys.argv[1])
    for side in ("benign", "malicious"):
        shutil.rmtree(place / side, ignore_errors=True)
    for module in (record_torch, record_tables, record_frames, record_texts):
        _write(place / "benign", module.MAKERS)
    _write(place / "malicious", record_evil.MAKERS)
    size = sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
    if size > MOST_BYTES:
        raise RuntimeError(f"{size:,} bytes; make them smaller")
    versions = [f"- {name} {importlib.metadata.version(name)}" for name in PACKAGES]
    text = (place / "ORIGIN.head.md").read_text().rstrip()
    lines = [text, "", f"Python {platform.python_version()}, {platform.machine()}, and", "", *versions, ""]
    (place / "ORIGIN.md").write_text("\n".join(lines))
    print(f"{size:,} bytes in all")
    return 0


if __name__ == "__main__":
    sys.exit(main())
