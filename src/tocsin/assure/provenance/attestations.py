"""Attestations about an artefact: whose bytes they speak of, and our own, that an inspection found what it found.

An attestation counts for an artefact only when it names every file of it by digest, or the whole by its own; a name
that fits proves nothing. Ours (`PREDICATE`) names exactly the files that were inspected: one more file is another
artefact.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from tocsin.assure.provenance.signed_files import tree_digest
from tocsin.kernel import at_micros
from tocsin.kernel.artefacts import ArtefactVerdict, Inspection
from tocsin.kernel.limits import MAX_CLOCK_SKEW_SECONDS
from tocsin.kernel.release import DECISION_PREDICATE, Tier
from tocsin.wire.in_toto import Statement, Subject
from tocsin.wire.model_signature import ALONE

PREDICATE = "urn:tocsin:attestation:inspection:1"

APPROVALS = 2
"""Fewer make no release decision, whatever the statement says."""


def speaks_of(statement: Statement, files: Mapping[str, str]) -> bool:
    """Whether a statement is about exactly the bytes of `files` (sha256 by path)."""
    said = {(one.name, one.digest.get("sha256", "")) for one in statement.subjects}
    if statement.predicate_type == PREDICATE:
        return said == set(files.items()) and len(statement.subjects) == len(files)
    digests = {digest for _, digest in said}
    if tree_digest(dict(files)) in digests:
        return True
    if set(files) == {ALONE}:
        return False
    by_digest: dict[str, list[str]] = {}
    for name, digest in said:
        by_digest.setdefault(digest, []).append(name)
    return all(
        any(name == path or name.endswith(f"/{path}") for name in by_digest.get(digest, ()))
        for path, digest in files.items()
    )


def meets(statement: Statement, where: Mapping[str, str | int | bool]) -> bool:
    """Whether the predicate says what a rule wants of it.

    An inspection of ours must have ended clean besides; a release decision must let the model out, by two people.
    """
    said = statement.predicate
    if statement.predicate_type == PREDICATE and said.get("verdict") != ArtefactVerdict.CLEAN:
        return False
    if statement.predicate_type == DECISION_PREDICATE:
        approvals = said.get("approvals")
        if said.get("tier") in (None, Tier.WITHHELD) or type(approvals) is not int or approvals < APPROVALS:
            return False
    return all(_equal(_at(statement.predicate, pointer), wanted) for pointer, wanted in where.items())


def recent(statement: Statement, now: datetime, max_age: timedelta) -> bool:
    """Whether an inspection of ours is not older than that, nor from the future, and a release decision in its days;
    True for other predicates."""
    if statement.predicate_type == DECISION_PREDICATE:
        return _in_days(statement, now)
    if statement.predicate_type != PREDICATE:
        return True
    try:
        at = datetime.fromisoformat(str(statement.predicate.get("inspected")))
        return now - max_age <= at <= now + timedelta(seconds=MAX_CLOCK_SKEW_SECONDS)
    except (ValueError, TypeError, OverflowError):  # no time, or one without a zone
        return False


def _in_days(statement: Statement, now: datetime) -> bool:
    try:
        decided = datetime.fromisoformat(str(statement.predicate.get("decided")))
        expires = date.fromisoformat(str(statement.predicate.get("expires")))
        return decided <= now + timedelta(seconds=MAX_CLOCK_SKEW_SECONDS) and now.date() < expires
    except (ValueError, TypeError, OverflowError):
        return False


def inspected(inspection: Inspection, files: Mapping[str, str]) -> Statement:
    """What is signed of an inspection: of `files` (sha256 by path), this verdict, by this scanner under these rules."""
    return Statement(
        subjects=tuple(Subject(path, {"sha256": digest}) for path, digest in sorted(files.items())),
        predicate_type=PREDICATE,
        predicate={
            "artefact": inspection.artefact,
            "name": inspection.name,
            "verdict": inspection.verdict.value,
            "findings": dict(sorted(Counter(one.rule for one in inspection.findings).items())),
            "inspected": at_micros(inspection.at).isoformat(),
            "scanner": inspection.scanner,
            "rules": inspection.rules,
        },
    )


def _equal(found: Any, wanted: str | int | bool) -> bool:
    # True == 1 in Python, and they are two things in JSON
    return type(found) is type(wanted) and bool(found == wanted)


def _at(value: Any, pointer: str) -> Any:
    """What lies at a JSON Pointer (RFC 6901), or UNSET."""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isascii() and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return msgspec.UNSET
    return value
