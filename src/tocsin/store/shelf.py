"""A shelf: objects that TAXII serves, for releases and for the inbox alike.

Each audience (a peer, who posted, this node's own people, and of them those who may see less) has a view of its own
(`books`). The marking decides which views an object enters, so what an audience may not see is not in what is asked:
it is never filtered out of an answer, and cannot show through counts, pages, moments or the work done. `place` says
where a version stands among the versions of its object in that view. So every filter of TAXII 2.1 section 3.4 is a
few ranges of an index that is ordered by `added`, and a deep page costs what the first one does.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import product
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tocsin.kernel import TLP, BadInput, Release, TooLarge
from tocsin.store.books import FIRST, LAST, MAX_RANK, OPERATOR, Audiences, Book, Entry
from tocsin.store.dialect import among, by_index, chunks, insert_rows, reserve
from tocsin.store.engine import Database
from tocsin.store.interface import ReleaseFilter, TaxiiPage

PLACES = (0, FIRST, LAST, FIRST | LAST)

STIX_VERSION = "2.1"
"""The one `spec_version` that is kept: a filter that does not name it matches nothing, and no row is looked at."""

MAX_IDS = 500
"""Ids in one filter: more than a client's URL of 8 KB holds, and one IN list."""

MAX_NAMES = 100
"""Types, or versions, in one filter."""

MAX_RANGES = 400
"""Ranges of one filter: SQLite joins 500 in a statement at most, and each costs a millisecond to spell."""

MAX_TYPES = 1_000
"""Types in one view that a filter by version looks through; STIX has some forty, the rest are people's own."""

ALIGN_ROWS = 5_000
"""Rows in memory at a time when a view is made or its ceiling moves."""

BY_VERSION = "view_version_type_added"

_KEPT = ("seq", "owner", "id", "type", "version", "added", "manifest", "tlp", "gone", "stix")
_ADDED = itemgetter(5)
_TLP = tuple(TLP)
_Versions = tuple[str | int, ...] | None


