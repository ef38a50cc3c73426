"""The gate on one core: records read, decided on, redacted, made, and their final bytes checked."""

import gc
import random
import time
from collections.abc import Collection
from datetime import UTC, datetime

from benchmarks.rows import Row
from tocsin.kernel import (
    TLP,
    Level,
    Peer,
    PeerStatus,
    Record,
    Review,
    RiskVector,
    Warning,
    WarningKind,
    WarningStatus,
    micros,
)
from tocsin.share import Standing, decide, describe
from tocsin.share.gate import local_words
from tocsin.trust.identity import NodeIdentity
from tocsin.trust.policy import Policies

CAMPAIGNS = 1_500
ROUNDS = 7
NOW = datetime(2026, 3, 5, 10, 20, 30, tzinfo=UTC)
PURPOSE = "misuse-defence"


def run() -> list[Row]:
    """Campaigns as reviewers confirm them: campaign, indicator, relationship, sighting, report."""
    records = _records()
    peer = Peer(name="lab", url="https://lab.example", status=PeerStatus.TRUSTED, ceiling=TLP.GREEN)
    standing = Standing(peer=peer, purpose=PURPOSE, now=micros(NOW))
    policies = Policies.load()
    best = 0.0
    for _ in range(ROUNDS):
        gc.collect()
        start = time.process_time()
        draft = decide(policies, records, standing, _forbidden)
        best = max(best, len(records) / (time.process_time() - start))
        assert len(draft.manifest.released) == len(records)
        del draft
    size = sum(len(record.stix) for record in records) // len(records)
    return [
        Row(
            name="the gate",
            ours=best,
            peer=None,
            ratio=None,
            unit="records/CPU-s",
            floor=None,
            work=f"one release of {len(records):,} records of {size} bytes; every check, no store",
        )
    ]


def _forbidden(words: frozenset[str]) -> Collection[str]:
    """What `never_leaves` asks, but for the store's one look at the words that may be ids of events."""
    pseudonyms, _ = local_words(words)
    return pseudonyms


def _records() -> tuple[Record, ...]:
    author = NodeIdentity(b"\x01" * 32).stix_identity
    randomness = random.Random(1)
    found: dict[str, Record] = {}
    for number in range(CAMPAIGNS):
        warning = Warning(
            id=f"8f14e45f-ceea-5e6f-8f14-{number:012d}",
            kind=WarningKind.CAMPAIGN,
            key=f"event-{number}",
            category="fraud.scam",
            actors=23,
            events=317,
            first_seen=micros(NOW) - 9 * 86_400_000_000,
            last_seen=micros(NOW) - 86_400_000_000,
            score=5.5,
            threshold=4.0,
            confidence=80,
            risk=RiskVector(scale=Level.HIGH),
            reasons=(),
            refutations=(),
            status=WarningStatus.CONFIRMED,
            signature=randomness.randbytes(256),
            shingle_count=200,
        )
        review = Review(
            warning=warning.id,
            by="user_1",
            at=micros(NOW),
            verdict=WarningStatus.CONFIRMED,
            category="fraud.scam",
            statement="s",
            basis="terms of use, section 4",
        )
        said = describe(warning, review, author=author, name="platform", tlp=TLP.GREEN, now=NOW)
        found |= {record.id: record for record in said}
    return tuple(found.values())
