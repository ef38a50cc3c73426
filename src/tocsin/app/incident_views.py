"""An incident, its clocks and reports as programs read them: counts, choices and moments; no word of its case."""

from typing import Any

from tocsin.app.duty_words import local
from tocsin.app.incidents import Clocked, Standing
from tocsin.kernel import at_micros
from tocsin.kernel.duties import Deadline, DutyReport, Incident
from tocsin.kernel.incidents import CalendarFeed, IncidentChange


def incident_view(incident: Incident) -> dict[str, Any]:
    """An incident."""
    return {
        "id": incident.id,
        "case": incident.case,
        "opened": _time(incident.opened),
        "closed": _time(incident.closed),
        "facts": incident.facts,
        "moments": {name.value: _time(at) for name, at in incident.moments.items()},
        "duties": incident.duties,
        "tags": incident.tags,
        "version": incident.version,
    }


def standing_view(standing: Standing) -> dict[str, Any]:
    """An incident under one duty: grade, comparisons, clocks."""
    graded = standing.graded
    return {
        "duty": standing.duty.id,
        "title": standing.duty.title["en"],
        "status": standing.duty.status.value,
        "verified": standing.duty.verified,
        "pack": standing.duty.digest,
        "grade": graded.grade,
        "reportable": graded.reportable,
        "thresholds": graded.thresholds,
        "scope": graded.scope,
        "unknown": graded.unknown,
        "clocks": [deadline_view(one) for one in standing.deadlines],
    }


def deadline_view(one: Deadline) -> dict[str, Any]:
    """One clock: absolute in UTC and in the duty's own zone."""
    return {
        "duty": one.duty,
        "step": one.step,
        "starts": one.starts.value,
        "started": _time(one.started),
        "due": _time(one.due),
        "due_local": None if one.due is None else local(one.due, one.zone),
        "otherwise": _time(one.otherwise),
        "zone": one.zone,
        "verified": one.verified,
        "status": one.status.value,
        "certain": one.certain,
        "past": one.past,
        "sent": _time(one.sent),
        "to": one.to,
        "why": one.why,
    }


def clocked_view(one: Clocked, now: int) -> dict[str, Any]:
    """One clock of one incident, with what is left in seconds; negative when it ran out."""
    due = one.deadline.due
    left = None if due is None else (due - now) // 1_000_000
    return {"incident": one.incident.id, "seconds_left": left, **deadline_view(one.deadline)}


def report_view(one: DutyReport) -> dict[str, Any]:
    """A report without its answers."""
    return {
        "id": one.id,
        "incident": one.incident,
        "duty": one.duty,
        "step": one.step,
        "state": one.state.value,
        "lang": one.lang,
        "made": _time(one.made),
        "pack": one.pack,
        "partial": one.partial,
        "missing": one.missing,
        "follows": one.follows,
        "approved_by": one.approved_by,
        "sent": _time(one.sent),
        "sent_by": one.sent_by,
        "sent_how": one.sent_how,
        "proof": one.proof,
        "sha256": one.digest,
    }


def change_view(one: IncidentChange) -> dict[str, Any]:
    """One line of the history."""
    return {
        "at": _time(one.at),
        "by": one.by,
        "kind": one.kind.value,
        "name": one.name,
        "before": one.before,
        "after": one.after,
        "reason": one.reason,
    }


def feed_view(one: CalendarFeed) -> dict[str, Any]:
    """A calendar, without its secret."""
    return {"id": one.id, "made": _time(one.made), "revoked": _time(one.revoked)}


def _time(at: int | None) -> str | None:
    return None if at is None else at_micros(at).isoformat(timespec="seconds").replace("+00:00", "Z")
