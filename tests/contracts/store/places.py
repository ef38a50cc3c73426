"""Where a store lies in a test: a data folder and, for PostgreSQL, a database of its own."""

import shutil
from itertools import count
from pathlib import Path

import msgspec

from tests.postgres import PostgreSQL
from tocsin.store import Store, open_store


class Place:
    """A data folder and a URL; every store that was opened here is closed at the end."""

    def __init__(self, data: Path, url: str | None) -> None:
        self.data = data
        self.url = url
        self._opened: list[Store] = []

    def open(self) -> Store:
        """Another store over the same place, as another process would have it."""
        store = open_store(self.data, self.url)
        self._opened.append(store)
        return store

    def close(self) -> None:
        for store in self._opened:
            store.close()
        self._opened.clear()


class Places(msgspec.Struct):
    """Makes empty, migrated places of one backend."""

    base: Path
    server: PostgreSQL | None
    template: Place
    made: list[Place] = []
    numbers: "count[int]" = msgspec.field(default_factory=count)

    def fresh(self) -> Place:
        place = self.empty(self.template.url)
        if self.server is None:
            shutil.copytree(self.template.data, place.data)
        place.open().migrate()
        return place

    def empty(self, like: str | None = None) -> Place:
        """Not migrated, unless it copies a template's database."""
        url = None
        if self.server is not None:
            url = self.server.database(like) if like else self.server.database()
        place = Place(self.base / f"place{next(self.numbers)}", url)
        self.made.append(place)
        return place

    def close(self) -> None:
        for place in self.made:
            place.close()
            if self.server is not None and place.url is not None:
                self.server.drop(place.url)
