"""What the gate released to a peer, as a file. A file leaves the node's control, so it is a release like any other.

Nothing is converted but the released bytes, and the file is written only after the manifest is logged.
"""

import hashlib
import os
from pathlib import Path
from typing import Literal

import msgspec

from tocsin.app.node import Node
from tocsin.kernel import BadInput, Caller, NotAllowed, PeerStatus, Release, Unavailable, highest, micros
from tocsin.store.interface import ReleaseFilter
from tocsin.wire.misp import write_misp
from tocsin.wire.stix import own_id

ExportFormat = Literal["stix", "misp"]
_PAGE = 5_000


class Exported(msgspec.Struct, frozen=True):
    """What a file holds: objects, bytes, its SHA-256, and the manifest that was released for it."""

    peer: str
    form: ExportFormat
    records: int
    size: int
    sha256: str
    manifest: str


def export_file(
    node: Node,
    by: Caller,
    peer: str,
    purpose: str,
    target: Path,
    *,
    form: ExportFormat = "stix",
    digest: str | None = None,
    everything: bool = False,
) -> Exported | None:
    """Release what there is for a peer, and write exactly that to a new file; None when there was nothing.

    `digest` as for a release; `everything` writes what was released to the peer before, too, the latest version
    of each. Raises what a release raises, BadInput where the file is there already, Unavailable when it cannot
    be written: then the release stands, and `everything` writes it.
    """
    if target.exists():
        raise BadInput(f"{target} is there already: name a new file")
    if node.exchange.peer(peer).status_at(micros(node.clock())) is not PeerStatus.TRUSTED:
        raise NotAllowed(f"peer {peer} is not trusted: nothing is written for it")
    manifest = node.exchange.publishing.publish(by, peer, purpose, digest)
    rows = _released(node, peer)
    if not everything:
        rows = [row for row in rows if row.manifest == manifest.digest]
    if not rows:
        return None
    content = _stix(rows) if form == "stix" else _misp(rows)
    _write(target, content)
    done = Exported(
        peer=peer,
        form=form,
        records=len(rows),
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        manifest=manifest.digest,
    )
    node.access.audit(
        by.user,
        "share.export",
        subject=peer,
        purpose=purpose,
        detail={
            "format": form,
            "records": done.records,
            "file": target.name,
            "sha256": done.sha256,
            "manifest": done.manifest,
        },
    )
    return done


def _released(node: Node, peer: str) -> list[Release]:
    rows: list[Release] = []
    ceiling = highest(node.exchange.peer(peer), node.store.groups.list())
    after, more = 0, True
    while more:
        wanted = ReleaseFilter(added_after=after, limit=_PAGE)
        page = node.store.releases.page(peer, wanted, ceiling=ceiling)
        rows += page.rows
        more = page.more
        after = page.rows[-1].added if page.rows else after
    return rows


def _stix(rows: list[Release]) -> bytes:
    """A bundle whose objects are the released bytes, not encoded again."""
    digests = sorted(hashlib.sha256(row.stix).hexdigest() for row in rows)
    head = f'{{"type":"bundle","id":"{own_id("bundle", *digests)}","objects":['
    return head.encode() + b",".join(row.stix for row in rows) + b"]}"


def _misp(rows: list[Release]) -> bytes:
    try:
        return write_misp([row.stix for row in rows])
    except (BadInput, Unavailable) as error:
        raise Unavailable(f"{error.message}; the release stands, --all --format stix writes it") from error


def _write(target: Path, content: bytes) -> None:
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    except FileExistsError:
        raise BadInput(f"{target} is there already: name a new file") from None
    except OSError as error:
        target.unlink(missing_ok=True)
        raise Unavailable(
            f"cannot write {target}: {error.strerror}; the release stands, --all writes it elsewhere"
        ) from None
