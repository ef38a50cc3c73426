"""TAXII queries, headers and envelopes: values, or BadInput."""

import contextlib
from urllib.parse import parse_qsl

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.kernel import BadInput
    from tocsin.wire import taxii


def one(data: bytes) -> None:
    """The same bytes at each door."""
    text = data.decode("latin-1")
    try:
        query = taxii.parse_query(parse_qsl(text, keep_blank_values=True))
        assert 0 < query.limit <= 5_000
    except BadInput:
        pass
    for check in (taxii.check_accept, taxii.check_content_type, taxii.read_next):
        with contextlib.suppress(BadInput):
            check(text)
    with contextlib.suppress(BadInput):
        taxii.parse_envelope(data)


if __name__ == "__main__":
    fuzz(one)
