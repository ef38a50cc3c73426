"""Folding and the forms for finding phrases: any text has them, and a language or none; nothing escapes."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.screen.language import language_of
    from tocsin.wire import han
    from tocsin.wire.fold import fold, genuine
    from tocsin.wire.loose import loose


def one(data: bytes) -> None:
    """Bytes as UTF-8, what is not UTF-8 left out."""
    text = data.decode("utf-8", "ignore")
    folded = fold(text)
    han.sounds(han.joined(loose(folded)))
    language_of(folded)
    genuine(text)


if __name__ == "__main__":
    fuzz(one)
