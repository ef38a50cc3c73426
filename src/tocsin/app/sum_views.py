"""Private sums as people and scripts see them: names of peers instead of identities, times in RFC 3339."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from tocsin.app.summing import Summing, SumStatus
from tocsin.kernel import Caller
from tocsin.kernel.counts import SUMS_PURSE
from tocsin.store.interface import Store
from tocsin.trust.summing import look_cost
from tocsin.wire.stix import timestamp

HERE = "this node"


def status_view(summing: Summing, store: Store, by: Caller) -> dict[str, Any]:
    """Who sums, how far the week is, what left and what came back. Raises NotAllowed."""
    status = summing.status(by)
    names = {peer.identity: peer.name for peer in store.peers.list() if peer.identity}
    names[summing.me] = HERE
    return {
        "agreement": _agreement(status, names),
        "epoch": status.epoch,
        "stage": status.stage,
        "attempt": status.attempt,
        "look": status.look,
        "looks_done": list(status.looks_done),
        "waiting_for": [_name(names, one) for one in status.waiting_for],
        "evaluated": {_name(names, one): points for one, points in sorted(status.evaluated.items())},
        "budget": _budget(status),
        "unpaid": list(status.unpaid),
        "looks": [
            {
                "epoch": one.epoch,
                "look": one.look,
                "at": timestamp(one.at),
                "keys": one.keys,
                "candidates": one.candidates,
                "answered": timestamp(one.answered) if one.answered else None,
                "warnings": list(one.warnings),
            }
            for one in status.answers
        ],
        "left": _left(status, names),
    }


def _agreement(status: SumStatus, names: Mapping[str, str]) -> dict[str, Any] | None:
    agreed = status.agreement
    if agreed is None:
        return None
    both = [one for one in agreed.aggregators if one in agreed.participants]
    return {
        "participants": [_name(names, one) for one in agreed.participants],
        "aggregators": [_name(names, one) for one in agreed.aggregators],
        "holders": agreed.holders,
        "looks": agreed.looks,
        "noise": agreed.noise,
        "until": timestamp(agreed.until),
        "agreed_at": timestamp(agreed.at),
        "add_and_take_part": [_name(names, one) for one in both],
        "losses": [
            f"{_name(names, one)} adds up and takes part: of a text that it holds it learns what the others "
            "have in all, by taking its own away."
            for one in both
        ],
    }


def _budget(status: SumStatus) -> dict[str, Any] | None:
    """What a look costs and what is left, in epsilon; None where nothing is accounted, without noise."""
    agreed = status.agreement
    if agreed is None or not agreed.noise:
        return None
    return {
        "look": look_cost(agreed.noise) / 1_000,
        "week": SUMS_PURSE.week / 1_000,
        "week_left": status.week_left / 1_000,
        "life": SUMS_PURSE.life / 1_000,
        "life_left": status.life_left / 1_000,
    }


def _left(status: SumStatus, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """What left, by node and kind: messages and bytes; what waits stands apart."""
    rows: dict[tuple[str, str], dict[str, Any]] = defaultdict(lambda: {"sent": 0, "bytes": 0, "waiting": 0})
    for mail in status.left:
        row = rows[_name(names, mail.peer), mail.kind]
        row["sent" if mail.sent else "waiting"] += 1
        row["bytes"] += mail.size if mail.sent else 0
    return [{"to": to, "kind": kind, **row} for (to, kind), row in sorted(rows.items())]


def _name(names: Mapping[str, str], identity: str) -> str:
    return names.get(identity, identity)
