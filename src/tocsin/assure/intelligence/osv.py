"""OSV's files: `{ecosystem}/all.zip` as it is published, or one entry as JSON.

Enters: bytes from disk, bounded. Leaves: one `Intelligence` an entry, and what was refused by name with a reason: a
broken entry is told and the others are kept.
"""

import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from tocsin.assure.intelligence.names import is_plain_id, package_key
from tocsin.assure.intelligence.osv_form import OsvEntry
from tocsin.kernel import BadInput, TooLarge
from tocsin.kernel.limits import MAX_ID_CHARS
from tocsin.kernel.models import Intelligence, IntelligenceKind

MAX_ENTRIES = 1_000_000
"""All of OSV has about 600,000."""

MAX_ENTRY_BYTES = 8 << 20
"""The largest that is published (a kernel's, with its versions) has about 2 MiB."""

MAX_TOTAL_BYTES = 8 << 30
"""All ecosystems together unpack to some 3 GiB."""

MAX_AFFECTED = 20_000
MAX_TITLE_CHARS = 300
MALICIOUS = "MAL-"
"""Prefix of entries on packages that were made to harm (the OpenSSF's list)."""

_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    RuntimeError,
    NotImplementedError,
    EOFError,
    ValueError,
)
"""What the standard library raises of a broken, encrypted or exotic member."""

_ENTRY = msgspec.json.Decoder(OsvEntry)
_ENCODE = msgspec.json.Encoder().encode


class Unread(msgspec.Struct, frozen=True):
    """One entry that was not taken, and why."""

    name: str
    reason: str


def read_osv(file: Path, *, at: int) -> Iterator[Intelligence | Unread]:
    """Entries one by one. Raises BadInput when the file is neither a zip nor JSON, TooLarge past MAX_ENTRIES."""
    with file.open("rb") as stream:
        if stream.read(2) != b"PK":
            stream.seek(0)
            yield read_entry(stream.read(MAX_ENTRY_BYTES + 1), file.name, at=at, source=file.name)
            return
        try:
            yield from _zipped(stream, at, file.name)
        except zipfile.BadZipFile as fault:
            raise BadInput(f"{file.name} is a broken zip: fetch it again") from fault


def _zipped(stream: BinaryIO, at: int, source: str) -> Iterator[Intelligence | Unread]:
    with zipfile.ZipFile(stream) as archive:
        members = [member for member in archive.infolist() if member.filename.endswith(".json")]
        if len(members) > MAX_ENTRIES:
            raise TooLarge(
                f"a file of OSV has at most {MAX_ENTRIES:,} entries: import ecosystem by ecosystem"
            )
        if not members:
            raise BadInput(f"{source} holds no .json entry: it is not an all.zip of OSV")
        total = 0
        for member in members:
            if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                yield Unread(member.filename[:MAX_ID_CHARS], "it is packed in a way that is not read here")
                continue
            try:
                with archive.open(member) as entry:
                    data = entry.read(MAX_ENTRY_BYTES + 1)
            except _UNREADABLE as fault:
                yield Unread(
                    member.filename[:MAX_ID_CHARS], f"the archive cannot give it: {type(fault).__name__}"
                )
                continue
            total += len(data)
            if total > MAX_TOTAL_BYTES:
                raise TooLarge(f"a file of OSV unpacks to at most {MAX_TOTAL_BYTES >> 30} GiB: it is not one")
            yield read_entry(data, member.filename, at=at, source=source)


def read_entry(data: bytes, name: str, *, at: int, source: str = "") -> Intelligence | Unread:
    """One entry. What is not matched or shown of it is left out; its digest is of all its bytes."""
    try:
        if len(data) > MAX_ENTRY_BYTES:
            raise TooLarge(f"an entry has at most {MAX_ENTRY_BYTES >> 20} MiB")
        return _taken(_ENTRY.decode(data), hashlib.sha256(data).hexdigest(), at, source)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Unread(name[:MAX_ID_CHARS], "it is not an OSV entry in JSON")
    except BadInput as fault:
        return Unread(name[:MAX_ID_CHARS], fault.message)


def _taken(entry: OsvEntry, digest: str, at: int, source: str) -> Intelligence:
    if not is_plain_id(entry.id):
        raise BadInput("its id is not a short plain one")
    if len(entry.affected) > MAX_AFFECTED:
        raise TooLarge(f"it names more than {MAX_AFFECTED:,} packages")
    keys = set()
    for one in entry.affected:
        if one.package is not None:
            key = package_key(one.package.ecosystem, one.package.name)
            if not key.isprintable() or len(key) > 4 * MAX_ID_CHARS:
                raise BadInput("a package in it has no plain name")
            keys.add(key)
    title = "".join(filter(str.isprintable, entry.summary))[:MAX_TITLE_CHARS]
    return Intelligence(
        kind=IntelligenceKind.OSV,
        id=entry.id,
        digest=digest,
        at=at,
        title=title,
        keys=tuple(sorted(keys)),
        body=_ENCODE(entry),
        source=source,
        withdrawn=bool(entry.withdrawn),
    )
