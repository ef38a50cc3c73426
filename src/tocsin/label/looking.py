"""Labels judged apart: the works that run in the cage (`label.apart`), and many files in turn.

Enters: files of whom it may be, anchors, a moment. Leaves: a report for each, or why there is none. What the works are
given and give crosses as JSON.
"""

import hashlib
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tocsin.kernel import BadInput, TocsinError
from tocsin.kernel.labels import ContentLabel, LabelReport, Scheme
from tocsin.label.apart.cage import Bounds
from tocsin.label.carriers import carrier_of
from tocsin.label.carrying import Ask, Tongue
from tocsin.label.formats import HEAD_BYTES, Format, sniff
from tocsin.label.verifying import anchors, verify

if TYPE_CHECKING:
    from tocsin.label.apart import Apart

_PLUGINS = ("Bmp", "Gif", "Jpeg", "Png", "Ppm", "Tiff", "WebP")
PRELOAD = (
    *("c2pa", "docx", "encodings.utf_8_sig", "lxml.etree", "pikepdf", "pypdf", "tinytag"),
    *("PIL.ImageSequence", *(f"PIL.{one}ImagePlugin" for one in _PLUGINS)),
)
"""Loaded once, before files are met (`label.apart.keeper`): loading them for each would take 15 ms of 20."""

_BLOCK_BYTES = 1 << 20
WRITING = Bounds(memory_bytes=4 << 30, cpu_seconds=4 * 3_600, wall_seconds=3_600.0, file_bytes=16 << 30)
"""A notice on the pictures of a film: all of it is encoded anew, on all processors."""
TOGETHER = 8
"""Files of one batch in one process: making it costs what judging three pictures does."""
FELL_OVER = "the file's parser fell over it: the file is damaged, or made to do that"


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


def fields_written(
    format_: Format,
    source: Path,
    target: Path,
    label: ContentLabel,
    schemes: frozenset[Scheme],
    explicit: bool,
    implicit: bool,
    tongue: Tongue,
    guard: str,
) -> None:
    """The notice and the metadata of one file, as its carrier writes them."""
    carrier_of(format_).write(source, target, Ask(label, schemes, explicit, implicit, tongue, guard))


def verified(file: Path, believed: str, at: datetime) -> LabelReport:
    """What a file's labels are worth, as `verifying.verify`. `believed`: anchors in PEM, "" for none."""
    return verify(file, anchors(believed.encode()), at)


class Judged(msgspec.Struct, frozen=True):
    """A file and its report; where there is none, `message` says why, and `code` is that of the error."""

    file: Path
    report: LabelReport | None = None
    code: str = ""
    message: str = ""


def each_verified(files: tuple[Path, ...], believed: str, at: datetime) -> tuple[Judged, ...]:
    """As `verified`, of several; one that cannot be read hides no other."""
    known = anchors(believed.encode())
    told: list[Judged] = []
    for file in files:
        try:
            told.append(Judged(file, verify(file, known, at)))
        except TocsinError as error:
            told.append(Judged(file, None, error.code, error.message))
        except Exception:  # noqa: BLE001 - a parser raises of every kind; all mean the same
            told.append(Judged(file, None, BadInput.code, FELL_OVER))
    return tuple(told)


def judged(
    apart: "Apart", files: Iterable[Path], believed: str, at: datetime, *, together: int = TOGETHER
) -> Iterator[Judged]:
    """Reports in the order of the files, `together` in one process. Raises BadInput for anchors that are none.

    Files that one person hands in at once may share a process: one of them that takes it over can lie about the few
    beside it. Where that is not so, `together=1`. A batch that dies or swells is done again, file by file.
    """
    anchors(believed.encode())
    todo = iter(files)
    with ThreadPoolExecutor(apart.keepers) as threads:
        ahead: list[Future[tuple[Judged, ...]]] = []
        while True:
            while len(ahead) < 2 * apart.keepers and (batch := tuple(islice(todo, together))):
                ahead.append(threads.submit(_batch, apart, batch, believed, at))
            if not ahead:
                return
            yield from ahead.pop(0).result()


def _batch(apart: "Apart", files: tuple[Path, ...], believed: str, at: datetime) -> tuple[Judged, ...]:
    try:
        return apart.run(each_verified, files, believed, at, reads=files)
    except TocsinError as error:
        if len(files) == 1:
            return (Judged(files[0], None, error.code, error.message),)
    return tuple(one for file in files for one in _batch(apart, (file,), believed, at))
