"""MISP events: objects and problems, or BadInput; alone and as an attribute or a carrier of a sound event."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.kernel import BadInput
    from tocsin.wire.misp import read_misp
    from tocsin.wire.stix import serialise_many

HEAD = b'{"Event":{"uuid":"5e384ae7-672c-4250-9cda-3b4da964451a","info":"x",'


def one(data: bytes) -> None:
    """The input whole, as an attribute, and as an attribute of a carrier."""
    carrier = b'"Object":[{"name":"tocsin-record","Attribute":[' + data + b"]}]}}"
    for body in (data, HEAD + b'"Attribute":[' + data + b"]}}", HEAD + carrier):
        try:
            found = read_misp(body)
        except BadInput:
            continue
        serialise_many(found.bundle.objects)


if __name__ == "__main__":
    fuzz(one)
