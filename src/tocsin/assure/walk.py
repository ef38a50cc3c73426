"""One look at an artefact: a folder, a file, or a stream. Nothing in it is loaded, followed or run.

1. List the files; links that leave the folder, pipes and devices are told and not opened.
2. For each file: digests in one pass, then every examiner that knows it, then what is inside, within bounds.
3. A file that changed while it was read is inconclusive.
4. What only several files together show (`TreeExaminer`).
5. The digest of the whole, the rules it was judged by, and the worst verdict of all.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec

from tocsin import __version__
from tocsin.assure import binding, hashing
from tocsin.assure.bounds import Bounds
from tocsin.assure.examiners import EXAMINERS, TREE_EXAMINERS
from tocsin.assure.examining import Examiner, Piece, TreeExaminer, finding
from tocsin.assure.folders import Listed, TooMany, listed
from tocsin.assure.hashing import Digests
from tocsin.assure.looking import TENSOR_DATA, Exhausted, Looker
from tocsin.assure.names import shown
from tocsin.assure.pieces import CHUNK_BYTES, Held, Lying, Opened, open_file
from tocsin.assure.spool import Spool
from tocsin.kernel.artefacts import ArtefactVerdict, Finding, Inspection, Part, worst
from tocsin.kernel.clock import Clock, micros
from tocsin.kernel.errors import BadInput, TooLarge
from tocsin.taxonomy.artefact_rules import ArtefactRule, artefact_rules

SCANNER = f"tocsin {__version__}"
STDIN = "stdin"
"""The name of what came as a stream."""


class Progress(msgspec.Struct, frozen=True):
    """How far it is: bytes hashed of all, files done of all, and the file it is at."""

    done: int
    total: int
    files: int
    of: int
    path: str


def inspect(
    source: Path | BinaryIO,
    *,
    clock: Clock,
    name: str = "",
    rules: Mapping[str, ArtefactRule] | None = None,
    examiners: Sequence[Examiner] | None = None,
    tree_examiners: Sequence[TreeExaminer] | None = None,
    bounds: Bounds = Bounds(),  # noqa: B008  # frozen
    progress: Callable[[Progress], None] | None = None,
) -> Inspection:
    """What the artefact is and what is wrong in it. `name` is kept with it; otherwise that of the file or folder.

    Raises BadInput when there is nothing to read at `source`, TooLarge for a stream beyond `bounds.spooled_bytes`.
    """
    walk = _Walk(
        EXAMINERS if examiners is None else examiners,
        TREE_EXAMINERS if tree_examiners is None else tree_examiners,
        artefact_rules() if rules is None else rules,
        bounds,
        progress,
    )
    if not isinstance(source, Path):
        return walk.stream(source, name or STDIN, micros(clock()))
    label = shown(name or source.name)
    try:
        source = source.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise BadInput(
            f"There is no {shown(str(source))}; name a file, a folder, or - for a stream."
        ) from error
    label = label if label not in ("", "..") else shown(source.name)  # a link is called what it was asked by
    if source.is_dir():
        return walk.folder(source, label, micros(clock()))
    return walk.file(source, label, micros(clock()))


class _Walk:
    def __init__(
        self,
        examiners: Sequence[Examiner],
        tree_examiners: Sequence[TreeExaminer],
        rules: Mapping[str, ArtefactRule],
        bounds: Bounds,
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self._looker = Looker(examiners, rules, bounds)
        self._tree_examiners = tree_examiners
        self._rules = rules
        self._bounds = bounds
        self._progress = progress
        self._verdicts: list[ArtefactVerdict] = []
        self._hashed: dict[tuple[int, int], Digests] = {}
        """Large ones by file, so that one that lies there under two names is hashed once."""
        self._lines: list[tuple[str, str]] = []
        self._pieces: dict[str, Piece] = {}
        self._formats: dict[str, str] = {}
        self._done = self._total = self._files = self._of = 0

    def folder(self, root: Path, name: str, at: int) -> Inspection:
        files: list[Listed] = []
        try:
            for each in listed(root, self._bounds.files):
                if isinstance(each, Finding):
                    self._tell(each)
                else:
                    files.append(each)
        except TooMany:
            self._tell(finding("walker.too-many-files", ".", bound=self._bounds.files))
        self._total, self._of = sum(file.size for file in files), len(files)
        for file in files:
            try:
                self._one(file)
            except Exhausted:
                self._tell(finding("walker.stopped", file.path))
                break
            except OSError as error:
                self._tell(finding("walker.unreadable", file.path, error=type(error).__name__))
        self._together()
        return self._ended(hashing.of_files(self._lines), name, self._total, at, tree=True)

    def file(self, path: Path, name: str, at: int) -> Inspection:
        try:
            about = path.stat()
            self._total, self._of = about.st_size, 1
            part = self._one(Listed(name, str(path), about.st_size, (about.st_dev, about.st_ino)))
        except OSError as error:
            raise BadInput(
                f"{name} cannot be read ({error.strerror}); name a file that you may read."
            ) from error
        except Exhausted:
            part = self._looker.parts[0]
        if part is None:
            raise BadInput(f"{name} is no file; name a file, a folder, or - for a stream.")
        return self._ended(part.sha256, name, part.size, at)

    def stream(self, source: BinaryIO, name: str, at: int) -> Inspection:
        with Spool() as spool:
            while chunk := source.read(CHUNK_BYTES):
                if spool.size + len(chunk) > self._bounds.spooled_bytes:
                    raise TooLarge(
                        f"More than {self._bounds.spooled_bytes} bytes came; save them to a file and inspect that."
                    )
                spool.write(chunk)
            piece = spool.piece(name)
            if spool.descriptor is None:
                digests = hashing.of_bytes(piece.read(0, piece.size))
            else:
                digests = hashing.of_file(spool.descriptor, spool.size, self._heard(name))
            try:
                self._verdicts.append(self._looker.look(piece, digests, spooled=spool.size).verdict)
            except Exhausted:
                self._tell(finding("walker.stopped", name))
            return self._ended(digests.sha256, name, spool.size, at)

    def _one(self, file: Listed) -> Part | None:
        descriptor = open_file(file.where)
        try:
            before = os.fstat(descriptor)
            if (before.st_dev, before.st_ino) != file.identity:
                self._tell(finding("walker.changed", file.path))
                return None
            size = before.st_size
            piece: Piece
            digests = self._hashed.get(file.identity)
            if size <= hashing.INLINE_BYTES:
                piece = Opened(file.path, descriptor, size)
                data = piece.read(0, size)
                piece = Held(file.path, data)
                digests = digests or hashing.of_bytes(data)
                self._done += size
            else:
                piece = Opened(file.path, descriptor, size)
                digests = digests or hashing.of_file(descriptor, size, self._heard(file.path))
                self._hashed[file.identity] = digests
            self._lines.append((file.path, digests.sha256))
            part = self._looker.look(piece, digests)
            after = os.fstat(descriptor)
            if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
                self._tell(finding("walker.changed", file.path))
        finally:
            os.close(descriptor)
        self._formats[file.path] = part.format
        self._pieces[file.path] = Lying(file.path, file.where, size)
        self._files += 1
        self._say(file.path)
        return part

    def _together(self) -> None:
        for examiner in self._tree_examiners:
            try:
                for told in examiner.examine(self._pieces, self._formats):
                    if isinstance(told, Finding):
                        self._tell(told)
                    else:
                        if told.kind == TENSOR_DATA:
                            self._looker.known_as_data(told.path)
                        self._looker.tell(told)
            except Exception as error:  # noqa: BLE001  # a defect of an examiner is no reason to pass anything
                told = finding(
                    "walker.examiner-failed", ".", examiner=examiner.name, error=type(error).__name__
                )
                self._tell(told)

    def _ended(self, artefact: str, name: str, size: int, at: int, *, tree: bool = False) -> Inspection:
        met = dict(self._looker.met)
        if tree:
            met[binding.TREE] = {each.name: each.version for each in self._tree_examiners}
        findings = tuple(self._looker.findings)
        verdicts = (part.verdict for part in self._looker.parts)
        return Inspection(
            artefact,
            name,
            size,
            at,
            SCANNER,
            binding.bound(met, self._rules),
            worst(*self._verdicts, *verdicts),
            findings,
            tuple(self._looker.facts),
            tuple(self._looker.parts),
        )

    def _tell(self, told: Finding) -> None:
        self._verdicts.append(told.verdict)
        self._looker.tell(told)

    def _heard(self, path: str) -> Callable[[int], None]:
        def heard(count: int) -> None:
            self._done += count
            self._say(path)

        return heard

    def _say(self, path: str) -> None:
        if self._progress is not None:
            self._progress(Progress(self._done, self._total, self._files, self._of, path))
