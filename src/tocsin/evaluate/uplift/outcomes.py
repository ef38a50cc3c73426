"""Levels of participants out of a ledger: graders' words combined as registered, and how far the graders agree."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from statistics import median_low

import msgspec

from tocsin.evaluate.statistics.agreement import Scale, agreement
from tocsin.kernel.studies import Allocated, Combination, Entry, Graded, Missing, OutcomeRow, Outcomes, Study


def outcomes_of(study: Study, entries: Iterable[Entry]) -> Outcomes:
    """One row a participant. A work that fewer graders saw than was registered has no level yet."""
    allocated: dict[str, Allocated] = {}
    levels: dict[str, dict[str, int]] = {}
    gone: set[str] = set()
    for entry in entries:
        if isinstance(entry, Allocated):
            allocated[entry.participant] = entry
        elif isinstance(entry, Graded):
            levels.setdefault(entry.work, {})[entry.grader] = entry.level
        elif isinstance(entry, Missing):
            gone.add(entry.participant)
    rows = [
        OutcomeRow(
            participant=one.participant,
            arm=one.arm,
            strata=one.strata,
            level=None if one.participant in gone else _level(study, levels.get(one.work, {})),
            gone=one.participant in gone,
        )
        for one in allocated.values()
    ]
    judged = [
        tuple(levels.get(one.work, {}).values()) for one in allocated.values() if one.participant not in gone
    ]
    return Outcomes(
        tuple(sorted(rows, key=lambda row: row.participant)), agreement(judged, Scale.ORDINAL).alpha
    )


def _level(study: Study, given: Mapping[str, int]) -> int | None:
    if len(given) < study.grading.graders:
        return None
    return min(given.values()) if study.grading.combine is Combination.LOWEST else median_low(given.values())


def outcomes_digest(outcomes: Outcomes) -> str:
    """sha256, hex: the same data, the same digest, in whatever order they came."""
    return sha256(msgspec.json.encode(outcomes, order="sorted")).hexdigest()