class Shelf:
    """Puts rows on its tables, takes them off, and pages them."""

    def __init__(self, counter: str, objects: sa.Table, views: sa.Table, audiences: sa.Table) -> None:
        self._counter = counter
        self._objects = objects
        self._views = views
        self._audiences = Audiences(audiences, views)

    def add(self, connection: Connection, owned: Sequence[tuple[str, Release]]) -> int:
        """Add (owner, row) pairs, in order; passes over what the owner has in this version. Returns how many.

        What OPERATOR owns stands in the views of this node's own people alone. What was withdrawn stays so.
        """
        if not owned:
            return 0
        if any(row.spec_version != STIX_VERSION for _, row in owned):
            raise BadInput(f"only STIX {STIX_VERSION} is kept")
        base = reserve(connection, self._counter, len(owned))  # and the shelf's lock
        ids = {row.id for _, row in owned}
        books: dict[str, list[Book]] = {}
        for audience in self._audiences.of(connection, {OPERATOR, *(owner for owner, _ in owned)}):
            books.setdefault(audience.owner, []).append(self._audiences.book(connection, audience, ids))
        gone = self._gone(connection, ids)
        objects = []
        for seq, (owner, row) in enumerate(owned, base + 1):
            if (owner, row.id, row.version) in gone:
                continue
            rank, entry = row.tlp.rank, Entry(seq, row.id, row.type, row.version, row.added)
            admitting = [book for book in books[owner] if book.admits(rank)]
            entered = [book.enter(entry) for book in admitting]
            if admitting and not any(entered):
                continue
            if owner != OPERATOR:
                for book in books[OPERATOR]:
                    if book.admits(rank):
                        book.enter(entry)
            peer = owner if owner != OPERATOR else row.peer
            objects.append(
                (seq, peer, row.id, row.type, row.version, row.added, row.manifest, rank, 0, row.stix)
            )
        insert_rows(connection, self._objects, _KEPT, objects)
        for held in books.values():
            for book in held:
                self._audiences.close(connection, book)
        return len(objects)

    def page(
        self, database: Database, view: str, owner: str, wanted: ReleaseFilter, ceiling: TLP | None
    ) -> TaxiiPage:
        """Rows of one view after `added_after`. Raises TooLarge for a filter of very many values.

        A view whose ceiling is another than the one asked for is brought to it first: nothing is served by a
        ceiling that counted yesterday.
        """
        if len(wanted.ids) > MAX_IDS or max(len(wanted.types), len(wanted.versions or ())) > MAX_NAMES:
            raise TooLarge(f"a filter may name {MAX_IDS} ids, {MAX_NAMES} types and {MAX_NAMES} versions")
        if wanted.spec_versions and STIX_VERSION not in wanted.spec_versions:
            return TaxiiPage((), more=False)
        with database.reading() as connection:
            if self._is_aligned(connection, view, owner, ceiling):
                return self._page(connection, view, wanted)
        with database.writing() as connection:
            self._align(connection, view, owner, MAX_RANK if ceiling is None else ceiling.rank)
            return self._page(connection, view, wanted)

    def take_off(
        self, connection: Connection, record_id: str, versions: _Versions, *, owner: str | None, keep: bool
    ) -> int:
        """Take an object off every view; returns how many rows went. `owner` None: whoever put it there.

        With `keep` the bytes stay, marked, so that the same versions are never put back. Where another owner has
        the same version, it takes the place of what went.
        """
        reserve(connection, self._counter, 0)
        books = [
            self._audiences.book(connection, audience, [record_id])
            for audience in self._audiences.every(connection)
        ]
        owners = {book.audience.owner: book for book in books if book.audience.view == book.audience.owner}
        held = self._held(connection, record_id, books)
        mine = {seq: row for seq, row in held.items() if owner is None or row.owner == owner}
        chosen = _chosen({row.version for row in mine.values()}, versions)
        goes = {seq: row for seq, row in mine.items() if row.version in chosen}
        for book in books:
            for version, number in book.versions(record_id).items():
                if number not in goes:
                    continue
                book.remove(record_id, version)
                stands_in = [
                    row
                    for seq, row in sorted(held.items())
                    if seq not in goes
                    and row.version == version
                    and row.owner in owners
                    and book.admits(row.tlp)
                ]
                if book.audience.owner == OPERATOR and stands_in:
                    row = stands_in[0]
                    book.enter(Entry(row.seq, record_id, row.type, version, row.added))
        for book in books:
            self._audiences.close(connection, book)
        for some in chunks(goes):
            here = self._objects.c.seq.in_(some)
            change = sa.update(self._objects).where(here).values(gone=1)
            connection.execute(change if keep else sa.delete(self._objects).where(here))
        return len(goes)

    def held(self, connection: Connection, ids: Collection[str]) -> tuple[Release, ...]:
        """Every version of some objects that any owner was given, hidden and withdrawn ones too, by seq."""
        columns = self._objects.c
        query = sa.select(
            *(columns.seq, columns.owner, columns.id, columns.type, columns.version),
            *(columns.added, columns.stix, columns.manifest, columns.tlp),
        )
        query = query.where(among(connection, columns.id, ids)).order_by(columns.seq)
        return tuple(_release(*row) for row in connection.execute(query))

    def gone_of(self, connection: Connection, owner: str) -> frozenset[tuple[str, int]]:
        """(id, version) of what an owner had and was withdrawn."""
        columns = self._objects.c
        query = sa.select(columns.id, columns.version).where(columns.gone == 1, columns.owner == owner)
        return frozenset((row.id, row.version) for row in connection.execute(query))

    def _held(self, connection: Connection, record_id: str, books: Sequence[Book]) -> dict[int, Any]:
        """Seq → row of everything kept under an id: what a view shows, and what lies above a lowered ceiling."""
        columns = self._objects.c
        wanted = [columns[name] for name in ("seq", "owner", "type", "version", "added", "tlp")]
        shown = {number for book in books for number in book.versions(record_id).values()}
        found = {}
        for some in chunks(shown):
            for row in connection.execute(sa.select(*wanted).where(columns.seq.in_(some))):
                found[row.seq] = row
        for book in books:
            if book.audience.owner == OPERATOR or book.audience.ceiling == MAX_RANK:
                continue
            above = (columns.owner == book.audience.owner) & (columns.tlp > book.audience.ceiling)
            hidden = sa.select(*wanted).where(above, columns.id == record_id, columns.gone == 0)
            found |= {row.seq: row for row in connection.execute(hidden)}
        return found

    def _gone(self, connection: Connection, ids: set[str]) -> set[tuple[str, str, int]]:
        columns = self._objects.c
        query = sa.select(columns.owner, columns.id, columns.version)
        query = query.where(columns.gone == 1, among(connection, columns.id, ids))
        return {(row.owner, row.id, row.version) for row in connection.execute(query)}

    def _is_aligned(self, connection: Connection, view: str, owner: str, ceiling: TLP | None) -> bool:
        """Whether a view is made for this ceiling. One that an owner with nothing has not is empty, and right."""
        audience = self._audiences.one(connection, view)
        if audience is None:
            return view == owner
        return ceiling is None or audience.ceiling == ceiling.rank

    def _align(self, connection: Connection, view: str, owner: str, ceiling: int) -> None:
        """Make a view, or bring it to another ceiling: what it may no longer see goes, what it may now see enters."""
        reserve(connection, self._counter, 0)
        audience = self._audiences.one(connection, view)
        if audience is None:
            audience = self._audiences.begin(connection, view, owner, ceiling=-1)
        before = audience.ceiling
        audience = audience._replace(ceiling=ceiling)
        if ceiling < before:
            for rows in self._above(connection, view, ceiling):
                book = self._audiences.book(connection, audience, {row.id for row in rows})
                for row in rows:
                    book.remove(row.id, row.version)
                audience = self._audiences.close(connection, book)
        else:
            for rows in self._between(connection, owner, before, ceiling):
                book = self._audiences.book(connection, audience, {row.id for row in rows})
                for row in rows:
                    book.enter(Entry(row.seq, row.id, row.type, row.version, row.added))
                audience = self._audiences.close(connection, book)
        self._audiences.save(connection, audience)

    def _above(self, connection: Connection, view: str, ceiling: int) -> Iterator[Sequence[Any]]:
        views, objects = self._views.c, self._objects.c
        query = sa.select(views.id, views.version).join(self._objects, objects.seq == views.object)
        query = query.where(views.view == view, objects.tlp > ceiling).limit(ALIGN_ROWS)
        while rows := connection.execute(query).all():
            yield rows  # and they are gone when it is asked again

    def _between(
        self, connection: Connection, owner: str, above: int, ceiling: int
    ) -> Iterator[Sequence[Any]]:
        columns = self._objects.c
        query = sa.select(*(columns[name] for name in ("seq", "id", "type", "version", "added")))
        query = query.where(columns.gone == 0, columns.tlp > above, columns.tlp <= ceiling)
        if owner != OPERATOR:
            query = query.where(columns.owner == owner)
        query = query.order_by(columns.seq).limit(ALIGN_ROWS)
        rows = connection.execute(query).all()
        while rows:
            yield rows
            rows = connection.execute(query.where(columns.seq > rows[-1].seq)).all()

    def count(self, connection: Connection, view: str, added_after: int | None, most: int) -> int:
        """How many objects of a view came after a moment, in their last version; no more than `most` are counted."""
        parts = [
            self._part(view, ReleaseFilter(added_after=added_after, limit=most - 1), *one)
            for one in self._ranges(ReleaseFilter(), ())
        ]
        found = sa.union_all(*parts).limit(most).subquery()
        total: int = connection.execute(sa.select(sa.func.count()).select_from(found)).scalar_one()
        return total

    def _page(self, connection: Connection, view: str, wanted: ReleaseFilter) -> TaxiiPage:
        if connection.dialect.name == "postgresql":
            # In a small table its planner would rather read every row, and so other people's.
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
        types = self._types(connection, view, wanted)
        rows = connection.execute(self.query(view, wanted, types)).all()
        rows = sorted(rows, key=_ADDED)  # here, for a database would carry the bytes along
        # One more than asked for tells whether there is more.
        return TaxiiPage(
            tuple([_release(*row) for row in rows[: wanted.limit]]), more=len(rows) > wanted.limit
        )

    def _types(self, connection: Connection, view: str, wanted: ReleaseFilter) -> tuple[str, ...]:
        """The types that ranges are made of: those asked for, or all of a view where versions are named by date."""
        if wanted.types or wanted.ids or not _places(wanted.versions)[1]:
            return tuple(sorted(set(wanted.types)))
        found = [""]
        views = self._views.c
        while len(found) <= MAX_TYPES:
            query = by_index(sa.select(views.type), self._views, "view_type_place_added")
            query = query.where(views.view == view, views.type > found[-1]).order_by(views.type).limit(1)
            following = connection.execute(query).scalar()
            if following is None:
                return tuple(found[1:])
            found.append(following)
        raise TooLarge(
            "there are too many types here to look for a version in all; name types in match[type]"
        )

    def query(self, view: str, wanted: ReleaseFilter, types: Sequence[str]) -> sa.Select[Any]:
        """The statement whose rows are the page and one more, in no order: a join of a few ranges of an index.

        Raises TooLarge for too many types times versions.
        """
        ranges = list(self._ranges(wanted, types))
        if len(ranges) > MAX_RANGES:
            raise TooLarge("these are too many types and versions in one filter; ask in several requests")
        parts = [self._part(view, wanted, *one) for one in ranges]
        moment = self._views.c.added
        if len(parts) == 1:
            found: sa.Select[Any] | sa.CompoundSelect[Any] = parts[0].order_by(moment)
        else:
            # Each ends by itself: PostgreSQL would rather sort the whole of all than merge what is in order.
            ends = [part.order_by(moment).limit(wanted.limit + 1).subquery() for part in parts]
            each = [sa.select(one.c.added, one.c.object) for one in ends]
            # A version may be wanted by date and as the last one: UNION, so that it comes once.
            by_date = any(index == BY_VERSION for index, _ in ranges)
            found = (sa.union(*each) if by_date else sa.union_all(*each)).order_by("added")
        nearest = found.limit(wanted.limit + 1).subquery()
        columns = self._objects.c
        return sa.select(
            *(columns.seq, columns.owner, columns.id, columns.type, columns.version),
            *(nearest.c.added, columns.stix, columns.manifest, columns.tlp),
        ).join(self._objects, columns.seq == nearest.c.object)

    def _part(
        self, view: str, wanted: ReleaseFilter, index: str | None, where: Sequence[sa.ColumnElement[bool]]
    ) -> sa.Select[Any]:
        views = self._views.c
        piece = sa.select(views.added, views.object)
        if index is not None:
            piece = by_index(piece, self._views, index)
        return piece.where(views.view == view, views.added > (wanted.added_after or 0), *where)

    def _ranges(
        self, wanted: ReleaseFilter, types: Sequence[str]
    ) -> Iterator[tuple[str | None, list[sa.ColumnElement[bool]]]]:
        views = self._views.c
        places, exact = _places(wanted.versions)
        if wanted.ids:
            version = sa.or_(views.place.in_(places), views.version.in_(exact))
            of_types = [views.type.in_(types)] if types else []
            yield "view_id_version", [views.id.in_(wanted.ids), version, *of_types]
            return
        if wanted.types:
            for place, kind in product(places, types):
                yield "view_type_place_added", [views.place == place, views.type == kind]
        elif len(places) == len(PLACES):
            yield None, []
        else:
            for place in places:
                yield "view_place_added", [views.place == place]
        for moment, kind in product(exact, types):
            yield BY_VERSION, [views.version == moment, views.type == kind]


