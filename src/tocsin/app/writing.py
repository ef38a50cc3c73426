"""Small files that must be whole: keys, certificates."""

import os
from pathlib import Path

from tocsin.kernel import Unavailable


def write_once(path: Path, content: bytes) -> None:
    """Write once, whole or not at all: a reader never sees half a key, and the first of two writers wins."""
    pending = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        descriptor = os.open(pending, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(pending, path)
        except FileExistsError:
            return
        sync_folder(path.parent)
    except OSError as error:
        raise Unavailable(f"a key cannot be written in {path.parent.name}/: is the disk full?") from error
    finally:
        pending.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """A name is durable only when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
