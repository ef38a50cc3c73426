"""OTLP traces in json: a batch, or BadInput."""

import atheris

from fuzz.harness import NOW, fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.kernel import BadInput
    from tocsin.wire.otlp import decode_traces, response


def one(data: bytes) -> None:
    """Whatever is decoded can be answered."""
    try:
        batch = decode_traces(data, "application/json", now=NOW)
    except BadInput:
        return
    response(batch.refused, "application/json", "traces")


if __name__ == "__main__":
    fuzz(one)
