"""The store itself: the facets of one node's memory over one database and one data folder."""

import tempfile
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from tocsin.kernel import Unavailable
from tocsin.store import migrate
from tocsin.store.engine import Database, kernel_errors
from tocsin.store.folder import Folder
from tocsin.store.interface import Store
from tocsin.store.tables import counters

if TYPE_CHECKING:
    from tocsin.store.accountable import SqlAccountable
    from tocsin.store.admission import SqlAdmission
    from tocsin.store.applicants import SqlApplicants
    from tocsin.store.approvals import SqlApprovals
    from tocsin.store.audit import SqlAudit
    from tocsin.store.care import SqlCare
    from tocsin.store.case_keys import SqlCaseKeys
    from tocsin.store.case_precedents import SqlCasePrecedents
    from tocsin.store.cases import SqlCases
    from tocsin.store.conversations import SqlConversations
    from tocsin.store.counts import SqlCounts
    from tocsin.store.credentials import SqlCredentials
    from tocsin.store.descents import SqlDescents
    from tocsin.store.distinct import SqlDistinct
    from tocsin.store.erasures import SqlErasures, SqlGone
    from tocsin.store.evaluations import SqlEvaluationPlans, SqlEvaluations
    from tocsin.store.events import SqlEvents
    from tocsin.store.exhibits import SqlExhibits
    from tocsin.store.followed import SqlArtefactNotices, SqlFollowed, SqlIntelligence
    from tocsin.store.groups import SqlGroups
    from tocsin.store.handlings import SqlHandlings
    from tocsin.store.inbox import SqlInbox
    from tocsin.store.incidents import SqlClocks, SqlDutyReports, SqlIncidents
    from tocsin.store.inspections import SqlInspections
    from tocsin.store.jobs import SqlJobs
    from tocsin.store.joint_cases import SqlJointCases
    from tocsin.store.keys import SqlKeys
    from tocsin.store.labels import SqlLabels
    from tocsin.store.links import SqlLinks
    from tocsin.store.log import SqlLog
    from tocsin.store.looks import SqlLooks
    from tocsin.store.matches import SqlMatches
    from tocsin.store.outbox import SqlOutbox
    from tocsin.store.peers import SqlPeers
    from tocsin.store.people import SqlPeople
    from tocsin.store.precedents import SqlPrecedents
    from tocsin.store.public_reports import SqlPublicReports
    from tocsin.store.reasons import SqlReasons
    from tocsin.store.recalls import SqlRecalls
    from tocsin.store.recognitions import SqlRecognitions
    from tocsin.store.records import SqlRecords
    from tocsin.store.release_decisions import SqlExemptions, SqlReleaseDecisions
    from tocsin.store.releases import SqlReleases
    from tocsin.store.requests import SqlRequests, SqlTransparency
    from tocsin.store.rules import SqlRules
    from tocsin.store.search import SqlSearch
    from tocsin.store.sums import SqlSums
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
    """Keeps interface.Store. A facet is made, and its file imported, when it is first asked for."""

    def __init__(self, data: Path, url: str | None) -> None:
        with kernel_errors():
            data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._data = data
        self._database = Database(data, url)
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
    def releases(self) -> "SqlReleases":
        from tocsin.store.releases import SqlReleases

        return SqlReleases(self._database)

    @cached_property
    def inbox(self) -> "SqlInbox":
        from tocsin.store.inbox import SqlInbox

        return SqlInbox(self._database)

    @cached_property
    def peers(self) -> "SqlPeers":
        from tocsin.store.peers import SqlPeers

        return SqlPeers(self._database)

    @cached_property
    def groups(self) -> "SqlGroups":
        from tocsin.store.groups import SqlGroups

        return SqlGroups(self._database)

    @cached_property
    def keys(self) -> "SqlKeys":
        from tocsin.store.keys import SqlKeys

        return SqlKeys(self._database)

    @cached_property
    def recalls(self) -> "SqlRecalls":
        from tocsin.store.recalls import SqlRecalls

        return SqlRecalls(self._database)

    @cached_property
    def admission(self) -> "SqlAdmission":
        from tocsin.store.admission import SqlAdmission

        return SqlAdmission(self._database)

    @cached_property
    def approvals(self) -> "SqlApprovals":
        from tocsin.store.approvals import SqlApprovals

        return SqlApprovals(self._database)

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
    def log(self) -> "SqlLog":
        from tocsin.store.log import SqlLog

        return SqlLog(self._database)

    @cached_property
    def looks(self) -> "SqlLooks":
        from tocsin.store.looks import SqlLooks

        return SqlLooks(self._database)

    @cached_property
    def outbox(self) -> "SqlOutbox":
        from tocsin.store.outbox import SqlOutbox

        return SqlOutbox(self._database)

    @cached_property
    def trends(self) -> "SqlTrends":
        from tocsin.store.trends import SqlTrends

        return SqlTrends(self._database)

    @cached_property
    def inspections(self) -> "SqlInspections":
        from tocsin.store.inspections import SqlInspections

        return SqlInspections(self._database)

    @cached_property
    def followed(self) -> "SqlFollowed":
        from tocsin.store.followed import SqlFollowed

        return SqlFollowed(self._database)

    @cached_property
    def intelligence(self) -> "SqlIntelligence":
        from tocsin.store.followed import SqlIntelligence

        return SqlIntelligence(self._database)

    @cached_property
    def descents(self) -> "SqlDescents":
        from tocsin.store.descents import SqlDescents

        return SqlDescents(self._database)

    @cached_property
    def artefact_notices(self) -> "SqlArtefactNotices":
        from tocsin.store.followed import SqlArtefactNotices

        return SqlArtefactNotices(self._database)

    @cached_property
    def evaluation_plans(self) -> "SqlEvaluationPlans":
        from tocsin.store.evaluations import SqlEvaluationPlans

        return SqlEvaluationPlans(self._database)

    @cached_property
    def evaluations(self) -> "SqlEvaluations":
        from tocsin.store.evaluations import SqlEvaluations

        return SqlEvaluations(self._database)

    @cached_property
    def recognitions(self) -> "SqlRecognitions":
        from tocsin.store.recognitions import SqlRecognitions

        return SqlRecognitions(self._database)

    @cached_property
    def release_decisions(self) -> "SqlReleaseDecisions":
        from tocsin.store.release_decisions import SqlReleaseDecisions

        return SqlReleaseDecisions(self._database)

    @cached_property
    def exemptions(self) -> "SqlExemptions":
        from tocsin.store.release_decisions import SqlExemptions

        return SqlExemptions(self._database)

    @cached_property
    def cases(self) -> "SqlCases":
        from tocsin.store.cases import SqlCases

        return SqlCases(self._database)

    @cached_property
    def accountable(self) -> "SqlAccountable":
        from tocsin.store.accountable import SqlAccountable

        return SqlAccountable(self._database)

    @cached_property
    def matches(self) -> "SqlMatches":
        from tocsin.store.matches import SqlMatches

        return SqlMatches(self._database)

    @cached_property
    def joint_cases(self) -> "SqlJointCases":
        from tocsin.store.joint_cases import SqlJointCases

        return SqlJointCases(self._database)

    @cached_property
    def precedents(self) -> "SqlPrecedents":
        from tocsin.store.precedents import SqlPrecedents

        return SqlPrecedents(self._database)

    @cached_property
    def incidents(self) -> "SqlIncidents":
        from tocsin.store.incidents import SqlIncidents

        return SqlIncidents(self._database)

    @cached_property
    def duty_reports(self) -> "SqlDutyReports":
        from tocsin.store.incidents import SqlDutyReports

        return SqlDutyReports(self._database)

    @cached_property
    def clocks(self) -> "SqlClocks":
        from tocsin.store.incidents import SqlClocks

        return SqlClocks(self._database)

    @cached_property
    def public_reports(self) -> "SqlPublicReports":
        from tocsin.store.public_reports import SqlPublicReports

        return SqlPublicReports(self._database)

    @cached_property
    def care(self) -> "SqlCare":
        from tocsin.store.care import SqlCare

        return SqlCare(self._database)

    @cached_property
    def case_keys(self) -> "SqlCaseKeys":
        from tocsin.store.case_keys import SqlCaseKeys

        return SqlCaseKeys(self._database)

    @cached_property
    def reasons(self) -> "SqlReasons":
        from tocsin.store.reasons import SqlReasons

        return SqlReasons(self._database)

    @cached_property
    def authority_requests(self) -> "SqlRequests":
        from tocsin.store.requests import SqlRequests

        return SqlRequests(self._database)

    @cached_property
    def case_precedents(self) -> "SqlCasePrecedents":
        from tocsin.store.case_precedents import SqlCasePrecedents

        return SqlCasePrecedents(self._database)

    @cached_property
    def transparency(self) -> "SqlTransparency":
        from tocsin.store.requests import SqlTransparency

        return SqlTransparency(self._database)

    @cached_property
    def distinct(self) -> "SqlDistinct":
        from tocsin.store.distinct import SqlDistinct

        return SqlDistinct(self._database)

    @cached_property
    def sums(self) -> "SqlSums":
        from tocsin.store.sums import SqlSums

        return SqlSums(self._database)

    @cached_property
    def counts(self) -> "SqlCounts":
        from tocsin.store.counts import SqlCounts

        return SqlCounts(self._database)

    @cached_property
    def applicants(self) -> "SqlApplicants":
        from tocsin.store.applicants import SqlApplicants

        return SqlApplicants(self._database)

    @cached_property
    def exhibits(self) -> "SqlExhibits":
        from tocsin.store.exhibits import SqlExhibits

        return SqlExhibits(self._database)

    @cached_property
    def labels(self) -> "SqlLabels":
        from tocsin.store.labels import SqlLabels

        return SqlLabels(self._database)

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
