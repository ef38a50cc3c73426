"""A joint case as plain values, for scripts and pages. Field names here are a contract (docs/joint-cases.md)."""

from collections.abc import Mapping
from typing import Any

import msgspec

from tocsin.cases.joint.state import JointState, SharedDecision, SharedProposal


def joint_line(state: JointState, names: Mapping[str, str]) -> dict[str, Any]:
    """A joint case in a list."""
    case = state.case
    return {
        "id": state.id,
        "purpose": case.purpose if case else "",
        "category": case.category if case else "",
        "rule": case.rule.value if case else "",
        "convener": names.get(case.convener, case.convener) if case else "",
        "until": case.until[:10] if case else "",
        "parties": [names.get(one.party, one.party) for one in state.members],
        "open_proposals": sum(not one.decided for one in state.proposals),
        "closed": state.closed is not None,
        "missing": len(state.missing),
    }


def joint_view(state: JointState, names: Mapping[str, str]) -> dict[str, Any]:
    """All of it, each party by its name here; `digest` is the same at every party that has the same messages."""

    def called(party: str) -> str:
        return names.get(party, party)

    return joint_line(state, names) | {
        "digest": state.digest,
        "members": [
            {
                "party": one.party,
                "name": called(one.party),
                "standing": one.standing.value,
                "messages": one.messages,
                "forked_at": one.forked_at,
            }
            for one in state.members
        ],
        "facts": [msgspec.to_builtins(one) | {"name": called(one.party)} for one in state.facts],
        "tasks": [
            msgspec.to_builtins(one) | {"name": called(one.party), "whose_name": called(one.whose)}
            for one in state.tasks
        ],
        "proposals": [_proposal(one, names) for one in state.proposals],
        "closing": None
        if state.closed is None
        else msgspec.to_builtins(state.closed) | {"name": called(state.closed.by)},
        "forks": [msgspec.to_builtins(one) | {"name": called(one.party)} for one in state.forks],
        "refused": [msgspec.to_builtins(one) | {"name": called(one.by)} for one in state.refused],
        "refused_beyond": state.refused_beyond,
        "missing_messages": [msgspec.to_builtins(one) | {"name": called(one.party)} for one in state.missing],
        "waiting": state.waiting,
    }


def _proposal(one: SharedProposal, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": names.get(one.party, one.party),
        "title": one.title,
        "reason": one.reason,
        "facts": list(one.facts),
        "disputed": one.disputed,
        "parts": [
            {
                "name": names.get(part.party, part.party),
                "measures": [measure.value for measure in part.measures],
            }
            for part in one.parts
        ],
        "votes": [
            msgspec.to_builtins(vote) | {"name": names.get(vote.party, vote.party)} for vote in one.votes
        ],
        "decisions": [_decision(made, names) for made in one.decisions],
    }


def _decision(made: SharedDecision, names: Mapping[str, str]) -> dict[str, Any]:
    known = [names.get(party, party) for party in made.known_to]
    plain: dict[str, Any] = msgspec.to_builtins(made)
    return plain | {"name": names.get(made.party, made.party), "known_to": known}
