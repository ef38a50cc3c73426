"""What a node can do, one service each, built when somebody first asks for it: a command pays for what it uses.

To add a service: its file in this room, and here one `cached_property` that imports it and hands it what it needs,
in the place of the alphabet; its type stands above under TYPE_CHECKING. What is of cases goes into `case_services`,
of access and labels into `access_services`, of models into `model_services`, of what is between nodes into
`exchange_services`, and what all others stand on into `first_services`. What holds a lease gets a row in LEASED. A
served node builds all of them at its start (`build_all`), so that a broken file of its folder is told then.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from tocsin.app.access_services import AccessServices
from tocsin.app.case_services import CaseServices
from tocsin.app.exchange_services import ExchangeServices
from tocsin.app.first_services import FirstServices
from tocsin.app.model_services import ModelServices

if TYPE_CHECKING:
    from tocsin.app.accept import Acceptor
    from tocsin.app.accounts import Accounts
    from tocsin.app.actors import Actors
    from tocsin.app.arranging import Arranging
    from tocsin.app.channels import Channels
    from tocsin.app.commitments import Commitments
    from tocsin.app.conversations import Conversations
    from tocsin.app.distinct_counts import DistinctCounts
    from tocsin.app.guard_words import GuardWords
    from tocsin.app.guards import Guards
    from tocsin.app.library import Library
    from tocsin.app.lookouts import Lookouts
    from tocsin.app.openid import OpenId
    from tocsin.app.persons import Persons
    from tocsin.app.reviewing import Reviewing
    from tocsin.app.routing import Routing
    from tocsin.app.rule_sharing import RuleSharing
    from tocsin.app.rule_trials import BackTesting
    from tocsin.app.rules import Rules
    from tocsin.app.sampling import Sampling
    from tocsin.app.summing import Summing
    from tocsin.app.telemetry import Telemetry
    from tocsin.app.trends import Trends
    from tocsin.app.watch import Watch
    from tocsin.app.weighing import Weighing
    from tocsin.correlate import Exclusions

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
    "summing",
    "distinct_counts",
)
"""Services that may hold a lease while they work, in the order in which they give it back."""


class Services(CaseServices, AccessServices, ModelServices, ExchangeServices):
    """All of them, beneath `Node`."""

    def build_all(self) -> None:
        """Every service at once. Raises BadInput naming a bad file of the node's folder."""
        for name in service_names():
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
    def accounts(self) -> "Accounts":
        from tocsin.app.accounts import Accounts

        return Accounts(self.store, self.access, self.keys.secrets, self.name, self.clock)

    @cached_property
    def actors(self) -> "Actors":
        from tocsin.app.actors import Actors

        return Actors(self.store, self.keys, self.access, self.exclusions, self.clock)

    @cached_property
    def arranging(self) -> "Arranging":
        from tocsin.app.arranging import Arranging

        return Arranging(self.store, self.access, self.clock)

    @cached_property
    def backtesting(self) -> "BackTesting":
        from tocsin.app.rule_trials import BackTesting

        return BackTesting(self.store, self.keys, self.access, self.rules, self.clock)

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

        return Conversations(
            self.store,
            self.keys,
            self.settings,
            self.access,
            self.openings,
            lambda: self.guard_words,
            self.clock,
        )

    @cached_property
    def distinct_counts(self) -> "DistinctCounts":
        from tocsin.app.distinct_services import distinct_counts_of

        return distinct_counts_of(self)

    @cached_property
    def exclusions(self) -> "Exclusions":
        from tocsin.app.extensions import exclusions_of

        return exclusions_of(self.data)

    @cached_property
    def guards(self) -> "Guards":
        from tocsin.app.extensions import acts_of, guards_of
        from tocsin.app.guards import Guards
        from tocsin.app.judged import Spoken

        return Guards(
            self.store,
            self.keys,
            self.access,
            self.telemetry,
            self.clock,
            self.exclusions,
            Spoken(self.store, self.settings, lambda: acts_of(self.data)),
            guards_of(self.data),
        )

    @cached_property
    def guard_words(self) -> "GuardWords":
        from tocsin.app.guard_words import GuardWords

        return GuardWords(self.store, self.sampling, self.guards.lines, self.clock)

    @cached_property
    def library(self) -> "Library":
        from tocsin.app.library import Library

        return Library(self.store, self.keys, self.settings, self.access, self.exclusions, self.clock)

    @cached_property
    def lookouts(self) -> "Lookouts":
        from tocsin.app.extensions import lookouts_of
        from tocsin.app.lookouts import Lookouts

        makers = (*lookouts_of(lambda: self.guard_words), self.rules.lookout)
        return Lookouts(self.store, self.telemetry, self.clock, makers)

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
    def persons(self) -> "Persons":
        from tocsin.app.persons import Persons

        return Persons(self.store, self.keys, self.access, self.clock)

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
    def sampling(self) -> "Sampling":
        from tocsin.app.sampling import Sampling

        return Sampling(self.store, self.keys, self.settings, self.access, self.reviewing, self.clock)

    @cached_property
    def summing(self) -> "Summing":
        from tocsin.app.sum_services import summing_of

        return summing_of(self)

    @cached_property
    def telemetry(self) -> "Telemetry":
        from tocsin.app.telemetry import Telemetry

        return Telemetry()

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
            lambda: self.guard_words(),
        )

    @cached_property
    def weighing(self) -> "Weighing":
        from tocsin.app.weighing import Weighing

        return Weighing(self.store, self.settings)


def service_names() -> tuple[str, ...]:
    """Of every service there is, those that others stand on first."""
    layers = [layer for layer in reversed(Services.__mro__) if issubclass(layer, FirstServices)]
    return tuple(
        name for layer in layers for name, part in vars(layer).items() if isinstance(part, cached_property)
    )
