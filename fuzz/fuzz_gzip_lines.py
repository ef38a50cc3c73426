"""Gzip and lines, cut where the input says: BadInput and no other error; cutting changes nothing."""

import atheris

from fuzz.harness import clock, fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.ingest import Gunzip, Lines
    from tocsin.kernel import BadInput

LIMIT = 1 << 20


def unpacked(chunks: list[bytes]) -> list[object] | None:
    """What the chunks came to; None when they are no gzip."""
    gunzip, lines = Gunzip(LIMIT), Lines(clock)
    found: list[object] = []
    try:
        for chunk in chunks:
            for piece in gunzip.feed(chunk):
                batch = lines.feed(piece)
                found += [*batch.lines, *batch.refused]
        for piece in gunzip.finish():
            batch = lines.feed(piece)
            found += [*batch.lines, *batch.refused]
    except BadInput:
        return None
    batch = lines.finish()
    return [*found, *batch.lines, *batch.refused]


def one(data: bytes) -> None:
    """The first byte says where the rest is cut."""
    at, body = (data[0] if data else 0), data[1:]
    whole, halves = unpacked([body]), unpacked([body[:at], body[at:]])
    assert whole is None or halves is None or sorted(map(repr, whole)) == sorted(map(repr, halves))
    plain = Lines(clock)
    plain.feed(body[:at])
    plain.feed(body[at:])
    plain.finish()


if __name__ == "__main__":
    fuzz(one)
