"""One node: its folder opened, its rooms joined. The doors (`cli`, `web`) hold one of these and nothing else."""

import os
from datetime import timedelta
from pathlib import Path

from tocsin.app import settings as node_settings
from tocsin.app.accept import Acceptor
from tocsin.app.access import Access
from tocsin.app.accounts import Accounts
from tocsin.app.exchange import Exchange
from tocsin.app.extensions import exclusions_of, lookouts_of, packs_of, policies_of
from tocsin.app.grouping import Grouping
from tocsin.app.keyring import Keyring
from tocsin.app.library import Library
from tocsin.app.lookouts import Lookouts
from tocsin.app.openid import OpenId
from tocsin.app.own_keys import OwnKeys
from tocsin.app.reviewing import Reviewing
from tocsin.app.standing import Standing
from tocsin.app.telemetry import Telemetry
from tocsin.app.watch import Watch
from tocsin.app.window_files import WindowFiles
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
        self.keys = Keyring(data / "keys")
        self.node_id = self.keys.identity.node_id
        self.name = self.settings.name
        self.telemetry = Telemetry()
        self.store = open_store(data, database_url or os.environ.get(DATABASE_URL))
        self.store.migrate()
        policies = self.policies = policies_of(data)
        self.access = Access(
            self.store, policies, clock, second_factor_roles=self.settings.second_factor_roles
        )
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
        self.acceptor = Acceptor(self.store, self.keys, Screen(packs_of(data)), clock)
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
        self.lookouts = Lookouts(self.store, self.telemetry, clock, lookouts_of())
        self.library = Library(self.store, self.keys, self.settings, self.access, self.exclusions, clock)
        self.exchange = Exchange(
            self.store, self.keys, self.settings, self.access, policies, self.telemetry, clock
        )
        self.standing = Standing(self.store, self.exchange, self.access, clock)
        self.own_keys = OwnKeys(self.store, self.keys, self.access, clock)
        self.own_keys.settle()
        self.keys.history = self.own_keys.history
        self.groups = Grouping(self.store, self.settings, self.access, policies, clock)
        self.reviewing = Reviewing(self.store, self.keys, self.settings, self.access, clock, self.exclusions)

    def compact_if_due(self) -> int:
        """Move journal rows to Parquet once enough have gathered; returns rows moved."""
        if self.store.events.pending() < self.settings.compact_rows:
            return 0
        return self.store.events.compact()

    def expire(self) -> int:
        """Enforce retention: destroy day keys past it, then delete what they sealed, then old events."""
        now = self.clock()
        sealed_until = now.date() - timedelta(days=self.settings.retention_text_days)
        gone = self.keys.destroy_before(sealed_until)
        if gone:
            self.access.audit(
                "node", "key.destroy", subject=gone[-1], purpose="retention", detail={"days": len(gone)}
            )
        return self.store.events.expire(
            events_before=micros(now - timedelta(days=self.settings.retention_events_days)),
            sealed_days_before=sealed_until.isoformat(),
        )

    def close(self) -> None:
        """Give leases back and close the store."""
        self.watch.release()
        self.lookouts.release()
        self.store.close()
