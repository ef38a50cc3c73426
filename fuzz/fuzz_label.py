"""Labels in files of strangers: fields, XMP, the blocks around a picture, texts. Each is read, or BadInput."""

import contextlib
import tempfile
from pathlib import Path

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.kernel import BadInput
    from tocsin.label.formats import PICTURES, Format, sniff
    from tocsin.label.pages import HtmlCarrier
    from tocsin.label.splicing import spliceable
    from tocsin.label.texts import MarkdownCarrier, TextCarrier
    from tocsin.wire import aigc, xmp

PACKET = xmp.edited(None, {xmp.AIGC: '{"Label":"1"}'})
PLACE = Path(tempfile.mkdtemp(prefix="tocsin-fuzz-")) / "text"


def one(data: bytes) -> None:
    """The bytes as each of them."""
    with contextlib.suppress(BadInput):
        aigc.read(data.decode("utf-8", "replace"))
    for read in (xmp.properties, xmp.scanned):
        try:
            read(data)
        except BadInput:
            continue
    with contextlib.suppress(BadInput):
        assert xmp.Property(xmp.AIGC, "x") in xmp.properties(xmp.edited(data, {xmp.AIGC: "x"}))
    for format_ in PICTURES:
        try:
            made = spliceable(data, format_).put(PACKET)
        except BadInput:
            continue
        assert spliceable(made, format_).packet == PACKET, format_
    PLACE.write_bytes(data)
    for carrier in (TextCarrier(), MarkdownCarrier(), HtmlCarrier()):
        try:
            carrier.read(PLACE)
        except BadInput:
            continue
    with contextlib.suppress(BadInput):
        assert sniff(data, ".txt") in Format


if __name__ == "__main__":
    fuzz(one)
