import threading

import msgspec
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from tests.contracts.store.places import Place, Places
from tocsin.kernel import Role, Unavailable, User
from tocsin.store import Store, migrate
from tocsin.store.engine import Database
from tocsin.store.every_table import metadata
from tocsin.store.search import INDEX

ANA = User("u1", "ana", (Role.ANALYST,), 1)


@pytest.fixture
def empty(places: Places) -> Place:
    return places.empty()


def _is_of_the_tables(name: str | None, kind: str, _: object) -> bool:
    """All but the search index, which is derived and has another form on each backend (`store.search`)."""
    return kind != "table" or not (name or "").startswith(INDEX)


def test_migrations_lead_to_the_tables_of_the_code(place: Place) -> None:
    database = Database(place.data, place.url)
    with database.reading() as connection:
        options = {"compare_type": True, "include_name": _is_of_the_tables}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
    database.close()


def test_the_head_that_the_code_names_is_the_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate._FOLDER))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == migrate.HEAD


def test_before_migration_everything_says_what_to_do(empty: Place) -> None:
    store = empty.open()
    assert "schema" in (store.ready() or "")
    with pytest.raises(Unavailable, match="tables"):
        store.events.count()


def test_processes_that_start_together_migrate_once(empty: Place) -> None:
    stores = [empty.open() for _ in range(4)]
    barrier = threading.Barrier(len(stores))
    faults: list[Exception] = []

    def run(store: Store) -> None:
        barrier.wait()
        try:
            store.migrate()
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert all(store.ready() is None for store in stores)


def test_a_database_of_a_newer_program_is_left_alone(place: Place) -> None:
    database = Database(place.data, place.url)
    with database.writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    store = place.open()
    with pytest.raises(Unavailable, match="newer"):
        store.migrate()
    assert "schema" in (store.ready() or "")


def test_people_are_kept_and_sessions_of_the_first_schema_end(empty: Place) -> None:
    database = Database(empty.data, empty.url)
    migrate.migrate(database, "0001")
    with database.writing() as connection:
        users, sessions = (sa.table(name) for name in ("users", "sessions"))
        for table, values in (
            (users, {"id": "u1", "name": "ana", "body": msgspec.msgpack.encode(ANA)}),
            (sessions, {"digest": b"d", "user": "u1", "csrf": "c", "created": 1, "expires": 2}),
        ):
            for name in values:
                table.append_column(sa.column(name))
            connection.execute(sa.insert(table).values(values))
    migrate.migrate(database)
    database.close()
    store = empty.open()
    assert store.people.user("ana") == ANA
    assert store.people.sessions("u1") == ()
