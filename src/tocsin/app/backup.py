"""One archive of a node while it serves, and its way back.

    FILE        tar: about.json, settings.toml, keys/, packs/, policies/, exclusions/, overlays/, duties/, queues/,
                signers.yaml, signers/, recognition.yaml, access-overlays/, applicants.yaml, label-anchors.pem, match/,
                exhibits/, store/

No day key is in it: what is sealed in an archive opens with the key store alone, which has a copy of its own
(`app.key_backup`). What the archive knows to be destroyed stays destroyed in the node that is made of it.
"""

import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from tocsin import __version__
from tocsin.admit import OVERLAYS_FOLDER as ACCESS_OVERLAYS_FOLDER
from tocsin.admit.applicants import FILE_NAME as APPLICANTS_FILE
from tocsin.app import key_backup
from tocsin.app import settings as node_settings
from tocsin.app.exhibit_files import FOLDER_NAME as EXHIBITS_FOLDER
from tocsin.app.extensions import (
    DUTIES_FOLDER,
    EXCLUSIONS_FOLDER,
    OVERLAYS_FOLDER,
    PACKS_FOLDER,
    POLICIES_FOLDER,
)
from tocsin.app.key_settling import KNOWN_STORE, begin
from tocsin.app.keyring import Keyring
from tocsin.app.label_key import ANCHORS_NAME
from tocsin.app.match_inputs import FOLDER_NAME as MATCH_FOLDER
from tocsin.app.node import Node
from tocsin.app.queues import QUEUES_FOLDER
from tocsin.app.recognition_draws import POLICY_NAME as RECOGNITION_FILE
from tocsin.assure.provenance.policy_file import FILE_NAME as SIGNERS_FILE
from tocsin.assure.provenance.policy_file import FOLDER_NAME as SIGNERS_FOLDER
from tocsin.kernel import BadInput, Clock, micros
from tocsin.store import Store, load_snapshot, open_store

FORMAT = 1
_PARTS = (
    node_settings.FILE_NAME,
    PACKS_FOLDER,
    POLICIES_FOLDER,
    EXCLUSIONS_FOLDER,
    OVERLAYS_FOLDER,
    DUTIES_FOLDER,
    QUEUES_FOLDER,
    SIGNERS_FILE,
    SIGNERS_FOLDER,
    RECOGNITION_FILE,
    ACCESS_OVERLAYS_FOLDER,
    APPLICANTS_FILE,
    ANCHORS_NAME,
    MATCH_FOLDER,
    EXHIBITS_FOLDER,
)


class About(msgspec.Struct, frozen=True):
    """What an archive says of itself."""

    format: int
    version: str
    node_id: str
    created: str


class Written(msgspec.Struct, frozen=True):
    """`days` have a key that is not in the archive."""

    archive: str
    size: int
    events: int
    days: int


class Restored(msgspec.Struct, frozen=True):
    """`keys_dropped` are day keys of the key backup that stay destroyed; `days` those that open again."""

    data: str
    node_id: str
    events: int
    keys_dropped: int = 0
    days: int = 0


def write_backup(node: Node, file: Path) -> Written:
    """Write FILE, 0600. Raises BadInput when it exists."""
    if file.exists():
        raise BadInput(f"{file} exists: name a new file, so that no older backup is lost")
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
                shutil.copytree(source, room / part, copy_function=_copy_what_is_there)
            elif source.exists():
                shutil.copy2(source, room / part)
        keys = _made(room / "keys")
        for key in (node.data / "keys").iterdir():
            if key.is_file() and not key.name.startswith("."):
                shutil.copy2(key, keys / key.name)
        _pack(room, file)
    days = node.keys.days()
    node.access.audit(
        node.access.operator().user,
        "node.backup",
        subject=file.name,
        purpose="backup",
        detail={"days": len(days)},
    )
    return Written(
        archive=str(file),
        size=file.stat().st_size,
        events=node.store.events.count(),
        days=len(days),
    )


def read_backup(
    file: Path,
    data: Path,
    *,
    clock: Clock,
    database_url: str | None = None,
    keys: key_backup.Sealed | None = None,
) -> Restored:
    """Make the node's folder `data` from an archive; all of it, or nothing. Raises BadInput.

    `keys` is a copy of the key store. Without it the texts stay closed, unless the key store is still in its place.
    """
    if data.exists() and any(data.iterdir()):
        raise BadInput(f"{data} is not empty: restore into a new folder")
    if not file.is_file():
        raise BadInput(f"there is no archive {file}")
    with _room_beside(data.absolute()) as room:
        _unpack(file, room)
        about = _about(room, file)
        node_settings.load(room)
        if Keyring(room / "keys").identity.node_id != about.node_id:
            raise BadInput(
                f"{file} names another node than its keys do: it was changed, or mixed with another"
            )
        if keys is not None and keys.about.node_id != about.node_id:
            raise BadInput(
                f"{keys.about.node_id} is whose keys these are, and the archive is of {about.node_id}"
            )
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
        brought = _bring_keys(data, store, keys, clock)
    finally:
        store.close()
    return Restored(
        data=str(data),
        node_id=about.node_id,
        events=events,
        keys_dropped=brought.destroyed,
        days=brought.days,
    )


def _bring_keys(data: Path, store: Store, keys: key_backup.Sealed | None, clock: Clock) -> key_backup.Brought:
    """The key store of the new node: the one in its place, or a new one, and what a copy of it may add."""
    settings = node_settings.load(data)
    ring = Keyring(
        data / "keys",
        key_store=node_settings.key_store_of(data, settings),
        clock=clock,
        retention_days=settings.retention_text_days,
    )
    if not (ring.day_keys.exists and ring.day_keys.id == store.jobs.cursor(KNOWN_STORE)):
        begin(ring, store, micros(clock()))
    if keys is None:
        return key_backup.Brought(days=len(ring.days()), destroyed=0, others=())
    return key_backup.bring(ring, store, keys, clock())


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


def _copy_what_is_there(source: str, target: str) -> None:
    """An exhibit that is destroyed meanwhile is not missed: its row says so, or the next sweep does."""
    with suppress(FileNotFoundError):
        shutil.copy2(source, target)


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
