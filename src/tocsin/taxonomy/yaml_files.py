"""YAML that people write: a folder of it beside the packaged one, each file bounded, read, and refused by its name.

Enters: files of one kind. Leaves: values of the shape that the kind's owner asks for. Refuses, saying what is wrong and
which page shows one: what is too large, too many, no YAML, of another shape or version, and an id given twice.
"""

from collections.abc import Iterable, Iterator
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeVar

import msgspec

from tocsin.kernel import BadInput, TooLarge

SUFFIX = ".yaml"
VERSION = 1
MAX_FILE_BYTES = 64 << 10
"""A file that people write and read, unless its kind says otherwise."""

MAX_FILES = 32
MAX_TOLD_CHARS = 300
"""Of what the reader says is wrong: it may repeat the file."""

Shape = TypeVar("Shape")


class Versioned(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file that says its version, which is VERSION."""

    version: int


class FileKind(msgspec.Struct, frozen=True):
    """Files of one kind: `what` they are called before their name ("" where the name says it), and the page on them."""

    what: str
    page: str
    most_bytes: int = MAX_FILE_BYTES
    most_files: int = MAX_FILES

    def read(self, data: bytes, name: str, shape: type[Shape]) -> Shape:
        """One file. Raises BadInput naming the file and what is wrong, TooLarge."""
        where = f"{self.what} {name}".strip()
        if len(data) > self.most_bytes:
            raise TooLarge(f"{where} is larger than {self.most_bytes >> 10} KiB; split it or say less")
        try:
            found = msgspec.yaml.decode(data, type=shape)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError) as error:
            raise BadInput(f"{where}: {str(error)[:MAX_TOLD_CHARS]}; {self.page} shows one") from None
        if isinstance(found, Versioned) and found.version != VERSION:
            raise BadInput(f"{where}: version {found.version}; version {VERSION} is read")
        return found

    def files(self, folder: Path | Traversable | None) -> Iterator[tuple[str, bytes]]:
        """Every `*.yaml` of a folder that may be missing, by name, and no more of it than shows that it is too large.

        Raises BadInput naming a file that cannot be read, TooLarge.
        """
        entries = folder.iterdir() if folder is not None and folder.is_dir() else ()
        found = sorted((one for one in entries if one.name.endswith(SUFFIX)), key=lambda one: one.name)
        if len(found) > self.most_files:
            raise TooLarge(f"{folder} holds {len(found)} files; {self.most_files} is the most: join some")
        for one in found:
            yield one.name, self.bytes_of(one)

    def bytes_of(self, file: Path | Traversable) -> bytes:
        """One file's bytes, at most one more than may be read. Raises BadInput."""
        try:
            with file.open("rb") as stream:
                return stream.read(self.most_bytes + 1)
        except OSError as error:
            raise BadInput(f"{file.name} cannot be read: {error.strerror}") from error


def refuse_twice(ids: Iterable[str], what: str) -> None:
    """Raises BadInput for the first id that is given twice."""
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise BadInput(f"two {what} have the id {one}: rename one")
        seen.add(one)
