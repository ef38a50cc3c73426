"""A grant is given, read and revoked; an act that waits for a person is opened, approved or stopped."""

import base64
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from tocsin.app.exempting import MAX_REASON_CHARS, MIN_REASON_CHARS
from tocsin.kernel import BadInput, NotFound, micros
from tocsin.kernel.admission import ControlLook, VerificationLevel
from tocsin.web.console import acts
from tocsin.web.console.access import DONE, show_access
from tocsin.web.console.access_forms import NO_REASON, WRONG, given_of, reason_is_given
from tocsin.web.console.applicants import LEVELS
from tocsin.web.console.languages import N_
from tocsin.web.console.login import see_other
from tocsin.web.console.render import render
from tocsin.web.console.visits import Visit, visit_of

MAX_ID_CHARS = 64
SHA256_CHARS = 64
NOT_THE_SAME = N_(
    "What lies before you is not what is to be approved. Get it again from the gateway, and stop it if it stays so."
)
TOO_SHORT = N_("Look for %(least)s seconds before you approve: less is a click.")


@post("/access/grants", sync_to_thread=True)
def give(request: Request[Any, Any, Any]) -> Response[Any]:
    """Name an end user for a capability and a purpose."""
    visit = visit_of(request)
    by = visit.require(acts.ACCESS_MANAGE)
    given = given_of(visit)
    if not given.errors:
        fields = given.fields
        try:
            made = visit.node.admitting.grant(
                by,
                fields["subject"],
                fields["model"],
                purpose=fields["purpose"],
                days=int(fields["days"]),
                reason=fields["reason"],
                capability=fields["capability"],
                vouches=VerificationLevel(fields["vouches"]),
                evidence=fields["evidence"],
            )
            return see_other(f"/access/grants/{made.id}?done=granted")
        except NotFound:
            given = msgspec.structs.replace(given, errors={"model": visit.language.say(WRONG["model"])})
    return show_access(visit, status=422, given=given)


@get("/access/grants/{grant:str}", sync_to_thread=True)
def grant_page(request: Request[Any, Any, Any], grant: FromPath[str]) -> Response[str]:
    """One grant, and the form that ends it. Raises NotFound."""
    return _show_grant(visit_of(request), grant)


@post("/access/grants/{grant:str}/revoke", sync_to_thread=True)
def revoke(request: Request[Any, Any, Any], grant: FromPath[str]) -> Response[Any]:
    """End a grant now, for a reason."""
    visit = visit_of(request)
    by = visit.require(acts.ACCESS_MANAGE)
    reason = visit.form.get("reason", "")[: MAX_REASON_CHARS + 1]
    if not reason_is_given(reason):
        wrong = visit.language.say(NO_REASON, least=MIN_REASON_CHARS, most=MAX_REASON_CHARS)
        return _show_grant(visit, grant, status=422, reason=reason, errors={"reason": wrong})
    ended = visit.node.admitting.revoke(by, grant[:MAX_ID_CHARS], reason)
    return see_other(f"/access/grants/{ended.id}?done=revoked")


@get("/access/looks/{look:str}", sync_to_thread=True)
def look_page(request: Request[Any, Any, Any], look: FromPath[str]) -> Response[str]:
    """An act that waits. The node holds its digest alone: what it is lies before the person, at the gateway."""
    return _show_look(visit_of(request), look)


@post("/access/looks/{look:str}/open", sync_to_thread=True)
def open_look(request: Request[Any, Any, Any], look: FromPath[str]) -> Response[Any]:
    """The look begins: the person says by its digest what lies before them."""
    visit = visit_of(request)
    by = visit.require(acts.APPLICANTS_CHECK)
    shown = visit.form.get("shown", "").strip().lower()[: 2 * SHA256_CHARS]
    found = visit.node.control_looks.named(by, look[:MAX_ID_CHARS])
    if found.approved is None and found.stopped is None and shown != found.shown:
        wrong = visit.language.say(
            NOT_THE_SAME if len(shown) == SHA256_CHARS else WRONG["evidence"],
        )
        return _show_look(visit, found.id, status=422, shown=shown, errors={"shown": wrong})
    visit.node.control_looks.open(by, found.id, shown)
    return see_other(f"/access/looks/{found.id}")


@post("/access/looks/{look:str}/approve", sync_to_thread=True)
def approve_look(request: Request[Any, Any, Any], look: FromPath[str]) -> Response[Any]:
    """Their word. The signed record stands on this one answer, to be handed to the gateway."""
    visit = visit_of(request)
    by = visit.require(acts.APPLICANTS_CHECK)
    found = visit.node.control_looks.named(by, look[:MAX_ID_CHARS])
    try:
        record = visit.node.control_looks.approve(by, found.id)
    except BadInput:
        wrong = visit.language.say(TOO_SHORT, least=found.least_seconds)
        return _show_look(visit, found.id, status=422, errors={"approve": wrong})
    return _show_look(visit, found.id, record=base64.b64encode(record).decode())


@post("/access/looks/{look:str}/stop", sync_to_thread=True)
def stop_look(request: Request[Any, Any, Any], look: FromPath[str]) -> Response[Any]:
    """Nothing is granted on it from now on."""
    visit = visit_of(request)
    by = visit.require(acts.APPLICANTS_CHECK)
    visit.node.control_looks.stop(by, look[:MAX_ID_CHARS])
    return see_other("/access?done=stopped")


# async, because Litestar awaits a sync handler's thread only for the first of its paths
@get(["/access/grants", "/access/grants/{_:str}/revoke"])
async def back_to_grants(request: Request[Any, Any, Any]) -> Response[Any]:
    """Whoever comes to a form's address by hand lands on the page with the form."""
    await sync_to_thread(visit_of(request).require, acts.ACCESS_READ)
    path = request.url.path
    return see_other("/access" if path == "/access/grants" else path.removesuffix("/revoke"))


@get(["/access/looks/{_:str}/open", "/access/looks/{_:str}/approve", "/access/looks/{_:str}/stop"])
async def back_to_look(request: Request[Any, Any, Any]) -> Response[Any]:
    """The same."""
    await sync_to_thread(visit_of(request).require, acts.ACCESS_READ)
    return see_other(request.url.path.rpartition("/")[0])


def _show_grant(
    visit: Visit, grant: str, *, status: int = 200, reason: str = "", errors: dict[str, str] | None = None
) -> Response[str]:
    caller = visit.require(acts.ACCESS_READ)
    found = visit.node.admitting.named(caller, grant[:MAX_ID_CHARS])
    return render(
        visit,
        "access_grant.html",
        status,
        grant=found,
        now=micros(visit.now),
        people=_people(visit),
        levels=LEVELS,
        reason=reason,
        errors=errors or {},
        limits={"least": MIN_REASON_CHARS, "most": MAX_REASON_CHARS},
        done=DONE.get(visit.query.get("done", ""), ""),
    )


def _show_look(
    visit: Visit,
    look: str,
    *,
    status: int = 200,
    shown: str = "",
    record: str = "",
    errors: dict[str, str] | None = None,
) -> Response[str]:
    caller = visit.require(acts.ACCESS_READ)
    found: ControlLook = visit.node.control_looks.named(caller, look[:MAX_ID_CHARS])
    return render(
        visit,
        "access_look.html",
        status,
        look=found,
        mine=found.by == caller.user,
        people=_people(visit),
        shown=shown,
        record=record,
        errors=errors or {},
    )


def _people(visit: Visit) -> dict[str, str]:
    return {user.id: user.name for user in visit.node.store.people.users()}
