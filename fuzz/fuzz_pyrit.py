"""PyRIT's databases: samples, or a reason."""

import tempfile
from pathlib import Path

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin.evaluate", "tocsin.store.pyrit"]):
    from tocsin.evaluate.importing import import_pyrit
    from tocsin.kernel.errors import BadInput

FILE = Path(tempfile.mkdtemp()) / "memory.db"


def one(data: bytes) -> None:
    """A whole database, counted."""
    FILE.write_bytes(data)
    try:
        results = import_pyrit(FILE)
    except BadInput:
        return
    for found in results:
        assert 0 <= found.rate.low <= found.rate.share <= found.rate.high <= 1


if __name__ == "__main__":
    fuzz(one)
