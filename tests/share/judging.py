"""One case put to the gate, and what the oracle says of what left."""

import hashlib

from tests.share.cases import PERSONAL, SECRETS, Own, draw, forbidden
from tests.share.oracle import wrong_with
from tocsin.kernel import Verdict
from tocsin.share import ReleaseStopped, decision


def judge(seed: int, own: Own, focus: str = "") -> str | None:
    """What is wrong with the gate's answer to a case, None when nothing."""
    case = draw(seed, focus)
    rows = {record.id: record for record in case.records}
    if len(rows) != len(case.records):
        return None
    try:
        draft = decision.decide(own.policies, case.records, case.standing, forbidden)
    except ReleaseStopped as stop:
        return None if case.may_stop else f"a decision that its own check stopped: {stop.message}"
    entries = {entry.id: entry for entry in draft.manifest.entries}
    if entries.keys() != rows.keys() or draft.final.keys() != {e.id for e in draft.manifest.released}:
        return "the manifest does not list what there was, or what left"
    for identifier, final in draft.final.items():
        entry, row = entries[identifier], rows[identifier]
        if (hashlib.sha256(final).hexdigest(), len(final)) != (entry.sha256, entry.size):
            return "the manifest names other bytes"
        if own.forbids(row, case.standing):
            return "an own policy forbids it"
        wrong = wrong_with(row, final, case.standing, draft.final.keys(), (*SECRETS, *PERSONAL))
        if wrong is not None:
            return f"{row.type}: {wrong}"
    for entry in draft.manifest.entries:
        if entry.verdict is Verdict.REFUSE and not (entry.rule and entry.sha256 == "" and entry.size == 0):
            return "a refusal names no rule"
    if case.plain and not own.forbids.__defaults__ and len(draft.final) != len(rows):
        return "what nothing forbids did not leave"
    return None
