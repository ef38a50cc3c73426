"""What the node tells its operator in figures. No text, no identifier and no secret is in them; `logs` has the rest."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import structlog
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

from tocsin.kernel import Peer

if TYPE_CHECKING:
    from tocsin.app.accept import Accepted


class Telemetry:
    """One registry a node, so that two nodes in one process do not mix."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self._registry = registry
        self._events = Counter(
            "tocsin_events", "Events by door and outcome", ["door", "outcome"], registry=registry
        )
        self.warnings = Gauge("tocsin_warnings", "Warnings by status", ["status"], registry=registry)
        self.window_events = Gauge("tocsin_window_events", "Events held for correlation", registry=registry)
        self.watch_seconds = Histogram(
            "tocsin_watch_seconds", "One look at new events", registry=registry, buckets=(0.01, 0.1, 1, 5, 30)
        )
        self.trend_seconds = Histogram(
            "tocsin_trend_seconds", "One look at counts", registry=registry, buckets=(0.01, 0.1, 1, 5, 30)
        )
        self.pulls = Counter(
            "tocsin_pulls", "Pulls by peer and outcome", ["peer", "outcome"], registry=registry
        )
        self._lag = Gauge(
            "tocsin_peer_lag_seconds",
            "Since when all that a peer released was had",
            ["peer"],
            registry=registry,
        )
        self._waiting = Gauge(
            "tocsin_peer_waiting_objects",
            "Objects that a peer says were not had yet",
            ["peer"],
            registry=registry,
        )
        self.job_failures = Counter(
            "tocsin_job_failures", "Failed background jobs", ["job"], registry=registry
        )
        self.guard_verdicts = Counter(
            "tocsin_guard_verdicts", "Verdicts of guard models", ["guard", "outcome"], registry=registry
        )
        self._log = structlog.get_logger("tocsin.node")

    def ingested(self, door: str, caller: str, outcome: "Accepted") -> None:
        """Count and log one batch."""
        for name, number in (
            ("accepted", outcome.accepted),
            ("duplicate", outcome.duplicates),
            ("refused", len(outcome.refused)),
        ):
            self._events.labels(door, name).inc(number)
        self._log.info(
            "events.taken",
            door=door,
            caller=caller,
            accepted=outcome.accepted,
            duplicates=outcome.duplicates,
            refused=len(outcome.refused),
        )

    def lagging(self, peers: Iterable[tuple[Peer, float | None]]) -> None:
        """How far behind each peer; one of whom nothing is known has no figure."""
        self._lag.clear()
        self._waiting.clear()
        for peer, seconds in peers:
            if seconds is not None:
                self._lag.labels(peer.name).set(seconds)
            if peer.waiting is not None:
                self._waiting.labels(peer.name).set(peer.waiting)

    def exposition(self) -> tuple[bytes, str]:
        """The metrics as Prometheus text, and its media type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST
