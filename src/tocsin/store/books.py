"""One view of a shelf while it changes: what enters, what goes, and where each version then stands.

A view is what one audience sees: rows numbered by the moment they came into *this* view, strictly rising. Nothing
that another audience sees leaves a mark on it: no number, no gap, no place.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tocsin.kernel import TLP
from tocsin.store.dialect import among, by_index, chunks, insert_rows

OPERATOR = ""
"""Owner of the views of this node's own people; no peer can have an empty name."""

FIRST, LAST = 1, 2
"""Bits of `place`: the first, and the last, among the versions of an object in a view."""

MAX_RANK = TLP.RED.rank
"""An audience with this ceiling sees everything of its owner."""

_COLUMNS = ("view", "added", "object", "id", "type", "version", "place")


class Audience(NamedTuple):
    """Who looks: every object of `owner` (OPERATOR: of all) up to `ceiling`, a TLP rank. `moment` is the last given."""

    view: str
    owner: str
    ceiling: int
    moment: int


class Entry(NamedTuple):
    """An object as a view sees it: `object` is its number among all, `added` the earliest moment it may have."""

    object: int
    id: str
    type: str
    version: int
    added: int


class _Standing(NamedTuple):
    added: int
    place: int
    object: int


class Book:
    """A view's rows of some ids, brought up to date row by row, and written at the end."""

    def __init__(
        self, connection: Connection, views: sa.Table, audience: Audience, ids: Collection[str]
    ) -> None:
        self._connection = connection
        self._views = views
        self.audience = audience
        self._kept: dict[str, dict[int, _Standing]] = {}
        self._new: dict[tuple[str, int], Entry] = {}
        self._gone: list[int] = []
        self._touched: set[str] = set()
        columns = [views.c[name] for name in ("id", "version", "added", "place", "object")]
        query = by_index(sa.select(*columns), views, "view_id_version")
        query = query.where(views.c.view == audience.view, among(connection, views.c.id, ids))
        for key, version, added, place, number in connection.execute(query):
            self._kept.setdefault(key, {})[version] = _Standing(added, place, number)

    def admits(self, rank: int) -> bool:
        """Whether this audience may see a marking of this rank."""
        return rank <= self.audience.ceiling

    def versions(self, key: str) -> dict[int, int]:
        """Version → number of the object, of one id."""
        return {version: standing.object for version, standing in self._kept.get(key, {}).items()}

    def enter(self, entry: Entry) -> bool:
        """Note an object; False when this view has its (id, version)."""
        if (entry.id, entry.version) in self._new or entry.version in self._kept.get(entry.id, ()):
            return False
        self._new[entry.id, entry.version] = entry
        return True

    def remove(self, key: str, version: int) -> None:
        """Take an object that this view has out of it."""
        self._gone.append(self._kept[key].pop(version).added)
        self._touched.add(key)

    def write(self) -> None:
        """Delete what goes, insert what enters, move what is not the first or last any more."""
        columns = self._views.c
        for some in chunks(self._gone):
            here = (columns.view == self.audience.view) & columns.added.in_(some)
            self._connection.execute(sa.delete(self._views).where(here))
        moment, view = self.audience.moment, self.audience.view
        places = self._places()
        rows = []
        for (key, version), entry in self._new.items():
            moment = max(entry.added, moment + 1)
            place = places.get((key, version), FIRST | LAST)
            rows.append((view, moment, entry.object, key, entry.type, version, place))
        self.audience = self.audience._replace(moment=moment)
        insert_rows(self._connection, self._views, _COLUMNS, rows)
        moved = [
            {"row": standing.added, "place": place}
            for (key, version), place in places.items()
            if (standing := self._kept.get(key, {}).get(version)) is not None and standing.place != place
        ]
        if moved:
            here = (columns.view == view) & (columns.added == sa.bindparam("row"))
            change = sa.update(self._views).where(here).values(place=sa.bindparam("place"))
            self._connection.execute(change, moved)

    def _places(self) -> dict[tuple[str, int], int]:
        """Where the versions of every id that changed stand now; an id that is new, with one version, is left out."""
        held: dict[str, list[int]] = {key: list(self._kept.get(key, ())) for key in self._touched}
        for key, version in self._new:
            held.setdefault(key, list(self._kept.get(key, ()))).append(version)
        return {
            (key, version): FIRST * (version == min(versions)) | LAST * (version == max(versions))
            for key, versions in held.items()
            if len(versions) > 1 or key in self._touched
            for version in versions
        }


class Audiences:
    """The audiences of one shelf. Every method works inside its caller's transaction, under the shelf's lock."""

    def __init__(self, table: sa.Table, views: sa.Table) -> None:
        self._table = table
        self._views = views

    def one(self, connection: Connection, view: str) -> Audience | None:
        """The audience of a view, None where there is none yet."""
        row = connection.execute(self._select().where(self._table.c.view == view)).one_or_none()
        return None if row is None else Audience(*row)

    def of(self, connection: Connection, owners: Collection[str]) -> Iterator[Audience]:
        """All audiences of these owners; each owner has one at least: what nobody has seen yet begins now."""
        found = [
            Audience(*row)
            for row in connection.execute(self._select().where(self._table.c.owner.in_(owners)))
        ]
        yield from found
        for owner in sorted(set(owners) - {audience.owner for audience in found}):
            yield self.begin(connection, owner, owner, ceiling=MAX_RANK)

    def every(self, connection: Connection) -> Sequence[Audience]:
        """All audiences."""
        return [Audience(*row) for row in connection.execute(self._select())]

    def begin(self, connection: Connection, view: str, owner: str, *, ceiling: int) -> Audience:
        """A new audience, which has seen nothing."""
        audience = Audience(view, owner, ceiling, 0)
        connection.execute(sa.insert(self._table).values(audience._asdict()))
        return audience

    def save(self, connection: Connection, audience: Audience) -> None:
        """Keep an audience's ceiling and moment."""
        change = sa.update(self._table).where(self._table.c.view == audience.view)
        connection.execute(change.values(ceiling=audience.ceiling, moment=audience.moment))

    def book(self, connection: Connection, audience: Audience, ids: Collection[str]) -> Book:
        """The book of an audience over some ids."""
        return Book(connection, self._views, audience, ids)

    def close(self, connection: Connection, book: Book) -> Audience:
        """Write a book and keep its audience's moment."""
        before = book.audience
        book.write()
        if book.audience != before:
            self.save(connection, book.audience)
        return book.audience

    def _select(self) -> sa.Select[Any]:
        return sa.select(*(self._table.c[name] for name in Audience._fields))
