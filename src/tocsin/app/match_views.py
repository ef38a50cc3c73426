"""Private matching as plain values, for scripts and pages."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tocsin.app.match_results import Matched
from tocsin.kernel import Caller, at_micros
from tocsin.store.match_interface import MatchSession, MatchWish

if TYPE_CHECKING:
    from tocsin.app.matching import Matching
    from tocsin.trust.matching import Terms

Named = Callable[[str], str]


def standing_view(matching: "Matching", by: Caller, limit: int = 100) -> dict[str, Any]:
    """Terms, what waits, sessions (newest first), and this week's points by peer, side and kind."""
    from tocsin.trust.matching import MatchKind, most_points

    found = matching.standing(by, limit)
    most = {
        (one.peer, kind.value): most_points(one, MatchKind(kind)) for one in found.terms for kind in one.kinds
    }
    return {
        "epoch": found.epoch,
        "terms": [terms_view(one, matching.name_of) for one in found.terms],
        "waiting": [wish_view(one, matching.name_of) for one in found.wishes],
        "sessions": [_session(one, matching.name_of, one.session in found.pledged) for one in found.sessions],
        "spent": [
            {
                "peer": matching.name_of(peer),
                "role": role,
                "kind": kind,
                "points": points,
                "most": most[peer, kind],
            }
            for (peer, role, kind), points in found.spent.items()
        ],
    }


def terms_view(terms: "Terms", named: Named) -> dict[str, Any]:
    return {
        "peer": named(terms.peer),
        "kinds": sorted(terms.kinds),
        "questions": sorted(terms.questions),
        "reveals": sorted(terms.reveals),
        "weekly": terms.weekly,
        "until": _said(terms.until),
        "ends": terms.until,
        "standing": terms.standing,
        "pledged": terms.pledged,
    }


def wish_view(wish: MatchWish, named: Named) -> dict[str, Any]:
    return {
        "id": wish.id,
        "peer": named(wish.peer),
        "kind": wish.kind,
        "question": wish.question,
        "reveal": wish.reveal,
        "purpose": wish.purpose,
        "points": wish.points,
        "at": _said(wish.at),
        "until": _said(wish.until) if wish.allowed_by else None,
        "allowed": wish.until if wish.allowed_by else None,
    }


def matched_view(found: Matched) -> dict[str, Any]:
    """What a session found: this node's own values, or its warnings."""
    return {
        "session": found.session,
        "peer": found.peer,
        "kind": found.kind,
        "question": found.question,
        "reveal": found.reveal,
        "purpose": found.purpose,
        "inputs": found.inputs,
        "points": found.points,
        "refused": [{"why": why, "lines": lines} for why, lines in found.refused.items()],
        "found": found.found,
        "values": [{"value": value, "events": list(events)} for value, events in found.values.items()],
        "warnings": [{"warning": one, "bands": bands} for one, bands in found.warnings.items()],
        "sent": found.sent,
        "received": found.received,
        "said_again": found.again,
    }


def _session(one: MatchSession, named: Named, pledged: bool) -> dict[str, Any]:
    return {
        "session": one.session,
        "at": _said(one.at),
        "began": one.at,
        "peer": named(one.peer),
        "role": one.role.value,
        "kind": one.kind,
        "question": one.question,
        "reveal": one.reveal,
        "purpose": one.purpose,
        "points": one.points,
        "end": one.outcome.value,
        "found": one.found,
        "pledged": pledged,
    }


def _said(at: int) -> str:
    return at_micros(at).strftime("%Y-%m-%dT%H:%M:%SZ")
