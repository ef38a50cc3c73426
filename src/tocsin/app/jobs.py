"""Background work of a serving node: watch, lookouts, trends, aftercare, duty clocks, compact, index, expire, evidence,
matching, pull, listen, release, sums, distinct counts, log, access, applicants.

Each job fails alone and is tried again.
"""

import threading
from collections.abc import Callable
from functools import partial

import structlog

from tocsin.app.admission import COUNT_SECONDS, LOOK_SECONDS
from tocsin.app.live import LiveLines
from tocsin.app.node import Node
from tocsin.kernel import TocsinError

EXPIRE_SECONDS = 3_600.0
COMPACT_SECONDS = 5.0
TREND_SECONDS = 10.0
STANDING_SECONDS = 1.0
"""Between a reviewer's word and its leaving to peers with a standing release, at most this and the gate's time."""
INDEX_SECONDS = 5.0
SAMPLING_SECONDS = 30.0
ROUTING_SECONDS = 5.0
DUTY_CLOCKS_SECONDS = 30.0
"""The shortest clock that is known runs 30 minutes; word of it comes within this and the channel's turn."""
AFTERCARE_SECONDS = 20.0
"""From a peer's word on a file, or the node's start with other rules, to what it opens: at most this and a look."""
ESCALATION_SECONDS = 60.0
"""Clocks of cases run in hours."""
MATCHING_SECONDS = 60.0
"""Silent sessions end, and secrets of weeks that are over are destroyed, within this of their time."""
LOG_SECONDS = 2.0
"""From an act to its place in the log and a signature over it."""
APPLICANT_SECONDS = 60.0
"""Questions to wallets live for ten minutes."""
STATUS_SECONDS = 900.0
"""How late a credential that its issuer took back is noticed."""
MAX_PAUSE_SECONDS = 60.0
"""A failing job is tried again after its pause doubled, up to this (or its own pause, if longer)."""
STOP_SECONDS = 10.0

_log = structlog.get_logger("tocsin.jobs")


class Jobs:
    """One thread a job; all stop together."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._stopping = threading.Event()
        every: list[tuple[str, float, Callable[[], object]]] = [
            ("watch", node.settings.watch_seconds, partial(node.watch.tick, patient=True)),
            ("lookouts", node.settings.watch_seconds, node.lookouts.tick),
            ("guards", node.settings.watch_seconds, node.guards.tick),
            ("sampling", SAMPLING_SECONDS, node.sampling.tick),
            ("arranging", node.settings.watch_seconds, node.arranging.tick),
            ("routing", ROUTING_SECONDS, node.routing.tick),
            ("duty-clocks", DUTY_CLOCKS_SECONDS, node.duty_clocks.tick),
            ("aftercare", AFTERCARE_SECONDS, node.aftercare.tick),
            ("trends", TREND_SECONDS, node.trends.tick),
            ("compact", COMPACT_SECONDS, node.compact_if_due),
            ("index", INDEX_SECONDS, node.store.search.index),
            ("expire", EXPIRE_SECONDS, node.expire),
            ("case escalation", ESCALATION_SECONDS, node.case_escalation.tick),
            ("standing", STANDING_SECONDS, node.standing.tick),
            ("evidence", EXPIRE_SECONDS, node.exhibits.tick),
            ("matching", MATCHING_SECONDS, node.matching.tick),
            ("sums", node.settings.sum_seconds, node.summing.tick),
            ("distinct counts", node.settings.sum_seconds, node.distinct_counts.tick),
            ("log", LOG_SECONDS, node.transparency_log.tick),
            ("access", LOOK_SECONDS, node.admission.tick),
            ("access counts", COUNT_SECONDS, node.admission.flush),
            ("applicants", APPLICANT_SECONDS, node.applicants.tick),
            ("credential status", STATUS_SECONDS, node.applicant_questions.recheck),
        ]
        self._lines: LiveLines | None = None
        if node.settings.pull_seconds > 0:
            every.append(("pull", node.settings.pull_seconds, node.exchange.pull_all))
            self._lines = LiveLines(node.store, node.exchange, node.clock) if node.settings.live else None
        self._threads = [
            threading.Thread(target=self._loop, args=job, name=f"tocsin-{job[0]}", daemon=True)
            for job in every
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()
        if self._lines:
            self._lines.start()

    def stop(self) -> None:
        """Ask every job to end and wait for the one under way; the store outlives them."""
        self._stopping.set()
        if self._lines:
            self._lines.stop()
        for thread in self._threads:
            thread.join(STOP_SECONDS)

    def _loop(self, name: str, pause: float, work: Callable[[], object]) -> None:
        wait = pause
        while not self._stopping.wait(wait):
            try:
                work()
                wait = pause
            except TocsinError as error:
                wait = self._failed(name, pause, wait)
                _log.warning("job.failed", job=name, reason=error.message, again_in=wait)
            except Exception as error:  # noqa: BLE001  # a fault in one job must not end the others
                wait = self._failed(name, pause, wait)
                _log.error("job.failed", job=name, again_in=wait, exc_info=error)

    def _failed(self, name: str, pause: float, wait: float) -> float:
        self._node.telemetry.job_failures.labels(name).inc()
        return max(pause, min(wait * 2, MAX_PAUSE_SECONDS))
