"""One node: its folder opened, its rooms joined. The doors (`cli`, `web`) hold one of these and nothing else."""

import os
from datetime import timedelta
from pathlib import Path

from tocsin.app import settings as node_settings
from tocsin.app.accept import Acceptor
from tocsin.app.access import Access
from tocsin.app.exchange import Exchange
from tocsin.app.extensions import packs_of, policies_of
from tocsin.app.keyring import Keyring
from tocsin.app.reviewing import Reviewing
from tocsin.app.telemetry import Telemetry
from tocsin.app.watch import Watch
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
        self.access = Access(self.store, policies, clock)
        self.acceptor = Acceptor(self.store, self.keys, Screen(packs_of(data)), clock)
        self.watch = Watch(self.store, self.keys, self.settings, self.access, self.telemetry, clock)
        self.exchange = Exchange(
            self.store, self.keys, self.settings, self.access, policies, self.telemetry, clock
        )
        self.reviewing = Reviewing(self.store, self.keys, self.settings, self.access, clock)

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
        self.store.close()
