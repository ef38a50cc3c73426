"""One node: its folder opened, its rooms joined. The doors (`cli`, `web`) hold one of these and nothing else."""

import os
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from tocsin.app import settings as node_settings
from tocsin.app.accept import Acceptor
from tocsin.app.access import Access
from tocsin.app.accounts import Accounts
from tocsin.app.actors import Actors
from tocsin.app.aftercare import Aftercare
from tocsin.app.arranging import Arranging
from tocsin.app.artefact_words import ArtefactWords
from tocsin.app.artefacts import Artefacts
from tocsin.app.channels import Channels
from tocsin.app.commitments import Commitments
from tocsin.app.conversations import Conversations
from tocsin.app.descents import Descents
from tocsin.app.exchange import Exchange
from tocsin.app.extensions import (
    acts_of,
    detectors_of,
    exclusions_of,
    guards_of,
    lookouts_of,
    packs_of,
    policies_of,
)
from tocsin.app.following import Following
from tocsin.app.grouping import Grouping
from tocsin.app.guards import Guards
from tocsin.app.intake import Intake
from tocsin.app.key_settling import Settled, settle
from tocsin.app.keyring import Keyring
from tocsin.app.library import Library
from tocsin.app.lookouts import Lookouts
from tocsin.app.model_records import ModelRecords
from tocsin.app.openid import OpenId
from tocsin.app.openings import Openings
from tocsin.app.own_keys import OwnKeys
from tocsin.app.persons import Persons
from tocsin.app.precedents import Precedents
from tocsin.app.red_lines import RedLines
from tocsin.app.reviewing import Reviewing
from tocsin.app.routing import Routing
from tocsin.app.rule_sharing import RuleSharing
from tocsin.app.rule_trials import BackTesting
from tocsin.app.rules import Rules, RulesAtDoor
from tocsin.app.sampling import Sampling
from tocsin.app.standing import Standing
from tocsin.app.telemetry import Telemetry
from tocsin.app.trends import Trends
from tocsin.app.watch import Watch
from tocsin.app.weighing import Weighing
from tocsin.app.window_files import WindowFiles
from tocsin.assure import inspect
from tocsin.kernel import Clock, micros, system_clock
from tocsin.screen import Screen
from tocsin.store import open_store

DATABASE_URL = "TOCSIN_DATABASE_URL"


