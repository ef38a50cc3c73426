"""The lookouts of one node: fed with what is new, asked what deserves a person, their warnings kept."""

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import pyarrow as pa
import structlog

from tocsin.app.telemetry import Telemetry
from tocsin.correlate import Lookout, Renewed
from tocsin.kernel import Clock, Warning, micros
from tocsin.store.interface import Store

LEASE = "lookouts"
LEASE_MICROS = 120_000_000
"""As the watch's own: another process may take over after two minutes of silence, or at once when given back."""

LOOK_ANYWAY_SECONDS = 60.0
"""A look without new events: risk decays and windows close by themselves."""

FIRST_REST_SECONDS = 5.0
MAX_REST_SECONDS = 600.0
"""One that failed starts anew from the past after a rest that doubles, up to this."""

DAY_US = 86_400_000_000
Maker = Callable[[], Lookout]


class Lookouts:
    """Holds the lookouts. A lease keeps other processes out; one that fails silences no other and starts anew."""

    def __init__(
        self, store: Store, telemetry: Telemetry, clock: Clock, makers: Iterable[Maker] = ()
    ) -> None:
        self._store = store
        self._telemetry = telemetry
        self._clock = clock
        self._posts = [_Post(make) for make in makers]
        self._looked: float | None = None
        self._holder = f"{os.getpid()}.{os.urandom(4).hex()}"
        self._turn = threading.Lock()
        self._log = structlog.get_logger("tocsin.lookouts")

    def tick(self) -> tuple[Warning, ...]:
        """Feed and ask once; returns the warnings that are new. Empty while another process holds the lease."""
        with self._turn:
            now = micros(self._clock())
            if not self._posts or not self._store.jobs.lease(LEASE, self._holder, now=now, ttl=LEASE_MICROS):
                return ()
            awake = [post for post in self._posts if post.rises()]
            fresh = self._feed(awake, now)
            if (
                not fresh
                and self._looked is not None
                and time.monotonic() - self._looked < LOOK_ANYWAY_SECONDS
            ):
                return ()
            new = tuple(warning for warning in self._ask(awake, now) if self._store.warnings.upsert(warning))
            self._looked = time.monotonic()
        for warning in new:
            self._log.info("warning.new", id=warning.id, kind=warning.kind.value, actors=warning.actors)
        return new

    def release(self) -> None:
        """Give the lease back, so that another process need not wait."""
        self._store.jobs.release_lease(LEASE, self._holder)

    def _feed(self, posts: Sequence["_Post"], now: int) -> bool:
        """Whether there was anything new. The events are read once for all."""
        newest = self._store.events.newest()
        behind = [post for post in posts if post.read_to < newest]
        if not behind:
            return False
        since = min(post.since(now) for post in behind)
        for batch in self._store.events.batches(after=min(post.read_to for post in behind), since=since):
            for post in behind:
                with self._failing_alone(post):
                    post.take(batch, now)
        for post in behind:
            post.up_to(newest)
        return True

    def _ask(self, posts: Sequence["_Post"], now: int) -> Iterator[Warning]:
        for post in posts:
            found: Sequence[Warning] = ()
            with self._failing_alone(post):
                found = post.look(now)
            yield from found

    @contextmanager
    def _failing_alone(self, post: "_Post") -> Iterator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001  # a fault in one must not silence the others
            self._telemetry.job_failures.labels(f"lookout.{post.name}").inc()
            self._log.error("lookout.failed", lookout=post.name, exc_info=error)
            post.rest()


class _Post:
    """One lookout, how far it was fed, and since when it rests."""

    def __init__(self, make: Maker) -> None:
        self._make = make
        self._lookout = make()
        self._pause = FIRST_REST_SECONDS
        self._rests_until = 0.0
        self._fallen = False
        self.name = self._lookout.name
        self.read_to = 0
        """Highest seq taken; 0 after a start, when the past of `horizon_days` comes first."""

    def rises(self) -> bool:
        """Whether it takes part in this turn; one that fails falls out of the turn it failed in.

        One that is outdated (`correlate.Renewed`) is made anew, and fed the past again.
        """
        if isinstance(self._lookout, Renewed) and self._lookout.outdated:
            self._lookout = self._make()
            self.read_to = 0
        self._fallen = time.monotonic() < self._rests_until
        return not self._fallen

    def since(self, now: int) -> int:
        """The earliest event it wants, in microseconds."""
        return now - self._lookout.horizon_days * DAY_US

    def take(self, batch: pa.RecordBatch, now: int) -> None:
        """What of a batch it has not had, and still wants."""
        if self._fallen:
            return
        seqs = batch.column("seq").to_numpy()
        wanted = (seqs > self.read_to) & (batch.column("time").to_numpy() >= self.since(now))
        fresh = batch if wanted.all() else batch.filter(pa.array(wanted))
        if fresh.num_rows:
            self._lookout.take(fresh)
            self.read_to = int(seqs[-1])

    def up_to(self, seq: int) -> None:
        """All up to `seq` was read, also where nothing of it was wanted."""
        if not self._fallen:
            self.read_to = max(self.read_to, seq)

    def look(self, now: int) -> Sequence[Warning]:
        """Its warnings; none while it rests."""
        if self._fallen:
            return ()
        found = tuple(self._lookout.look(now))
        self._pause = FIRST_REST_SECONDS
        return found

    def rest(self) -> None:
        """Forget a state that may be half made, and start anew after a pause."""
        self._lookout = self._make()
        self._fallen = True
        self.read_to = 0
        self._rests_until = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, MAX_REST_SECONDS)
