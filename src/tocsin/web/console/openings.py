"""Openings, for auditors: who opened sealed texts, for what, in which role; and the second person's yes."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.concurrency import sync_to_thread

from tocsin.app.openings import MAX_LISTED, MAX_TEXTS_A_DAY
from tocsin.kernel import Role
from tocsin.web.console import acts
from tocsin.web.console.login import see_other
from tocsin.web.console.render import render
from tocsin.web.console.visits import Visit, visit_of

MAX_NAME_CHARS = 64


@get("/openings", sync_to_thread=True)
def openings_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Counts by week, then every opening. An auditor reads it; whoever may allow more sees the form as well."""
    visit = visit_of(request)
    visit.require(acts.OPENINGS_ALLOW if not visit.may(acts.AUDIT_READ) else acts.AUDIT_READ)
    return _page(visit)


def _page(visit: Visit) -> Response[str]:
    node = visit.node
    users = node.store.people.users()
    audits = visit.may(acts.AUDIT_READ)
    return render(
        visit,
        "openings.html",
        rows=node.openings.listed() if audits else (),
        weeks=node.openings.weeks(),
        people={user.id: user.name for user in users},
        audits=audits,
        colleagues=[
            user.name
            for user in users
            if not user.disabled
            and user.id != visit.caller.user
            and {Role.ANALYST, Role.REVIEWER} & set(user.roles)
        ],
        most=MAX_LISTED,
        bound=MAX_TEXTS_A_DAY,
        done=visit.query.get("done", "")[:MAX_NAME_CHARS],
    )


@post("/openings/allow", sync_to_thread=True)
def allow_more(request: Request[Any, Any, Any]) -> Response[Any]:
    """A second person's yes to more texts for a colleague today."""
    visit = visit_of(request)
    by = visit.require(acts.OPENINGS_ALLOW)
    visit.node.openings.allow(by, visit.form.get("name", "")[:MAX_NAME_CHARS])
    return see_other("/openings?done=allowed")


@get("/openings/allow")
async def back_to_openings(request: Request[Any, Any, Any]) -> Response[Any]:
    """Whoever comes to the form's address by hand lands on the page with the form."""
    await sync_to_thread(lambda: visit_of(request).caller)
    return see_other("/openings")
