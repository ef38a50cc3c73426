"""Guard models, how far people agree with them, and looks at what nothing flagged."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.concurrency import sync_to_thread

from tocsin.app.guard_views import guard_view, misses_view
from tocsin.app.reviewing import Sample
from tocsin.kernel import BadInput, Conflict, LookOutcome, NotFound
from tocsin.web.console import acts
from tocsin.web.console.login import see_other
from tocsin.web.console.render import render
from tocsin.web.console.visits import Visit, visit_of
from tocsin.web.console.warnings import category_choices

MAX_WAITING = 25


@get("/guards", sync_to_thread=True)
def guards_page(request: Request[Any, Any, Any]) -> Response[str]:
    """What each guard said, what is missed, and what waits for a look."""
    visit = visit_of(request)
    visit.require(acts.NODE_READ)
    return show_guards(visit)


@post("/guards/samples", status_code=200, sync_to_thread=True)
def open_look(request: Request[Any, Any, Any]) -> Response[str]:
    """Open one drawn text, masked. The act and its purpose are in the audit before anything is shown."""
    visit = visit_of(request)
    caller = visit.require(acts.SAMPLES_OPEN)
    event, purpose = visit.form.get("event", ""), visit.form.get("purpose", "")
    try:
        sample = visit.node.sampling.open(caller, event, purpose)
    except (BadInput, NotFound) as error:
        return show_guards(visit, status=422, wrong=error.message)
    return show_guards(visit, sample=sample)


@post("/guards/looks", sync_to_thread=True)
def judge_look(request: Request[Any, Any, Any]) -> Response[Any]:
    """Missed, or rightly not flagged."""
    visit = visit_of(request)
    caller = visit.require(acts.WARNINGS_REVIEW)
    form = visit.form
    try:
        visit.node.sampling.judge(
            caller,
            form.get("event", ""),
            _outcome(form.get("outcome", "")),
            category=form.get("category", ""),
            statement=form.get("statement", ""),
        )
    except (BadInput, Conflict, NotFound) as error:
        return show_guards(visit, status=422, wrong=error.message)
    return see_other("/guards?done=judged")


@get(["/guards/samples", "/guards/looks"])
async def back_to_guards(request: Request[Any, Any, Any]) -> Response[Any]:
    """Whoever comes to a form's address by hand lands on the page with the form."""
    await sync_to_thread(visit_of(request).require, acts.NODE_READ)
    return see_other("/guards")


def show_guards(
    visit: Visit, *, status: int = 200, sample: Sample | None = None, wrong: str = ""
) -> Response[str]:
    """The page; with an opened text, or with what was wrong with a form."""
    node = visit.node
    waiting = node.sampling.waiting()
    return render(
        visit,
        "guards.html",
        status,
        guards=[guard_view(node, line) for line in node.guards.lines],
        faults={line.guard.name: line.fault for line in node.guards.lines},
        misses=[misses_view(one) for one in node.sampling.misses()],
        waiting=waiting[:MAX_WAITING],
        number=len(waiting),
        share=node.settings.sample_share,
        sample=sample,
        wrong=wrong,
        categories=category_choices(visit.language),
        done=visit.query.get("done", ""),
    )


def _outcome(text: str) -> LookOutcome:
    try:
        return LookOutcome(text)
    except ValueError:
        raise BadInput("say whether it was missed or rightly not flagged") from None
