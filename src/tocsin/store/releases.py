"""What the gate let out: manifests, the rows that peers may fetch, and how much each fetched."""

from collections.abc import Collection, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tocsin.kernel import TLP, BadInput, Manifest, NotFound, Release
from tocsin.store.dialect import insert_new, reserve, upsert
from tocsin.store.engine import Database
from tocsin.store.interface import ReleaseFilter, TaxiiPage
from tocsin.store.shelf import OPERATOR, Shelf, view_of
from tocsin.store.tables import fetches, manifests, release_audiences, release_objects, release_views

_ENCODER = msgspec.msgpack.Encoder()
_MANIFEST = msgspec.msgpack.Decoder(Manifest)


class SqlReleases:
    """Keeps interface.ReleaseStore."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._shelf = Shelf("release", release_objects, release_views, release_audiences)

    def log_manifest(self, manifest: Manifest, *, by: str, at: int) -> None:
        with self._database.writing() as connection:
            seq = reserve(connection, "manifest", 1) + 1
            connection.execute(
                insert_new(connection, manifests).values(
                    digest=manifest.digest,
                    peer=manifest.peer,
                    seq=seq,
                    at=at,
                    by=by,
                    body=_ENCODER.encode(manifest),
                )
            )

    def manifests(
        self, *, peer: str | None = None, limit: int = 1000
    ) -> tuple[tuple[int, str, Manifest], ...]:
        query = sa.select(manifests.c.at, manifests.c.by, manifests.c.body)
        if peer is not None:
            query = query.where(manifests.c.peer == peer)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(manifests.c.seq.desc()).limit(limit)).all()
        return tuple((at, by, _MANIFEST.decode(body)) for at, by, body in rows)

    def release(self, releases: Sequence[Release]) -> int:
        if any(row.peer == OPERATOR for row in releases):
            raise BadInput("a release needs the name of its peer")
        with self._database.writing() as connection:
            _require_manifests(connection, {(row.manifest, row.peer) for row in releases})
            return self._shelf.add(connection, [(row.peer, row) for row in releases])

    def page(self, peer: str | None, wanted: ReleaseFilter, *, ceiling: TLP | None = None) -> TaxiiPage:
        owner = OPERATOR if peer is None else peer
        return self._shelf.page(self._database, view_of(owner, ceiling), owner, wanted, ceiling)

    def withdraw(self, record_id: str, versions: tuple[str | int, ...] | None) -> int:
        with self._database.writing() as connection:
            return self._shelf.take_off(connection, record_id, versions, owner=None, keep=True)

    def withdrawn(self, peer: str) -> frozenset[tuple[str, int]]:
        with self._database.reading() as connection:
            return self._shelf.gone_of(connection, peer)

    def held(self, ids: Collection[str]) -> tuple[Release, ...]:
        with self._database.reading() as connection:
            return self._shelf.held(connection, ids)

    def waiting(self, peer: str, *, added_after: int | None, most: int) -> int:
        with self._database.reading() as connection:
            return self._shelf.count(connection, peer, added_after, most)

    def note_fetch(self, peer: str, *, objects: int, size: int, at: int) -> None:
        first = {"peer": peer, "objects": objects, "size": size, "at": at}
        more = {"objects": fetches.c.objects + objects, "size": fetches.c.size + size, "at": at}
        with self._database.writing() as connection:
            upsert(connection, fetches, first, changed=more)

    def fetched(self) -> dict[str, tuple[int, int]]:
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(fetches.c.peer, fetches.c.objects, fetches.c.size)).all()
        return {peer: (objects, size) for peer, objects, size in rows}


def _require_manifests(connection: Connection, named: set[tuple[str, str]]) -> None:
    """What was not written down before does not leave: no row without its manifest, for this very peer."""
    for digest, peer in named:
        logged = sa.select(manifests.c.seq).where(manifests.c.digest == digest, manifests.c.peer == peer)
        if connection.execute(logged).scalar() is None:
            raise NotFound(f"no manifest {digest[:12]} was logged for peer {peer}; log it before releasing")
