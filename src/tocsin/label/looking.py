"""Works that run apart (`label.apart`): what their arguments and answers are crosses as JSON."""

import hashlib
from datetime import datetime
from pathlib import Path

from tocsin.kernel import BadInput
from tocsin.kernel.labels import LabelReport
from tocsin.label.formats import HEAD_BYTES, Format, sniff
from tocsin.label.verifying import anchors, verify

_PLUGINS = ("Bmp", "Gif", "Jpeg", "Png", "Ppm", "Tiff", "WebP")
PRELOAD = (
    *("c2pa", "docx", "encodings.utf_8_sig", "lxml.etree", "pikepdf", "pypdf", "tinytag"),
    *("PIL.ImageSequence", *(f"PIL.{one}ImagePlugin" for one in _PLUGINS)),
)
"""Loaded once, before files are met (`label.apart.keeper`): loading them for each would take 15 ms of 20."""

_BLOCK_BYTES = 1 << 20


def looked_at(file: Path) -> tuple[Format, str]:
    """A file's format and SHA-256. Raises BadInput for a format that is not labelled here."""
    digest = hashlib.sha256()
    try:
        with file.open("rb") as stream:
            format_ = sniff(stream.read(HEAD_BYTES), file.suffix)
            stream.seek(0)
            while block := stream.read(_BLOCK_BYTES):
                digest.update(block)
    except OSError as error:
        raise BadInput(f"{file.name} cannot be read: {error.strerror}") from error
    return format_, digest.hexdigest()


def verified(file: Path, believed: str, at: datetime) -> LabelReport:
    """What a file's labels are worth, as `verifying.verify`. `believed`: anchors in PEM, "" for none."""
    return verify(file, anchors(believed.encode()), at)
