"""Private matching: what is agreed with peers, what waits for a yes, sessions, and what of a week is spent."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.concurrency import sync_to_thread

from tocsin.app.match_views import standing_view
from tocsin.kernel import TocsinError
from tocsin.store.match_interface import MatchEnd, MatchRole
from tocsin.web.console import acts
from tocsin.web.console.languages import N_
from tocsin.web.console.login import see_other
from tocsin.web.console.render import render
from tocsin.web.console.visits import Visit, visit_of

MAX_SHOWN = 100
MAX_ID_CHARS = 64

KINDS = {
    "handle": N_("Account handle"),
    "email": N_("E-mail address"),
    "phone": N_("Telephone number"),
    "domain": N_("Domain"),
    "address-prefix": N_("IP prefix"),
    "wallet": N_("Wallet"),
    "file-hash": N_("File hash"),
    "band": N_("Bands of warnings' texts"),
    "end-user": N_("Vetted end users, counted"),
}
QUESTIONS = {"which": N_("which"), "how-many": N_("how many")}
REVEALS = {"client": N_("who asks"), "both": N_("both")}
ROLES = {MatchRole.ASKED.value: N_("we asked"), MatchRole.ANSWERED.value: N_("we answered")}
ENDS = {
    MatchEnd.BEGUN.value: N_("under way"),
    MatchEnd.DONE.value: N_("came to its end"),
    MatchEnd.WITHDRAWN.value: N_("consent was taken back"),
    MatchEnd.REFUSED.value: N_("refused"),
    MatchEnd.LEFT.value: N_("broken off"),
}


@get("/matches", sync_to_thread=True)
def matches_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Terms, what waits, sessions, points of the week; no value of anybody's."""
    visit = visit_of(request)
    visit.require(acts.MATCH_READ if visit.may(acts.MATCH_READ) else acts.MATCH_AGREE)
    return _page(visit)


@post("/matches/allow", sync_to_thread=True)
def allow(request: Request[Any, Any, Any]) -> Response[Any]:
    """A yes to one session that a peer would hold."""
    visit = visit_of(request)
    by = visit.require(acts.MATCH_AGREE)
    visit.node.matching.allow(by, visit.form.get("wish", "")[:MAX_ID_CHARS])
    return see_other("/matches?done=allowed")


@post("/matches/show", sync_to_thread=True)
def show(request: Request[Any, Any, Any]) -> Response[str]:
    """What a peer told this side in a session where both learn it; every look is logged."""
    visit = visit_of(request)
    by = visit.require(acts.MATCH_RUN)
    session = visit.form.get("session", "")[:MAX_ID_CHARS]
    return _page(visit, session, visit.node.matching.learnt(by, session))


@get("/matches/allow")
async def back_to_allow(request: Request[Any, Any, Any]) -> Response[Any]:
    """Whoever comes to a form's address by hand lands on the page with the form."""
    await sync_to_thread(lambda: visit_of(request).caller)
    return see_other("/matches")


@get("/matches/show")
async def back_to_show(request: Request[Any, Any, Any]) -> Response[Any]:
    """The same."""
    await sync_to_thread(lambda: visit_of(request).caller)
    return see_other("/matches")


def _page(visit: Visit, session: str = "", learnt: tuple[str, ...] = ()) -> Response[str]:
    matching = visit.node.matching
    view = standing_view(matching, visit.caller, MAX_SHOWN)
    return render(
        visit,
        "matches.html",
        view=view,
        kinds=KINDS,
        questions=QUESTIONS,
        reveals=REVEALS,
        roles=ROLES,
        ends=ENDS,
        most=MAX_SHOWN,
        shown=session,
        learnt=learnt,
        told={one["session"] for one in view["sessions"] if _is_told(visit, one["session"])},
        done=visit.query.get("done", "")[:MAX_ID_CHARS],
    )


def _is_told(visit: Visit, session: str) -> bool:
    try:
        visit.node.matching.answering.learnt(session)
    except TocsinError:
        return False
    return True
