"""A STIX bundle from a file into the node's records, its defects reported by object."""

from pathlib import Path

import msgspec

from tocsin.app.node import Node
from tocsin.ingest import import_bundle
from tocsin.ingest.foreign import foreign_record
from tocsin.kernel import BadInput, Caller, Conflict, Origin, Record, micros
from tocsin.wire.stix import advice


class Imported(msgspec.Struct, frozen=True):
    """`kept` records are new, `known` were here; `refused` were left out. `problems` are sentences by object."""

    kept: int
    known: int
    refused: int
    problems: tuple[str, ...]


def import_file(node: Node, by: Caller, file: Path) -> Imported:
    """Keep every usable object of a bundle. Nothing imported is ever released: its author did not ask us to.

    Raises BadInput when the file is no bundle, NotAllowed.
    """
    node.access.require(by, "peer.manage")
    bundle = import_bundle(file)
    problems = [str(problem) for problem in bundle.problems]
    refused = len({problem.index for problem in bundle.problems if problem.fatal})
    unusual = sum(len(advice(item)) for item in bundle.objects)
    if unusual:
        problems.append(
            f"{file.name}: {unusual} observables have another id than their properties give"
            " (STIX 2.1 section 2.9); kept"
        )
    now = micros(node.clock())
    records = []
    for item in bundle.objects:
        try:
            records.append(foreign_record(item, origin=Origin.IMPORT, peer=None, received=now))
        except BadInput as error:
            problems.append(f"{item.id}: {error.message}")
            refused += 1
    kept, known, conflicts = _keep(node, records)
    problems += conflicts
    refused += len(conflicts)
    node.access.audit(
        by.user,
        "record.import",
        subject=file.name,
        purpose="import",
        detail={"kept": kept, "known": known, "refused": refused},
    )
    return Imported(kept=kept, known=known, refused=refused, problems=tuple(problems))


def _keep(node: Node, records: list[Record]) -> tuple[int, int, list[str]]:
    """How many were new, how many were here, and the sentences for those that clash with what is kept."""
    fresh = [record for record in records if not _unchanged(node, record)]
    known = len(records) - len(fresh)
    problems: list[str] = []
    try:
        new = node.store.records.put(fresh)
        return sum(new), known + len(new) - sum(new), problems
    except Conflict:
        pass  # one of them clashes: each by itself, so that the others are kept
    kept = 0
    for record in fresh:
        try:
            kept += sum(node.store.records.put([record]))
        except Conflict as error:
            problems.append(f"{record.id}: {error.message}")
    return kept, len(records) - kept - len(problems), problems


def _unchanged(node: Node, record: Record) -> bool:
    """Whether the latest version is these bytes: what has no version of its own is not new each time."""
    latest = node.store.records.get(record.id)
    return latest is not None and latest.stix == record.stix
