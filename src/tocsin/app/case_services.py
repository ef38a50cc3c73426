"""Services of cases: queues and keys, evidence, duties and their reports, requests, what the public is told.

How a service is added stands in `app.services`.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from tocsin.app.first_services import FirstServices

if TYPE_CHECKING:
    from tocsin.app.applicant_reviews import ApplicantReviews
    from tocsin.app.applicants import Applicants
    from tocsin.app.authority_requests import AuthorityRequests
    from tocsin.app.case_escalation import CaseEscalation
    from tocsin.app.case_exports import CaseExports
    from tocsin.app.case_keys import CaseKeys
    from tocsin.app.case_rights import CaseRights
    from tocsin.app.case_words import CaseWords
    from tocsin.app.cases import Cases
    from tocsin.app.duty_clocks import DutyClocks
    from tocsin.app.duty_packs import DutyPacks
    from tocsin.app.duty_reports import DutyReports
    from tocsin.app.evidence_packages import EvidencePackages
    from tocsin.app.exhibits import Exhibits
    from tocsin.app.incidents import Incidents
    from tocsin.app.joint_cases import JointCases
    from tocsin.app.mail_reports import MailReports
    from tocsin.app.member_keys import MemberKeys
    from tocsin.app.public_reports import PublicReports
    from tocsin.app.queues import Queues
    from tocsin.app.request_counts import RequestCounts
    from tocsin.app.similar_cases import SimilarCases
    from tocsin.app.statements import Statements
    from tocsin.app.transparency import Transparency
    from tocsin.app.welfare import Welfare


class CaseServices(FirstServices):
    """Each built when somebody first asks for it."""

    if TYPE_CHECKING:

        @cached_property
        def applicants(self) -> "Applicants": ...

    @cached_property
    def applicant_reviews(self) -> "ApplicantReviews":
        from tocsin.app.applicant_reviews import ApplicantReviews

        return ApplicantReviews(
            self.store, self.access, self.applicants, self.public_reports, self.cases, self.queues
        )

    @cached_property
    def authority_requests(self) -> "AuthorityRequests":
        from tocsin.app.authority_requests import AuthorityRequests

        return AuthorityRequests(self.store, self.access, self.keys, self.data, self.clock, self.cases)

    @cached_property
    def case_escalation(self) -> "CaseEscalation":
        from tocsin.app.case_escalation import CaseEscalation

        return CaseEscalation(self.store, self.cases, self.queues, self.clock)

    @cached_property
    def case_keys(self) -> "CaseKeys":
        from tocsin.app.case_keys import CaseKeys

        return CaseKeys(self.store, self.access, self.keys, lambda: self.queues, self.member_keys, self.clock)

    @cached_property
    def case_exports(self) -> "CaseExports":
        from tocsin.app.case_exports import CaseExports

        return CaseExports(self.cases, self.queues, self.access, self.name)

    @cached_property
    def case_rights(self) -> "CaseRights":
        from tocsin.app.case_rights import CaseRights

        return CaseRights(
            self.store,
            self.access,
            self.case_keys,
            self.queues,
            self.public_reports,
            self.statements,
            self.clock,
            retention_days=self.settings.retention_cases_days,
        )

    @cached_property
    def case_words(self) -> "CaseWords":
        from tocsin.app.case_words import CaseWords

        return CaseWords(self.store, self.settings, self.queues)

    @cached_property
    def cases(self) -> "Cases":
        from tocsin.app.cases import Cases

        cases = Cases(self.store, self.access, self.queues, self.case_keys, self.clock)
        # Whoever decides, by whatever door: letters, and the answer to who reported it, are a part of the decision.
        cases.on_disposed(lambda case: self.public_reports.decided(case))
        cases.on_judged(lambda case: self.public_reports.judged(case))
        cases.on_disposed(lambda case: self.statements.disposed(case))
        cases.on_judged(lambda case: self.statements.judged(case))
        cases.on_split(lambda by, case, made, exhibits: self.exhibits.split(by, case, made, exhibits))
        cases.on_act(lambda act, before, case: self.case_words.acted(act, before, case))
        cases.on_judged(
            lambda case: self.case_words.judged(case)
        )  # after the statements: they say what to undo
        cases.on_disposed(lambda case: self.applicant_reviews.disposed(case))
        cases.on_judged(lambda case: self.applicant_reviews.judged(case))
        return cases

    @cached_property
    def duty_clocks(self) -> "DutyClocks":
        from tocsin.app.duty_clocks import DutyClocks

        return DutyClocks(self.store, self.settings, self.access, self.incidents, self.queues, self.clock)

    @cached_property
    def duty_packs(self) -> "DutyPacks":
        from tocsin.app.duty_packs import DutyPacks
        from tocsin.app.extensions import duties_of

        return DutyPacks(self.store, self.access, self.clock, duties_of(self.data))

    @cached_property
    def duty_reports(self) -> "DutyReports":
        from tocsin.app.duty_reports import DutyReports

        return DutyReports(
            self.store,
            self.access,
            self.incidents,
            self.duty_packs,
            self.cases,
            self.case_keys,
            self.clock,
            node=self.name,
            approval=self.settings.report_approval,
            exhibit_there=lambda by, case, exhibit: any(
                one.id == exhibit for one in self.exhibits.of(by, case)
            ),
        )

    @cached_property
    def evidence_packages(self) -> "EvidencePackages":
        from tocsin.app.evidence_packages import EvidencePackages

        return EvidencePackages(self.exhibits, self.cases, self.access, self.keys, self.clock, self.name)

    @cached_property
    def exhibits(self) -> "Exhibits":
        from tocsin.app.exhibits import Exhibits

        return Exhibits(
            self.store,
            self.case_keys,
            self.queues,
            self.access,
            self.openings,
            self.keys,
            self.clock,
            folder=self.data,
            retention_days=self.settings.retention_exhibits_days,
        )

    @cached_property
    def incidents(self) -> "Incidents":
        from tocsin.app.incidents import Incidents

        return Incidents(
            self.store,
            self.access,
            self.cases,
            self.queues,
            self.duty_packs,
            self.clock,
            under=self.settings.duties,
        )

    @cached_property
    def joint_cases(self) -> "JointCases":
        from tocsin.app.joint_cases import JointCases

        return JointCases(
            self.store, self.keys, self.settings, self.access, self.cases, self.queues, self.clock
        )

    @cached_property
    def member_keys(self) -> "MemberKeys":
        from tocsin.app.member_keys import MemberKeys

        return MemberKeys(self.store, self.access, self.clock)

    @cached_property
    def mail_reports(self) -> "MailReports":
        from tocsin.app.mail_reports import MailReports

        return MailReports(self.public_reports, self.keys, self.access)

    @cached_property
    def public_reports(self) -> "PublicReports":
        from tocsin.app.public_reports import PublicReports

        return PublicReports(
            self.store, self.access, self.cases, self.queues, self.case_keys, self.exhibits, self.clock
        )

    @cached_property
    def queues(self) -> "Queues":
        from tocsin.app.queues import Queues

        return Queues(self.data, self.store, self.access)

    @cached_property
    def request_counts(self) -> "RequestCounts":
        from tocsin.app.request_counts import RequestCounts

        return RequestCounts(self.store, self.queues)

    @cached_property
    def similar_cases(self) -> "SimilarCases":
        from tocsin.app.similar_cases import SimilarCases

        return SimilarCases(self.store, self.access, self.queues, self.cases, self.clock)

    @cached_property
    def statements(self) -> "Statements":
        from tocsin.app.statements import Statements

        return Statements(
            self.store,
            self.access,
            self.keys,
            self.case_keys,
            self.queues,
            self.cases,
            self.clock,
            name=self.name,
            body=self.settings.out_of_court_body,
        )

    @cached_property
    def transparency(self) -> "Transparency":
        from tocsin.app.transparency import Transparency

        return Transparency(self.store, self.access, self.queues, self.request_counts, self.clock, self.name)

    @cached_property
    def welfare(self) -> "Welfare":
        from tocsin.app.welfare import Welfare

        return Welfare(self.store, self.access, self.clock)
