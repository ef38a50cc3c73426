"""Sound, film, PDF and DOCX of strangers: what their tags and properties say, or BadInput."""

import tempfile
from pathlib import Path

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.kernel import BadInput
    from tocsin.label.carriers import carrier_of
    from tocsin.label.formats import HEAD_BYTES, Format, sniff

FORMATS = frozenset({Format.WAV, Format.MP3, Format.MP4, Format.PDF, Format.DOCX})
PLACE = Path(tempfile.mkdtemp()) / "file"


def one(data: bytes) -> None:
    """The bytes as the format that they look like."""
    try:
        format_ = sniff(data[:HEAD_BYTES], "")
    except BadInput:
        return
    if format_ not in FORMATS:
        return
    PLACE.write_bytes(data)
    try:
        carried = carrier_of(format_).read(PLACE)
    except BadInput:
        return
    assert all(field.text for field in carried.fields)


if __name__ == "__main__":
    fuzz(one)
