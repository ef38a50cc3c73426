"""What lies sealed around a case, opened for a stated purpose: a file, and how to reach who reported it."""

from typing import Any
from urllib.parse import quote

from litestar import Request, Response, post
from litestar.params import FromPath

from tocsin.app.public_reports import MAX_PURPOSE_CHARS, MIN_PURPOSE_CHARS
from tocsin.kernel import NotFound
from tocsin.kernel.custody import Exhibit
from tocsin.web.console import acts
from tocsin.web.console.cases import Shown, show_case
from tocsin.web.console.languages import N_
from tocsin.web.console.visits import Visit, visit_of

PURPOSE_LENGTH = N_("State your purpose, in %(least)s to %(most)s characters.")

HEADERS = {"Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "no-store"}
"""Of a file that a stranger sent: without rights where a browser shows it, and kept by none."""


@post("/cases/{case_id:str}/exhibits/{exhibit:str}", status_code=200, sync_to_thread=True)
def open_exhibit(
    request: Request[Any, Any, Any], case_id: FromPath[str], exhibit: FromPath[str]
) -> Response[Any]:
    """The file itself, to save. Its digest and this opening are in the chain of custody before it is given."""
    visit = visit_of(request)
    caller = visit.require(acts.EVIDENCE_OPEN)
    purpose, wrong = _purpose(visit, f"exhibit-{exhibit}")
    if wrong:
        return show_case(visit, case_id, Shown(errors=wrong, filled=visit.form), 422)
    kept = _exhibit(visit, case_id, exhibit)
    content = visit.node.exhibits.open(caller, exhibit, purpose)
    named = {"Content-Disposition": f'attachment; filename="{quote(kept.name)}"'}
    return Response(content, media_type="application/octet-stream", headers={**HEADERS, **named})


@post("/cases/{case_id:str}/exhibits/{exhibit:str}/veiled", status_code=200, sync_to_thread=True)
def look_veiled(
    request: Request[Any, Any, Any], case_id: FromPath[str], exhibit: FromPath[str]
) -> Response[Any]:
    """A picture as this person chose to be shown pictures: blurred and grey unless they said otherwise, and counted
    against their own limits. Audited as any opening. Raises NotAllowed beyond a limit, BadInput for what is no picture.
    """
    visit = visit_of(request)
    caller = visit.require(acts.EVIDENCE_OPEN)
    purpose, wrong = _purpose(visit, f"veiled-{exhibit}")
    if wrong:
        return show_case(visit, case_id, Shown(errors=wrong, filled=visit.form), 422)
    node, kept = visit.node, _exhibit(visit, case_id, exhibit)
    node.welfare.require_room(caller)  # before the chain of custody says that it was opened
    content = node.exhibits.open(caller, exhibit, purpose)
    shown = node.welfare.show(caller, node.cases.get(caller, case_id), kept, content)
    return Response(shown.content, media_type=shown.media_type, headers=HEADERS)


@post("/cases/{case_id:str}/contact", status_code=200, sync_to_thread=True)
def open_contact(request: Request[Any, Any, Any], case_id: FromPath[str]) -> Response[Any]:
    """How to reach who reported it."""
    visit = visit_of(request)
    caller = visit.require(acts.CASES_WORDS)
    purpose, wrong = _purpose(visit, "contact")
    if wrong:
        return show_case(visit, case_id, Shown(errors=wrong, filled=visit.form), 422)
    contact = visit.node.public_reports.contact(caller, case_id, purpose)
    return show_case(visit, case_id, Shown(contact=contact or visit.language.say(NOT_SAID)))


NOT_SAID = N_("Nothing about it is kept.")


def _exhibit(visit: Visit, case_id: str, exhibit: str) -> Exhibit:
    """An exhibit of this case, by its id. Raises NotFound, also for one of another case."""
    for one in visit.node.exhibits.of(visit.caller, case_id):
        if one.id == exhibit:
            return one
    raise NotFound("this case has no such exhibit")


def _purpose(visit: Visit, form: str) -> tuple[str, dict[str, str]]:
    """The purpose, and what is wrong with it, by `form-purpose`."""
    given = visit.form.get("purpose", "").strip()
    if MIN_PURPOSE_CHARS <= len(given) <= MAX_PURPOSE_CHARS:
        return given, {}
    say = visit.language.say
    return given, {f"{form}-purpose": say(PURPOSE_LENGTH, least=MIN_PURPOSE_CHARS, most=MAX_PURPOSE_CHARS)}
