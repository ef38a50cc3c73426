"""Cases as programs read them. Times in RFC 3339."""

from collections.abc import Mapping
from typing import Any

import msgspec

from tocsin.cases.states import OVER
from tocsin.kernel import at_micros
from tocsin.kernel.cases import Case, CaseAct, CaseState, CaseWords, Queue
from tocsin.kernel.disposing import Disposition

HIDDEN = frozenset({"tell", "due", "received", "updated", "claim", "proposal", "disposition", "appeal"})


def case_view(case: Case) -> dict[str, Any]:
    """What is known of a case; words of its decisions where its reader may see them."""
    fields = {name: value for name, value in msgspec.to_builtins(case).items() if name not in HIDDEN}
    appeal = case.appeal
    return {
        **fields,
        "received": _time(case.received),
        "updated": _time(case.updated),
        "due": _time(case.due),
        "claim": {"by": case.claim.by, "at": _time(case.claim.at), "until": _time(case.claim.until)}
        if case.claim
        else None,
        "proposal": disposition_view(case.proposal),
        "disposition": disposition_view(case.disposition),
        "appeal": msgspec.to_builtins(appeal) | {"at": _time(appeal.at), "judged_at": _time(appeal.judged_at)}
        if appeal
        else None,
    }


def disposition_view(given: Disposition | None) -> dict[str, Any] | None:
    """A decision, as it is said."""
    if given is None:
        return None
    times = {"at": _time(given.at), "approved_at": _time(given.approved_at), "ends": _time(given.ends or 0)}
    view: dict[str, Any] = msgspec.to_builtins(given)
    return view | times


def act_view(act: CaseAct) -> dict[str, Any]:
    """One act of the timeline."""
    return {
        "number": act.number,
        "at": _time(act.at),
        "by": act.by,
        "act": act.act,
        "was": act.was,
        "now": act.now,
        "reasons": act.reasons,
        "detail": act.detail,
        "chain": act.chain.hex(),
    }


def words_view(words: CaseWords, notes: Mapping[int, str], appeal: str) -> dict[str, Any]:
    """What was said; notes by their number."""
    return {
        "title": words.title,
        "what": words.what,
        "where": words.where,
        "notes": {str(number): note for number, note in notes.items()},
        "appeal": appeal,
    }


def queue_view(queue: Queue, counts: Mapping[tuple[str, CaseState], int]) -> dict[str, Any]:
    """A queue and how many cases wait in it."""
    by_state = {state.value: counts.get((queue.id, state), 0) for state in CaseState}
    return {
        **msgspec.to_builtins(queue),
        "open": sum(many for state, many in by_state.items() if state not in OVER | {CaseState.APPEALED}),
        "appealed": by_state[CaseState.APPEALED],
        "over": sum(by_state[state] for state in OVER),
        "states": by_state,
    }


def _time(moment: int) -> str | None:
    return at_micros(moment).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
