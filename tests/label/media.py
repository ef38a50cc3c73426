"""Small sounds, films and documents to label, made here; and the programs that read them back."""

import io
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import docx
import pikepdf

from tests.conftest import missing
from tocsin.kernel.labels import ContentLabel, Scheme
from tocsin.label.carrying import Ask

LABEL = ContentLabel("00119111000000000000010000", "lottery-refund-1")
EVERY = frozenset(Scheme)


def ask(schemes: frozenset[Scheme] = frozenset({Scheme.GB45438}), *, explicit: bool = True) -> Ask:
    return Ask(LABEL, schemes, explicit=explicit, tongue="en")


def needs(name: str, package: str) -> str:
    found = shutil.which(name)
    if found is None:
        missing(f"the program {name} (Debian: {package})")
    assert found is not None
    return found


def ffmpeg(*arguments: str) -> None:
    subprocess.run(
        [needs("ffmpeg", "ffmpeg"), "-nostdin", "-loglevel", "error", "-y", *arguments],
        check=True,
        timeout=60,
    )


def sound(place: Path, seconds: float = 2.0) -> Path:
    """A swelling tone: something to tell apart."""
    ffmpeg("-f", "lavfi", "-i", f"aevalsrc=0.4*sin(t*t*900):s=16000:d={seconds}", "-ac", "1", str(place))
    return place


def film(place: Path, seconds: float = 5.0) -> Path:
    """A moving test picture, with a tone."""
    ffmpeg(
        "-f", "lavfi", "-i", f"testsrc=d={seconds}:s=160x120:r=10", "-f", "lavfi", "-i", f"sine=300:d={seconds}",
        "-c:v", "libx264", "-preset", "ultrafast", "-threads", "1", "-pix_fmt", "yuv420p", "-c:a", "aac", str(place),
    )  # fmt: skip
    return place


def paper(place: Path, **more: str) -> Path:
    """One page of text. `more` are scripts: name to JavaScript."""
    with pikepdf.new() as document:
        page = document.add_blank_page(page_size=(595, 842))
        page.Resources = pikepdf.Dictionary(
            Font=pikepdf.Dictionary(
                F1=pikepdf.Dictionary(
                    Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
                )
            )
        )
        page.Contents = document.make_stream(b"BT /F1 14 Tf 72 700 Td (A lottery refund.) Tj ET")
        if more:
            document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=more["script"])
        document.save(place)
    return place


def word(place: Path) -> Path:
    document = docx.Document()
    document.add_paragraph("A lottery refund.")
    document.save(str(place))
    return place


def told_by_exiftool(file: Path) -> dict[str, Any]:
    return each_told_by_exiftool([file])[0]


def each_told_by_exiftool(files: list[Path]) -> list[dict[str, Any]]:
    """One start of the program, which takes longer than its reading."""
    program = needs("exiftool", "libimage-exiftool-perl")
    command = [program, "-j", "-a", "-G1", "-s", *map(str, files)]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    value: list[dict[str, Any]] = json.loads(done.stdout)
    return value


def bomb() -> bytes:
    """A DOCX whose one part unpacks to a thousand times its size."""
    import zipfile

    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", bytes(50 << 20))
    return held.getvalue()
