"""Folding: any text folds, and a folded text is its own fold's neighbour; nothing escapes."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.wire.fold import fold, genuine


def one(data: bytes) -> None:
    """Bytes as UTF-8, what is not UTF-8 left out."""
    text = data.decode("utf-8", "ignore")
    fold(text)
    genuine(text)


if __name__ == "__main__":
    fuzz(one)
