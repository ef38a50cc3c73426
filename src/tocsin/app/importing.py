"""A neighbour's file into the node's records: a STIX bundle, ATLAS, AVID, AIID, MISP; defects reported by object."""

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from tocsin.app.node import Node
from tocsin.ingest.foreign import foreign_record
from tocsin.ingest.neighbours import MADE_HERE, Format, read_neighbour
from tocsin.kernel import TLP, BadInput, Caller, Conflict, Origin, Record, micros
from tocsin.wire.stix import Extended, StixObject, advice, canonical, parse, timestamp
from tocsin.wire.stix.labels import well_known

KEPT_AT_ONCE = 2_000
"""Records in one transaction: few enough that a serving node is not held up, many enough to be quick."""


class Imported(msgspec.Struct, frozen=True):
    """`kept` records are new, `known` were here; `refused` were left out. `problems` are sentences by object.

    `kinds` counts, by STIX type, what was new.
    """

    kept: int
    known: int
    refused: int
    problems: tuple[str, ...]
    form: str = ""
    kinds: Mapping[str, int] = {}


def import_file(
    node: Node,
    by: Caller,
    file: Path,
    form: Format | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Imported:
    """Keep every usable object of a file; `progress` hears how many of how many were looked at.

    Nothing imported is ever released: its author did not ask us to. Raises BadInput when the file is not of its
    format, NotAllowed.
    """
    node.access.require(by, "peer.manage")
    read = read_neighbour(file, form)
    bundle = read.bundle
    problems = [str(problem) for problem in bundle.problems]
    refused = len({problem.index for problem in bundle.problems if problem.fatal})
    unusual = sum(len(advice(item)) for item in bundle.objects)
    if unusual:
        problems.append(
            f"{file.name}: {unusual} observables have another id than their properties give"
            " (STIX 2.1 section 2.9); kept"
        )
    now = micros(node.clock())
    tally = _Tally()
    speakers = _speakers(node)
    records: list[Record] = []
    for done, item in enumerate(bundle.objects, start=1):
        try:
            record = _record(item, now, read.raised.get(item.id))
        except BadInput as error:
            problems.append(f"{item.id}: {error.message}")
            refused += 1
        else:
            if record is not None and record.author in speakers and not _unchanged(node, record):
                whose = speakers[record.author]
                problems.append(f"{item.id}: speaks for {whose}, and a file proves nothing: pull it instead")
                refused += 1
            elif record is not None:
                if item.id in read.raised:
                    problems += _raised_too_late(node, record)
                records.append(_newer(node, record, now) if read.form in MADE_HERE else record)
        if len(records) == KEPT_AT_ONCE or done == len(bundle.objects):
            _keep(node, records, tally)
            records.clear()
            progress(done, len(bundle.objects))
    refused += len(tally.conflicts)
    node.access.audit(
        by.user,
        "record.import",
        subject=file.name,
        purpose="import",
        detail={"format": read.form.value, "kept": tally.kept, "known": tally.known, "refused": refused},
    )
    return Imported(
        kept=tally.kept,
        known=tally.known,
        refused=refused,
        problems=(*problems, *tally.conflicts),
        form=read.form.value,
        kinds=dict(sorted(tally.kinds.items())),
    )


class _Tally:
    def __init__(self) -> None:
        self.kept = 0
        self.known = 0
        self.kinds: Counter[str] = Counter()
        self.conflicts: list[str] = []


def _record(item: StixObject | Extended, now: int, raised: TLP | None) -> Record | None:
    """The record to keep; None for what every node has. Raises BadInput, also for another content of that.

    `raised` is a level that was set around the object: it is kept under the stricter.
    """
    record = foreign_record(item, origin=Origin.IMPORT, peer=None, received=now)
    if raised is not None and raised.rank > record.tlp.rank:
        record = msgspec.structs.replace(record, tlp=raised)
    standard = well_known(record.id)
    if standard is None:
        return record
    if canonical(standard) != record.stix:
        raise BadInput("is another content for what never changes")
    return None


def _speakers(node: Node) -> dict[str, str]:
    """The identities that a key of theirs stands for here: whoever else uses one would speak in their name.

    A forged version of a peer's record would besides make every later pull from that peer a contradiction.
    """
    found = {peer.identity: f"peer {peer.name}" for peer in node.store.peers.list() if peer.identity}
    return found | {node.keys.identity.stix_identity: "this node"}


def _raised_too_late(node: Node, record: Record) -> list[str]:
    """What to say of a record that is kept already, under a laxer level than a file now sets."""
    latest = node.store.records.get(record.id)
    if latest is None or latest.stix != record.stix or latest.tlp.rank >= record.tlp.rank:
        return []
    return [f"{record.id}: is now tlp:{record.tlp.value}, and stays kept under tlp:{latest.tlp.value}"]


def _newer(node: Node, record: Record, now: int) -> Record:
    """A later version of what is kept, where an entry without versions of its own has changed since."""
    latest = node.store.records.get(record.id)
    if latest is None or latest.author != record.author or latest.stix == record.stix:
        return record
    if _without_version(latest) == _without_version(record):
        return latest
    value = msgspec.json.decode(record.stix, type=dict[str, Any])
    if "modified" not in value:
        return record
    value["modified"] = timestamp(now)
    return foreign_record(
        parse(canonical(value)), origin=record.origin, peer=record.peer, received=record.added
    )


def _without_version(record: Record) -> dict[str, Any]:
    value = msgspec.json.decode(record.stix, type=dict[str, Any])
    value.pop("modified", None)
    return value


def _keep(node: Node, records: list[Record], tally: _Tally) -> None:
    """Keep what is new; count it, and note what clashes with what is kept."""
    fresh = [record for record in records if not _unchanged(node, record)]
    tally.known += len(records) - len(fresh)
    for record, outcome in zip(fresh, node.store.records.offer(fresh), strict=True):
        if isinstance(outcome, Conflict):
            tally.conflicts.append(f"{record.id}: {outcome.message}")
        elif outcome:
            tally.kept += 1
            tally.kinds[record.type] += 1
        else:
            tally.known += 1


def _unchanged(node: Node, record: Record) -> bool:
    """Whether the latest version is these bytes: what has no version of its own is not new each time."""
    latest = node.store.records.get(record.id)
    return latest is not None and latest.stix == record.stix
