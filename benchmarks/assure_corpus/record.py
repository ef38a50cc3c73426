"""Writes tests/vectors/artefacts again: small files by the real libraries, too large to have at hand.

    PYTHON -m benchmarks.assure_corpus.record tests/vectors/artefacts

PYTHON has torch, tensorflow-cpu, keras, scikit-learn, scipy, pandas, joblib, onnx, skl2onnx, gguf, safetensors, h5py,
tokenizers, sentencepiece, dill, cloudpickle, lz4, py7zr and nbformat. ORIGIN.md beside the files names the versions.
"""

import importlib
import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

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


PARTS = {
    "record_torch": "benign",
    "record_tables": "benign",
    "record_frames": "benign",
    "record_texts": "benign",
} | {"record_evil": "malicious"}


def main() -> int:
    """Everything anew, each part in a process of its own: a library that is loaded may change what another writes.

    Raises RuntimeError where it came out too large.
    """
    place = Path(sys.argv[1])
    if len(sys.argv) > 2:
        _write(place, importlib.import_module(f"benchmarks.assure_corpus.{sys.argv[2]}").MAKERS)
        return 0
    for side in set(PARTS.values()):
        shutil.rmtree(place / side, ignore_errors=True)
    for part, side in PARTS.items():
        command: list[str | Path] = [
            sys.executable,
            "-m",
            "benchmarks.assure_corpus.record",
            place / side,
            part,
        ]
        subprocess.run(command, check=True, env=os.environ | {"KERAS_BACKEND": "torch"})
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
