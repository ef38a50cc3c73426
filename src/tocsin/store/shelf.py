"""A shelf: objects that TAXII serves, for releases and for the inbox alike.

Each owner (a peer, or who posted) has a view; the view '' is this node's own operator and holds each
(id, version) once, whoever had it first. A view knows nothing of another, so nothing hidden shows through
counts, pages or moments. `place` says where a version stands among the versions of its object in that view:
bit 1 the first, bit 2 the last. So every filter of TAXII 2.1 section 3.4 is a few ranges of an index that is
ordered by seq, and a deep page costs what the first one does.
"""

from collections.abc import Collection, Sequence
from itertools import product
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tocsin.kernel import Release, TooLarge
from tocsin.store.dialect import among, chunks, insert_many, noun, reserve_moments
from tocsin.store.interface import ReleaseFilter, TaxiiPage

OPERATOR = ""
"""The view of this node's own operator; no peer can have an empty name."""

FIRST, LAST = 1, 2
PLACES = (0, FIRST, LAST, FIRST | LAST)

MAX_IDS = 500
"""Ids in one filter: more than a client's URL of 8 KB holds, and one IN list."""

MAX_NAMES = 100
"""Types, or versions, in one filter. SQLite joins 500 ranges at most: four places of each type, and versions."""

_COLUMN = {"peer": "owner"}
"""Where a column's name differs from the field of Release."""


class Shelf:
    """Puts rows on two tables and pages them. Every method works inside its caller's transaction."""

    def __init__(self, counter: str, objects: sa.Table, views: sa.Table) -> None:
        self._counter = counter
        self._objects = objects
        self._views = views

    def add(self, connection: Connection, owned: Sequence[tuple[str, Release]]) -> int:
        """Add (owner, row) pairs, in order; passes over what the owner has in this version. Returns how many.

        What OPERATOR owns stands in its view alone: this node's own people have no other.
        """
        if not owned:
            return 0
        base, moments = reserve_moments(connection, self._counter, [row.added for _, row in owned])
        ids = {row.id for _, row in owned}
        books = {
            view: _Book(connection, self._views, view, ids)
            for view in {OPERATOR, *(owner for owner, _ in owned)}
        }
        objects = []
        for seq, ((owner, row), added) in enumerate(zip(owned, moments, strict=True), base + 1):
            if not books[owner].enter(seq, row):
                continue
            if owner != OPERATOR:
                books[OPERATOR].enter(seq, row)
            objects.append(
                {
                    "seq": seq,
                    "owner": owner,
                    "id": row.id,
                    "type": row.type,
                    "version": row.version,
                    "added": added,
                    "manifest": row.manifest,
                    "spec_version": row.spec_version,
                    "stix": row.stix,
                }
            )
        insert_many(connection, self._objects, objects)
        for book in books.values():
            book.write(connection)
        return len(objects)

    def page(self, connection: Connection, view: str, wanted: ReleaseFilter) -> TaxiiPage:
        """Rows of one view after `after_seq`, by seq. Raises TooLarge for a filter of very many values."""
        if len(wanted.ids) > MAX_IDS or max(len(wanted.types), len(wanted.versions or ())) > MAX_NAMES:
            raise TooLarge(f"a filter may name {MAX_IDS} ids, {MAX_NAMES} types and {MAX_NAMES} versions")
        after = max(wanted.after_seq, self._seq_at(connection, wanted.added_after))
        # One more than asked for tells whether there is more.
        seqs = connection.scalars(self._seqs(view, wanted, after)).all()
        rows = self._rows(connection, seqs[: wanted.limit])
        return TaxiiPage(tuple(rows[seq] for seq in seqs[: wanted.limit]), more=len(seqs) > wanted.limit)

    def held(self, connection: Connection, ids: Collection[str]) -> tuple[Release, ...]:
        """Every version of some objects that stands in an owner's view, by seq."""
        views = self._views.c
        seqs = connection.scalars(
            sa.select(views.seq).where(among(connection, views.id, ids), views.view != OPERATOR)
        ).all()
        rows = self._rows(connection, sorted(set(seqs)))
        return tuple(rows[seq] for seq in sorted(rows))

    def _rows(self, connection: Connection, seqs: Sequence[int]) -> dict[int, Release]:
        columns = [self._objects.c[_COLUMN.get(name, name)].label(name) for name in Release.__struct_fields__]
        rows = {}
        for chunk in chunks(seqs):
            query = sa.select(*columns).where(self._objects.c.seq.in_(chunk))
            for row in connection.execute(query).mappings():
                rows[row["seq"]] = noun(row, Release)
        return rows

    def count(self, connection: Connection, view: str, added_after: int | None, most: int) -> int:
        """How many objects of a view came after a moment, in their last version; no more than `most` are counted."""
        after = self._seq_at(connection, added_after)
        found = self._seqs(view, ReleaseFilter(limit=most - 1), after).subquery()
        total: int = connection.execute(sa.select(sa.func.count()).select_from(found)).scalar_one()
        return total

    def _seq_at(self, connection: Connection, added: int | None) -> int:
        """The last seq added up to a moment: seq and `added` rise together, so one look-up says it all."""
        if added is None:
            return 0
        objects = self._objects.c
        query = sa.select(objects.seq).where(objects.added <= added).order_by(objects.added.desc()).limit(1)
        return connection.execute(query).scalar() or 0

    def _seqs(self, view: str, wanted: ReleaseFilter, after: int) -> sa.Select[int]:
        views = self._views.c
        always = [views.view == view, views.seq > after]
        if wanted.spec_versions:
            always.append(views.spec_version.in_(wanted.spec_versions))
        places, exact = _places(wanted.versions)
        of_types = [views.type.in_(wanted.types)] if wanted.types else []
        ranges: list[tuple[str, list[sa.ColumnElement[bool]]]]
        if wanted.ids:
            version = sa.or_(views.place.in_(places), views.version.in_(exact))
            ranges = [("id_view_version", [views.id.in_(wanted.ids), version, *of_types])]
        elif wanted.types:
            ranges = [
                ("view_type_place_seq", [views.place == place, views.type == kind])
                for place, kind in product(places, sorted(set(wanted.types)))
            ]
        else:
            ranges = [("view_place_seq", [views.place == place]) for place in places]
        if not wanted.ids:
            ranges += [("view_version_seq", [views.version == version, *of_types]) for version in exact]
        parts = []
        for index, one in ranges:
            piece = _by_index(sa.select(views.seq), self._views, index).where(*always, *one)
            nearest = piece.order_by(views.seq).limit(wanted.limit + 1).subquery()
            parts.append(sa.select(nearest.c.seq))
        # A version may be wanted by date and as the last one: UNION, so that it comes once.
        found = sa.union(*parts).subquery()
        return sa.select(found.c.seq).order_by(found.c.seq).limit(wanted.limit + 1)


