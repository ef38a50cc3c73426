"""The files of an artefact as a signature speaks of them: which there are, and their digests, each byte read once.

Every file is opened component by component without following a link and must be a plain file that holds still while it
is read: what was hashed is what lay there, not what a link pointed at a moment later.
"""

import errno
import hashlib
import os
import stat
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Protocol

import msgspec

from tocsin.assure.hashing import of_files
from tocsin.kernel import BadInput, TooLarge, Unavailable
from tocsin.wire.in_toto import MAX_SUBJECTS
from tocsin.wire.model_signature import ALONE, Stretch

CHUNK_BYTES = 1 << 20
WORKERS = 2
"""Hashing is bound by one core a file; two keep a small machine's disk busy and its memory at two chunks."""


class Tree(msgspec.Struct, frozen=True):
    """What lies at a path. `files` are sizes by path, "/" between folders; `links` and `odd` are what is neither."""

    root: Path
    files: dict[str, int]
    links: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()


class Hashed(msgspec.Struct, frozen=True):
    """`sha256` of each file, and the digest of each stretch that was asked for; hex."""

    sha256: dict[str, str]
    stretches: dict[Stretch, str]


class Moved(Exception):
    """A file was replaced, cut or written to while it was read. `path` names it."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class _Hash(Protocol):
    def update(self, data: bytes, /) -> object: ...
    def hexdigest(self) -> str: ...


def survey(root: Path) -> Tree:
    """Every file under `root`, or `root` itself; nothing is read. Raises BadInput, Unavailable, TooLarge."""
    try:
        mode = root.stat().st_mode  # the artefact's own name may be a link; nothing inside it may
        if stat.S_ISREG(mode):
            return Tree(root, {ALONE: root.stat().st_size})
        if not stat.S_ISDIR(mode):
            raise BadInput(f"{root} is neither a file nor a folder")
        return _folder(root)
    except FileNotFoundError:
        raise BadInput(f"there is nothing at {root}") from None
    except OSError as error:
        raise Unavailable(f"{root} cannot be read: {error.strerror}") from error


def beside(path: Path) -> Path:
    """Where the signature of an artefact lies, as the published tools have it: in a folder, or beside a file."""
    return path / "model.sig" if path.is_dir() else path.with_name(path.name + ".sig")


def inside(path: Path, files: Collection[Path]) -> tuple[str, ...]:
    """Those of `files` that lie inside the artefact, as paths in it."""
    root = path.resolve()
    placed = [file.parent.resolve() / file.name for file in files]
    return tuple(
        one.relative_to(root).as_posix() for one in placed if one.is_relative_to(root) and one != root
    )


def read_bounded(file: Path, limit: int) -> bytes:
    """A small file: up to `limit` + 1 bytes, so that its reader sees when it is too much.

    Raises BadInput, Unavailable.
    """
    try:
        with file.open("rb") as opened_file:
            return opened_file.read(limit + 1)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise BadInput(f"there is no file {file}") from None
    except OSError as error:
        raise Unavailable(f"{file} cannot be read: {error.strerror}") from error


def under(path: str, ignored: Collection[str]) -> bool:
    """Whether `path` is one of `ignored` or lies under one."""
    pure = PurePosixPath(path)
    return path in ignored or any(str(parent) in ignored for parent in pure.parents)


def hash_tree(tree: Tree, *, hash_type: str = "sha256", shard_size: int = 0) -> Hashed:
    """Hash every file of `tree`: whole, and by the stretches of `shard_size` bytes. Raises Moved, Unavailable."""
    try:
        root = os.open(tree.root, os.O_RDONLY | os.O_CLOEXEC)
        try:
            from concurrent.futures import ThreadPoolExecutor  # not before a release is hashed

            with ThreadPoolExecutor(max_workers=WORKERS) as pool:
                each = list(
                    pool.map(
                        lambda item: _hash_file(root, item[0], item[1], hash_type, shard_size),
                        sorted(tree.files.items()),
                    )
                )
        finally:
            os.close(root)
    except OSError as error:
        raise Unavailable(f"{tree.root} cannot be read: {error.strerror}") from error
    whole = {path: digest for (path, _), (digest, _) in zip(sorted(tree.files.items()), each, strict=True)}
    return Hashed(whole, {where: digest for _, stretches in each for where, digest in stretches.items()})


def read_file(root: Path, path: str, take: Callable[[bytes], object]) -> int:
    """Give each chunk of one file to `take`, in order; the count of bytes. Raises Moved, Unavailable."""
    try:
        at = os.open(root, os.O_RDONLY | os.O_CLOEXEC)
        try:
            with opened(at, path) as file:
                before = os.fstat(file)
                for chunk in _chunks(file, before.st_size):
                    take(chunk)
                if _state(os.fstat(file)) != _state(before):
                    raise Moved(path)
                return before.st_size
        finally:
            os.close(at)
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}") from error


def tree_digest(sha256: dict[str, str]) -> str:
    """As `kernel.artefacts.Inspection.artefact`: a file's own, or that of all files together."""
    return sha256[ALONE] if set(sha256) == {ALONE} else of_files(sha256.items())


