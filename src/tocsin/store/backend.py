"""The store itself: the facets of one node's memory over one database and one data folder."""

import tempfile
from contextlib import AbstractContextManager
from pathlib import Path

import sqlalchemy as sa

from tocsin.kernel import Unavailable
from tocsin.store import migrate, snapshot
from tocsin.store.approvals import SqlApprovals
from tocsin.store.audit import SqlAudit
from tocsin.store.compaction import Compactor
from tocsin.store.conversations import SqlConversations
from tocsin.store.credentials import SqlCredentials
from tocsin.store.descents import SqlDescents
from tocsin.store.engine import Database, kernel_errors
from tocsin.store.erasures import SqlErasures, SqlGone
from tocsin.store.events import SqlEvents
from tocsin.store.followed import SqlArtefactNotices, SqlFollowed, SqlIntelligence
from tocsin.store.groups import SqlGroups
from tocsin.store.handlings import SqlHandlings
from tocsin.store.inbox import SqlInbox
from tocsin.store.inspections import SqlInspections
from tocsin.store.interface import Store
from tocsin.store.jobs import SqlJobs
from tocsin.store.keys import SqlKeys
from tocsin.store.links import SqlLinks
from tocsin.store.looks import SqlLooks
from tocsin.store.outbox import SqlOutbox
from tocsin.store.peers import SqlPeers
from tocsin.store.people import SqlPeople
from tocsin.store.precedents import SqlPrecedents
from tocsin.store.recalls import SqlRecalls
from tocsin.store.records import SqlRecords
from tocsin.store.releases import SqlReleases
from tocsin.store.rules import SqlRules
from tocsin.store.search import SqlSearch
from tocsin.store.tables import counters
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


class SqlStore:
    """Keeps interface.Store."""

    def __init__(self, data: Path, url: str | None) -> None:
        with kernel_errors():
            data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._data = data
        self._database = Database(data, url)
        self._compactor = Compactor(self._database, data)
        self._events = SqlEvents(self._database, data, self._compactor)
        self._conversations = SqlConversations(self._database)
        self._links = SqlLinks(self._database, data)
        self._people = SqlPeople(self._database)
        self._credentials = SqlCredentials(self._database)
        self._audit = SqlAudit(self._database)
        self._warnings = SqlWarnings(self._database)
        self._records = SqlRecords(self._database)
        self._search = SqlSearch(self._database)
        self._releases = SqlReleases(self._database)
        self._inbox = SqlInbox(self._database)
        self._peers = SqlPeers(self._database)
        self._groups = SqlGroups(self._database)
        self._keys = SqlKeys(self._database)
        self._recalls = SqlRecalls(self._database)
        self._approvals = SqlApprovals(self._database)
        self._gone = SqlGone(self._database)
        self._erasures = SqlErasures(self._database)
        self._rules = SqlRules(self._database)
        self._jobs = SqlJobs(self._database)
        self._verdicts = SqlVerdicts(self._database)
        self._handlings = SqlHandlings(self._database)
        self._looks = SqlLooks(self._database)
        self._outbox = SqlOutbox(self._database)
        self._trends = SqlTrends(self._database)
        self._inspections = SqlInspections(self._database)
        self._followed = SqlFollowed(self._database)
        self._intelligence = SqlIntelligence(self._database)
        self._descents = SqlDescents(self._database)
        self._artefact_notices = SqlArtefactNotices(self._database)
        self._precedents = SqlPrecedents(self._database)

    @property
    def events(self) -> SqlEvents:
        return self._events

    @property
    def conversations(self) -> SqlConversations:
        return self._conversations

    @property
    def links(self) -> SqlLinks:
        return self._links

    @property
    def people(self) -> SqlPeople:
        return self._people

    @property
    def credentials(self) -> SqlCredentials:
        return self._credentials

    @property
    def audit(self) -> SqlAudit:
        return self._audit

    @property
    def warnings(self) -> SqlWarnings:
        return self._warnings

    @property
    def records(self) -> SqlRecords:
        return self._records

    @property
    def search(self) -> SqlSearch:
        return self._search

    @property
    def releases(self) -> SqlReleases:
        return self._releases

    @property
    def inbox(self) -> SqlInbox:
        return self._inbox

    @property
    def peers(self) -> SqlPeers:
        return self._peers

    @property
    def groups(self) -> SqlGroups:
        return self._groups

    @property
    def keys(self) -> SqlKeys:
        return self._keys

    @property
    def recalls(self) -> SqlRecalls:
        return self._recalls

    @property
    def approvals(self) -> SqlApprovals:
        return self._approvals

    @property
    def gone(self) -> SqlGone:
        return self._gone

    @property
    def erasures(self) -> SqlErasures:
        return self._erasures

    @property
    def rules(self) -> SqlRules:
        return self._rules

    @property
    def jobs(self) -> SqlJobs:
        return self._jobs

    @property
    def verdicts(self) -> SqlVerdicts:
        return self._verdicts

    @property
    def handlings(self) -> SqlHandlings:
        return self._handlings

    @property
    def looks(self) -> SqlLooks:
        return self._looks

    @property
    def outbox(self) -> SqlOutbox:
        return self._outbox

    @property
    def trends(self) -> SqlTrends:
        return self._trends

    @property
    def inspections(self) -> SqlInspections:
        return self._inspections

    @property
    def followed(self) -> SqlFollowed:
        return self._followed

    @property
    def intelligence(self) -> SqlIntelligence:
        return self._intelligence

    @property
    def descents(self) -> SqlDescents:
        return self._descents

    @property
    def artefact_notices(self) -> SqlArtefactNotices:
        return self._artefact_notices

    @property
    def precedents(self) -> SqlPrecedents:
        return self._precedents

    def together(self) -> AbstractContextManager[None]:
        return self._database.together()

    def migrate(self) -> None:
        migrate.migrate(self._database)
        self._compactor.sweep()
        self._compactor.clear_free_space()

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
        with kernel_errors(), self._compactor.alone(wait=True):
            snapshot.write_snapshot(self._database, self._data, target)

    def close(self) -> None:
        self._database.close()
