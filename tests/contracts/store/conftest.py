"""One suite over both backends: every test that takes `place` or `store` runs on each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.store.places import Place, Places
from tests.forks import Forks
from tests.postgres import PostgreSQL, postgresql
from tocsin.store import Store

__all__ = ["postgresql"]

BACKENDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(scope="session")
def template(postgresql: PostgreSQL, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A migrated database, to be copied: quicker than migrating each."""
    return _migrated(tmp_path_factory.mktemp("template"), postgresql.database())


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A migrated data folder, to be copied."""
    return _migrated(tmp_path_factory.mktemp("template"), None)


def _migrated(data: Path, url: str | None) -> Place:
    first = Place(data, url)
    first.open().migrate()
    first.close()
    return first


@pytest.fixture(params=BACKENDS)
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Places]:
    """As many empty stores of one backend as a test wants."""
    if request.param == "sqlite":
        made = Places(tmp_path, None, request.getfixturevalue("sqlite_template"))
    else:
        made = Places(tmp_path, request.getfixturevalue("postgresql"), request.getfixturevalue("template"))
    yield made
    made.close()


@pytest.fixture
def place(places: Places) -> Place:
    """One data folder and database, to open as often as a test likes."""
    return places.fresh()


@pytest.fixture
def store(place: Place) -> Store:
    """An open, migrated store."""
    return place.open()


@pytest.fixture(scope="session")
def workers() -> Iterator[Forks]:
    """Processes of `worker`, to be killed."""
    needed = ("compaction", "conversations", "erasing", "events")
    with Forks(
        "tests.contracts.store.worker",
        *(f"tocsin.store.{name}" for name in needed),
        "sqlalchemy.dialects.sqlite",
        "psycopg",
        "pandas",  # Arrow imports it where it is there
    ) as workers:
        yield workers
