"""Records out to a file for this node's own people: streamed, by role, for a stated purpose, and audited.

It is no way round the gate: a file is handed over by a person who answers for it, and TLP:RED is never in it.
"""

import os
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

import msgspec

from tocsin.app.access import Access
from tocsin.kernel import TLP, BadInput, Caller, Clock, Origin, Record, micros
from tocsin.store.interface import Store
from tocsin.wire.stix import own_id

PAGE = 500
"""Records in memory at once: at most 128 MB of the largest there can be, as a rule half a megabyte."""

MIN_PURPOSE_CHARS = 5
MAX_PURPOSE_CHARS = 400


class Form(StrEnum):
    NDJSON = "ndjson"
    """One object a line."""
    BUNDLE = "bundle"
    """One STIX bundle."""


class Exported(msgspec.Struct, frozen=True):
    """`withheld` records are TLP:RED: for individual people, not for a file."""

    records: int
    size: int
    withheld: int


def export(
    store: Store,
    access: Access,
    clock: Clock,
    by: Caller,
    target: Path,
    *,
    purpose: str,
    form: Form = Form.NDJSON,
    types: tuple[str, ...] = (),
    origin: Origin | None = None,
    since: int = 0,
    progress: Callable[[int], None] = lambda _: None,
) -> Exported:
    """Write the latest version of every record added after `since` (microseconds) to a new file, mode 0600.

    `progress` hears the records read so far. Raises NotAllowed; BadInput without a purpose or when the file exists.
    A file that breaks off is removed.
    """
    access.require(by, "record.export")
    if not MIN_PURPOSE_CHARS <= len(purpose.strip()) <= MAX_PURPOSE_CHARS:
        raise BadInput(f"state the purpose in {MIN_PURPOSE_CHARS} to {MAX_PURPOSE_CHARS} characters")
    detail: dict[str, str | int | float] = {
        "types": " ".join(types),
        "origin": origin.value if origin else "",
        "since": since,
        "form": form.value,
    }
    # Before the first byte: an export that is killed half way was one all the same.
    access.audit(by.user, "record.export", subject=target.name, purpose=purpose.strip(), detail=detail)
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise BadInput(f"{target} exists already: name a new file") from None
    except OSError as error:
        raise BadInput(f"cannot write {target}: {error.strerror}") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            records = _records(store, types, origin, since, progress)
            done = _write(file, records, form, own_id("bundle", by.user, str(micros(clock()))))
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    access.audit(
        by.user,
        "record.exported",
        subject=target.name,
        purpose=purpose.strip(),
        detail={"records": done.records, "bytes": done.size, "withheld": done.withheld},
    )
    return done


def _records(
    store: Store,
    types: tuple[str, ...],
    origin: Origin | None,
    since: int,
    progress: Callable[[int], None],
) -> Iterator[Record]:
    read = 0
    after = since
    while page := store.records.list(types=types, origin=origin, after=after, limit=PAGE):
        yield from page
        after = page[-1].added
        read += len(page)
        progress(read)


def _write(file: BinaryIO, records: Iterator[Record], form: Form, bundle: str) -> Exported:
    size = number = withheld = 0

    def put(data: bytes) -> None:
        nonlocal size
        size += len(data)
        file.write(data)

    whole = form is Form.BUNDLE
    if whole:
        put(b'{"type":"bundle","id":"%s","objects":[\n' % bundle.encode())
    for record in records:
        if record.tlp is TLP.RED:
            withheld += 1
            continue
        put((b",\n" if number else b"") + record.stix if whole else record.stix + b"\n")
        number += 1
    if whole:
        put(b"\n]}\n")
    file.flush()
    os.fsync(file.fileno())
    return Exported(records=number, size=size, withheld=withheld)
