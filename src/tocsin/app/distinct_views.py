"""Counts over several nodes as people and scripts see them: names of peers, epsilon as a number, times in RFC 3339."""

from collections.abc import Callable
from typing import Any

from tocsin.app.distinct_counts import DistinctCounts
from tocsin.kernel import Caller
from tocsin.kernel.counts import DISTINCT_PURSE
from tocsin.kernel.distinct import COVERAGE, Distinct
from tocsin.store.distinct_interface import DistinctCount, DistinctTerms
from tocsin.store.interface import Store
from tocsin.wire.stix import timestamp

HERE = "this node"
STEPS = 5
"""Of a count after all agreed: keys, entries, the turns, the opening, the numbers."""

Named = Callable[[str], str]


def standing_view(counts: DistinctCounts, store: Store, by: Caller, limit: int = 100) -> dict[str, Any]:
    """What is agreed, counts (newest first), and the epsilon that is left. Raises NotAllowed, Unavailable."""
    found, named = counts.standing(by, limit), naming(counts, store)
    return {
        "terms": [terms_view(one, named, found.used[one.peer]) for one in found.terms],
        "counts": [count_view(one, named) for one in found.counts],
        "budget": {
            "of_week": found.week,
            "week": DISTINCT_PURSE.week / 1_000,
            "week_left": found.week_left / 1_000,
            "life": DISTINCT_PURSE.life / 1_000,
            "life_left": found.life_left / 1_000,
            "unsure": found.unsure,
            "paid": [
                {"week": one.week, "epsilon": one.cost / 1_000, "at": timestamp(one.at)} for one in found.paid
            ],
        },
    }


def terms_view(terms: DistinctTerms, named: Named, used: int = 0) -> dict[str, Any]:
    return {
        "peer": named(terms.peer),
        "kinds": list(terms.kinds),
        "epsilon": terms.cost / 1_000,
        "used": used / 1_000,
        "until": timestamp(terms.until),
    }


def count_view(count: DistinctCount, named: Named) -> dict[str, Any]:
    """One count; `done` of `of` steps. `counted` and `left_out` are this node's own, and told to nobody."""
    roster = count.roster
    return {
        "id": count.session,
        "kind": roster.kind,
        "purpose": roster.purpose,
        "week": roster.week,
        "members": [named(one) for one in roster.members],
        "proposer": named(count.proposer),
        "capacity": roster.capacity,
        "room": roster.room,
        "epsilon": roster.cost / 1_000,
        "at": timestamp(count.at),
        "state": count.state.value,
        "waiting_for": [named(one) for one in roster.members if one not in count.agreed],
        "done": len(count.agreed) + count.step,
        "of": len(roster.members) + STEPS,
        "why": count.why,
        "who": named(count.who) if count.who else "",
        "told_by": named(count.told_by) if count.told_by else "",
        "said": count.said,
        "ended": timestamp(count.ended) if count.ended else None,
        "paid": bool(count.spend),
        "counted": count.counted,
        "left_out": count.left_out,
        "result": _result(count.result) if count.result else None,
    }


def naming(counts: DistinctCounts, store: Store) -> Named:
    """What a node is called here; its identity where it is a peer no more."""
    names = {peer.identity: peer.name for peer in store.peers.list() if peer.identity}
    names[counts.me] = HERE
    return lambda identity: names.get(identity, identity)


def _result(found: Distinct) -> dict[str, Any]:
    """Each number with the interval that holds the true one with `coverage`; below zero is noise."""
    return {
        "coverage": COVERAGE,
        "inputs": found.inputs,
        "low": found.inputs - found.margin,
        "high": found.inputs + found.margin,
        "margin": found.margin,
        "shared": [
            {
                "members": one.members,
                "inputs": one.inputs,
                "low": one.inputs - found.margin_each,
                "high": one.inputs + found.margin_each,
            }
            for one in found.shared
        ],
        "margin_each": found.margin_each,
    }
