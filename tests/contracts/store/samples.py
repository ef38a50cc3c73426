"""Nouns to keep, each told from the others by a number."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tocsin.kernel import (
    TLP,
    Event,
    Kind,
    Level,
    Manifest,
    Observable,
    ObservableType,
    Origin,
    Reason,
    Record,
    Release,
    Review,
    RiskVector,
    Signal,
    Warning,
    WarningKind,
    WarningStatus,
    micros,
)
from tocsin.store import JournalRow, Store, TaxiiStatus

START = micros(datetime(2026, 11, 1, tzinfo=UTC))
HOUR = 3_600_000_000
DAY = 24 * HOUR


def day_of(moment: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=moment)).strftime("%Y-%m-%d")


def row(number: int, *, received: int = START, time: int | None = None) -> JournalRow:
    """A journal row; every third has observables, signals and a fingerprint, and no optional field."""
    rich = number % 3 == 0
    event = Event(
        id=f"event-{number}",
        time=received - number % 7 if time is None else time,
        received=received,
        source="platform",
        kind=list(Kind)[number % 3],
        actor=f"actor-{number % 5}",
        seal_day=day_of(received),
        session=None if rich else f"session-{number % 4}",
        model=None if rich else "model-1",
        lang=None if rich else "zh",
        tool=None if rich else "search",
        actor_created=None if rich else received - DAY,
        observables=tuple(Observable(kind, f"o{number}") for kind in list(ObservableType)[: number % 3 + 1])
        if rich
        else (),
    )
    signals = (Signal("phrase", "1", "fraud.scam", 0.5, f"pack/{number}"),) if rich else ()
    return JournalRow(
        event, signals, f"sealed {number}".encode(), f"print {number}".encode() if rich else None
    )


def as_read(kept: JournalRow) -> dict[str, Any]:
    """What `batches` gives of a row, but for its seq."""
    event = kept.event
    return {
        "id": event.id,
        "time": event.time,
        "received": event.received,
        "source": event.source,
        "kind": event.kind.value,
        "actor": event.actor,
        "seal_day": event.seal_day,
        "session": event.session,
        "model": event.model,
        "lang": event.lang,
        "tool": event.tool,
        "actor_created": event.actor_created,
        "observables": [{"type": one.type.value, "value": one.value} for one in event.observables],
        "signals": [
            {
                "detector": one.detector,
                "version": one.version,
                "category": one.category,
                "strength": one.strength,
                "evidence": one.evidence,
            }
            for one in kept.signals
        ],
    }


def rows_of(store: Store, **wanted: int | None) -> list[dict[str, Any]]:
    """All that `batches` gives, as dicts."""
    batches = store.events.batches(**wanted)  # type: ignore[arg-type]  # `after` is never None here
    return [event for batch in batches for event in batch.to_pylist()]


def ids_of(store: Store, **wanted: int | None) -> list[str]:
    return [event["id"] for event in rows_of(store, **wanted)]


def warning(number: int, **changes: Any) -> Warning:
    fields: dict[str, Any] = {
        "id": f"warning-{number}",
        "kind": WarningKind.CAMPAIGN,
        "key": f"key-{number}",
        "category": "fraud.scam",
        "actors": 5,
        "events": 40 + number,
        "first_seen": START,
        "last_seen": START + number,
        "score": 4.5,
        "threshold": 3.0,
        "confidence": 70,
        "risk": RiskVector(scale=Level.HIGH),
        "reasons": (Reason("new-accounts", {"share": 0.8, "count": 4}),),
        "refutations": (Reason("popular-template"),),
        "signature": b"\x00\xff",
        "samples": ("event-1", "event-2"),
        "timeline": ((START, 3), (START + DAY, 4)),
    }
    return Warning(**fields | changes)


def review(of: str, verdict: WarningStatus, at: int = START) -> Review:
    return Review(of, "user-1", at, verdict, "fraud.scam", "seen in the samples", "own policy 4.2")


def record(number: int, version: int = START, **changes: Any) -> Record:
    fields: dict[str, Any] = {
        "id": f"indicator--{number}",
        "type": "indicator",
        "version": version,
        "stix": f'{{"id":"indicator--{number}","version":{version}}}'.encode(),
        "origin": Origin.OWN,
        "author": "identity--1",
        "tlp": TLP.GREEN,
        "category": "fraud.scam",
        "added": START,
    }
    return Record(**fields | changes)


def release(number: int, version: int = START, peer: str = "lab", **changes: Any) -> Release:
    fields: dict[str, Any] = {
        "seq": 0,
        "peer": peer,
        "id": f"indicator--{number}",
        "type": "indicator",
        "version": version,
        "added": START,
        "stix": f"{peer} {number} {version}".encode(),
        "manifest": "digest",
    }
    return Release(**fields | changes)


def manifest(peer: str = "lab", digest: str = "digest") -> Manifest:
    return Manifest(peer, "misuse-defence", "policy", (), digest)


def status(number: int, owner: str = "lab") -> TaxiiStatus:
    return TaxiiStatus(
        f"status-{number}", owner, START, (("indicator--1", "v1"),), (("indicator--2", "v1", "not sound"),)
    )
