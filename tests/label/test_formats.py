"""A format is told by the bytes; the name decides between texts alone."""

import pytest

from tocsin.kernel import BadInput
from tocsin.label.formats import Format, media_type, sniff, suffixes


@pytest.mark.parametrize(
    ("head", "suffix", "expected"),
    [
        (b"\x89PNG\r\n\x1a\n", ".txt", Format.PNG),
        (b"\xff\xd8\xff\xe0", ".png", Format.JPEG),
        (b"RIFF\0\0\0\0WEBPVP8 ", "", Format.WEBP),
        (b"RIFF\0\0\0\0WAVEfmt ", "", Format.WAV),
        (b"GIF89a", "", Format.GIF),
        (b"II*\0", "", Format.TIFF),
        (b"\0\0\0\x20ftypisom", "", Format.MP4),
        (b"%PDF-1.7", "", Format.PDF),
        (b"ID3\x04", "", Format.MP3),
        (b"\xff\xfb\x90", "", Format.MP3),
        (b"PK\x03\x04", ".docx", Format.DOCX),
        (b"# A lottery refund", ".MD", Format.MARKDOWN),
        (b"# A lottery refund", ".txt", Format.TEXT),
        (b"\n<!DOCTYPE html><p>", ".txt", Format.HTML),
        (b"<p>a piece of a page", ".html", Format.HTML),
        (b"", "", Format.TEXT),
    ],
)
def test_sniffed(head: bytes, suffix: str, expected: Format) -> None:
    assert sniff(head, suffix) is expected


@pytest.mark.parametrize(
    ("head", "suffix", "said"),
    [
        (b"<svg xmlns=''><script>", ".html", "SVG"),
        (b"<p>", ".svg", "SVG"),
        (b"<?xml version='1.0'?>", ".txt", "SVG"),
        (b"\x7fELF\0", "", "no format"),
        (b"import os", ".py", "no format"),
        (b"II+\0", "", "BigTIFF"),
        (b"\0\0\0\x20ftypheic", "", "HEIC"),
    ],
)
def test_refused(head: bytes, suffix: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        sniff(head, suffix)


def test_every_format_has_a_media_type_and_a_name() -> None:
    assert len({media_type(one) for one in Format}) == len(Format)
    assert all(suffixes(one) for one in Format)
