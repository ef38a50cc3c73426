"""One node: its folder opened, its rooms joined. The doors (`cli`, `web`) hold one of these and nothing else."""

import os
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from tocsin.app import settings as node_settings
from tocsin.app.key_settling import Settled, settle
from tocsin.app.keyring import Keyring
from tocsin.app.services import Services
from tocsin.kernel import Clock, KeyStatement, micros, system_clock
from tocsin.store import open_store

DATABASE_URL = "TOCSIN_DATABASE_URL"


class Node(Services):
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
        self.store = open_store(data, database_url or os.environ.get(DATABASE_URL))
        self.store.migrate()
        self._tell_settled(settle(self.keys, self.store, clock().date()))  # before anything can be opened
        self.keys.history = self._key_history
        if self.keys.following is not None:
            self.own_keys.settle()

    def compact_if_due(self) -> int:
        """Move journal rows to Parquet once enough have gathered; returns rows moved."""
        if self.store.events.pending() < self.settings.compact_rows:
            return 0
        return self.store.events.compact()

    def expire(self) -> int:
        """Enforce retention: destroy day keys past it, then delete what they sealed, then old events and counts."""
        now = self.clock()
        self.store.conversations.expire(before=micros(now - timedelta(days=self.settings.conversation_days)))
        sealed_until = now.date() - timedelta(days=self.settings.retention_text_days)
        self._tell_settled(settle(self.keys, self.store, now.date()))
        self.store.warnings.forget_signatures(before=micros(datetime.combine(sealed_until, time(), UTC)))
        self.sampling.expire()
        self.welfare.forget()
        self.case_rights.expire()
        self.labelled.expire()
        old = micros(now - timedelta(days=self.settings.retention_events_days))
        self.store.verdicts.expire(before=old)
        self.store.outbox.expire(before=old)
        self.store.admission.expire(before=old)
        self.store.patrol.expire(before=old)
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
        """Give leases back, write down what was counted of access, end the processes that look at files, close the
        store."""
        self.release_all()
        if "admission" in vars(self):
            self.admission.flush()
        if "parsers" in vars(self):
            self.parsers.close()
        self.store.close()

    def _key_history(self) -> tuple[KeyStatement, ...]:
        return self.own_keys.history()
