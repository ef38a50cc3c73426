"""How fast pictures are labelled and verified, and what of a label survives what is usually done to a file.

python -m benchmarks.labels             1,000 mixed pictures, on one core: labelled with and without a notice, verified
python -m benchmarks.labels --survival  the table of docs/labels.md, as Markdown
"""

import argparse
import io
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tocsin.kernel.labels import ContentLabel, Scheme, Standing
from tocsin.label.apart import Apart
from tocsin.label.carrying import Ask
from tocsin.label.formats import PICTURES, Format, suffixes
from tocsin.label.looking import judged
from tocsin.label.signing import LabelKey, key_in_file
from tocsin.label.verifying import Anchors, anchors, verify
from tocsin.label.writing import write
from tocsin.trust.label_certificates import new_authority, new_leaf
from tocsin.trust.signing_keys import read_private

SIDES = (320, 512, 768, 1024)
SEED = 9
MIX = (Format.JPEG,) * 5 + (Format.PNG,) * 2 + (Format.WEBP,) * 2 + (Format.GIF,)
"""As platforms meet them, roughly: half JPEG."""
SHORT = {
    Standing.VALID: "valid",
    Standing.VALID_UNTRUSTED: "untrusted",
    Standing.BROKEN: "broken",
    Standing.STRIPPED: "stripped",
    Standing.NONE_FOUND: "none",
}
NOTICE_ALIKE = 0.8
"""Correlation of the notice's corner with what was drawn, from which it still is read."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--survival", action="store_true")
    parser.add_argument("--files", type=int, default=1_000)
    given = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        if given.survival:
            survival(Path(folder))
        else:
            speed(Path(folder), given.files)


def keys() -> tuple[LabelKey, Anchors]:
    now = datetime.now(UTC)
    authority = new_authority("Bench", now)
    leaf = new_leaf(authority, "Bench", now)
    return key_in_file(read_private(leaf.key), leaf.chain), anchors(authority.certificate)


def picture(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """Soft shapes with some grain: compresses as photographs do."""
    coarse = rng.integers(0, 255, (height // 32 + 2, width // 32 + 2, 3), dtype=np.uint8)
    soft = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    grain = rng.integers(-6, 7, (height, width, 1))
    return Image.fromarray(np.clip(np.asarray(soft).astype(int) + grain, 0, 255).astype(np.uint8))


def encoded(image: Image.Image, format_: Format, **how: Any) -> bytes:
    written = io.BytesIO()
    image.save(written, format_.upper(), **how)
    return written.getvalue()


def ask(number: int = 0, *, notice: bool = True) -> Ask:
    return Ask(ContentLabel("bench.example", f"c{number}"), frozenset(Scheme), explicit=notice)


def speed(folder: Path, files: int) -> None:
    rng = np.random.default_rng(SEED)
    key, believed = keys()
    paths = []
    for number in range(files):
        format_ = MIX[number % len(MIX)]
        side = SIDES[number // len(MIX) % len(SIDES)]
        paths.append(folder / f"{number}{suffixes(format_)[0]}")
        paths[-1].write_bytes(encoded(picture(rng, side, side * 3 // 4), format_))
    size = sum(path.stat().st_size for path in paths)
    load = os.getloadavg()[0]
    print(
        f"{files} pictures, {SIDES[0]} to {SIDES[-1]} wide, {size / files / 1000:.0f} kB each; load {load:.1f}"
    )
    for notice in (False, True):
        out = folder / f"out-{notice}"
        out.mkdir()

        def label(number: int, path: Path, notice: bool = notice, out: Path = out) -> None:
            write(path, out / path.name, ask(number, notice=notice), key, datetime.now(UTC))

        _timed(f"labelled, {'with a notice' if notice else 'metadata and manifest'}", paths, label)
    looked = [folder / "out-True" / path.name for path in paths]

    def look(_: int, path: Path) -> None:
        report = verify(path, believed, datetime.now(UTC))
        assert all(one.standing is Standing.VALID for one in report.findings), report

    _timed("verified", looked, look)
    with _counted("verified in the cage, eight to a process", len(looked)), Apart(keepers=1) as apart:
        for one in judged(apart, looked, believed.pem, datetime.now(UTC)):
            assert one.report is not None, one
            assert all(found.standing is Standing.VALID for found in one.report.findings), one
    grown = sum(path.stat().st_size for path in (folder / "out-False").iterdir()) - size
    print(f"each file grew by {grown / files / 1000:.1f} kB without a notice")


def _timed(what: str, paths: list[Path], each: Callable[[int, Path], None]) -> None:
    with _counted(what, len(paths)):
        for number, path in enumerate(paths):
            each(number, path)


@contextmanager
def _counted(what: str, files: int) -> Iterator[None]:
    """By the clock, and by the time of a core that this process and what it started and ended took."""
    wall, cpu = time.perf_counter(), sum(os.times()[:4])
    yield
    wall, cpu = time.perf_counter() - wall, sum(os.times()[:4]) - cpu
    print(f"{what}: {files / wall:.0f} a second by the clock, {files / cpu:.0f} a second of a core's time")


Handling = Callable[[bytes, Format], tuple[bytes, str] | None]


def _again(content: bytes, format_: Format) -> tuple[bytes, str]:
    with Image.open(io.BytesIO(content)) as opened:
        return encoded(opened.copy(), format_), suffixes(format_)[0]


def _with_xmp(content: bytes, format_: Format) -> tuple[bytes, str] | None:
    with Image.open(io.BytesIO(content)) as opened:
        held = opened.info.get("xmp")
        if not isinstance(held, bytes) or format_ not in (Format.JPEG, Format.WEBP):
            return None
        return encoded(opened.copy(), format_, xmp=held), suffixes(format_)[0]


def _half(content: bytes, format_: Format) -> tuple[bytes, str]:
    with Image.open(io.BytesIO(content)) as opened:
        small = opened.convert("RGB").resize((opened.width // 2, opened.height // 2))
        return encoded(small, format_), suffixes(format_)[0]


def _as(target: Format) -> Handling:
    def convert(content: bytes, format_: Format) -> tuple[bytes, str] | None:
        if format_ is target:
            return None
        with Image.open(io.BytesIO(content)) as opened:
            return encoded(opened.convert("RGB"), target), suffixes(target)[0]

    return convert


def _screenshot(content: bytes, _: Format) -> tuple[bytes, str]:
    with Image.open(io.BytesIO(content)) as opened:
        shown = Image.new("RGB", opened.size)
        shown.paste(opened.convert("RGB"))
        return encoded(shown, Format.PNG), ".png"


def _upper_half(content: bytes, format_: Format) -> tuple[bytes, str]:
    with Image.open(io.BytesIO(content)) as opened:
        upper = opened.convert("RGB").crop((0, 0, opened.width, opened.height // 2))
        return encoded(upper, format_), suffixes(format_)[0]


def _program(*command: str) -> Handling:
    def run(content: bytes, format_: Format) -> tuple[bytes, str] | None:
        if shutil.which(command[0]) is None:
            return None
        with tempfile.TemporaryDirectory() as folder:
            end = suffixes(format_)[0]
            before, after = Path(folder) / f"before{end}", Path(folder) / f"after{end}"
            before.write_bytes(content)
            told = [{"IN": str(before), "OUT": str(after)}.get(part, part) for part in command]
            done = subprocess.run(told, capture_output=True, check=False)
            return (after.read_bytes(), end) if done.returncode == 0 and after.exists() else None

    return run


HANDLINGS: dict[str, Handling] = {
    "copied, mailed as a file": lambda content, format_: (content, suffixes(format_)[0]),
    "saved again by Pillow": _again,
    "saved again, XMP handed on": _with_xmp,
    "scaled to half": _half,
    "cut to the upper half": _upper_half,
    "converted to JPEG": _as(Format.JPEG),
    "converted to PNG": _as(Format.PNG),
    "converted to WebP": _as(Format.WEBP),
    "screenshot": _screenshot,
    "converted by ffmpeg": _program("ffmpeg", "-loglevel", "error", "-i", "IN", "-frames:v", "1", "OUT"),
    "title added by exiftool": _program("exiftool", "-q", "-XMP-dc:Title=A refund", "-o", "OUT", "IN"),
    "all metadata removed by exiftool": _program("exiftool", "-q", "-all=", "-o", "OUT", "IN"),
}
TEXT = {
    Format.TEXT: "A lottery refund.\nYours sincerely.\n",
    Format.MARKDOWN: "---\ntitle: A refund\n---\n\n# A lottery refund\n",
    Format.HTML: "<!doctype html>\n<html><head><title>A refund</title></head><body><p>Lottery.</p></body></html>\n",
}
TEXT_HANDLINGS: dict[str, Callable[[str], str]] = {
    "other ends of lines": lambda text: text.replace("\n", "\r\n"),
    "one word changed": lambda text: text.replace("ottery", "otto"),
    "what a page shows, copied": lambda text: _shown(text),
}


def survival(folder: Path) -> None:
    key, believed = keys()
    image = picture(np.random.default_rng(SEED), 400, 300)
    print("| what is done | format | notice | GB 45438 | C2PA | IPTC |\n|---|---|---|---|---|---|")
    rows: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for format_ in sorted(PICTURES):
        path = folder / f"one{suffixes(format_)[0]}"
        path.write_bytes(encoded(image, format_))
        write(path, path, ask(), key, datetime.now(UTC))
        labelled = path.read_bytes()
        for what, handling in HANDLINGS.items():
            made = handling(labelled, format_)
            if made is None:
                continue
            after = folder / f"after{made[1]}"
            after.write_bytes(made[0])
            seen = "seen" if _still_seen(labelled, made[0]) else "gone"
            rows.setdefault((what, (seen, *_standings(after, believed))), []).append(format_)
    for format_, text in TEXT.items():
        path = folder / f"one{suffixes(format_)[0]}"
        path.write_text(text)
        write(path, path, ask(), key, datetime.now(UTC))
        written = path.read_text()
        for what, change in TEXT_HANDLINGS.items():
            path.write_bytes(change(written).encode())
            report = verify(path, believed, datetime.now(UTC))
            seen = "seen" if report.notice else "gone"
            rows.setdefault((what, (seen, *_standings(path, believed))), []).append(format_)
    order = [*HANDLINGS, *TEXT_HANDLINGS]
    for (what, outcome), formats in sorted(rows.items(), key=lambda row: order.index(row[0][0])):
        print(f"| {what} | {', '.join(formats)} | {' | '.join(outcome)} |")


def _standings(path: Path, believed: Anchors) -> tuple[str, ...]:
    report = verify(path, believed, datetime.now(UTC))
    schemes = (Scheme.GB45438, Scheme.C2PA, Scheme.IPTC)
    return tuple(SHORT[report.of(one).standing] for one in schemes)


def _still_seen(before: bytes, after: bytes) -> bool:
    """The notice's corner against what was drawn there; a picture cut above it has another corner."""
    corners = []
    for content in (before, after):
        with Image.open(io.BytesIO(content)) as opened:
            corner = opened.convert("L").resize((400, 300)).crop((0, 270, 150, 300))
            corners.append(np.asarray(corner).astype(float).ravel())
    return bool(np.corrcoef(corners[0], corners[1])[0, 1] >= NOTICE_ALIKE)


def _shown(text: str) -> str:
    """What a person copies from a page: neither front matter nor markup nor meta elements."""
    from html.parser import HTMLParser

    if text.startswith("---"):
        return text.split("---", 2)[2]
    if "<html" not in text:
        return "\n".join(line for line in text.splitlines() if not line.startswith("AIGC"))
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_data(self, data: str) -> None:
            found.append(data)

    Reader().feed(text)
    return "<p>" + " ".join(found)


if __name__ == "__main__":
    main()
