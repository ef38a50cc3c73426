"""One archive of a node while it serves, and its way back.

    FILE        tar: about.json, settings.toml, keys/ (without days), packs/, policies/, exclusions/, store/
    FILE.keys   tar: keys/days/, to be kept apart and no longer than the texts they open

A restore never brings back the key of a day that is past its retention.
"""

import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import msgspec

from tocsin import __version__
from tocsin.app import settings as node_settings
from tocsin.app.extensions import EXCLUSIONS_FOLDER, PACKS_FOLDER, POLICIES_FOLDER
from tocsin.app.keyring import Keyring
from tocsin.app.node import Node
from tocsin.kernel import BadInput, Clock
from tocsin.store import load_snapshot, open_store

FORMAT = 1
_PARTS = (node_settings.FILE_NAME, PACKS_FOLDER, POLICIES_FOLDER, EXCLUSIONS_FOLDER)


class About(msgspec.Struct, frozen=True):
    """What an archive says of itself."""

    format: int
    version: str
    node_id: str
    created: str


class Written(msgspec.Struct, frozen=True):
    archive: str
    keys: str
    size: int
    events: int
    days: int


class Restored(msgspec.Struct, frozen=True):
    data: str
    node_id: str
    events: int
    keys_dropped: int


def write_backup(node: Node, file: Path) -> Written:
    """Write FILE and FILE.keys, 0600. Raises BadInput when one exists."""
    keys_file = _keys_file(file)
    for path in (file, keys_file):
        if path.exists():
            raise BadInput(f"{path} exists: name a new file, so that no older backup is lost")
    created = node.clock()
    about = About(
        format=FORMAT,
        version=__version__,
        node_id=node.node_id,
        created=created.isoformat(timespec="seconds"),
    )
    with _room_beside(file) as room:
        (room / "about.json").write_bytes(msgspec.json.encode(about))
        node.store.snapshot(_made(room / "store"))
        for part in _PARTS:
            source = node.data / part
            if source.is_dir():
                shutil.copytree(source, room / part)
            elif source.exists():
                shutil.copy2(source, room / part)
        keys = _made(room / "keys")
        for key in (node.data / "keys").iterdir():
            if key.is_file() and not key.name.startswith("."):
                shutil.copy2(key, keys / key.name)
        _pack(room, file)
    days = node.keys.days()
    with _room_beside(file) as room:
        folder = _made(room / "keys" / "days")
        for day in days:
            shutil.copy2(node.data / "keys" / "days" / f"{day}.key", folder)
        _pack(room, keys_file)
    node.access.audit(
        node.access.operator().user,
        "node.backup",
        subject=file.name,
        purpose="backup",
        detail={"days": len(days)},
    )
    return Written(
        archive=str(file),
        keys=str(keys_file),
        size=file.stat().st_size,
        events=node.store.events.count(),
        days=len(days),
    )


def read_backup(file: Path, data: Path, *, clock: Clock, database_url: str | None = None) -> Restored:
    """Make the node's folder `data` from an archive; all of it, or nothing. Raises BadInput."""
    if data.exists() and any(data.iterdir()):
        raise BadInput(f"{data} is not empty: restore into a new folder")
    if not file.is_file():
        raise BadInput(f"there is no archive {file}")
    with _room_beside(data.absolute()) as room:
        _unpack(file, room)
        about = _about(room, file)
        settings = node_settings.load(room)
        if _keys_file(file).is_file():
            _unpack(_keys_file(file), room)
        _made(room / "keys" / "days")
        keys = Keyring(room / "keys")
        if keys.identity.node_id != about.node_id:
            raise BadInput(
                f"{file} names another node than its keys do: it was changed, or mixed with another"
            )
        dropped = keys.destroy_before(clock().date() - timedelta(days=settings.retention_text_days))
        load_snapshot(room / "store", room, database_url)
        shutil.rmtree(room / "store")
        (room / "about.json").unlink()
        if data.exists():
            data.rmdir()
        room.rename(data)
    store = open_store(data, database_url)
    try:
        store.migrate()
        events = store.events.count()
    finally:
        store.close()
    return Restored(data=str(data), node_id=about.node_id, events=events, keys_dropped=len(dropped))


def _keys_file(file: Path) -> Path:
    return file.with_name(file.name + ".keys")


def _about(room: Path, file: Path) -> About:
    try:
        about = msgspec.json.decode((room / "about.json").read_bytes(), type=About)
    except (OSError, msgspec.DecodeError) as error:
        raise BadInput(f"{file} is not an archive of `tocsin backup`") from error
    if about.format != FORMAT:
        raise BadInput(
            f"{file} has format {about.format}; this version reads {FORMAT}: use Tocsin {about.version}"
        )
    return about


@contextmanager
def _room_beside(path: Path) -> Iterator[Path]:
    """A private folder on the same disk, so that the last step is a rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    room = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _pack(room: Path, file: Path) -> None:
    pending = file.with_name(f".{file.name}.writing")
    descriptor = os.open(pending, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as raw:
        with tarfile.open(fileobj=raw, mode="w") as archive:
            for path in sorted(room.iterdir()):
                archive.add(path, arcname=path.name)
        raw.flush()
        os.fsync(raw.fileno())
    pending.replace(file)


def _unpack(file: Path, room: Path) -> None:
    try:
        with tarfile.open(file, mode="r:") as archive:
            # the data filter refuses absolute paths, links outside, devices (PEP 706)
            archive.extractall(room, filter="data")
    except (tarfile.TarError, OSError) as error:
        raise BadInput(
            f"{file} cannot be unpacked: it is not an archive of `tocsin backup`, or was cut"
        ) from error
