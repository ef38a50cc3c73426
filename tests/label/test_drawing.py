"""The notice on a picture: as high as the standard asks, on every frame, and nothing else of the file goes."""

import io

import numpy as np
import pytest
from PIL import Image

from tests.label.making import encoded, frames, gradient, pictures
from tocsin.kernel import BadInput, TooLarge
from tocsin.label import drawing
from tocsin.label.drawing import SHARE, with_notice
from tocsin.label.formats import Format

CASES = pictures()


@pytest.mark.parametrize("name", sorted(CASES))
def test_every_frame_carries_it(name: str) -> None:
    format_, content = CASES[name]
    before, after = frames(content), frames(with_notice(content, format_, "both"))
    assert len(before) == len(after)
    for one, other in zip(before, after, strict=True):
        assert one.shape == other.shape
        changed = np.abs(one.astype(int) - other.astype(int)).max(axis=2) > 60
        assert changed[-16:, :].any()


@pytest.mark.parametrize(("width", "height"), [(2000, 1000), (900, 3000), (400, 400)])
def test_letters_are_a_twentieth_of_the_shortest_side(width: int, height: int) -> None:
    blank = Image.new("RGB", (width, height), (120, 120, 120))
    drawn = np.asarray(Image.open(io.BytesIO(with_notice(encoded(blank, "PNG"), Format.PNG, "en"))))
    rows = np.flatnonzero((drawn.min(axis=2) > 200).any(axis=1))
    assert rows[-1] - rows[0] + 1 >= min(width, height) / SHARE


def test_a_picture_on_its_side_is_turned_before_it_is_drawn_on() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = encoded(gradient(200, 100), "JPEG", exif=exif)
    with Image.open(io.BytesIO(with_notice(turned, Format.JPEG, "zh"))) as made:
        assert made.size == (100, 200)
        assert made.getexif().get(0x0112, 1) == 1


def test_what_the_file_says_beside_its_pixels_goes_along() -> None:
    exif = Image.Exif()
    exif[0x0131] = "a camera"
    content = encoded(gradient(), "JPEG", exif=exif, icc_profile=b"profile", dpi=(72, 72))
    with Image.open(io.BytesIO(with_notice(content, Format.JPEG, "en"))) as made:
        assert made.getexif()[0x0131] == "a camera"
        assert made.info["icc_profile"] == b"profile"


def test_a_jpeg_keeps_its_own_tables() -> None:
    content = encoded(gradient(), "JPEG", quality=61)
    with (
        Image.open(io.BytesIO(content)) as before,
        Image.open(io.BytesIO(with_notice(content, Format.JPEG, "en"))) as after,
    ):
        assert before.quantization == after.quantization  # type: ignore[attr-defined]


def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    format_, moving = CASES["gif-moving"]
    monkeypatch.setattr(drawing, "MAX_FRAMES", 2)
    with pytest.raises(TooLarge, match="frames"):
        with_notice(moving, format_, "en")
    monkeypatch.setattr(drawing, "MAX_PIXELS", 100)
    with pytest.raises(TooLarge, match="pixels"):
        with_notice(CASES["png"][1], Format.PNG, "en")


def test_a_bomb_of_pixels_is_refused_by_its_header() -> None:
    header = CASES["png"][1][:16] + b"\x00\x00\xff\xff\x00\x00\xff\xff" + CASES["png"][1][24:]
    with pytest.raises((TooLarge, BadInput)):
        with_notice(header, Format.PNG, "en")


@pytest.mark.parametrize("name", sorted(CASES))
def test_cut_short_is_the_senders_fault(name: str) -> None:
    format_, content = CASES[name]
    with pytest.raises(BadInput):
        with_notice(content[: len(content) // 3], format_, "en")