@contextmanager
def opened(root: int, path: str) -> Iterator[int]:
    """A descriptor of the plain file at `path` under the folder `root`, no link followed. Raises Moved."""
    if path == ALONE:
        if not stat.S_ISREG(os.fstat(root).st_mode):
            raise Moved(path)
        os.lseek(root, 0, os.SEEK_SET)
        yield root
        return
    *folders, name = path.split("/")
    held: list[int] = []
    try:
        at = root
        try:
            for folder in folders:
                at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=at)
                held.append(at)
            # O_NONBLOCK: a pipe that took the file's place must not hold the reader
            file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=at)
            held.append(file)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise Moved(path) from error
        except OSError as error:
            if error.errno == errno.ELOOP:  # a link took its place
                raise Moved(path) from error
            raise
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise Moved(path)
        yield file
    finally:
        for one in reversed(held):
            os.close(one)


def _folder(root: Path) -> Tree:
    files: dict[str, int] = {}
    links: list[str] = []
    odd: list[str] = []
    for folder, folders, names, at in os.fwalk(root, follow_symlinks=False, onerror=_raise):
        inside = PurePosixPath(Path(folder).relative_to(root).as_posix())
        for name in (*folders, *names):
            path = str(inside / name)
            if not _utf8(path):
                odd.append(ascii(path))  # no signature can name it, and no JSON can carry it
                continue
            status = os.stat(name, dir_fd=at, follow_symlinks=False)
            if stat.S_ISREG(status.st_mode):
                files[path] = status.st_size
            elif stat.S_ISLNK(status.st_mode):
                links.append(path)
            elif not stat.S_ISDIR(status.st_mode):
                odd.append(path)
        if len(files) > MAX_SUBJECTS:
            raise TooLarge(f"{root} holds over {MAX_SUBJECTS} files")
    return Tree(root, files, tuple(sorted(links)), tuple(sorted(odd)))


def _utf8(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _raise(error: OSError) -> None:
    raise error


def _hash_file(
    root: int, path: str, size: int, hash_type: str, shard_size: int
) -> tuple[str, dict[Stretch, str]]:
    whole = hashlib.sha256()
    found: dict[Stretch, str] = {}
    apart = bool(shard_size) or hash_type != "sha256"
    with opened(root, path) as file:
        before = os.fstat(file)
        if before.st_size != size:
            raise Moved(path)
        if not apart:
            for chunk in _chunks(file, size):
                whole.update(chunk)
            found[Stretch(path)] = whole.hexdigest()
        for start, end in _stretches(size, shard_size) if apart else ():
            part = _hasher(hash_type)
            for chunk in _chunks(file, end - start):
                whole.update(chunk)
                part.update(chunk)
            found[Stretch(path, start, end) if shard_size else Stretch(path)] = part.hexdigest()
        if os.read(file, 1) or _state(os.fstat(file)) != _state(before):
            raise Moved(path)
    return whole.hexdigest(), found


def _stretches(size: int, shard_size: int) -> Iterator[tuple[int, int]]:
    if not shard_size:
        yield 0, size
        return
    for start in range(0, size, shard_size):
        yield start, min(start + shard_size, size)


def _chunks(file: int, length: int) -> Iterator[bytes]:
    """`length` bytes on from where the descriptor is; fewer when the file ends."""
    left = length
    while left and (chunk := os.read(file, min(left, CHUNK_BYTES))):
        left -= len(chunk)
        yield chunk


def _hasher(hash_type: str) -> _Hash:
    if hash_type == "blake3":
        from blake3 import blake3

        return blake3()
    return hashlib.blake2b() if hash_type == "blake2b" else hashlib.sha256()


def _state(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
