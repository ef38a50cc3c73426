"""What a duty officer does on an incident's page, and on a report's: each act a form."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from tocsin.app.duty_reports import FORMS
from tocsin.app.duty_words import STATES, utc, word
from tocsin.cases.duties import facts
from tocsin.kernel import BadInput, micros
from tocsin.kernel.duties import ClockStart, DutyReportState, FactKind, FactValue
from tocsin.taxonomy.incident_tags import dimensions
from tocsin.web.console import acts
from tocsin.web.console.clocks import tag_of
from tocsin.web.console.incidents import download
from tocsin.web.console.login import see_other
from tocsin.web.console.render import render
from tocsin.web.console.visits import visit_of

FACT, ANSWER = "fact-", "answer-"
UNKNOWN = ""


@post("/incidents", sync_to_thread=True)
def open_incident(request: Request[Any, Any, Any]) -> Response[Any]:
    """Of a case, with the first moment where one was said."""
    visit = visit_of(request)
    by = visit.require(acts.INCIDENTS_MANAGE)
    when = visit.form.get("at", "").strip()
    moments = {_moment(visit.form.get("moment", "")): _when(when)} if when else None
    made = visit.node.incidents.open(by, visit.form.get("case", "").strip(), moments=moments)
    return see_other(f"/incidents/{made.id}")


@post("/incidents/{incident:str}/facts", sync_to_thread=True)
def set_facts(request: Request[Any, Any, Any], incident: FromPath[str]) -> Response[Any]:
    """What the form says; an empty field is one that is not known."""
    visit = visit_of(request)
    by = visit.require(acts.INCIDENTS_MANAGE)
    before = visit.node.incidents.get(by, incident).facts
    said: dict[str, FactValue | None] = {}
    for field, value in visit.form.items():
        name = field.removeprefix(FACT)
        if field.startswith(FACT) and name in facts() and (value.strip() or name in before):
            said[name] = _fact(name, value.strip())
    visit.node.incidents.set_facts(by, incident, said, reason=visit.form.get("reason", ""))
    return _back(incident, "facts")


@post("/incidents/{incident:str}/moment", sync_to_thread=True)
def set_moment(request: Request[Any, Any, Any], incident: FromPath[str]) -> Response[Any]:
    """One moment; a correction needs a reason."""
    visit = visit_of(request)
    by, form = visit.require(acts.INCIDENTS_MANAGE), visit.form
    moment, at = _moment(form.get("moment", "")), _when(form.get("at", "").strip())
    visit.node.incidents.set_moment(by, incident, moment, at, reason=form.get("reason", ""))
    return _back(incident, "moments")


@post("/incidents/{incident:str}/duties", sync_to_thread=True)
def name_duties(request: Request[Any, Any, Any], incident: FromPath[str]) -> Response[Any]:
    """All duties that apply, as ticked."""
    visit = visit_of(request)
    by = visit.require(acts.INCIDENTS_MANAGE)
    named = [one.id for one in visit.node.duty_packs.every() if visit.form.get(f"duty-{one.id}") == "on"]
    visit.node.incidents.name_duties(by, incident, named)
    return _back(incident, "duties")


@post("/incidents/{incident:str}/tags", sync_to_thread=True)
def set_tags(request: Request[Any, Any, Any], incident: FromPath[str]) -> Response[Any]:
    """Every dimension, as ticked."""
    visit = visit_of(request)
    by = visit.require(acts.INCIDENTS_MANAGE)
    ticked = {
        one.id: [name for name in one.values if visit.form.get(f"tag-{one.id}-{name}") == "on"]
        for one in dimensions().values()
    }
    visit.node.incidents.set_tags(by, incident, ticked)
    return _back(incident, "tags")


@post("/incidents/{incident:str}/close", sync_to_thread=True)
def close_incident(request: Request[Any, Any, Any], incident: FromPath[str]) -> Response[Any]:
    """Its clocks are shown no more."""
    visit = visit_of(request)
    by = visit.require(acts.INCIDENTS_MANAGE)
    visit.node.incidents.close(by, incident, reason=visit.form.get("reason", ""))
    return see_other(f"/incidents/{quote(incident)}")


@post("/incidents/{incident:str}/reopen", sync_to_thread=True)
def reopen_incident(request: Request[Any, Any, Any], incident: FromPath[str]) -> Response[Any]:
    """It goes on."""
    visit = visit_of(request)
    by = visit.require(acts.INCIDENTS_MANAGE)
    visit.node.incidents.reopen(by, incident, reason=visit.form.get("reason", ""))
    return see_other(f"/incidents/{quote(incident)}")


@post("/incidents/{incident:str}/draft", sync_to_thread=True)
def draft(request: Request[Any, Any, Any], incident: FromPath[str]) -> Response[Any]:
    """A report of the step that was chosen."""
    visit = visit_of(request)
    by = visit.require(acts.INCIDENTS_MANAGE)
    duty, _, step = visit.form.get("step", "").partition("/")
    made = visit.node.duty_reports.draft(by, incident, duty, step, visit.form.get("lang", ""))
    return see_other(f"/duty-reports/{made.id}")


@get("/duty-reports/{report:str}", sync_to_thread=True)
def report_page(request: Request[Any, Any, Any], report: FromPath[str]) -> Response[str]:
    """A report with its answers and what is missing. Raises NotFound."""
    visit = visit_of(request)
    node, tag = visit.node, tag_of(visit)
    kept = node.duty_reports.open(visit.caller, report)
    open_still = kept.report.state in (DutyReportState.DRAFT, DutyReportState.APPROVED)
    mine = node.access.person(visit.caller.user) in {
        node.access.person(one) for one in (kept.draft.author, kept.report.by)
    }
    return render(
        visit,
        "duty_report.html",
        report=kept.report,
        incident=kept.incident,
        sheet=node.duty_reports.sheet(visit.caller, report),
        state=word(STATES[kept.report.state], tag),
        sent=None if kept.report.sent is None else utc(kept.report.sent),
        people={user.id: user.name for user in node.store.people.users()},
        forms=list(FORMS),
        may_edit=open_still and visit.may(acts.INCIDENTS_MANAGE),
        may_approve=open_still and not mine and visit.may(acts.INCIDENTS_SEND),
        may_send=open_still and visit.may(acts.INCIDENTS_SEND),
        waits=node.duty_reports.needs_approval(kept.report),
        lacking=[one for one in kept.draft.required if one in kept.report.missing],
    )


@get("/duty-reports/{report:str}/paper", sync_to_thread=True)
def report_paper(request: Request[Any, Any, Any], report: FromPath[str]) -> Response[bytes]:
    """The document; once sent, as it was sent. Raises NotFound, BadInput, Unavailable."""
    visit = visit_of(request)
    form = visit.query.get("as", "pdf")
    made = visit.node.duty_reports.export(visit.caller, report, form)
    return download(made, FORMS[form][0], f"{report}.{form}")


@post("/duty-reports/{report:str}/answers", sync_to_thread=True)
def answer(request: Request[Any, Any, Any], report: FromPath[str]) -> Response[Any]:
    """One part of the form."""
    visit = visit_of(request)
    by = visit.require(acts.INCIDENTS_MANAGE)
    answers = {
        name.removeprefix(ANSWER): value for name, value in visit.form.items() if name.startswith(ANSWER)
    }
    visit.node.duty_reports.edit(by, report, answers)
    return _to_report(report)


@post("/duty-reports/{report:str}/approve", sync_to_thread=True)
def approve(request: Request[Any, Any, Any], report: FromPath[str]) -> Response[Any]:
    """Stand for it as the second person."""
    visit = visit_of(request)
    visit.node.duty_reports.approve(visit.require(acts.INCIDENTS_SEND), report)
    return _to_report(report)


@post("/duty-reports/{report:str}/withdraw", sync_to_thread=True)
def withdraw(request: Request[Any, Any, Any], report: FromPath[str]) -> Response[Any]:
    """Lay it aside."""
    visit = visit_of(request)
    visit.node.duty_reports.withdraw(visit.require(acts.INCIDENTS_MANAGE), report)
    return _to_report(report)


@post("/duty-reports/{report:str}/sent", sync_to_thread=True)
def sent(request: Request[Any, Any, Any], report: FromPath[str]) -> Response[Any]:
    """A person sent it: how, when, with what proof."""
    visit = visit_of(request)
    by, form = visit.require(acts.INCIDENTS_SEND), visit.form
    when = form.get("at", "").strip()
    visit.node.duty_reports.mark_sent(
        by,
        report,
        how=form.get("how", ""),
        form=form.get("as", "pdf"),
        proof=form.get("proof", "").strip() or None,
        moment=_when(when) if when else None,
        incomplete=form.get("incomplete", ""),
    )
    return _to_report(report)


# async, because Litestar awaits a sync handler's thread only for the first of its paths
@get(["/incidents/{incident:str}/{act:str}", "/duty-reports/{incident:str}/{act:str}"])
async def back(request: Request[Any, Any, Any], incident: FromPath[str], act: FromPath[str]) -> Response[Any]:
    """Whoever comes to a form's address by hand lands on the page with the form."""
    await sync_to_thread(visit_of(request).require, acts.INCIDENTS_READ)
    room = request.url.path.split("/")[1]
    return see_other(f"/{room}/{quote(incident)}")


def _back(incident: str, part: str) -> Response[Any]:
    return see_other(f"/incidents/{quote(incident)}#h-{part}")


def _to_report(report: str) -> Response[Any]:
    return see_other(f"/duty-reports/{quote(report)}")


def _moment(name: str) -> ClockStart:
    try:
        return ClockStart(name)
    except ValueError:
        raise BadInput("choose one of the moments on the page") from None


def _when(typed: str) -> int:
    try:
        at = datetime.fromisoformat(typed)
    except ValueError:
        raise BadInput("type a moment like 2026-11-20T09:30+01:00") from None
    if at.tzinfo is None:
        raise BadInput("say the offset too, like +08:00 or Z: an hour decides here")
    return micros(at)


def _fact(name: str, typed: str) -> FactValue | None:
    if typed == UNKNOWN:
        return None
    match facts()[name].kind:
        case FactKind.NUMBER:
            try:
                number = float(typed.replace(",", "").replace("\N{NO-BREAK SPACE}", ""))
            except ValueError:
                raise BadInput(f"{name} takes a number, not {typed[:40]!r}") from None
            return int(number) if number.is_integer() else number
        case FactKind.YES_NO:
            return typed == "yes"
    return typed
