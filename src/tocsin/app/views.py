"""What scripts and people are shown of nouns. Field names here are a contract (docs/reference.md)."""

from typing import TYPE_CHECKING, Any

from tocsin.kernel import Warning, at_micros
from tocsin.taxonomy.messages import sentence

if TYPE_CHECKING:
    from tocsin.app.node import Node
    from tocsin.app.reviewing import Sample
    from tocsin.app.weighing import Weighed
    from tocsin.correlate.conversations import Standing


def warning_view(warning: Warning, language: str, weighed: "Weighed | None" = None) -> dict[str, Any]:
    """A warning with its reasons as sentences in `language`; with how it stands, where that was asked."""
    return {
        **(_standing(weighed, language) if weighed else {}),
        "id": warning.id,
        "kind": warning.kind,
        "category": warning.category,
        "actors": warning.actors,
        "events": warning.events,
        "first_seen": _time(warning.first_seen),
        "last_seen": _time(warning.last_seen),
        "risk": str(warning.risk),
        "confidence": warning.confidence,
        "reasons": [sentence(reason, language) for reason in warning.reasons],
        "refutations": [sentence(reason, language) for reason in warning.refutations],
        "status": warning.status,
        "dismissed_by": dismissed_by(warning),
        "score": round(warning.score, 3),
        "threshold": round(warning.threshold, 3),
        "samples": list(warning.samples),
    }


def conversation_view(
    found: "Standing", language: str, samples: "tuple[Sample, ...] | None" = None
) -> dict[str, Any]:
    """How a conversation stands, its reasons as sentences in `language`; samples where they were opened."""
    view: dict[str, Any] = {
        "session": found.session,
        "score": round(found.score, 3),
        "threshold": found.threshold,
        "messages": len(found.contributions),
        "first_seen": _time(found.first),
        "last_seen": _time(found.last),
        "quiet_at": _time(found.quiet_at),
        "reasons": [sentence(reason, language) for reason in found.reasons],
        "refutations": [sentence(reason, language) for reason in found.refutations],
        "judged": [
            {
                "time": _time(part.act.time),
                "side": part.act.side,
                "guard": part.judged.guard,
                "category": part.judged.category,
                "strength": part.judged.strength,
                "borne_out": part.judged.borne,
                "left": round(part.left, 3),
            }
            for part in found.contributions
            if part.judged is not None
        ],
    }
    if samples is not None:
        view["samples"] = [{"time": _time(one.time), "text_masked": one.text_masked} for one in samples]
    return view


def _standing(weighed: "Weighed", language: str) -> dict[str, Any]:
    """The one score of its risk, and what people arranged of it."""
    handling, combined = weighed.handling, weighed.combined
    return {
        "combined": {
            "score": combined.score,
            "band": combined.band,
            "reasons": [sentence(reason, language) for reason in combined.reasons],
            "contexts": list(weighed.contexts),
        },
        "merged": list(handling.parts),
        "merged_into": handling.merged_into,
        "split_from": handling.split_from,
        "snoozed_until": None if handling.snooze is None else _time(handling.snooze.until),
    }


def dismissed_by(warning: Warning) -> dict[str, Any] | None:
    """How many peers dismissed this template and who, whether or not that quieted it; None when nobody did."""
    for reason in warning.reasons:
        if reason.code.startswith("dismissed."):
            who = str(reason.values.get("who", ""))
            return {
                "peers": reason.values.get("peers", 0),
                "who": who.split(", ") if who else [],
                "here": reason.code.startswith("dismissed.here"),
                "quiet": warning.status == "quieted",
            }
    return None


def events_view(node: "Node", limit: int) -> list[dict[str, Any]]:
    """The newest `limit` events, oldest first: pseudonyms, no text."""
    newest = node.store.events.newest()
    rows: list[dict[str, Any]] = []
    for batch in node.store.events.batches(after=max(0, newest - limit)):
        rows.extend(batch.to_pylist())
    for row in rows:
        row["time"] = _time(row["time"])
        row["received"] = _time(row["received"])
        row["actor_created"] = None if row["actor_created"] is None else _time(row["actor_created"])
    return rows[-limit:]


def _time(value: int) -> str:
    return at_micros(value).isoformat(timespec="microseconds").replace("+00:00", "Z")
