"""What a node can do, one service each, built when somebody first asks for it: a command pays for what it uses.

To add a service: its file in this room, and here one `cached_property` that imports it and hands it what it needs,
in the place of the alphabet; its type stands above under TYPE_CHECKING. What holds a lease gets a row in LEASED.
A served node builds all of them at its start (`build_all`), so that a broken file of its folder is told then.
"""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.kernel import Clock

if TYPE_CHECKING:
    from tocsin.app.accept import Acceptor
    from tocsin.app.access import Access
    from tocsin.app.accounts import Accounts
    from tocsin.app.actors import Actors
    from tocsin.app.aftercare import Aftercare
    from tocsin.app.arranging import Arranging
    from tocsin.app.artefact_words import ArtefactWords
    from tocsin.app.artefacts import Artefacts
    from tocsin.app.authority_requests import AuthorityRequests
    from tocsin.app.case_escalation import CaseEscalation
    from tocsin.app.case_exports import CaseExports
    from tocsin.app.case_keys import CaseKeys
    from tocsin.app.case_rights import CaseRights
    from tocsin.app.case_words import CaseWords
    from tocsin.app.cases import Cases
    from tocsin.app.channels import Channels
    from tocsin.app.commitments import Commitments
    from tocsin.app.conversations import Conversations
    from tocsin.app.counting import Counting
    from tocsin.app.decision_paper import DecisionPapers
    from tocsin.app.descents import Descents
    from tocsin.app.duty_clocks import DutyClocks
    from tocsin.app.duty_packs import DutyPacks
    from tocsin.app.duty_reports import DutyReports
    from tocsin.app.evaluations import Evaluations
    from tocsin.app.evidence_packages import EvidencePackages
    from tocsin.app.exchange import Exchange
    from tocsin.app.exhibits import Exhibits
    from tocsin.app.following import Following
    from tocsin.app.grouping import Grouping
    from tocsin.app.guards import Guards
    from tocsin.app.incidents import Incidents
    from tocsin.app.intake import Intake
    from tocsin.app.joint_cases import JointCases
    from tocsin.app.joint_tests import JointTests
    from tocsin.app.keyring import Keyring
    from tocsin.app.library import Library
    from tocsin.app.lookouts import Lookouts
    from tocsin.app.mail_reports import MailReports
    from tocsin.app.member_keys import MemberKeys
    from tocsin.app.model_records import ModelRecords
    from tocsin.app.openid import OpenId
    from tocsin.app.openings import Openings
    from tocsin.app.own_keys import OwnKeys
    from tocsin.app.persons import Persons
    from tocsin.app.precedents import Precedents
    from tocsin.app.public_reports import PublicReports
    from tocsin.app.queues import Queues
    from tocsin.app.recognitions import Recognitions
    from tocsin.app.red_lines import RedLines
    from tocsin.app.releases import Releases
    from tocsin.app.request_counts import RequestCounts
    from tocsin.app.reviewing import Reviewing
    from tocsin.app.routing import Routing
    from tocsin.app.rule_sharing import RuleSharing
    from tocsin.app.rule_trials import BackTesting
    from tocsin.app.rules import Rules
    from tocsin.app.sampling import Sampling
    from tocsin.app.settings import Settings
    from tocsin.app.similar_cases import SimilarCases
    from tocsin.app.standing import Standing
    from tocsin.app.statements import Statements
    from tocsin.app.telemetry import Telemetry
    from tocsin.app.transparency import Transparency
    from tocsin.app.transparency_log import TransparencyLog
    from tocsin.app.trends import Trends
    from tocsin.app.watch import Watch
    from tocsin.app.weighing import Weighing
    from tocsin.app.welfare import Welfare
    from tocsin.correlate import Exclusions
    from tocsin.store import Store
    from tocsin.trust.policy import Policies

LEASED = (
    "watch",
    "lookouts",
    "guards",
    "sampling",
    "routing",
    "trends",
    "aftercare",
    "case_escalation",
    "duty_clocks",
)
"""Services that may hold a lease while they work, in the order in which they give it back."""


