"""A picture comes small, blurred and grey, without anything but its pixels; what is none is refused."""

import io
from itertools import pairwise

import pytest
from PIL import Image

from tocsin.cases import veiled as room
from tocsin.cases.veiled import EDGE, Veil, veiled
from tocsin.kernel import BadInput, TooLarge


def a_picture(size: tuple[int, int] = (1_600, 800), kind: str = "JPEG") -> bytes:
    """Half black, half red, with a comment and a camera's word on where it was taken."""
    picture = Image.new("RGB", size, (0, 0, 0))
    picture.paste((255, 0, 0), (size[0] // 2, 0, *size))
    exif = Image.Exif()
    exif[0x010E] = "lottery refund"
    written = io.BytesIO()
    picture.save(written, kind, exif=exif, comment=b"lottery refund")
    return written.getvalue()


def opened(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_it_is_small_blurred_and_grey_and_nothing_else_of_the_file(kind: str) -> None:
    made = veiled(a_picture(kind=kind), Veil())
    picture = opened(made)
    assert (picture.mode, picture.size) == ("L", (EDGE, EDGE // 2))
    assert not picture.getexif()
    assert b"lottery" not in made
    middle = [picture.getpixel((x, 200)) for x in range(EDGE)]
    assert max(abs(int(str(a)) - int(str(b))) for a, b in pairwise(middle)) < 5


def test_one_picture_may_be_seen_without_a_veil() -> None:
    picture = opened(veiled(a_picture(), Veil(blur=False, grey=False)))
    assert picture.mode == "RGB"
    sharp = [picture.getpixel((x, 200)) for x in (EDGE // 4, 3 * EDGE // 4)]
    assert [str(one) for one in sharp] == ["(0, 0, 0)", "(254, 0, 0)"]


def test_more_pixels_than_are_decoded_here_are_refused_from_the_header(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(room, "MAX_PIXELS", 1_000)
    with pytest.raises(TooLarge, match="million pixels"):
        veiled(a_picture((100, 100)), Veil())


@pytest.mark.parametrize(
    "content", [b"", b"lottery refund", a_picture()[:300], b"<svg xmlns='x'/>", b"%PDF-1.7"]
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(BadInput, match="no picture"):
        veiled(content, Veil())