def _release(  # field by field as the statement gives them: this runs once an object
    seq: int, peer: str, key: str, kind: str, version: int, added: int, stix: bytes, manifest: str, rank: int
) -> Release:
    return Release(seq, peer, key, kind, version, added, stix, manifest, STIX_VERSION, _TLP[rank])


def view_of(owner: str, ceiling: TLP | None) -> str:
    """The view of an owner. People with a ceiling share one view for each; no peer's name has a colon in front."""
    return f":{ceiling.value}" if owner == OPERATOR and ceiling not in (None, TLP.RED) else owner


def _places(versions: _Versions) -> tuple[list[int], list[int]]:
    """Places and exact versions that a filter names. The standard's default is the last version."""
    names = set(versions or ("last",))
    exact = [name for name in names if isinstance(name, int)]
    if "all" in names:
        return list(PLACES), []
    bits = FIRST * ("first" in names) | LAST * ("last" in names)
    return [place for place in PLACES if place & bits], sorted(exact)


def _chosen(held: set[int], versions: _Versions) -> set[int]:
    """Those of the versions held that a filter names."""
    names = set(versions or ("last",))
    if not held or "all" in names:
        return held
    ends = ({min(held)} if "first" in names else set()) | ({max(held)} if "last" in names else set())
    return ends | (held & names)


__all__ = ["OPERATOR", "Shelf", "view_of"]
