"""Bundles: objects and problems, or BadInput."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.kernel import BadInput
    from tocsin.wire.stix import parse_bundle, serialise_many


def one(data: bytes) -> None:
    """The input whole, and as the objects of a bundle."""
    for body in (data, b'{"type":"bundle","objects":[' + data + b"]}"):
        try:
            found = parse_bundle(body)
        except BadInput:
            continue
        serialise_many(found.objects)


if __name__ == "__main__":
    fuzz(one)
