"""XMP put into pictures: no pixel changes, other readers find it, and lengths that lie are refused."""

import contextlib
import io
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.label.making import encoded, frames, gradient, pictures
from tests.label.media import needs
from tocsin.kernel import BadInput, TooLarge
from tocsin.label.formats import Format
from tocsin.label.splicing import spliceable
from tocsin.wire import xmp

PACKET = xmp.edited(None, {xmp.AIGC: '{"Label":"1"}'})
CASES = pictures()


@pytest.mark.parametrize("name", sorted(CASES))
def test_no_pixel_changes_and_the_packet_is_read_again(name: str) -> None:
    format_, content = CASES[name]
    made = spliceable(content, format_).put(PACKET)
    assert spliceable(made, format_).packet == PACKET
    before, after = frames(content), frames(made)
    assert len(before) == len(after)
    assert all((one == other).all() for one, other in zip(before, after, strict=True))


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_second_packet_takes_the_place_of_the_first(name: str) -> None:
    format_, content = CASES[name]
    longer = xmp.edited(None, {xmp.AIGC: "x" * 999})
    made = spliceable(spliceable(content, format_).put(longer), format_).put(PACKET)
    if (
        format_ is not Format.TIFF
    ):  # nothing in a TIFF is moved: the old one lies there, and nothing points at it
        assert made == spliceable(spliceable(content, format_).put(PACKET), format_).put(PACKET)
        assert made.count(b"</x:xmpmeta>") == 1
    assert spliceable(made, format_).packet == PACKET


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "PNG", "TIFF"])
def test_pillow_reads_it(form: str) -> None:
    made = spliceable(encoded(gradient(), form), Format(form.lower())).put(PACKET)
    with Image.open(io.BytesIO(made)) as opened:
        opened.load()
        held = opened.info.get("xmp") or getattr(opened, "tag_v2", {}).get(700)
    assert held in (PACKET, PACKET.decode())


def test_a_compressed_packet_of_a_png_is_read_within_bounds() -> None:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", PACKET.decode(), zip=True)
    assert spliceable(encoded(gradient(), "PNG", pnginfo=info), Format.PNG).packet == PACKET
    bomb = PngInfo()
    bomb.add_itxt("XML:com.adobe.xmp", "x" * (xmp.MAX_PACKET_BYTES + 1), zip=True)
    with pytest.raises(TooLarge):
        spliceable(encoded(gradient(), "PNG", pnginfo=bomb), Format.PNG)


def test_what_a_jpeg_cannot_hold_is_refused() -> None:
    with pytest.raises(TooLarge, match="JPEG"):
        spliceable(CASES["jpeg"][1], Format.JPEG).put(b"x" * 70_000)


@pytest.mark.parametrize("name", sorted(CASES))
def test_cut_short_is_refused_or_harmless(name: str) -> None:
    format_, content = CASES[name]
    for length in {0, 5, 9, 20, len(content) // 3, len(content) - 1}:
        with contextlib.suppress(BadInput):
            spliceable(content[:length], format_).put(PACKET)


@settings(max_examples=60)
@given(data=st.data())
def test_changed_bytes_are_refused_or_harmless(data: st.DataObject) -> None:
    format_, content = CASES[data.draw(st.sampled_from(sorted(CASES)))]
    changed = bytearray(content)
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, min(len(content), 400) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(BadInput):
        spliceable(bytes(changed), format_).put(PACKET)


def test_exiftool_reads_it_and_finds_the_file_sound(tmp_path: Path) -> None:
    for name, (format_, content) in CASES.items():
        (tmp_path / f"{name}.{format_}").write_bytes(spliceable(content, format_).put(PACKET))
    command = [
        needs("exiftool", "libimage-exiftool-perl"),
        "-s3",
        "-p",
        "$FileName|$XMP-TC260:AIGC",
        "-validate",
        "-error",
        str(tmp_path),
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    told = [line for line in said.splitlines() if "|" in line]
    assert len(told) == len(CASES), said
    assert all(line.endswith('{"Label":"1"}') for line in told)
