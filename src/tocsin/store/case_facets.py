"""The store's facets of cases: reports, their words and evidence, incidents, reasons, and what is told of them."""

from functools import cached_property
from typing import TYPE_CHECKING

from tocsin.store.facets import Facets

if TYPE_CHECKING:
    from tocsin.store.care import SqlCare
    from tocsin.store.case_keys import SqlCaseKeys
    from tocsin.store.case_precedents import SqlCasePrecedents
    from tocsin.store.cases import SqlCases
    from tocsin.store.exhibits import SqlExhibits
    from tocsin.store.incidents import SqlClocks, SqlDutyReports, SqlIncidents
    from tocsin.store.joint_cases import SqlJointCases
    from tocsin.store.precedents import SqlPrecedents
    from tocsin.store.public_reports import SqlPublicReports
    from tocsin.store.reasons import SqlReasons
    from tocsin.store.requests import SqlRequests, SqlTransparency


class CaseFacets(Facets):
    """A facet is made, and its file imported, when it is first asked for."""

    @cached_property
    def cases(self) -> "SqlCases":
        from tocsin.store.cases import SqlCases

        return SqlCases(self._database)

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
    def exhibits(self) -> "SqlExhibits":
        from tocsin.store.exhibits import SqlExhibits

        return SqlExhibits(self._database)