class Node:
    """Opens `data` (made by `tocsin init`). Raises BadInput when it is not a node's folder."""

    def __init__(self, data: Path, *, clock: Clock = system_clock, database_url: str | None = None) -> None:
        self.data = data
        self.clock = clock
        self.settings = node_settings.load(data)
        self.keys = Keyring(
            data / "keys",
            key_store=node_settings.key_store_of(data, self.settings),
            clock=clock,
            retention_days=self.settings.retention_text_days,
        )
        self.node_id = self.keys.identity.node_id
        self.name = self.settings.name
        self.telemetry = Telemetry()
        self.store = open_store(data, database_url or os.environ.get(DATABASE_URL))
        self.store.migrate()
        settled = settle(self.keys, self.store, clock().date())  # before anything can be opened
        policies = self.policies = policies_of(data)
        self.access = Access(
            self.store, policies, clock, second_factor_roles=self.settings.second_factor_roles
        )
        self._tell_settled(settled)
        self.accounts = Accounts(self.store, self.access, self.keys.secrets, self.name, clock)
        self.openid = (
            OpenId(
                self.settings,
                self.store,
                self.access,
                self.accounts,
                self.keys.secrets,
                self.keys.client_secret(),
                clock,
            )
            if self.settings.oidc_issuer
            else None
        )
        self.rules = Rules(self.store, data, self.access, clock)
        screen = Screen(
            packs_of(data), detectors=(*detectors_of(data), RulesAtDoor(self.rules)), acts=acts_of(data)
        )
        self.acceptor = Acceptor(self.store, self.keys, screen, clock)
        self.exclusions = exclusions_of(data)
        self.watch = Watch(
            self.store,
            self.keys,
            self.settings,
            self.access,
            self.telemetry,
            clock,
            self.exclusions,
            WindowFiles(data, self.keys, self.store.events),
        )
        self.actors = Actors(self.store, self.keys, self.access, self.exclusions, clock)
        self.guards = Guards(
            self.store, self.keys, self.access, self.telemetry, clock, self.exclusions, guards_of(data)
        )
        self.rule_sharing = RuleSharing(self.store, self.keys, self.settings, self.access, self.rules, clock)
        self.backtesting = BackTesting(self.store, self.keys, self.access, self.rules, clock)
        self.lookouts = Lookouts(self.store, self.telemetry, clock, (*lookouts_of(), self.rules.lookout))
        self.trends = Trends(self.store, self.settings, self.telemetry, clock)
        self.library = Library(self.store, self.keys, self.settings, self.access, self.exclusions, clock)
        self.red_lines = RedLines(self.store, self.keys, self.settings, self.access, clock)
        self.commitments = Commitments(self.store, self.keys, self.settings, self.access, clock)
        self.model_records = ModelRecords(self.store, self.keys, self.settings, self.access, clock)
        self.precedents = Precedents(self.store, self.access, clock)
        self.exchange = Exchange(
            self.store, self.keys, self.settings, self.access, policies, self.telemetry, clock
        )
        self.standing = Standing(self.store, self.exchange, self.access, clock)
        self.own_keys = OwnKeys(self.store, self.keys, self.access, clock)
        self.own_keys.settle()
        self.keys.history = self.own_keys.history
        self.groups = Grouping(self.store, self.settings, self.access, policies, clock)
        self.persons = Persons(self.store, self.keys, self.access, clock)
        self.openings = Openings(self.store, self.access, clock)
        self.conversations = Conversations(
            self.store, self.keys, self.settings, self.access, self.openings, clock
        )
        self.reviewing = Reviewing(
            self.store, self.keys, self.settings, self.access, clock, self.exclusions, self.openings
        )
        self.arranging = Arranging(self.store, self.access, clock)
        self.weighing = Weighing(self.store, self.settings)
        self.channels = Channels(self.store, self.keys, self.access, clock, self.name)
        self.routing = Routing(self.store, self.settings, self.weighing, self.channels, clock)
        self.sampling = Sampling(self.store, self.keys, self.settings, self.access, self.reviewing, clock)
        words = ArtefactWords(self.store, clock)
        self.artefacts = Artefacts(self.store, self.access, words, clock, look=inspect)
        self.descents = Descents(self.store, self.access, self.artefacts, clock)
        self.intake = Intake(self.store, self.access, self.artefacts, words, clock)
        self.following = Following(self.store, self.access, self.artefacts, words, clock)
        self.aftercare = Aftercare(self.store, self.artefacts, self.intake, self.following, clock)

    def compact_if_due(self) -> int:
        """Move journal rows to Parquet once enough have gathered; returns rows moved."""
        if self.store.events.pending() < self.settings.compact_rows:
            return 0
        return self.store.events.compact()

    def expire(self) -> int:
        """Enforce retention: destroy day keys past it, then delete what they sealed, then old events."""
        now = self.clock()
        self.store.conversations.expire(before=micros(now - timedelta(days=self.settings.conversation_days)))
        sealed_until = now.date() - timedelta(days=self.settings.retention_text_days)
        self._tell_settled(settle(self.keys, self.store, now.date()))
        self.store.warnings.forget_signatures(before=micros(datetime.combine(sealed_until, time(), UTC)))
        self.sampling.expire()
        old = micros(now - timedelta(days=self.settings.retention_events_days))
        self.store.verdicts.expire(before=old)
        self.store.outbox.expire(before=old)
        return self.store.events.expire(
            events_before=old,
            sealed_days_before=sealed_until.isoformat(),
        )

    def _tell_settled(self, settled: Settled) -> None:
        """Into the audit: what was destroyed, and why."""
        for days, purpose in ((settled.due, "retention"), (settled.again, "an older key store was put back")):
            if days:
                self.access.audit(
                    "node", "key.destroy", subject=days[-1], purpose=purpose, detail={"days": len(days)}
                )
        if settled.erased:
            self.access.audit(
                "node",
                "person.erase",
                subject="",
                purpose="older data were put back, or an erasure was cut short",
                detail={"events": settled.erased},
            )
        if settled.moved:
            self.access.audit(
                "node",
                "key.move",
                subject=settled.moved[-1],
                purpose="day keys moved into the key store",
                detail={"days": len(settled.moved)},
            )

    def close(self) -> None:
        """Give leases back and close the store."""
        self.watch.release()
        self.lookouts.release()
        self.guards.release()
        self.sampling.release()
        self.routing.release()
        self.trends.release()
        self.aftercare.release()
        self.store.close()