def _by_index(query: sa.Select[Any], table: sa.Table, index: str) -> sa.Select[Any]:
    """SQLite, without statistics, takes any `view = ?` for a handful of rows and would read the whole view."""
    return query.with_hint(table, f"INDEXED BY ix_{table.name}_{index}", "sqlite")


class _Book:
    """One view's rows of some ids while a batch is put in."""

    def __init__(self, connection: Connection, table: sa.Table, view: str, ids: Collection[str]) -> None:
        self._table = table
        self._view = view
        self._known: dict[str, dict[int, tuple[int, int | None]]] = {}
        """Id → version → (seq, place); place None for a row of this batch."""
        self._new: dict[int, Release] = {}
        columns = [table.c[name] for name in ("id", "version", "seq", "place")]
        query = _by_index(sa.select(*columns), table, "id_view_version")
        query = query.where(table.c.view == view, among(connection, table.c.id, ids))
        for key, version, seq, place in connection.execute(query):
            self._known.setdefault(key, {})[version] = (seq, place)

    def enter(self, seq: int, row: Release) -> bool:
        """Note a row; False when this view has its (id, version)."""
        versions = self._known.setdefault(row.id, {})
        if row.version in versions:
            return False
        versions[row.version] = (seq, None)
        self._new[seq] = row
        return True

    def write(self, connection: Connection) -> None:
        """Insert the new rows, and move the old ones that are not the first or last any more."""
        inserted = []
        moved = []
        for key in {row.id for row in self._new.values()}:
            versions = self._known[key]
            low, high = min(versions), max(versions)
            for version, (seq, before) in versions.items():
                place = FIRST * (version == low) | LAST * (version == high)
                if before is None:
                    inserted.append(self._row(seq, place))
                elif before != place:
                    moved.append({"row": seq, "place": place})
        if moved:
            here = (self._table.c.view == self._view) & (self._table.c.seq == sa.bindparam("row"))
            connection.execute(sa.update(self._table).where(here).values(place=sa.bindparam("place")), moved)
        insert_many(connection, self._table, sorted(inserted, key=itemgetter("seq")))

    def _row(self, seq: int, place: int) -> dict[str, str | int]:
        row = self._new[seq]
        return {
            "view": self._view,
            "seq": seq,
            "id": row.id,
            "type": row.type,
            "version": row.version,
            "spec_version": row.spec_version,
            "place": place,
        }


def _places(versions: Sequence[str | int] | None) -> tuple[list[int], list[int]]:
    """Places and exact versions that a filter names. The standard's default is the last version."""
    names = set(versions or ("last",))
    exact = [name for name in names if isinstance(name, int)]
    if "all" in names:
        return list(PLACES), []
    bits = FIRST * ("first" in names) | LAST * ("last" in names)
    return [place for place in PLACES if place & bits], exact
