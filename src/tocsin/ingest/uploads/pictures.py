"""Pictures: decoded within bounds and written anew from their pixels, so that nothing else of the file is left.

JPEG stays JPEG; PNG, WebP and GIF become PNG, animated where they were. Where a camera said which way up, the pixels
are turned before that is forgotten.
"""

import io
from typing import TYPE_CHECKING

from tocsin.ingest.uploads.kinds import Kind
from tocsin.kernel import BadInput, TooLarge

if TYPE_CHECKING:
    from PIL import Image

MAX_PIXELS = 40_000_000
"""Of all frames together: an 8K screen is 33 million. Decoded that is 160 MB, which bounds what one file costs."""

MAX_FRAMES = 120
"""An animation that shows what a program did; a film is another thing."""

JPEG_QUALITY = 92
"""Text on a photographed screen stays legible; above it files grow and nothing more can be read."""

_FORMATS = {Kind.JPEG: "JPEG", Kind.PNG: "PNG", Kind.WEBP: "WEBP", Kind.GIF: "GIF"}
_EXIF_GPS = 0x8825
"""Tag of the GPS directory (Exif 2.32, section 4.6.3)."""

_MS_LONGEST = 60_000
"""A frame is shown for a minute at most, whatever the file asks."""

_CANNOT = "this picture cannot be read to its end: make a screenshot of it and send that"


def picture(kind: Kind, content: bytes) -> tuple[str, bytes, tuple[str, ...]]:
    """Media type, bytes and what was left out. Raises BadInput, TooLarge."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=[_FORMATS[kind]]) as opened:
            _check(opened)
            frames, pauses, found = _frames(opened)
            return _written(kind, frames, pauses, found)
    except BadInput:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise TooLarge(_too_many_pixels()) from None
    except Exception as error:  # decoders of foreign bytes raise of every kind; all mean the same
        raise BadInput(_CANNOT) from error


def picture_in_paper(content: bytes) -> tuple[bytes, set[str]]:
    """A JPEG from inside a PDF, in the same colours and size, and what was left out. Raises BadInput, TooLarge.

    Its tables of quantisation are kept, so that it is not blurred; it is neither turned nor converted, for the page
    says how it is drawn.
    """
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=["JPEG"]) as opened:
            _check(opened)
            opened.load()
            found = _left_out(opened)
            clean = Image.new(opened.mode, opened.size)
            clean.paste(opened)
            written = io.BytesIO()
            tables = getattr(opened, "quantization", None)
            clean.save(written, "JPEG", qtables=tables, subsampling=0)
            return written.getvalue(), found
    except BadInput:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise TooLarge(_too_many_pixels()) from None
    except Exception as error:  # as above
        raise BadInput("a picture in this PDF cannot be read: print it to a new PDF and send that") from error


def _check(opened: "Image.Image") -> None:
    """Bounds, from the header alone: nothing is decoded yet."""
    frames = getattr(opened, "n_frames", 1)
    if frames > MAX_FRAMES:
        raise TooLarge(f"the animation has over {MAX_FRAMES} frames: send screenshots of those that matter")
    if opened.width * opened.height * frames > MAX_PIXELS:
        raise TooLarge(_too_many_pixels())


def _too_many_pixels() -> str:
    return (
        f"the picture has over {MAX_PIXELS // 1_000_000} million pixels: send a smaller one, or a part of it"
    )


def _frames(opened: "Image.Image") -> tuple[list["Image.Image"], list[int], set[str]]:
    from PIL import Image, ImageOps, ImageSequence

    found: set[str] = set()
    frames, pauses = [], []
    for frame in [opened] if opened.format in {"JPEG", "MPO"} else ImageSequence.Iterator(opened):
        frame.load()
        found |= _left_out(frame)
        pauses.append(min(int(frame.info.get("duration", 0) or 0), _MS_LONGEST))
        upright = ImageOps.exif_transpose(frame)
        plain = upright.convert(_mode(upright))
        clean = Image.new(plain.mode, plain.size)
        clean.paste(plain)  # pixels alone: no `info` comes along
        frames.append(clean)
        if sum(one.width * one.height for one in frames) > MAX_PIXELS:
            raise TooLarge(_too_many_pixels())
    return _of_one_size(frames), pauses, found


def _of_one_size(frames: list["Image.Image"]) -> list["Image.Image"]:
    """A frame of a GIF may reach beyond the ones before it; in a PNG all are of one size and kind."""
    from PIL import Image

    if len({(frame.size, frame.mode) for frame in frames}) == 1:
        return frames
    size = (max(frame.width for frame in frames), max(frame.height for frame in frames))
    if size[0] * size[1] * len(frames) > MAX_PIXELS:
        raise TooLarge(_too_many_pixels())
    grown = []
    for frame in frames:
        canvas = Image.new("RGBA", size)
        canvas.paste(frame.convert("RGBA"))
        grown.append(canvas)
    return grown


def _mode(frame: "Image.Image") -> str:
    if frame.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in frame.info:
        return "RGBA"
    return "L" if frame.mode in {"1", "L", "I", "I;16", "I;16B", "I;16L", "F"} else "RGB"


def _left_out(frame: "Image.Image") -> set[str]:
    """What the file says beside its pixels, as far as the decoder tells."""
    exif = frame.getexif()
    info = {str(name).lower() for name in frame.info}
    found = {
        "exif": bool(exif) or "exif" in info,
        "gps": _EXIF_GPS in exif,
        "xmp": bool({"xmp", "xml:com.adobe.xmp"} & info),
        "colour-profile": "icc_profile" in info,
        "comments": "comment" in info or bool(getattr(frame, "text", None)),
        "photoshop": "photoshop" in info,
    }
    return {name for name, there in found.items() if there}


def _written(
    kind: Kind, frames: list["Image.Image"], pauses: list[int], found: set[str]
) -> tuple[str, bytes, tuple[str, ...]]:
    written = io.BytesIO()
    if kind is Kind.JPEG:
        frames[0].convert("RGB").save(written, "JPEG", quality=JPEG_QUALITY, subsampling=0)
        if len(frames) > 1:
            found.add("further-pictures")  # a preview or a second camera's, in one file
        return Kind.JPEG.value, written.getvalue(), tuple(sorted(found))
    if len(frames) > 1:
        frames[0].save(written, "PNG", save_all=True, append_images=frames[1:], duration=pauses, loop=0)
    else:
        frames[0].save(written, "PNG")
    return Kind.PNG.value, written.getvalue(), tuple(sorted(found))
