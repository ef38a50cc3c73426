"""Keys, pictures and texts to label. Keys are made once a run: what they sign is what is tested."""

import io
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageSequence

from tocsin.kernel.labels import ContentLabel, LabelReport, Scheme, Standing
from tocsin.label.carrying import Ask
from tocsin.label.formats import Format
from tocsin.label.signing import LabelKey, key_in_file
from tocsin.label.verifying import Anchors, anchors, verify
from tocsin.trust.label_certificates import Authority, new_authority, new_leaf
from tocsin.trust.signing_keys import read_private

LABEL = ContentLabel("example.org", "content-1")
ALL = frozenset(Scheme)
NOW = datetime.now(UTC)
"""c2pa looks at the machine's clock, whatever it is told."""


class Signer(NamedTuple):
    authority: Authority
    key: LabelKey
    anchors: Anchors


@cache
def signer(name: str = "Example") -> Signer:
    authority = new_authority(name, NOW)
    leaf = new_leaf(authority, name, NOW)
    return Signer(authority, key_in_file(read_private(leaf.key), leaf.chain), anchors(authority.certificate))


def ask(label: ContentLabel = LABEL, schemes: frozenset[Scheme] = ALL, **more: Any) -> Ask:
    return Ask(label, schemes, **more)


def gradient(width: int = 96, height: int = 64) -> Image.Image:
    y, x = np.mgrid[0:height, 0:width]
    return Image.fromarray(np.stack([x * 2 % 256, y * 3 % 256, (x + y) % 256], -1).astype(np.uint8))


def encoded(picture: Image.Image, form: str, **how: Any) -> bytes:
    written = io.BytesIO()
    picture.save(written, form, **how)
    return written.getvalue()


def pictures() -> dict[str, tuple[Format, bytes]]:
    """Each format in the forms that differ in where metadata goes. Small: the notice is as large as on any."""
    one = gradient()
    see_through = one.convert("RGBA")
    see_through.putalpha(90)
    moving = [one.rotate(90 * turn).resize((96, 64)) for turn in range(3)]
    exif = Image.Exif()
    exif[0x0131] = "a camera"
    several: dict[str, Any] = {"save_all": True, "append_images": moving[1:]}
    return {
        "png": (Format.PNG, encoded(one, "PNG")),
        "png-palette": (Format.PNG, encoded(one.convert("P"), "PNG", transparency=0)),
        "jpeg": (Format.JPEG, encoded(one, "JPEG")),
        "jpeg-exif-progressive": (Format.JPEG, encoded(one, "JPEG", exif=exif, progressive=True)),
        "webp": (Format.WEBP, encoded(one, "WEBP")),
        "webp-lossless": (Format.WEBP, encoded(see_through, "WEBP", lossless=True)),
        "webp-moving": (Format.WEBP, encoded(moving[0], "WEBP", duration=90, loop=0, **several)),
        "gif": (Format.GIF, encoded(one, "GIF")),
        "gif-moving": (Format.GIF, encoded(moving[0], "GIF", duration=90, loop=0, **several)),
        "tiff": (Format.TIFF, encoded(one, "TIFF")),
        "tiff-pages": (Format.TIFF, encoded(moving[0], "TIFF", compression="tiff_lzw", **several)),
    }


def frames(content: bytes) -> list[Any]:
    with Image.open(io.BytesIO(content)) as opened:
        return [np.asarray(frame.convert("RGBA")) for frame in ImageSequence.Iterator(opened)]


def looked(path: Path, believed: Anchors | None = None) -> LabelReport:
    return verify(path, signer().anchors if believed is None else believed, NOW)


def standings(report: LabelReport) -> tuple[Standing, Standing, Standing]:
    """GB 45438, C2PA, IPTC."""
    return tuple(report.of(scheme).standing for scheme in (Scheme.GB45438, Scheme.C2PA, Scheme.IPTC))  # type: ignore[return-value]
