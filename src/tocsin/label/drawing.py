"""A notice drawn on a picture: at least a twentieth of its shortest side high, in a corner, on every frame.

Enters: a picture's bytes. Leaves: a picture of the same format, size and number of frames with the notice on it, made
anew: what is drawn changes pixels, so a JPEG is written again, with its own tables. Its Exif and colours go along.
Refuses: what has more pixels or frames than are decoded here, and what is no picture.
"""

import io
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from tocsin.kernel import BadInput, TocsinError, TooLarge
from tocsin.label.carrying import NOTICES, Tongue
from tocsin.label.formats import HEAD_BYTES, Format

if TYPE_CHECKING:
    from PIL import Image, ImageFont

MAX_PIXELS = 100_000_000
"""Of one frame: the largest sensors sold. Decoded 300 MB, which bounds what one file costs."""
MAX_FRAME_PIXELS = 400_000_000
"""Of all frames together: they are held at once when they are written again."""
MAX_FRAMES = 2_000

SHARE = 20
"""GB 45438-2025: the letters of a notice on a picture are at least 5 % of its shortest side high."""
MIN_LETTER_PIXELS = 8
"""Below this no letter can be read; a picture under 160 pixels gets letters larger than the standard asks."""
MARGIN_SHARE = 2
"""Around the letters, as a part of their height."""
MIN_CONTRAST = 3 * 128
"""Between the two colours of a palette, of 3 x 255: letters are read from about half."""
JPEG_QUALITY = 92
"""For a picture whose own tables cannot be kept: it was turned upright, or its colours were converted."""
WEBP_QUALITY, WEBP_METHOD = 88, 1
"""A file does not say at what quality it was made. Method 2 saves a tenth and takes a fifth longer, 4 twice that."""
PNG_LEVEL = 2
"""Half the time of the library's 6, and some 7 % larger."""
PNG_GRAINY = 0.4
"""Of its bare size, from which a PNG is a photograph: nothing repeats in it but a shade, and zlib's Z_RLE takes two
thirds of the time for no more bytes. On patterns it is ten times larger; here at most one divided by this."""
_Z_RLE = 3

_ORIENTATION = 0x0112
_BACK, _WHITE = (0, 0, 0, 160), (255, 255, 255, 255)
_PILLOW = {
    Format.PNG: "PNG",
    Format.JPEG: "JPEG",
    Format.WEBP: "WEBP",
    Format.GIF: "GIF",
    Format.TIFF: "TIFF",
}


def opened(content: bytes, format_: Format) -> "Image.Image":
    """The picture, its header read and bounded, nothing decoded. Raises BadInput, TooLarge."""
    from PIL import Image

    try:
        picture = Image.open(io.BytesIO(content), formats=(_PILLOW[format_],))
        pixels, frames = picture.width * picture.height, getattr(picture, "n_frames", 1)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise TooLarge(f"the picture has over {MAX_PIXELS // 1_000_000} million pixels") from None
    except Exception as error:  # decoders of foreign bytes raise of every kind; all mean the same
        raise BadInput(f"this is no {format_} that can be read: is it cut short?") from error
    if pixels > MAX_PIXELS:
        raise TooLarge(f"the picture has over {MAX_PIXELS // 1_000_000} million pixels")
    if frames > MAX_FRAMES or pixels * frames > MAX_FRAME_PIXELS:
        raise TooLarge(f"the picture has {frames} frames: more than are decoded here")
    return picture


def frames_of(content: bytes, format_: Format) -> int:
    """How many frames or pages it has. Raises as `opened`."""
    return int(getattr(opened(content, format_), "n_frames", 1))


def with_notice(content: bytes, format_: Format, tongue: Tongue) -> bytes:
    """The picture with the notice on it. Raises BadInput, TooLarge."""
    picture = opened(content, format_)
    try:
        frames = getattr(picture, "n_frames", 1)
        if frames > 1:
            return _several(picture, format_, tongue, frames)
        return _one(picture, format_, tongue, content)
    except TocsinError:
        raise
    except Exception as error:  # as above
        raise BadInput(f"this {format_} cannot be decoded: is it cut short?") from error


def _one(picture: "Image.Image", format_: Format, tongue: Tongue, content: bytes) -> bytes:
    from PIL import ImageOps

    upright = ImageOps.exif_transpose(picture)  # or the notice stands on its side
    said = _said(picture, upright)
    if format_ is Format.JPEG:
        if picture.mode in ("L", "RGB") and picture.getexif().get(_ORIENTATION, 1) == 1:
            _draw(picture, tongue)
            said |= {"quality": "keep"}
            return _saved(picture, format_, said)
        drawn = upright if upright.mode in ("L", "RGB") else upright.convert("RGB")
        _draw(drawn, tongue)
        return _saved(drawn, format_, said | {"quality": JPEG_QUALITY})
    if format_ is Format.GIF and upright.mode == "P" and _draw_in_palette(upright, tongue):
        return _saved(upright, format_, said)
    drawn = _drawable(upright)
    _draw(drawn, tongue)
    if format_ is Format.WEBP:
        lossless = b"VP8L" in content[:HEAD_BYTES]
        said |= {"lossless": True} if lossless else {"quality": WEBP_QUALITY, "method": WEBP_METHOD}
    if format_ is Format.PNG:
        said |= {"compress_level": PNG_LEVEL}
        if len(content) > PNG_GRAINY * drawn.width * drawn.height * len(drawn.getbands()):
            said |= {"compress_type": _Z_RLE}
    if format_ is Format.TIFF:
        said |= {"compression": picture.info.get("compression", "raw")}
    return _saved(drawn, format_, said)


