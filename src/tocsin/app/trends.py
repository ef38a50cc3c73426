"""Early warning of one node: events are counted once, the counts are judged, and what rings becomes warnings."""

import os
import threading
import time
from datetime import timedelta

import structlog

from tocsin.app.settings import Settings
from tocsin.app.telemetry import Telemetry
from tocsin.correlate.trends import (
    ALL,
    DAY,
    HOUR,
    Judged,
    Rise,
    Witnesses,
    busiest,
    count,
    judge,
    rises,
    series_of,
    warning_of,
    witnesses_of,
)
from tocsin.kernel import Clock, Warning, WarningKind, micros
from tocsin.store.interface import Store

LEASE = "trends"
LEASE_MICROS = 120_000_000
"""As the watch's own: another process may take over after two minutes of silence, or at once when given back."""

LOOK_SECONDS = 60.0
"""Between two looks at changed counts: a rise is a matter of days, and a look reads a year of counts."""

HOURS_KEPT_DAYS = 35
"""Hours are for the eye; days are the memory."""

MAX_KNOWN = 1_000
DAY_US = DAY * 1_000_000


class Trends:
    """Counts what is new and judges it. A lease keeps other processes out; counts are added once whoever holds it."""

    def __init__(self, store: Store, settings: Settings, telemetry: Telemetry, clock: Clock) -> None:
        self._store = store
        self._settings = settings
        self._telemetry = telemetry
        self._clock = clock
        self._holder = f"{os.getpid()}.{os.urandom(4).hex()}"
        self._turn = threading.Lock()
        self._looked: float | None = None
        self._seen: tuple[int, int] | None = None
        self._judged: tuple[tuple[int, int], tuple[Judged, ...]] | None = None
        self._witnesses: dict[tuple[tuple[str, str, str], int, int, float], Witnesses] = {}
        self._log = structlog.get_logger("tocsin.trends")

    def tick(self) -> tuple[Warning, ...]:
        """Count, and look when it is time; returns the warnings that are new. Empty while another process does it."""
        with self._turn:
            now = micros(self._clock())
            if not self._store.jobs.lease(LEASE, self._holder, now=now, ttl=LEASE_MICROS):
                return ()
            counted = self._count()
            state = (counted, now // DAY_US)
            soon = self._looked is not None and time.monotonic() - self._looked < LOOK_SECONDS
            if state == self._seen or (soon and self._seen is not None and self._seen[1] == state[1]):
                return ()
            new = self._look(now)
            self._seen, self._looked = state, time.monotonic()
            return new

    def release(self) -> None:
        """Give the lease back, so that another process need not wait."""
        self._store.jobs.release_lease(LEASE, self._holder)

    def judged(self) -> tuple[Judged, ...]:
        """Every series as it stands, traffic too."""
        today = micros(self._clock()) // DAY_US
        state = (self._store.trends.read_to(), today)
        known = self._judged
        if known is None or known[0] != state:
            known = self._judged = (state, self._judge(today))
        return known[1]

    def _judge(self, today: int) -> tuple[Judged, ...]:
        every = series_of(self._store.trends.cells(DAY), today)
        watched = busiest(one for one in every if one.category != ALL)
        kinds = {(one.language, one.region) for one in watched} | {(ALL, ALL)}
        traffic = [one for one in every if one.category == ALL and (one.language, one.region) in kinds]
        return judge([*traffic, *watched], alarms_per_week=self._settings.trend_alarms_per_week)

    def _count(self) -> int:
        """Count what is new; returns the seq up to which all is counted."""
        upto = self._store.trends.read_to()
        for batch in self._store.events.batches(after=upto):
            if not batch.num_rows:
                continue
            last = int(batch.column("seq")[-1].as_py())
            if not self._store.trends.add(count(batch, self._settings.regions), after=upto, upto=last):
                return self._store.trends.read_to()  # another process counted them meanwhile
            upto = last
        return upto

    def _look(self, now: int) -> tuple[Warning, ...]:
        started = time.perf_counter()
        oldest = self._clock() - timedelta(days=HOURS_KEPT_DAYS)
        self._store.trends.forget(HOUR, before=micros(oldest) // (HOUR * 1_000_000))
        judged = self.judged()
        traffic = {one.series.key: one for one in judged if one.series.category == ALL}
        known = self._store.warnings.list(kind=WarningKind.TREND, limit=MAX_KNOWN)
        watched = sum(one.detectors > 0 and one.series.category != ALL for one in judged)
        new = []
        for group in rises(judged):
            series = group[0].judged.series
            warning = warning_of(
                group,
                known=known,
                traffic=traffic.get((ALL, series.language, series.region)),
                witnesses=self._witnesses_of(group[0]),
                alarms_per_week=self._settings.trend_alarms_per_week,
                number_of_series=watched,
                now_us=now,
            )
            if self._store.warnings.upsert(warning):
                new.append(warning)
                self._log.info("warning.new", id=warning.id, kind=warning.kind.value, score=warning.score)
        self._telemetry.trend_seconds.observe(time.perf_counter() - started)
        return tuple(new)

    def _witnesses_of(self, rise: Rise) -> Witnesses:
        """Read once for each state of a rise: a look each minute must not read its events each minute."""
        state = (rise.judged.series.key, rise.start, rise.end, rise.seen)
        if state not in self._witnesses:
            batches = self._store.events.batches(since=rise.start * DAY_US, until=(rise.end + 1) * DAY_US)
            self._witnesses = {state: witnesses_of(batches, rise, self._settings.regions)} | {
                kept: found for kept, found in self._witnesses.items() if kept[0] != state[0]
            }
        return self._witnesses[state]
