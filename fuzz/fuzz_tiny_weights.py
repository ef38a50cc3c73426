"""Weights of a tiny model: read whole and written again, or BadInput."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.kernel.errors import BadInput
    from tocsin.wire.safetensors import pack, unpack


def one(data: bytes) -> None:
    """What was read has the same tensors when it is written."""
    try:
        tensors = unpack(data)
    except BadInput:
        return
    assert {name: value.shape for name, value in unpack(pack(tensors)).items()} == {
        name: value.shape for name, value in tensors.items()
    }


if __name__ == "__main__":
    fuzz(one)
