"""Event lines: an `EventLine` or a `Refusal`, for any bytes."""

import atheris

from fuzz.harness import NOW, fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.kernel import EventLine, Refusal
    from tocsin.wire.events import decode_line


def one(data: bytes) -> None:
    """Nothing may escape."""
    found = decode_line(1, data, now=NOW)
    assert isinstance(found, EventLine | Refusal)


if __name__ == "__main__":
    fuzz(one)