class Services:
    """Beneath `Node`, which sets what stands first here."""

    data: Path
    name: str
    clock: Clock
    settings: "Settings"
    keys: "Keyring"
    node_id: str
    store: "Store"

    def build_all(self) -> None:
        """Every service at once. Raises BadInput naming a bad file of the node's folder."""
        for name, part in vars(Services).items():
            if isinstance(part, cached_property):
                getattr(self, name)

    def release_all(self) -> None:
        """Leases given back by the services that were built; no other has one."""
        for name in LEASED:
            if name in vars(self):
                getattr(self, name).release()

    @cached_property
    def acceptor(self) -> "Acceptor":
        from tocsin.app.accept import Acceptor
        from tocsin.app.extensions import acts_of, detectors_of, packs_of
        from tocsin.app.rules import RulesAtDoor
        from tocsin.screen import Screen

        detectors = (*detectors_of(self.data), RulesAtDoor(self.rules))
        screen = Screen(packs_of(self.data), detectors=detectors, acts=acts_of(self.data))
        return Acceptor(self.store, self.keys, screen, self.clock)

    @cached_property
    def access(self) -> "Access":
        from tocsin.app.access import Access

        return Access(
            self.store, self.policies, self.clock, second_factor_roles=self.settings.second_factor_roles
        )

    @cached_property
    def accounts(self) -> "Accounts":
        from tocsin.app.accounts import Accounts

        return Accounts(self.store, self.access, self.keys.secrets, self.name, self.clock)

    @cached_property
    def actors(self) -> "Actors":
        from tocsin.app.actors import Actors

        return Actors(self.store, self.keys, self.access, self.exclusions, self.clock)

    @cached_property
    def aftercare(self) -> "Aftercare":
        from tocsin.app.aftercare import Aftercare

        return Aftercare(
            self.store,
            self.artefacts,
            self.intake,
            self.following,
            self.clock,
            recheck=lambda: self.releases.recheck(),
        )

    @cached_property
    def arranging(self) -> "Arranging":
        from tocsin.app.arranging import Arranging

        return Arranging(self.store, self.access, self.clock)

    @cached_property
    def artefact_words(self) -> "ArtefactWords":
        from tocsin.app.artefact_words import ArtefactWords

        return ArtefactWords(self.store, self.clock)

    @cached_property
    def artefacts(self) -> "Artefacts":
        from tocsin.app.artefacts import Artefacts
        from tocsin.assure import inspect

        return Artefacts(self.store, self.access, self.artefact_words, self.clock, look=inspect)

    @cached_property
    def authority_requests(self) -> "AuthorityRequests":
        from tocsin.app.authority_requests import AuthorityRequests

        return AuthorityRequests(self.store, self.access, self.keys, self.data, self.clock, self.cases)

    @cached_property
    def backtesting(self) -> "BackTesting":
        from tocsin.app.rule_trials import BackTesting

        return BackTesting(self.store, self.keys, self.access, self.rules, self.clock)

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
        return cases

    @cached_property
    def channels(self) -> "Channels":
        from tocsin.app.channels import Channels

        return Channels(
            self.store, self.keys, self.access, self.clock, self.name, queues=lambda: self.queues.all()
        )

    @cached_property
    def commitments(self) -> "Commitments":
        from tocsin.app.commitments import Commitments

        return Commitments(self.store, self.keys, self.settings, self.access, self.clock)

    @cached_property
    def conversations(self) -> "Conversations":
        from tocsin.app.conversations import Conversations

        return Conversations(self.store, self.keys, self.settings, self.access, self.openings, self.clock)

    @cached_property
    def counting(self) -> "Counting":
        from tocsin.app.counting import Counting

        return Counting(self.store, self.keys, self.settings, self.access, self.clock)

    @cached_property
    def decision_papers(self) -> "DecisionPapers":
        from tocsin.app.decision_paper import DecisionPapers

        return DecisionPapers(self.store, self.releases, self.name)

    @cached_property
    def descents(self) -> "Descents":
        from tocsin.app.descents import Descents

        return Descents(self.store, self.access, self.artefacts, self.clock)

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
    def evaluations(self) -> "Evaluations":
        from tocsin.app.evaluations import Evaluations

        return Evaluations(
            self.store,
            self.access,
            self.data,
            self.node_id,
            self.clock,
            red_lines=lambda: self.red_lines.known(),
        )

    @cached_property
    def exchange(self) -> "Exchange":
        from tocsin.app.exchange import Exchange

        return Exchange(
            self.store, self.keys, self.settings, self.access, self.policies, self.telemetry, self.clock
        )

    @cached_property
    def evidence_packages(self) -> "EvidencePackages":
        from tocsin.app.evidence_packages import EvidencePackages

        return EvidencePackages(self.exhibits, self.cases, self.access, self.keys, self.clock, self.name)

    @cached_property
    def exclusions(self) -> "Exclusions":
        from tocsin.app.extensions import exclusions_of

        return exclusions_of(self.data)

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
    def following(self) -> "Following":
        from tocsin.app.following import Following

        return Following(self.store, self.access, self.artefacts, self.artefact_words, self.clock)

    @cached_property
    def groups(self) -> "Grouping":
        from tocsin.app.grouping import Grouping

        return Grouping(self.store, self.settings, self.access, self.policies, self.clock)

    @cached_property
    def guards(self) -> "Guards":
        from tocsin.app.extensions import guards_of
        from tocsin.app.guards import Guards

        return Guards(
            self.store,
            self.keys,
            self.access,
            self.telemetry,
            self.clock,
            self.exclusions,
            guards_of(self.data),
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
    def intake(self) -> "Intake":
        from tocsin.app.intake import Intake

        return Intake(self.store, self.access, self.artefacts, self.artefact_words, self.clock)

    @cached_property
    def joint_cases(self) -> "JointCases":
        from tocsin.app.joint_cases import JointCases

        return JointCases(
            self.store, self.keys, self.settings, self.access, self.cases, self.queues, self.clock
        )

    @cached_property
    def joint_tests(self) -> "JointTests":
        from tocsin.app.joint_tests import JointTests

        return JointTests(self.store, self.access, self.data, self.recognitions.policy)

    @cached_property
    def library(self) -> "Library":
        from tocsin.app.library import Library

        return Library(self.store, self.keys, self.settings, self.access, self.exclusions, self.clock)

    @cached_property
    def lookouts(self) -> "Lookouts":
        from tocsin.app.extensions import lookouts_of
        from tocsin.app.lookouts import Lookouts

        return Lookouts(self.store, self.telemetry, self.clock, (*lookouts_of(), self.rules.lookout))

    @cached_property
    def member_keys(self) -> "MemberKeys":
        from tocsin.app.member_keys import MemberKeys

        return MemberKeys(self.store, self.access, self.clock)

    @cached_property
    def mail_reports(self) -> "MailReports":
        from tocsin.app.mail_reports import MailReports

        return MailReports(self.public_reports, self.keys, self.access)

    @cached_property
    def model_records(self) -> "ModelRecords":
        from tocsin.app.model_records import ModelRecords

        return ModelRecords(self.store, self.keys, self.settings, self.access, self.clock)

    @cached_property
    def openid(self) -> "OpenId | None":
        """None where no provider is set."""
        if not self.settings.oidc_issuer:
            return None
        from tocsin.app.openid import OpenId

        return OpenId(
            self.settings,
            self.store,
            self.access,
            self.accounts,
            self.keys.secrets,
            self.keys.client_secret(),
            self.clock,
        )

    @cached_property
    def openings(self) -> "Openings":
        from tocsin.app.openings import Openings

        return Openings(self.store, self.access, self.clock)

    @cached_property
    def own_keys(self) -> "OwnKeys":
        from tocsin.app.own_keys import OwnKeys

        return OwnKeys(self.store, self.keys, self.access, self.clock)

    @cached_property
    def persons(self) -> "Persons":
        from tocsin.app.persons import Persons

        return Persons(self.store, self.keys, self.access, self.clock)

    @cached_property
    def policies(self) -> "Policies":
        from tocsin.app.extensions import policies_of

        return policies_of(self.data)

    @cached_property
    def precedents(self) -> "Precedents":
        from tocsin.app.precedents import Precedents

        return Precedents(self.store, self.access, self.clock, self.store.release_decisions)

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
    def recognitions(self) -> "Recognitions":
        from tocsin.app.recognitions import Recognitions

        return Recognitions(self.store, self.access, self.data, self.node_id, self.clock)

    @cached_property
    def red_lines(self) -> "RedLines":
        from tocsin.app.red_lines import RedLines

        return RedLines(self.store, self.keys, self.settings, self.access, self.clock)

    @cached_property
    def releases(self) -> "Releases":
        from tocsin.app.releases import Releases

        return Releases(
            self.store,
            self.access,
            self.data,
            self.clock,
            words=self.artefact_words,
            evaluations=self.evaluations,
            red_lines=self.red_lines,
            recognitions=self.recognitions,
            node_id=self.node_id,
        )

    @cached_property
    def request_counts(self) -> "RequestCounts":
        from tocsin.app.request_counts import RequestCounts

        return RequestCounts(self.store, self.queues)

    @cached_property
    def reviewing(self) -> "Reviewing":
        from tocsin.app.reviewing import Reviewing

        return Reviewing(
            self.store, self.keys, self.settings, self.access, self.clock, self.exclusions, self.openings
        )

    @cached_property
    def routing(self) -> "Routing":
        from tocsin.app.routing import Routing

        return Routing(
            self.store, self.settings, self.weighing, self.channels, self.clock, cases=self.case_words
        )

    @cached_property
    def rule_sharing(self) -> "RuleSharing":
        from tocsin.app.rule_sharing import RuleSharing

        return RuleSharing(self.store, self.keys, self.settings, self.access, self.rules, self.clock)

    @cached_property
    def rules(self) -> "Rules":
        from tocsin.app.rules import Rules

        rules = Rules(self.store, self.data, self.access, self.clock)
        # Peers' rules are among them from the first look on; what takes those in is built by then, and no sooner.
        rules.incoming = lambda: self.rule_sharing.take_in()
        rules.believed = lambda kept: self.rule_sharing.believed(kept)
        return rules

    @cached_property
    def similar_cases(self) -> "SimilarCases":
        from tocsin.app.similar_cases import SimilarCases

        return SimilarCases(self.store, self.access, self.queues, self.cases, self.clock)

    @cached_property
    def sampling(self) -> "Sampling":
        from tocsin.app.sampling import Sampling

        return Sampling(self.store, self.keys, self.settings, self.access, self.reviewing, self.clock)

    @cached_property
    def standing(self) -> "Standing":
        from tocsin.app.standing import Standing

        return Standing(self.store, self.exchange, self.access, self.clock)

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
    def telemetry(self) -> "Telemetry":
        from tocsin.app.telemetry import Telemetry

        return Telemetry()

    @cached_property
    def transparency(self) -> "Transparency":
        from tocsin.app.transparency import Transparency

        return Transparency(self.store, self.access, self.queues, self.request_counts, self.clock, self.name)

    @cached_property
    def transparency_log(self) -> "TransparencyLog":
        from tocsin.app.transparency_log import TransparencyLog

        return TransparencyLog(self.store, self.access, self.keys, self.clock)

    @cached_property
    def trends(self) -> "Trends":
        from tocsin.app.trends import Trends

        return Trends(self.store, self.settings, self.telemetry, self.clock)

    @cached_property
    def watch(self) -> "Watch":
        from tocsin.app.watch import Watch
        from tocsin.app.window_files import WindowFiles

        files = WindowFiles(self.data, self.keys, self.store.events)
        return Watch(
            self.store,
            self.keys,
            self.settings,
            self.access,
            self.telemetry,
            self.clock,
            self.exclusions,
            files,
        )

    @cached_property
    def weighing(self) -> "Weighing":
        from tocsin.app.weighing import Weighing

        return Weighing(self.store, self.settings)

    @cached_property
    def welfare(self) -> "Welfare":
        from tocsin.app.welfare import Welfare

        return Welfare(self.store, self.access, self.clock)
