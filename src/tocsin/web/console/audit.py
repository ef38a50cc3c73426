"""The audit trail, for auditors: who did what to what, for which purpose, and whether it was let."""

from typing import Any

from litestar import Request, Response, get

from tocsin.web.console import acts
from tocsin.web.console.render import render
from tocsin.web.console.visits import visit_of

MAX_SHOWN = 200
MAX_FILTER_CHARS = 128


@get("/audit", sync_to_thread=True)
def audit_page(request: Request[Any, Any, Any]) -> Response[str]:
    """The newest lines, of one person and one act if asked."""
    visit = visit_of(request)
    visit.require(acts.AUDIT_READ)
    store = visit.node.store
    users = store.people.users()
    who = visit.query.get("who", "")[:MAX_FILTER_CHARS]
    act = visit.query.get("act", "")[:MAX_FILTER_CHARS]
    rows = store.audit.read(who=who or None, act=act or None, limit=MAX_SHOWN)
    return render(
        visit,
        "audit.html",
        rows=rows,
        people={user.id: user.name for user in users},
        users=users,
        who=who,
        act=act,
        most=MAX_SHOWN,
    )
