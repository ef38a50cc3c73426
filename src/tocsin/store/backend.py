"""The store itself: the facets of one node's memory over one database and one data folder.

What is of cases stands in `case_facets`, of models and of access to them in `model_facets`, of what is between nodes
in `exchange_facets`; here what all else rests on.
"""

import tempfile
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from tocsin.kernel import Unavailable
from tocsin.store import migrate
from tocsin.store.case_facets import CaseFacets
from tocsin.store.engine import Database, kernel_errors
from tocsin.store.exchange_facets import ExchangeFacets
from tocsin.store.folder import Folder
from tocsin.store.interface import Store
from tocsin.store.model_facets import ModelFacets
from tocsin.store.tables import counters

if TYPE_CHECKING:
    from tocsin.store.audit import SqlAudit
    from tocsin.store.conversations import SqlConversations
    from tocsin.store.credentials import SqlCredentials
    from tocsin.store.erasures import SqlErasures, SqlGone
    from tocsin.store.events import SqlEvents
    from tocsin.store.handlings import SqlHandlings
    from tocsin.store.jobs import SqlJobs
    from tocsin.store.links import SqlLinks
    from tocsin.store.looks import SqlLooks
    from tocsin.store.people import SqlPeople
    from tocsin.store.records import SqlRecords
    from tocsin.store.rules import SqlRules
    from tocsin.store.search import SqlSearch
    from tocsin.store.trends import SqlTrends
    from tocsin.store.verdicts import SqlVerdicts
    from tocsin.store.warnings import SqlWarnings

PROBE_COUNTER = "file"
"""Compaction alone takes from it, so that a probe waits for no writer that people wait for."""

PROBE_BYTES = 65_536
"""A page or two would fit into space that is as good as gone."""


def open_store(data: Path, url: str | None = None) -> Store:
    """The store of a data folder: SQLite at DATA/tocsin.db, or the PostgreSQL that `url` names.

    Events in Parquet lie in the data folder either way. Connects to nothing yet; `migrate()` comes first.
    Raises BadInput for a URL that is not PostgreSQL's, Unavailable when the folder cannot be made.
    """
    return SqlStore(data, url)


class SqlStore(CaseFacets, ModelFacets, ExchangeFacets):
    """Keeps interface.Store. A facet is made, and its file imported, when it is first asked for."""

    def __init__(self, data: Path, url: str | None) -> None:
        with kernel_errors():
            data.mkdir(mode=0o700, parents=True, exist_ok=True)
        super().__init__(Database(data, url))
        self._data = data
        self._folder = Folder(self._database, data)

    @cached_property
    def events(self) -> "SqlEvents":
        from tocsin.store.compaction import Compactor
        from tocsin.store.events import SqlEvents

        return SqlEvents(self._database, self._data, Compactor(self._database, self._data))

    @cached_property
    def conversations(self) -> "SqlConversations":
        from tocsin.store.conversations import SqlConversations

        return SqlConversations(self._database)

    @cached_property
    def links(self) -> "SqlLinks":
        from tocsin.store.links import SqlLinks

        return SqlLinks(self._database, self._data)

    @cached_property
    def people(self) -> "SqlPeople":
        from tocsin.store.people import SqlPeople

        return SqlPeople(self._database)

    @cached_property
    def credentials(self) -> "SqlCredentials":
        from tocsin.store.credentials import SqlCredentials

        return SqlCredentials(self._database)

    @cached_property
    def audit(self) -> "SqlAudit":
        from tocsin.store.audit import SqlAudit

        return SqlAudit(self._database)

    @cached_property
    def warnings(self) -> "SqlWarnings":
        from tocsin.store.warnings import SqlWarnings

        return SqlWarnings(self._database)

    @cached_property
    def records(self) -> "SqlRecords":
        from tocsin.store.records import SqlRecords

        return SqlRecords(self._database)

    @cached_property
    def search(self) -> "SqlSearch":
        from tocsin.store.search import SqlSearch

        return SqlSearch(self._database)

    @cached_property
    def gone(self) -> "SqlGone":
        from tocsin.store.erasures import SqlGone

        return SqlGone(self._database)

    @cached_property
    def erasures(self) -> "SqlErasures":
        from tocsin.store.erasures import SqlErasures

        return SqlErasures(self._database)

    @cached_property
    def rules(self) -> "SqlRules":
        from tocsin.store.rules import SqlRules

        return SqlRules(self._database)

    @cached_property
    def jobs(self) -> "SqlJobs":
        from tocsin.store.jobs import SqlJobs

        return SqlJobs(self._database)

    @cached_property
    def verdicts(self) -> "SqlVerdicts":
        from tocsin.store.verdicts import SqlVerdicts

        return SqlVerdicts(self._database)

    @cached_property
    def handlings(self) -> "SqlHandlings":
        from tocsin.store.handlings import SqlHandlings

        return SqlHandlings(self._database)

    @cached_property
    def looks(self) -> "SqlLooks":
        from tocsin.store.looks import SqlLooks

        return SqlLooks(self._database)

    @cached_property
    def trends(self) -> "SqlTrends":
        from tocsin.store.trends import SqlTrends

        return SqlTrends(self._database)

    def together(self) -> AbstractContextManager[None]:
        return self._database.together()

    def migrate(self) -> None:
        migrate.migrate(self._database)
        self._folder.sweep()
        self._folder.clear_free_space()

    def ready(self) -> str | None:
        try:
            with self._database.writing() as connection:
                if migrate.revision(connection) != migrate.HEAD:
                    return "the database schema is not the one of this program; start the node once"
                connection.execute(
                    sa.update(counters).where(counters.c.name == PROBE_COUNTER).values(value=counters.c.value)
                )
            with kernel_errors(), tempfile.TemporaryFile(dir=self._data) as probe:
                probe.write(bytes(PROBE_BYTES))
                probe.flush()
        except Unavailable as error:
            return error.message
        return None

    def snapshot(self, target: Path) -> None:
        from tocsin.store import snapshot

        with kernel_errors(), self._folder.alone(wait=True):
            snapshot.write_snapshot(self._database, self._data, target)

    def close(self) -> None:
        self._database.close()
