"""Neighbours' files: objects and problems, or BadInput."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.ingest.neighbours import detect
    from tocsin.kernel import BadInput
    from tocsin.wire.neighbours import read_aiid, read_avid
    from tocsin.wire.stix import serialise_many

INCIDENT = b"title,Alleged deployer of AI system,incident_id,date\n"


def one(data: bytes) -> None:
    """The input as each of them, and below the header of a snapshot."""
    detect(data)
    for read, body in ((read_avid, data), (read_aiid, data), (read_aiid, INCIDENT + data)):
        try:
            found = read(body)
        except BadInput:
            continue
        serialise_many(found.objects)


if __name__ == "__main__":
    fuzz(one)
