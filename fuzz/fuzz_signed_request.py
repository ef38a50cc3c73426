"""Headers of a signed request: verified, or NotSigned."""

import contextlib
from datetime import timedelta

import atheris

from fuzz.harness import NOW, fuzz

with atheris.instrument_imports(include=["tocsin", "http_sf", "http_message_signatures"]):
    from tocsin.trust.signed_requests import NotSigned, Shown, check_body, verify


def one(data: bytes) -> None:
    """The same bytes in each field, by lines."""
    fields = (data.decode("latin-1").split("\n") + [""] * 4)[:4]
    headers = dict(
        zip(("signature-input", "signature", "content-digest", "tocsin-recipient"), fields, strict=True)
    )
    shown = Shown("POST", "node.example", f"/{fields[0]}", fields[1], headers)
    for candidate in (shown, Shown("GET", fields[2], "/", "", headers | {"tocsin-recipient": "tn_a"})):
        with contextlib.suppress(NotSigned):
            verify(
                candidate,
                recipient="tn_a",
                key_of=lambda _: bytes(32),
                now=NOW,
                started=NOW - timedelta(days=1),
            )
    with contextlib.suppress(NotSigned):
        check_body(fields[2], data)


if __name__ == "__main__":
    fuzz(one)
