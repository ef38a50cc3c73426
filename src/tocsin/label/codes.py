"""What a content is like, in bits by ISO 24138 (ISCC): near for a re-encoded or stripped copy, far for others.

Pictures by their low frequencies, sound by Chromaprint, film by its MPEG-7 signature, text by its n-grams. Programs and
pixels are met here: it runs apart. The bits say nothing of who asked for the content, and the content is not in them.
"""

from array import array
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING
from xml.etree import ElementTree as Tree

import msgspec

from tocsin.kernel import BadInput, TooLarge, Unavailable
from tocsin.label import ffmpeg
from tocsin.label.formats import PICTURES, Format

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLUGINS = ("Bmp", "Gif", "Jpeg", "Png", "Ppm", "Tiff", "WebP")
PRELOAD = ("iscc_lib", "pypdf", "docx", "PIL.ImageOps", *(f"PIL.{one}ImagePlugin" for one in _PLUGINS))
"""Loaded once, before files are met (`label.apart.keeper`)."""

_BITS = {"picture": 64, "sound": 256, "film": 256, "text": 256}
"""Of a picture's 256 only the first 64 hold through a smaller copy: the rest are of fine detail."""
MAX_PIXELS = 1 << 28
"""16,384 squared; drawn to 32 by 32 before anything looks at it."""
MAX_TEXT_BYTES = 16 << 20
MIN_TEXT_CHARS = 300
"""Shorter ones are alike by chance: form letters, greetings."""
FILM_SECONDS = 300
"""The first five minutes stand for a film: a signature costs a second of work for some ten of film."""
FRAMES_A_SECOND = 5
"""As the standard's own tool samples."""
SOUND_SECONDS = 600
_SIDE = 32


class Alike(msgspec.Struct, frozen=True):
    """One content's bits, in hexadecimal, and of which kind: "picture", "sound", "film" or "text"."""

    kind: str
    bits: str


AT_MOST = {"picture": 8, "sound": 45, "film": 75, "text": 60}
"""Bits in which two may differ and still be called alike; unlike ones differ in about half (docs/labels-media.md)."""


def bits_of(kind: str) -> int:
    """How many bits a kind has; 0 where there are none."""
    return _BITS.get(kind, 0)


def apart_by(one: Alike, other: Alike) -> int:
    """In how many bits they differ. Raises BadInput for two kinds."""
    if one.kind != other.kind:
        raise BadInput(f"{one.kind} and {other.kind} are not compared")
    return (int(one.bits, 16) ^ int(other.bits, 16)).bit_count()


def code_of(file: Path, format_: Format, place: Path) -> Alike | None:
    """None where there is too little to tell it by: short texts, one colour, silence. `place` is an empty folder.

    Raises BadInput, TooLarge, Unavailable.
    """
    if format_ in PICTURES:
        return _picture(file)
    if format_ in (Format.WAV, Format.MP3):
        return _sound(file, {Format.WAV: "wav", Format.MP3: "mp3"}[format_], place)
    if format_ is Format.MP4:
        return _film(file, place)
    return _text(file, format_)


def _picture(file: Path) -> Alike | None:
    from PIL import Image, ImageOps, UnidentifiedImageError

    library = _library()
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        with Image.open(file) as opened:
            turned = ImageOps.exif_transpose(opened)
            if turned.has_transparency_data:
                turned = turned.convert("RGBA")
                white = Image.new("RGBA", turned.size, "white")
                turned = Image.alpha_composite(white, turned)
            small = turned.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BICUBIC)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise BadInput(f"{file.name} cannot be read: it is damaged, cut short, or of another kind") from error
    except Image.DecompressionBombError:
        raise TooLarge(f"{file.name} has over {MAX_PIXELS} pixels") from None
    pixels = small.tobytes()
    if max(pixels) - min(pixels) < 8:
        return None
    return _alike("picture", library.gen_image_code_v0(pixels, bits=_BITS["picture"]).iscc)


def _sound(file: Path, form: str, place: Path) -> Alike | None:
    library = _library()
    out = place / "print"
    ffmpeg.made(
        file,
        form,
        out,
        ["-map", "0:a:0", "-t", str(SOUND_SECONDS), "-f", "chromaprint", "-fp_format", "raw"],
    )
    features = array("i")
    features.frombytes(out.read_bytes())
    if len(set(features)) < 8:
        return None
    return _alike("sound", library.gen_audio_code_v0(features.tolist(), bits=_BITS["sound"]).iscc)


def _film(file: Path, place: Path) -> Alike | None:
    library = _library()
    out = place / "signature.xml"
    ffmpeg.made(
        file,
        "mov",
        place / "nothing",
        ["-map", "0:v:0", "-t", str(FILM_SECONDS),
         "-vf", f"fps={FRAMES_A_SECOND},signature=format=xml:filename={out}", "-f", "null"],
    )  # fmt: skip
    frames = list(_frames(out))
    if len({tuple(frame) for frame in frames}) < 2:
        return None
    return _alike("film", library.gen_video_code_v0(frames, bits=_BITS["film"]).iscc)


def _frames(signature: Path) -> "Iterator[list[int]]":
    """380 numbers from 0 to 2 a frame (ISO/IEC 15938-3); ffmpeg wrote the file, from pictures and nothing else."""
    for _, element in Tree.iterparse(signature):  # noqa: S314
        if element.tag.endswith("}FrameSignature") or element.tag == "FrameSignature":
            yield [int(part) for part in (element.text or "").split()]
            element.clear()


def _text(file: Path, format_: Format) -> Alike | None:
    library = _library()
    if file.stat().st_size > MAX_TEXT_BYTES and format_ not in (Format.PDF, Format.DOCX):
        raise TooLarge(f"{file.name} is longer than any text: over {MAX_TEXT_BYTES >> 20} MiB")
    text = library.text_collapse(library.text_clean(_words(file, format_)[:MAX_TEXT_BYTES]))
    if len(text) < MIN_TEXT_CHARS:
        return None
    return _alike("text", library.gen_text_code_v0(text, bits=_BITS["text"]).iscc)


def _words(file: Path, format_: Format) -> str:
    if format_ is Format.PDF:
        from pypdf import PdfReader

        try:
            return "\n".join(page.extract_text() for page in PdfReader(file).pages)
        except Exception as error:
            raise BadInput(f"{file.name} cannot be read: it is damaged, or no PDF") from error
    if format_ is Format.DOCX:
        from tocsin.label.word import text_of

        return text_of(file)
    return file.read_bytes().decode("utf-8", errors="replace")


def _library() -> ModuleType:
    try:
        import iscc_lib
    except ImportError:
        raise Unavailable("codes of contents are made by iscc-lib: pip install 'tocsin[label]'") from None
    return iscc_lib


def _alike(kind: str, iscc: str) -> Alike:
    digest = _library().iscc_decode(iscc)[-1]
    return Alike(kind, bytes(digest).hex())
