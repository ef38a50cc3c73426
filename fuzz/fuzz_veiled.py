"""A stranger's picture under a veil: a small JPEG, or a reason."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.cases.veiled import Veil, veiled
    from tocsin.kernel import BadInput


def one(data: bytes) -> None:
    """The first byte says how much of the veil is on."""
    try:
        made = veiled(data[1:], Veil(blur=bool(data[:1] > b"\x7f"), grey=bool(data[1:2] > b"\x7f")))
    except BadInput:
        return
    assert made.startswith(b"\xff\xd8")


if __name__ == "__main__":
    fuzz(one)
