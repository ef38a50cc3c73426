"""`tocsin doctor`: what is well and what is not, each with what to do."""

import shutil
import stat
from collections.abc import Callable

import msgspec

from tocsin.app.case_keys import MIN_MEMBERS
from tocsin.app.node import Node
from tocsin.kernel import NoticeState, Peer, PeerStatus, TocsinError, micros

MIN_FREE_BYTES = 1 << 30
STALE_PULL_MICROS = 24 * 3_600_000_000
DEAD_SAID_MICROS = 7 * 24 * 3_600_000_000
"""For a week a check fails over what nobody was told of."""


class Finding(msgspec.Struct, frozen=True):
    """`warns`: nothing is wrong that this node's operator could mend here, and less is held than elsewhere."""

    name: str
    ok: bool
    detail: str
    warns: bool = False


def examine(node: Node) -> tuple[Finding, ...]:
    """Every check, run; one that raises is a finding too."""
    checks: tuple[tuple[str, Callable[[Node], Finding]], ...] = (
        ("folder", _folder),
        ("keys", _keys),
        ("key store", _key_store),
        ("store", _store),
        ("disk", _disk),
        ("events", _events),
        ("peers", _peers),
        ("parts", _parts),
        ("exclusions", _exclusions),
        ("channels", _channels),
        ("rules", _rules),
        ("releases", _releases),
        ("access", _access),
        ("restricted queues", _restricted_queues),
        ("queue files", _queue_files),
        ("public door", _public_door),
        ("log", _log),
        ("cage", _cage),
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


def _key_store(node: Node) -> Finding:
    """How old the oldest key is, what goes next, and whether anything should be gone already."""
    today = node.clock().date()
    days = node.keys.days()
    late = node.keys.overdue(today)
    said = f"{len(days)} days, {node.keys.destroyed} destroyed or erased"
    if days:
        following = min((node.keys.ends(day), day) for day in days)
        said += f"; oldest {days[0]}, next to go {following[1]} on {following[0].isoformat()}"
    if late:
        said = f"overdue since {late[0]}: the clock or the disk kept the key of {len(late)} days; start the node again"
    return Finding(name="key store", ok=not late, detail=said)


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


def _log(node: Node) -> Finding:
    """Whether this node's log may grow, and whether a peer's was seen to be two."""
    head, said = node.store.log.head(), []
    if head.stopped:
        said.append(f"stopped: {head.stopped}")
    said += [
        f"{fork.peer}: {fork.why}; ask its operator, then `tocsin share log settle`"
        for fork in node.store.log.forks()
        if not fork.settled and fork.origin != node.transparency_log.origin
    ]
    return Finding(
        name="log",
        ok=not said,
        detail="; ".join(said) or f"{head.size:,} entries, {node.store.log.waiting():,} waiting",
    )


def _parts(node: Node) -> Finding:
    """What a served node builds at its start, from the files of its folder too."""
    node.build_all()
    return Finding(name="parts", ok=True, detail="packs, policies, tools, acts and guards can be read")


def _exclusions(node: Node) -> Finding:
    lists = node.exclusions.lists
    entries = sum(len(one.entries) for one in lists)
    return Finding(name="exclusions", ok=True, detail=f"{len(lists)} lists, {entries:,} entries")


def _releases(node: Node) -> Finding:
    """A node opens without these files; who decides a release would meet the fault."""
    from tocsin.app.extensions import overlays_of, release_policies_of

    policies, overlays = release_policies_of(node.data), overlays_of(node.data)
    detail = f"{len(policies.by_id)} rules, {len(overlays)} overlays"
    return Finding(name="releases", ok=True, detail=detail)


def _access(node: Node) -> Finding:
    """Whether the rules of access can be read, and whether they refuse to everybody what a release decision leaves."""
    files = node.admission_rules.files()
    said = node.admission_rules.contradictions(node.clock().date().isoformat())
    on = ", ".join(one.id for one in files.overlays) or "none"
    return Finding(name="access", ok=not said, detail="; ".join(said) or f"overlays on: {on}")


def _public_door(node: Node) -> Finding:
    """Whether anybody may report here. An open door behind a proxy that is not named counts all as one sender."""
    if not node.settings.public_reports:
        return Finding(name="public door", ok=True, detail="shut (public_reports)")
    proxies = node.settings.public_proxy_prefixes
    behind = f"behind {', '.join(proxies)}" if proxies else "no proxy named (public_proxy_prefixes)"
    return Finding(name="public door", ok=True, detail=f"open at /report; {behind}")


def _channels(node: Node) -> Finding:
    channels = node.store.outbox.channels()
    since = micros(node.clock()) - DEAD_SAID_MICROS
    dead = sum(notice.done >= since for notice in node.store.outbox.listed(NoticeState.DEAD, limit=1_000))
    said = [
        f"{channel.fault} ({channel.failures} times); `tocsin watch channels test {channel.name}` tries it"
        for channel in channels
        if channel.failures
    ]
    if dead:
        said.append(f"{dead} notices of this week could not be sent: `tocsin watch channels dead` lists them")
    return Finding(name="channels", ok=not said, detail="; ".join(said) or f"{len(channels)} channels")


def _rules(node: Node) -> Finding:
    listed = node.rules.listed()
    faulty = [one for one in listed if one.fault]
    detail = (
        "; ".join(one.fault for one in faulty[:5]) or f"{len(listed)} rules, {len(node.rules.armed())} run"
    )
    return Finding(name="rules", ok=not faulty, detail=detail)


def _queue_files(node: Node) -> Finding:
    """Queues whose file was taken away while cases lie in them: nobody sees those, and no clock of theirs is told."""
    lost = sorted(node.store.cases.queues() - node.queues.ids())
    said = f"cases lie in {', '.join(lost)}, of which there is no file: put it back into DATA/queues/"
    return Finding(name="queue files", ok=not lost, detail=said if lost else "every case lies in a queue")


def _cage(node: Node) -> Finding:
    """What of the cage around parsers of foreign files holds (docs/labels-media.md); a kernel cannot be mended here."""
    held = node.content_labels.cage()
    open_to = [] if held.files else ["files (Landlock, Linux 5.13)"]
    if not held.network:
        beside = ", but for TCP" if held.tcp else ""
        open_to.append(f"network{beside} (a network namespace)")
    if open_to:
        said = f"this machine's kernel or container does not hold: {', '.join(open_to)}; docs/labels-media.md"
        return Finding(name="cage", ok=True, detail=said, warns=True)
    return Finding(name="cage", ok=True, detail="parsers of foreign files reach no other file and no network")


def _restricted_queues(node: Node) -> Finding:
    """Of each queue whether cases can be sealed to members; the same whether any case waits or not."""
    said, short = [], False
    for queue in node.queues.all():
        keys = len(node.case_keys.holders(queue)) if queue.restricted else MIN_MEMBERS
        if keys < MIN_MEMBERS:
            short = short or bool(queue.members)
            said.append(
                f"{queue.id}: {len(queue.members)} members, {keys} keys let in, {MIN_MEMBERS} needed; until then what "
                "arrives there waits sealed to this node (docs/restricted-cases.md)"
            )
    return Finding(
        name="restricted queues", ok=not short, detail="; ".join(said) or "sealed to their members"
    )
