"""Sync: one node takes everything that another released to it, over HTTP on loopback, and is cut in the middle once.

Every record is one of ours (an indicator with a fingerprint, about 1.6 KB), examined in full and durable page by
page. What bounds it is told apart by CPU time: the server's, the puller's, and what is left is waiting for the disk.
"""

import os
import random
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from benchmarks.rows import Row, cpu_seconds
from benchmarks.taxii import _free_port as free_port
from benchmarks.taxii_peers import running
from tocsin.app.node import Node
from tocsin.app.setup import initialise
from tocsin.kernel import (
    TLP,
    EvidenceStatus,
    Fingerprint,
    Manifest,
    PeerStatus,
    Release,
    micros,
    system_clock,
)
from tocsin.wire.stix import canonical, make_indicator

RECORDS = 100_000
BATCH = 5_000
CREATED = micros(datetime(2026, 1, 1, tzinfo=UTC))
DIGEST = "ab" * 32
UNIT = "records/s"


def run() -> list[Row]:
    """By the clock and by CPU-second; the second pull of what is known shows the floor of a resume."""
    with tempfile.TemporaryDirectory() as folder:
        far, near = _node(Path(folder), "far"), _node(Path(folder), "near")
        admin = far.access.operator()
        _, token = far.exchange.add_peer(admin, "near", "https://near.example")
        # what an operator does with a key that was compared; the other way round goes over HTTP below
        far.store.peers.replace(
            msgspec.structs.replace(
                far.exchange.peer("near"),
                status=PeerStatus.TRUSTED,
                node_key=near.keys.identity.public,
                identity=near.keys.identity.stix_identity,
            )
        )
        size = _fill(far)
        far.close()
        port = free_port()
        command: list[str | Path] = [
            *(sys.executable, "-m", "tocsin", "serve", "--data", Path(folder) / "far", "--port", str(port))
        ]
        headers = {"Authorization": f"Bearer {token}"}
        with running(command, Path(folder), f"http://127.0.0.1:{port}/readyz", headers) as process:
            by = near.access.operator()
            near.exchange.add_peer(by, "far", f"http://127.0.0.1:{port}", token=token, allow_private=True)
            seen = near.exchange.ask_key(by, "far")
            near.exchange.trust_peer(by, "far", seen, seen.words["en"])
            ours, theirs, began = cpu_seconds(), _cpu_of(process), time.perf_counter()
            (pulled,) = near.exchange.pull_all(only="far")
            seconds = time.perf_counter() - began
            puller, server = cpu_seconds() - ours, _cpu_of(process) - theirs
            assert pulled.records == RECORDS, pulled
            assert not pulled.more
            peer = near.exchange.peer("far")
            assert peer.status is PeerStatus.TRUSTED
            near.store.peers.replace(msgspec.structs.replace(peer, cursor=None))
            began = time.perf_counter()
            (again,) = near.exchange.pull_all(only="far")
            known = time.perf_counter() - began
            assert again.records == 0, again
        near.close()
    waiting = max(0.0, seconds - puller - server)
    about = f"{RECORDS:,} indicators of {size:,} bytes, pages of 1,000, SQLite, durable by the page"
    bound = (
        f"of {seconds:.1f} s: puller's CPU {puller / seconds:.0%}, server's {server / seconds:.0%}, "
        f"neither {waiting / seconds:.0%}"
    )
    return [
        Row(
            "sync of two nodes, by the clock", RECORDS / seconds, None, None, UNIT, None, f"{about}; {bound}"
        ),
        Row(
            "... by the puller's CPU",
            RECORDS / puller,
            None,
            None,
            "records/CPU-s",
            None,
            "parse, check, keep",
        ),
        Row("... of what is known already", RECORDS / known, None, None, UNIT, None, "nothing is kept twice"),
    ]


def _node(folder: Path, name: str) -> Node:
    initialise(folder / name, name=name, clock=system_clock)
    return Node(folder / name)


def _fill(node: Node) -> int:
    """Release RECORDS indicators to `near`; returns the size of one."""
    chance, author = random.Random(7), node.keys.identity.stix_identity
    node.store.releases.log_manifest(
        Manifest("near", "misuse-defence", "benchmark", (), DIGEST), by="benchmark", at=CREATED
    )
    size = 0
    for start in range(0, RECORDS, BATCH):
        rows = []
        for _ in range(start, start + BATCH):
            item = make_indicator(
                Fingerprint(signature=chance.randbytes(256), shingles=120),
                author=author,
                tlp=TLP.GREEN,
                category="fraud.scam",
                status=EvidenceStatus.OBSERVED,
                basis="Our own policy on scams, section 4.",
                confidence=80,
                created=CREATED,
                modified=CREATED,
            )
            stix = canonical(item)
            size = len(stix)
            rows.append(Release(0, "near", item.id, item.type, CREATED, CREATED, stix, DIGEST, tlp=TLP.GREEN))
        node.store.releases.release(rows)
    return size


def _cpu_of(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
