"""The look at new events: window, campaigns, phrases, look-back; what is found becomes warnings."""

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

import msgspec
import structlog

from tocsin.app.access import Access
from tocsin.app.filling import Filling
from tocsin.app.heard import Heard
from tocsin.app.keyring import Keyring
from tocsin.app.memory import give_back, large_blocks_apart
from tocsin.app.past import StoredPast
from tocsin.app.settings import Settings
from tocsin.app.sketches import SketchReader
from tocsin.app.telemetry import Telemetry
from tocsin.app.window_files import SAVE_SECONDS, WindowFiles
from tocsin.correlate import (
    CampaignSettings,
    Dismisser,
    Exclusions,
    Outcome,
    Voices,
    Window,
    find_campaigns,
    find_phrases,
    heard_again,
    look_back,
)
from tocsin.correlate.summed import Candidate, candidates
from tocsin.kernel import Clock, NotFound, Warning, WarningKind, WarningStatus, micros
from tocsin.store.interface import Store

LEASE = "watch"
LEASE_MICROS = 120_000_000
"""Another process may take over the watch after two minutes of silence, or at once when it is given back."""

TELL_SECONDS = 3_600
"""Sketches are opened every two seconds where events come in; the audit is told how many once an hour."""

LOOK_ANYWAY_SECONDS = 300.0
"""A look without news: dismissals end and events grow old by themselves."""

REVIEWED = "reviewed"
"""Cursor that moves with every review, so that another process notices it."""

MANY_EVENTS = 500_000
"""From so many on the memory of a look is given back when it is done."""

MAX_KNOWN = 10_000
"""Warnings that a growing campaign is matched with, newest first."""
LOOK_BACK = "look-back"
NOT_COUNTED = "dismissal.not-counted"
UNTRUSTED_AUTHOR = "its author is not a trusted peer"
MAX_TOLD = 100_000
"""Outcomes remembered from the audit, so that a restart does not say them all again."""


