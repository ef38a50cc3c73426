"""Labels of sound, film, PDF and DOCX: what survives, what a long film takes, what judging apart costs.

python -m benchmarks.label_media --survival   the table of docs/labels-media.md, as Markdown
python -m benchmarks.label_media --memory     a film of 0.25 and of 2 GB labelled and verified: peak memory
python -m benchmarks.label_media --apart      processor time of judging pictures in processes of their own

Needs the programs ffmpeg and exiftool. The 2 GB film takes 6 GB of disk for a minute, below --folder.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import docx
import pikepdf
from pypdf import PdfWriter

from benchmarks.labels import keys
from tests.label import media
from tests.label.making import gradient
from tocsin.kernel.labels import ContentLabel, Scheme, Standing
from tocsin.label.apart import Apart
from tocsin.label.carrying import Ask
from tocsin.label.codes import AT_MOST, apart_by, code_of
from tocsin.label.looking import judged
from tocsin.label.verifying import format_of, verify
from tocsin.label.writing import write

SHORT = {
    Standing.VALID: "valid",
    Standing.VALID_UNTRUSTED: "untrusted",
    Standing.BROKEN: "broken",
    Standing.STRIPPED: "stripped",
    Standing.NONE_FOUND: "none",
}
SENTENCE = "A letter of number {0} promises a refund of {1} to whoever pays {2} first. "
FILES = 400


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--survival", action="store_true")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--apart", action="store_true")
    parser.add_argument("--film", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, default=None)
    given = parser.parse_args()
    if given.film:
        one_film(given.film)
        return
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        if given.survival:
            survival(Path(folder))
        if given.memory:
            memory(Path(folder))
        if given.apart:
            apart(Path(folder))


def _ask() -> Ask:
    return Ask(ContentLabel("example.org", "lottery-refund-1"), frozenset(Scheme), tongue="en")


def _sound(place: Path) -> Path:
    tones = "+".join(
        f"0.25*sin(2*PI*{tone}*t)*between(mod(t,{2.1 + number}),{number * 0.4},{1.1 + number * 0.3})"
        for number, tone in enumerate((262, 330, 392, 494))
    )
    media.ffmpeg("-f", "lavfi", "-i", f"aevalsrc='{tones}':s=44100:d=20", str(place))
    return place


def _text() -> str:
    return "".join(SENTENCE.format(number, number * 7, number * 3) for number in range(40))


def _paper(place: Path) -> Path:
    """Made by a program that is not ours: Typst."""
    import typst

    made = typst.compile(f'#set page(paper: "a5")\n{_text()}'.encode(), format="pdf")
    assert isinstance(made, bytes)
    place.write_bytes(made)
    return place


def _word(place: Path) -> Path:
    document = docx.Document()
    document.add_paragraph(_text())
    document.save(str(place))
    return place


def _film(place: Path) -> Path:
    return media.film(place, 8.0)


def _with_ffmpeg(*arguments: str) -> Callable[[Path, Path], None]:
    return lambda source, target: media.ffmpeg("-i", str(source), *arguments, str(target))


def _with_exiftool(source: Path, target: Path) -> None:
    subprocess.run(["exiftool", "-q", "-all=", "-o", str(target), str(source)], check=True)


def _by_pikepdf(source: Path, target: Path) -> None:
    with pikepdf.open(source) as document:
        document.save(target)


def _pages_alone(source: Path, target: Path) -> None:
    writer = PdfWriter()
    writer.append(source, import_outline=False)
    writer.write(target)


def _by_python_docx(source: Path, target: Path) -> None:
    document = docx.Document(str(source))
    document.add_paragraph("One more line.")
    document.save(str(target))


def _words_alone(source: Path, target: Path) -> None:
    target.write_text("\n".join(one.text for one in docx.Document(str(source)).paragraphs))


MAKERS: dict[str, Callable[[Path], Path]] = {
    "wav": _sound, "mp3": _sound, "mp4": _film, "pdf": _paper, "docx": _word
}  # fmt: skip

ROWS: tuple[tuple[str, str, str, Callable[[Path, Path], None]], ...] = (
    ("wav", "copied by ffmpeg", "wav", _with_ffmpeg("-c", "copy")),
    ("wav", "resampled to 16 kHz", "wav", _with_ffmpeg("-ar", "16000")),
    ("wav", "to MP3, 64 kbit/s", "mp3", _with_ffmpeg("-b:a", "64k")),
    ("wav", "first 3 s cut off, tags removed", "wav", _with_ffmpeg("-ss", "3", "-map_metadata", "-1")),
    ("mp3", "copied by ffmpeg", "mp3", _with_ffmpeg("-c", "copy")),
    ("mp3", "encoded again, 64 kbit/s", "mp3", _with_ffmpeg("-b:a", "64k")),
    ("mp3", "to WAV", "wav", _with_ffmpeg()),
    ("mp3", "tags removed", "mp3", _with_ffmpeg("-c", "copy", "-map_metadata", "-1")),
    (
        "mp4",
        "copied by ffmpeg, keys kept",
        "mp4",
        _with_ffmpeg("-c", "copy", "-movflags", "use_metadata_tags"),
    ),
    ("mp4", "copied by ffmpeg as it does by itself", "mp4", _with_ffmpeg("-c", "copy")),
    ("mp4", "encoded again, smaller", "mp4", _with_ffmpeg("-vf", "scale=112:-2", "-crf", "32")),
    ("mp4", "first 3 s cut off, tags removed", "mp4", _with_ffmpeg("-ss", "3", "-map_metadata", "-1")),
    ("mp4", "exiftool -all=", "mp4", _with_exiftool),
    ("pdf", "saved by pikepdf", "pdf", _by_pikepdf),
    ("pdf", "pages copied by pypdf", "pdf", _pages_alone),
    ("pdf", "exiftool -all=", "pdf", _with_exiftool),
    ("docx", "edited with python-docx", "docx", _by_python_docx),
    ("docx", "saved as text", "txt", _words_alone),
)


def survival(folder: Path) -> None:
    key, known = keys()
    now = datetime.now(UTC)
    print("| format | what was done | GB 45438 | C2PA | IPTC | notice | recognised |")
    print("|---|---|---|---|---|---|---|")
    made: dict[str, Path] = {}
    for name, maker in MAKERS.items():
        made[name] = folder / f"signed.{name}"
        write(maker(folder / f"plain.{name}"), made[name], _ask(), key, now)
    for number, (name, what, suffix, done) in enumerate(ROWS):
        copy = folder / f"copy{number}.{suffix}"
        done(made[name], copy)
        report = verify(copy, known, now)
        words = [SHORT[report.of(scheme).standing] for scheme in (Scheme.GB45438, Scheme.C2PA, Scheme.IPTC)]
        notice = {True: "read", False: "gone", None: "for a person"}[report.notice]
        print(
            f"| {name.upper()} | {what} | {' | '.join(words)} | {notice} | {_recognised(folder, made[name], copy)} |"
        )


def _recognised(folder: Path, ours: Path, copy: Path) -> str:
    codes = []
    for file in (ours, copy):
        place = Path(tempfile.mkdtemp(dir=folder))
        codes.append(code_of(file, format_of(file), place))
    one, other = codes
    if one is None or other is None:
        return "too little to tell"
    differs = apart_by(one, other)
    return f"{'yes' if differs <= AT_MOST[one.kind] else 'no'}, {differs} of {len(one.bits) * 4} bits"


def memory(folder: Path) -> None:
    noise = folder / "noise.mp4"
    media.ffmpeg(
        "-f", "lavfi", "-i", "nullsrc=s=640x360:d=2,geq=random(1)*255:128:128",
        "-c:v", "libx264", "-preset", "ultrafast", "-qp", "1", "-pix_fmt", "yuv420p", str(noise),
    )  # fmt: skip
    for wanted in (256 << 20, 2 << 30):
        film = folder / "film.mp4"
        loops = -(-wanted // noise.stat().st_size) - 1
        media.ffmpeg("-stream_loop", str(loops), "-i", str(noise), "-c", "copy", str(film))
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.label_media", "--film", str(film)],
            check=True,
            capture_output=True,
        )
        told = json.loads(done.stdout)
        print(f"{film.stat().st_size / 1e9:.2f} GB: {told}")
        film.unlink()


def one_film(film: Path) -> None:
    """In a process of its own: labelled without a notice, then verified. Peaks in MB, seconds of wall clock."""
    key, known = keys()
    out = film.with_name("labelled.mp4")
    now = datetime.now(UTC)
    ask = Ask(_ask().label, frozenset(Scheme), explicit=False)
    started = time.perf_counter()
    write(film, out, ask, key, now)
    written = time.perf_counter() - started
    started = time.perf_counter()
    report = verify(out, known, now)
    verified = time.perf_counter() - started
    out.unlink()
    peaks = [
        round(resource.getrusage(who).ru_maxrss / 1024)
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    print(
        json.dumps(
            {
                "peak_mb": peaks[0],
                "peak_mb_ffmpeg": peaks[1],
                "write_s": round(written, 1),
                "verify_s": round(verified, 1),
                "standing": report.of(Scheme.C2PA).standing,
            }
        )
    )


def apart(folder: Path) -> None:
    key, known = keys()
    now = datetime.now(UTC)
    file, out = folder / "a.png", folder / "out.png"
    gradient(640, 480).save(file)
    write(file, out, _ask(), key, now)
    verify(out, known, now)
    start = _cpu()
    for _ in range(FILES):
        verify(out, known, now)
    print(f"within this process: {(_cpu() - start) / FILES * 1000:.1f} ms of processor time a file")
    for together in (1, 8):
        spent = []
        for files in (8, 8 + FILES):
            start = _cpu()
            with Apart(1) as pool:
                told = list(judged(pool, [out] * files, known.pem, now, together=together))
            spent.append(_cpu() - start)
            assert all(one.report and one.report.of(Scheme.C2PA).standing is Standing.VALID for one in told)
        each = (spent[1] - spent[0]) / FILES
        print(f"apart, {together} together: {each * 1000:.1f} ms a file, {1 / each:.0f} a second and core")


def _cpu() -> float:
    """Of this process and of those that it started and that ended: seconds."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    main()
