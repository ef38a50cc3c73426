"""A picture as a reviewer first sees it: small, blurred, grey. Made here, so that no browser holds the sharp one.

Enters: bytes of a picture that may be shown at all (`cases.quarantine` is asked by who calls), and how much of the veil
is on. Leaves: a JPEG of its pixels and nothing else of the file. Refuses: what is no picture, and what has more pixels
than are decoded here; one frame alone of what moves.

Grey and blur are what studies of reviewers looked at (Karunakaran and Ramakrishan, HCOMP 2019; Das, Dang and Lease,
HCOMP 2020; both from memory): they make it easier, not easy.
"""

import io

import msgspec

from tocsin.kernel import BadInput, TooLarge

MAX_PIXELS = 40_000_000
"""An 8K screen is 33 million. Decoded that is 160 MB, which bounds what one look costs."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
EDGE = 1_024
"""The longest edge of what is shown: nobody needs more to decide, and a smaller picture is easier to bear."""
BLUR_SHARE = 32
"""The blur's radius is this part of the longest edge: shapes are seen, faces and wounds are not."""
QUALITY = 80
MEDIA_TYPE = "image/jpeg"
TOO_MANY = f"the picture has over {MAX_PIXELS // 1_000_000} million pixels: it is not opened here"


class Veil(msgspec.Struct, frozen=True):
    """What lies over a picture. Both unless somebody asks for this one picture without."""

    blur: bool = True
    grey: bool = True


def veiled(content: bytes, veil: Veil) -> bytes:
    """The picture under a veil, as MEDIA_TYPE. Raises BadInput, TooLarge."""
    from PIL import Image, ImageFilter, ImageOps

    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            _check(opened.width * opened.height)  # from the header: nothing is decoded yet
            opened.draft("RGB", (EDGE, EDGE))  # a JPEG is decoded smaller at once
            picture = ImageOps.exif_transpose(opened).convert("RGBA").convert("RGB")
    except TooLarge:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise TooLarge(TOO_MANY) from None
    except Exception as error:  # decoders of foreign bytes raise of every kind; all mean the same
        raise BadInput("this is no picture that can be shown: read what is said of it instead") from error
    picture.thumbnail((EDGE, EDGE))
    if veil.blur:
        picture = picture.filter(ImageFilter.GaussianBlur(max(2.0, max(picture.size) / BLUR_SHARE)))
    if veil.grey:
        picture = ImageOps.grayscale(picture)
    clean = Image.new(picture.mode, picture.size)
    clean.paste(picture)  # pixels alone: what a file says beside them stays behind
    written = io.BytesIO()
    clean.save(written, "JPEG", quality=QUALITY)
    return written.getvalue()


def _check(pixels: int) -> None:
    if pixels > MAX_PIXELS:
        raise TooLarge(TOO_MANY)
