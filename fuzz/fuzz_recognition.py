"""Messages of a re-run, recognitions and tallies, as signed payloads: read and kept to bounds, or refused by name."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(
    include=["tocsin.wire", "tocsin.evaluate.recognition", "tocsin.evaluate.joint"]
):
    import msgspec

    from tocsin.evaluate.joint import forests
    from tocsin.evaluate.joint.tallies import tallies_in
    from tocsin.evaluate.recognition.attesting import recognition_of
    from tocsin.evaluate.recognition.messages import (
        Acceptance,
        Challenge,
        Opening,
        ProtocolFault,
        Reveal,
        message_of,
    )
    from tocsin.kernel import BadInput
    from tocsin.wire.in_toto import parse_statement

KINDS = (Challenge, Acceptance, Reveal, Opening)


def one(data: bytes) -> None:
    """As each kind of message, and as a recognition with its evidence."""
    try:
        statement = parse_statement(data)
    except BadInput:
        return
    for kind in KINDS:
        try:
            message = message_of(statement, kind)
        except (BadInput, ProtocolFault):
            continue
        assert msgspec.convert(msgspec.to_builtins(message), kind) == message
    try:
        for forest in forests([tallies_in(statement)]):
            assert 0 <= forest.rows[0].rate.low <= forest.rows[0].rate.high <= 1
    except BadInput:
        pass
    try:
        found, evidence = recognition_of(statement)
    except (BadInput, ProtocolFault):
        return
    assert evidence is None or found.evaluation == evidence.challenge.evaluation


if __name__ == "__main__":
    fuzz(one)
