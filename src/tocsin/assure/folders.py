"""The files of a folder: listed by name, never followed out of it.

What a signature covers is listed apart (`provenance.signed_files`): there a link counts for nothing, wherever it leads,
and a name is exact, not as it may be printed.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tocsin.assure.examining import finding
from tocsin.assure.names import shown
from tocsin.kernel.artefacts import Finding


class Listed(msgspec.Struct, frozen=True):
    """One file. `path` is as in `kernel.artefacts.Place`; `where` is where it is opened (an alias's target)."""

    path: str
    where: str
    size: int
    identity: tuple[int, int]


class TooMany(Exception):
    """More entries than the bound."""


def listed(root: Path, most: int) -> Iterator[Listed | Finding]:
    """Every file below `root` in the order of its path, and what is wrong with the names.

    A link to a file of the same folder is that file under a second name, as model caches keep them. Any other link,
    and all that is no file, is a finding: it is not opened.
    """
    real = root.resolve()
    count = 0
    waiting = [str(root)]
    while waiting:
        folder = waiting.pop()
        names: dict[str, str] = {}
        try:
            with os.scandir(folder) as scan:
                entries = sorted(scan, key=lambda entry: os.fsencode(entry.name))
        except OSError as error:
            yield finding("walker.unreadable", _relative(folder, root), error=type(error).__name__)
            continue
        below: list[str] = []
        for entry in entries:
            count += 1
            if count > most:
                raise TooMany
            path = _relative(entry.path, root)
            yield from _named(entry.name, path, names)
            if entry.is_dir(follow_symlinks=False):
                below.append(entry.path)
            else:
                yield _entry(entry, path, real)
        waiting += reversed(below)


def _relative(where: str, root: Path) -> str:
    return shown(os.path.relpath(where, root).replace(os.sep, "/"))


def _named(name: str, path: str, names: dict[str, str]) -> Iterator[Finding]:
    if shown(name) != name or "\\" in name:
        yield finding("walker.strange-name", path, name=name)
    folded = name.casefold()
    if folded in names:
        yield finding("walker.case-clash", path, other=names[folded])
    names[folded] = name


def _entry(entry: "os.DirEntry[str]", path: str, real: Path) -> Listed | Finding:
    try:
        if entry.is_symlink():
            target = os.path.realpath(entry.path)
            about = Path(target).lstat()
            if not Path(target).is_relative_to(real) or not stat.S_ISREG(about.st_mode):
                return finding("walker.link", path)
            return Listed(path, target, about.st_size, (about.st_dev, about.st_ino))
        about = entry.stat(follow_symlinks=False)
    except OSError as error:
        if entry.is_symlink():
            return finding("walker.link", path)
        return finding("walker.unreadable", path, error=type(error).__name__)
    if not stat.S_ISREG(about.st_mode):
        return finding("walker.special-file", path)
    return Listed(path, entry.path, about.st_size, (about.st_dev, about.st_ino))
