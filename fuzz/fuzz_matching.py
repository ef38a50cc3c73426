"""Messages of a private match as a peer gives them: each a message or BadInput; and as what a server hears."""

import contextlib

import atheris

from fuzz.harness import clock, fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tests.matching import ALICE, BOB, SEED, TERMS, Spent, handles
    from tocsin.kernel import TocsinError
    from tocsin.trust.matching import Server
    from tocsin.trust.matching.messages import decode, encode

_THEIRS = handles(range(10))


def one(data: bytes) -> None:
    """As a message; and as what a server hears, first and next."""
    with contextlib.suppress(TocsinError):
        message = decode(data)
        assert decode(encode(message)) == message
    server = Server(
        BOB,
        ALICE,
        _THEIRS,
        terms=TERMS,
        spending=Spent(),
        seed=SEED,
        clock=clock,
        entropy=lambda size: b"\x01" * size,
    )
    for part in data.split(b"\xff\xff\xff\xff"):
        with contextlib.suppress(TocsinError):
            server.answer(part)


if __name__ == "__main__":
    fuzz(one)
