"""Envelopes and statements: read in one way, or BadInput; what is read is written and read again the same."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin.wire"]):
    from tocsin.kernel import BadInput
    from tocsin.wire.dsse import envelope_bytes, parse_envelope
    from tocsin.wire.in_toto import parse_statement


def one(data: bytes) -> None:
    """As an envelope, and as the payload of one."""
    try:
        envelope = parse_envelope(data)
        assert parse_envelope(envelope_bytes(envelope)) == envelope
        data = envelope.payload
    except BadInput:
        pass
    try:
        said = parse_statement(data)
        assert parse_statement(said.to_bytes()) == said
    except BadInput:
        pass


if __name__ == "__main__":
    fuzz(one)
