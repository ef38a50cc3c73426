"""OTLP logs in json: a batch, or BadInput."""

import atheris

from fuzz.harness import NOW, fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.kernel import BadInput
    from tocsin.wire.otlp import decode_logs, response


def one(data: bytes) -> None:
    """Whatever is decoded can be answered."""
    try:
        batch = decode_logs(data, "application/json", now=NOW)
    except BadInput:
        return
    response(batch.refused, "application/json", "logs")


if __name__ == "__main__":
    fuzz(one)
