"""Blocks of GGUF become numbers, as many as the type says, whatever the bytes."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    import numpy as np

    from tocsin.assure.lineage.gguf_encodings import GGUF_ENCODINGS

NAMES = sorted(GGUF_ENCODINGS)


def one(data: bytes) -> None:
    if not data:
        return
    encoding = GGUF_ENCODINGS[NAMES[data[0] % len(NAMES)]]
    whole = len(data[1:]) // encoding.unit.itemsize
    units = np.frombuffer(data[1 : 1 + whole * encoding.unit.itemsize], encoding.unit).reshape(1, whole)
    with np.errstate(all="ignore"):
        assert encoding.decoded(units).shape == (1, whole * encoding.grain)


if __name__ == "__main__":
    fuzz(one)
