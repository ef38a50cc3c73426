"""Actors: warnings whose accounts may be looked at, and one look, for a purpose that is asked first."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from tocsin.app.actors import LINK_DAYS, Look, Looked
from tocsin.app.involved import WITHOUT_ACCOUNTS
from tocsin.app.reviewing import MAX_PURPOSE_CHARS, MIN_PURPOSE_CHARS
from tocsin.correlate.actors import Capability, Cluster, Explanation, Form
from tocsin.kernel import NotFound, Warning
from tocsin.web.console import acts
from tocsin.web.console.actor_graphs import Drawing, drawing
from tocsin.web.console.languages import N_
from tocsin.web.console.render import render
from tocsin.web.console.review import PURPOSE_LENGTH
from tocsin.web.console.visits import Visit, visit_of

MAX_LISTED = 200
"""Warnings on the list, newest first."""

MAX_SHOWN = 12
"""Clusters on one page, the largest first; the command line gives all."""

FORMS: Mapping[Form, str] = {
    Form.LONE: N_("One account by itself"),
    Form.PEOPLE: N_("People acting together"),
    Form.SHARED: N_("A household or a shared device"),
    Form.SERVICE: N_("A service or reseller"),
    Form.GROUP: N_("A coordinated group"),
    Form.NETWORK: N_("An automated network"),
}
CAPABILITIES: Mapping[Capability, str] = {
    Capability.UNKNOWN: N_("Not known"),
    Capability.NOVICE: N_("Novice"),
    Capability.SKILLED: N_("Skilled"),
}
EXPLANATIONS: Mapping[Explanation, str] = {
    Explanation.ANOTHER_ACTOR: N_("Another actor"),
    Explanation.FALSE_FLAG: N_("A false flag"),
    Explanation.SHARED_TOOLING: N_("The same tools in several hands"),
    Explanation.COINCIDENCE: N_("Chance"),
    Explanation.HARMLESS_USE: N_("A harmless use"),
    Explanation.INSUFFICIENT_DATA: N_("Too little to tell"),
}
IDENTIFIERS: Mapping[str, str] = {
    "payment": N_("Means of payment"),
    "wallet": N_("Wallet"),
    "device": N_("Device"),
    "email": N_("E-mail address"),
    "phone": N_("Telephone number"),
    "invitation": N_("Invitation"),
    "address-prefix": N_("Address range"),
    "domain": N_("Domain"),
    "handle": N_("Handle"),
    "file-hash": N_("File"),
}


class Shown(msgspec.Struct, frozen=True):
    """A cluster with its picture."""

    cluster: Cluster
    picture: Drawing


class Line(msgspec.Struct, frozen=True):
    """A warning of the list, and how often its accounts were looked at."""

    warning: Warning
    looked: Looked | None
    by: str


@get("/actors", sync_to_thread=True)
def actors_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Warnings with accounts, newest first, and who looked at them: no account is named here."""
    visit = visit_of(request)
    visit.require(acts.WARNINGS_READ)
    store = visit.node.store
    people = {user.id: user.name for user in store.people.users()}
    looked = visit.node.actors.looked()
    lines = [
        Line(
            warning,
            looked.get(warning.id),
            people.get(looked[warning.id].who, looked[warning.id].who) if warning.id in looked else "",
        )
        for warning in store.warnings.list(limit=MAX_LISTED)
        if warning.kind not in WITHOUT_ACCOUNTS
    ]
    return render(visit, "actors.html", lines=lines, most=MAX_LISTED, truncated=len(lines) == MAX_LISTED)


@get("/actors/{warning_id:str}", sync_to_thread=True)
def actor_page(request: Request[Any, Any, Any], warning_id: FromPath[str]) -> Response[str]:
    """Where the purpose is stated. Raises NotFound."""
    visit = visit_of(request)
    visit.require(acts.WARNINGS_READ)
    return show_actors(visit, warning_id)


@post("/actors/{warning_id:str}", status_code=200, sync_to_thread=True)
def open_actors(request: Request[Any, Any, Any], warning_id: FromPath[str]) -> Response[str]:
    """Look. The act and its purpose are in the audit before anything is read."""
    visit = visit_of(request)
    caller = visit.require(acts.ACTORS_OPEN)
    purpose = visit.form.get("purpose", "").strip()
    if not MIN_PURPOSE_CHARS <= len(purpose) <= MAX_PURPOSE_CHARS:
        wrong = visit.language.say(PURPOSE_LENGTH, least=MIN_PURPOSE_CHARS, most=MAX_PURPOSE_CHARS)
        return show_actors(
            visit,
            warning_id,
            status=422,
            errors={"actors-purpose": wrong},
            purpose=purpose[:MAX_PURPOSE_CHARS],
        )
    look = visit.node.actors.look(caller, warning_id, purpose)
    return show_actors(visit, warning_id, look=look, purpose=purpose)


def show_actors(
    visit: Visit, warning_id: str, *, look: Look | None = None, status: int = 200, **more: Any
) -> Response[str]:
    """The page of one warning's accounts: the question, and below it what the look shows, if there was one."""
    warning = visit.node.store.warnings.get(warning_id)
    if warning is None:
        raise NotFound("there is no such warning")
    clusters = look.picture.clusters[:MAX_SHOWN] if look else ()
    values: dict[str, Any] = {
        "warning": warning,
        "without_accounts": warning.kind in WITHOUT_ACCOUNTS,
        "look": look,
        "shown": [Shown(cluster, drawing(cluster)) for cluster in clusters],
        "left_out": len(look.picture.clusters) - len(clusters) if look else 0,
        "days": LINK_DAYS,
        "forms": FORMS,
        "capabilities": CAPABILITIES,
        "explanations": EXPLANATIONS,
        "identifiers": IDENTIFIERS,
        "purpose": "",
        "errors": {},
    }
    return render(visit, "actor.html", status, **{**values, **more})
