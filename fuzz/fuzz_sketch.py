"""Fingerprint blobs and signatures: decoded, or BadInput."""

import contextlib

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.kernel import BadInput
    from tocsin.wire import sketch


def one(data: bytes) -> None:
    """Alone, among others, and as a peer's signature."""
    try:
        found = sketch.decode(data)
        assert found.shingles >= len(found.hashes)
    except BadInput:
        pass
    with contextlib.suppress(BadInput):
        sketch.decode_batch([data, data])
    with contextlib.suppress(BadInput):
        sketch.signature_array(data)


if __name__ == "__main__":
    fuzz(one)