def _several(picture: "Image.Image", format_: Format, tongue: Tongue, frames: int) -> bytes:
    drawn, durations = [], []
    for number in range(frames):
        picture.seek(number)
        frame = _drawable(picture).copy()
        _draw(frame, tongue)
        drawn.append(frame)
        durations.append(picture.info.get("duration", 0))
    said: dict[str, Any] = {"save_all": True, "append_images": drawn[1:]}
    if format_ is Format.TIFF:
        said |= {"compression": picture.info.get("compression", "raw")}
    else:
        said |= {"duration": durations, "loop": picture.info.get("loop", 1)}
    return _saved(drawn[0], format_, said | _said(picture, picture))


def _drawable(picture: "Image.Image") -> "Image.Image":
    """In a mode that colours can be drawn in, with what was see-through still see-through."""
    if picture.mode in ("L", "RGB", "RGBA"):
        return picture
    if picture.mode in ("1", "I;16", "I", "F"):
        return picture.convert("L")
    see_through = "transparency" in picture.info or picture.mode in ("LA", "PA", "La", "RGBa")
    return picture.convert("RGBA" if see_through else "RGB")


def _draw(picture: "Image.Image", tongue: Tongue) -> None:
    """At the bottom, on the left; smaller letters are never taken, so a long notice on a tall picture is shortened."""
    from PIL import Image

    letters = _letters(picture.size, tongue)
    where = (0, picture.height - letters.height)
    plate = Image.new("RGBA", letters.size, _BACK)
    plate.paste(_WHITE, mask=letters)
    if picture.mode == "RGBA":
        picture.alpha_composite(plate, where)
    else:
        picture.paste(plate.convert(picture.mode), where, plate.getchannel("A"))


def _draw_in_palette(picture: "Image.Image", tongue: Tongue) -> bool:
    """In the picture's own darkest and lightest colour, so that no colour has to be chosen anew; False without two."""
    palette = picture.getpalette() or []
    weights = [sum(palette[at : at + 3]) for at in range(0, len(palette) - 2, 3)]
    clear = picture.info.get("transparency")
    known = [index for index in range(len(weights)) if index != clear]
    dark, light = (
        (min(known, key=weights.__getitem__), max(known, key=weights.__getitem__)) if known else (0, 0)
    )
    if not known or weights[light] - weights[dark] < MIN_CONTRAST:
        return False
    letters = _letters(picture.size, tongue)
    top = picture.height - letters.height
    picture.paste(dark, (0, top, letters.width, picture.height))
    picture.paste(light, (0, top), letters.point(lambda shade: 255 if shade > 127 else 0).convert("1"))
    return True


def _letters(size: tuple[int, int], tongue: Tongue) -> "Image.Image":
    """The plate that is laid on a picture of this size: white letters on black, no larger than the picture."""
    from PIL import Image, ImageDraw

    height = max(MIN_LETTER_PIXELS, -(-min(size) // SHARE))
    margin = max(1, height // MARGIN_SHARE)
    font = _font(height)
    text = NOTICES[tongue]
    if tongue == "both" and font.getlength(text) + 2 * margin > size[0]:
        text = NOTICES["zh"]
    left, top, right, bottom = font.getbbox(text)
    wide, high = round(right - left) + 2 * margin, round(bottom - top) + 2 * margin
    plate = Image.new("L", (min(wide, size[0]), min(high, size[1])))
    ImageDraw.Draw(plate).text((margin - left, margin - top), text, font=font, fill=255)
    return plate


@lru_cache(maxsize=16)
def _font(letter: int) -> "ImageFont.FreeTypeFont":
    """The font at the size at which its letters are `letter` pixels high."""
    from PIL import ImageFont

    file = resources.files("tocsin.label").joinpath("notice.otf").read_bytes()
    probe = ImageFont.truetype(io.BytesIO(file), 100, layout_engine=ImageFont.Layout.BASIC)
    _, top, _, bottom = probe.getbbox("AI")  # the lowest of the letters that count
    size = -(-letter * 100 // round(bottom - top))
    return ImageFont.truetype(io.BytesIO(file), size, layout_engine=ImageFont.Layout.BASIC)


def _said(picture: "Image.Image", upright: "Image.Image") -> dict[str, Any]:
    """What the file says beside its pixels, without the old XMP, which is written after this."""
    said: dict[str, Any] = {}
    if profile := picture.info.get("icc_profile"):
        said["icc_profile"] = profile
    exif = upright.getexif()
    if exif:
        said["exif"] = exif
    if dpi := picture.info.get("dpi"):
        said["dpi"] = dpi
    return said


def _saved(picture: "Image.Image", format_: Format, said: dict[str, Any]) -> bytes:
    written = io.BytesIO()
    if format_ is Format.GIF:
        said = {key: value for key, value in said.items() if key not in ("exif", "icc_profile", "dpi")}
    picture.save(written, _PILLOW[format_], **said)
    return written.getvalue()
