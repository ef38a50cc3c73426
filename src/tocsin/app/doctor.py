"""`tocsin doctor`: what is well and what is not, each with what to do."""

import shutil
import stat
from collections.abc import Callable

import msgspec

from tocsin.app.node import Node
from tocsin.kernel import Peer, PeerStatus, TocsinError, micros

MIN_FREE_BYTES = 1 << 30
STALE_PULL_MICROS = 24 * 3_600_000_000


class Finding(msgspec.Struct, frozen=True):
    name: str
    ok: bool
    detail: str


def examine(node: Node) -> tuple[Finding, ...]:
    """Every check, run; one that raises is a finding too."""
    checks: tuple[tuple[str, Callable[[Node], Finding]], ...] = (
        ("folder", _folder),
        ("keys", _keys),
        ("store", _store),
        ("disk", _disk),
        ("events", _events),
        ("peers", _peers),
        ("exclusions", _exclusions),
        ("rules", _rules),
    )
    findings = []
    for name, check in checks:
        try:
            findings.append(check(node))
        except TocsinError as error:
            findings.append(Finding(name=name, ok=False, detail=error.message))
    return tuple(findings)


def _folder(node: Node) -> Finding:
    mode = stat.S_IMODE(node.data.stat().st_mode)
    open_to = mode & 0o077
    detail = f"mode {mode:04o}" + (f": others can read it; run chmod 700 {node.data}" if open_to else "")
    return Finding(name="folder", ok=not open_to, detail=detail)


def _keys(node: Node) -> Finding:
    wrong = node.keys.check()
    return Finding(name="keys", ok=wrong is None, detail=wrong or f"{len(node.keys.days())} day keys open")


def _store(node: Node) -> Finding:
    wrong = node.store.ready()
    return Finding(name="store", ok=wrong is None, detail=wrong or "reads and writes")


def _disk(node: Node) -> Finding:
    free = shutil.disk_usage(node.data).free
    enough = free >= MIN_FREE_BYTES
    detail = f"{free / (1 << 30):.1f} GiB free" + ("" if enough else ": free some, or lower the retention")
    return Finding(name="disk", ok=enough, detail=detail)


def _events(node: Node) -> Finding:
    return Finding(
        name="events",
        ok=True,
        detail=f"{node.store.events.count():,} kept, {node.store.events.pending():,} not yet in Parquet",
    )


def _peers(node: Node) -> Finding:
    now = micros(node.clock())
    said = []
    for peer in node.store.peers.list():
        status = peer.status_at(now)
        if status is PeerStatus.EXPIRED or peer.ends_soon(now):
            ends = "has ended" if status is PeerStatus.EXPIRED else "ends soon"
            said.append(f"trust in {peer.name} {ends}: `tocsin peer renew {peer.name}`")
        elif status is PeerStatus.TRUSTED and peer.url and _stale(peer, now):
            said.append(f"no pull for a day from {peer.name}: `tocsin share pull` says why")
    return Finding(name="peers", ok=not said, detail="; ".join(said) or "up to date")


def _stale(peer: Peer, now: int) -> bool:
    return peer.last_pull is None or now - peer.last_pull > STALE_PULL_MICROS


def _exclusions(node: Node) -> Finding:
    lists = node.exclusions.lists
    entries = sum(len(one.entries) for one in lists)
    return Finding(name="exclusions", ok=True, detail=f"{len(lists)} lists, {entries:,} entries")


def _rules(node: Node) -> Finding:
    listed = node.rules.listed()
    faulty = [one for one in listed if one.fault]
    detail = (
        "; ".join(one.fault for one in faulty[:5]) or f"{len(listed)} rules, {len(node.rules.armed())} run"
    )
    return Finding(name="rules", ok=not faulty, detail=detail)