class Watch:
    """Holds the window of one node. A lease keeps other processes out."""

    def __init__(
        self,
        store: Store,
        keys: Keyring,
        settings: Settings,
        access: Access,
        telemetry: Telemetry,
        clock: Clock,
        exclusions: Exclusions,
        files: WindowFiles | None = None,
        guarded: Callable[[], Mapping[str, float]] = dict,
    ) -> None:
        """Without `files` every start reads all events of the window from the store. `guarded` gives the events that
        guard models flagged, with what their word weighs.
        """
        self._guarded = guarded
        self._files = files
        self._saved = time.monotonic()
        self._exclusions = exclusions
        self._store = store
        self._keys = keys
        self._settings = settings
        self._access = access
        self._telemetry = telemetry
        self._clock = clock
        self._window = self._empty()
        self._read_to = 0
        self._generation = keys.generation
        self._untold = 0
        self._tell_at = clock()
        self._heard = Heard(store, settings, keys.identity.stix_identity)
        self._dismissers: Mapping[str, Dismisser] = {}
        self._not_counted: Mapping[tuple[str, str], int] = {}
        self._seen: object = None
        self._looked = 0.0
        self._told: dict[str, str] | None = None
        self._holder = f"{os.getpid()}.{os.urandom(4).hex()}"
        self._campaigns = CampaignSettings(
            window_days=settings.campaign_window_days, look_back_days=settings.look_back_days or 1
        )
        self._log = structlog.get_logger("tocsin.watch")

        self._filling = Filling()
        self._turn = threading.Lock()
        self.elsewhere = False
        """Whether, at the last tick, another process held the watch: it looks, we need not."""

    def tick(self, *, patient: bool = False) -> tuple[Warning, ...]:
        """Look once; returns the warnings that are new. Empty while another process holds the watch.

        A `patient` look waits for the next tick while the past is being filled in (`filling`).
        """
        with self._turn:
            return self._tick(patient=patient)

    def _tick(self, *, patient: bool) -> tuple[Warning, ...]:
        now = self._clock()
        held = self._store.jobs.lease(LEASE, self._holder, now=micros(now), ttl=LEASE_MICROS)
        self.elsewhere = not held
        if not held:
            return ()
        started = time.perf_counter()
        self._refresh(micros(now - timedelta(days=self._horizon())))
        if self._filling.waits(now) and patient:
            return ()
        news = self._news(micros(now))
        if news == self._seen and started - self._looked < LOOK_ANYWAY_SECONDS:
            return ()
        found = self._look(micros(now))
        self._seen, self._looked = news, started
        if len(self._window) >= MANY_EVENTS:
            give_back()
        self._telemetry.watch_seconds.observe(time.perf_counter() - started)
        return found

    def raisable(self) -> tuple[Candidate, ...] | None:
        """What a private sum may be asked about now; None where this process has not looked, or another one does."""
        with self._turn:
            now = self._clock()
            if self.elsewhere or not self._looked or self._filling.waits(now):
                return None
            return candidates(
                self._window,
                now_us=micros(now),
                dismissals=self._heard.voices(self._dismissers, micros(now)),
                settings=self._campaigns,
                confirmed=self._confirmed(self._store.warnings.list(limit=MAX_KNOWN)),
                exclusions=self._exclusions,
            )

    def release(self) -> None:
        """Give the watch back, so that another process need not wait."""
        self._tell_opened()
        if self._files and not self.elsewhere and self._read_to and self._files.worth_saving(self._window):
            self._files.save(self._window)
        self._store.jobs.release_lease(LEASE, self._holder)

    def _horizon(self) -> int:
        return max(self._settings.campaign_window_days, self._settings.look_back_days)

    def _refresh(self, since: int) -> None:
        """Take what is new into the window. Opens sketches, never texts; a rebuild is audited."""
        self._forget_erased()
        if not self._read_to:
            if self._files and not self._load(self._files):
                self._window = self._empty()
            large_blocks_apart()  # not before: a load would take a third longer
        self._window.evict(since)
        self._window.shred(self._destroyed)
        newest = self._store.events.newest()
        if newest <= self._read_to:
            return
        rebuilding = self._read_to == 0
        sketches = SketchReader(self._store.events, self._keys, self._read_to)
        for batch in self._store.events.batches(after=self._read_to, since=since):
            if batch.num_rows:
                self._filling.came(batch)
                self._window.append(batch, sketches.upto(batch.column("seq")[-1].as_py()))
        self._read_to = newest
        self._telemetry.window_events.set(len(self._window))
        self._untold += sketches.opened
        if rebuilding or self._clock() >= self._tell_at:
            self._tell_opened()
        if (
            self._files
            and time.monotonic() - self._saved >= SAVE_SECONDS
            and self._files.worth_saving(self._window)
        ):
            self._files.save(self._window)
            self._saved = time.monotonic()

    def _tell_opened(self) -> None:
        """Into the audit: how many sketches were opened since it was last said, at most once an hour."""
        self._tell_at = self._clock() + timedelta(seconds=TELL_SECONDS)
        if self._untold:
            opened, self._untold = self._untold, 0
            self._access.audit(
                "node", "sketch.open", subject="", purpose="correlation", detail={"sketches": opened}
            )

    def _load(self, files: WindowFiles) -> bool:
        """Take the window as it was saved; what came since follows from the store."""
        if not files.load(self._window):
            return False
        if len(self._window) >= MANY_EVENTS:
            give_back()
        self._read_to = self._window.newest
        self._access.audit(
            "node",
            "window.open",
            subject="",
            purpose="correlation",
            detail={"texts": len(self._window.texts)},
        )
        return True

    def _empty(self) -> Window:
        return Window(StoredPast(self._store.events, self._keys))

    def _destroyed(self, day: str) -> bool:
        try:
            self._keys.opened(day)
        except NotFound:
            if self._files:
                self._files.remove_day(day)
            return True
        return False

    def _forget_erased(self) -> None:
        """The window holds what an erased account did: it is filled anew, and what was saved of it is gone."""
        generation = self._keys.generation
        if generation == self._generation:
            return
        if self._keys.erased_since(self._generation):
            if self._files:
                self._files.forget()
            self._window, self._read_to = self._empty(), 0
        self._generation = generation

    def _news(self, now: int) -> tuple[object, ...]:
        """What a look depends on: events, records, reviews, peers. Equal twice, the second look is spared."""
        records_to = self._heard.refresh()
        self._dismissers = self._heard.dismissers(now)
        reviewed = self._store.jobs.cursor(REVIEWED)
        return (self._read_to, records_to, reviewed, self._dismissers, self._heard.doubts(), self._guarded())

    def _look(self, now: int) -> tuple[Warning, ...]:
        dismissals = self._heard.voices(self._dismissers, now)
        self._tell_not_counted(dismissals)
        known = self._store.warnings.list(limit=MAX_KNOWN)
        confirmed = self._confirmed(known)
        found = [
            *find_campaigns(
                self._window,
                now_us=now,
                dismissals=dismissals,
                settings=self._campaigns,
                known=[warning for warning in known if warning.kind is WarningKind.CAMPAIGN],
                confirmed=confirmed,
                guarded=self._guarded(),
            ),
            *find_phrases(self._window, now_us=now, settings=self._campaigns),
        ]
        if self._settings.look_back_days:
            found += self._look_back(dismissals, confirmed, now)
        new = tuple(warning for warning in found if self._store.warnings.upsert(warning))
        for warning in new:
            self._log.info(
                "warning.new",
                id=warning.id,
                kind=warning.kind.value,
                actors=warning.actors,
                score=warning.score,
            )
        self._hear_again({warning.id for warning in found}, dismissals, now)
        self._count()
        return new

    @staticmethod
    def _confirmed(known: Sequence[Warning]) -> list[bytes]:
        """Signatures of what a person here confirmed."""
        return [
            warning.signature
            for warning in known
            if warning.status is WarningStatus.CONFIRMED and warning.signature is not None
        ]

    def _hear_again(self, found: set[str], dismissals: Voices, now: int) -> None:
        """What was quieted and is not found any more rings again when nothing quiets it: a revocation reaches it."""
        for warning in self._store.warnings.list(status=WarningStatus.QUIETED, limit=MAX_KNOWN):
            if warning.id in found:
                continue
            again = heard_again(
                warning, dismissals, threshold=self._campaigns.threshold, strong=self._campaigns.strong
            )
            if again.status is not warning.status:
                self._store.warnings.upsert(msgspec.structs.replace(again, updated=now))
                self._log.info("warning.heard-again", id=warning.id, kind=warning.kind.value)

    def _tell_not_counted(self, dismissals: Voices) -> None:
        """Into the audit, when it changes: whose dismissals do not count, how many, and why."""
        before, self._not_counted = self._not_counted, dismissals.left_out
        for (peer, reason), number in sorted(dismissals.left_out.items()):
            if before.get((peer, reason)) != number:
                self._access.audit(
                    f"peer:{peer}",
                    NOT_COUNTED,
                    subject=peer,
                    purpose="correlation",
                    outcome="refused",
                    detail={"reason": reason, "dismissals": number},
                )

    def _look_back(
        self,
        dismissals: Voices,
        confirmed: Sequence[bytes],
        now: int,
    ) -> list[Warning]:
        """Peers' indicators against this node's own past. Every outcome is in the audit once, and stays here."""
        for refused in self._heard.unusable():
            self._tell(refused.id, refused.peer, "", Outcome.REFUSED, refused.reason)
        for record in self._heard.strangers():
            self._tell(record.id, record.peer, record.category, Outcome.REFUSED, UNTRUSTED_AUTHOR)
        theirs = self._heard.indicators(now)
        results = look_back(
            self._window,
            theirs,
            now_us=now,
            settings=self._campaigns,
            dismissals=dismissals,
            confirmed=confirmed,
            exclusions=self._exclusions,
        )
        for indicator, result in zip(theirs, results, strict=True):
            self._tell(indicator.id, indicator.peer, indicator.category, result.outcome, result.reason.code)
        return [result.warning for result in results if result.warning is not None]

    def _tell(self, indicator: str, peer: str | None, category: str, outcome: Outcome, reason: str) -> None:
        """Into the audit, once for each indicator and reason."""
        if self._told is None:  # what was said before this process started
            said = reversed(self._store.audit.read(act=LOOK_BACK, limit=MAX_TOLD))
            self._told = {row.subject: str(row.detail.get("reason", "")) for row in said}
        if self._told.get(indicator) == reason:
            return
        self._told[indicator] = reason
        self._access.audit(
            f"peer:{peer}",
            LOOK_BACK,
            subject=indicator,
            purpose=category,
            outcome="refused" if outcome is Outcome.REFUSED else "done",
            detail={"outcome": outcome.value, "reason": reason},
        )

    def _count(self) -> None:
        counts = Counter(warning.status for warning in self._store.warnings.list(limit=MAX_KNOWN))
        for status in WarningStatus:
            self._telemetry.warnings.labels(status.value).set(counts[status])
