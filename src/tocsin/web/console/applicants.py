"""Applicants: what was found of each, by pseudonym; a reviewer vets, or stops an access and opens the case about it."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from tocsin.kernel import BadInput
from tocsin.kernel.admission import SubjectStanding, VerificationLevel
from tocsin.kernel.applicants import EndedWhy, Method
from tocsin.web.console import acts
from tocsin.web.console.languages import N_
from tocsin.web.console.login import see_other
from tocsin.web.console.render import render
from tocsin.web.console.visits import visit_of

A_PAGE = 50
MAX_ID_CHARS = 64
MAX_DAYS_CHARS = 4
LEVELS = {
    VerificationLevel.NONE: N_("nothing"),
    VerificationLevel.EMAIL: N_("mail address"),
    VerificationLevel.ORGANISATION: N_("organisation"),
    VerificationLevel.LEGAL_IDENTITY: N_("legal identity"),
    VerificationLevel.VETTED: N_("vetted for a purpose"),
}
METHODS = {
    Method.MAIL: N_("a code by mail"),
    Method.PRESENTATION: N_("a wallet"),
    Method.LOGIN: N_("a log-in at an OpenID provider"),
    Method.REVIEW: N_("people, in a case"),
}
STANDINGS = {
    SubjectStanding.GOOD: N_("good"),
    SubjectStanding.SUSPENDED: N_("stopped, a case decides"),
    SubjectStanding.REVOKED: N_("ended by a decision"),
}
ENDED = {
    EndedWhy.RENEWED: N_("shown anew"),
    EndedWhy.ISSUER_REVOKED: N_("its issuer took it back"),
    EndedWhy.SOURCE_DROPPED: N_("its issuer is no longer believed"),
    EndedWhy.BASIS_ENDED: N_("what it rested on ended"),
    EndedWhy.WITHDRAWN: N_("withdrawn"),
    EndedWhy.BY_PERSON: N_("ended by a person"),
}
DONE = {"vetted": N_("Vetted."), "stopped": N_("Stopped. The case below decides.")}


@get("/applicants", sync_to_thread=True)
def applicants_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Newest first, from ?after= (a moment) on."""
    visit = visit_of(request)
    caller = visit.require(acts.APPLICANTS_READ)
    after = visit.query.get("after", "")
    if after and not (after.isdecimal() and len(after) < 18):
        raise BadInput("this is no place in the list: begin at its first page")
    node = visit.node
    found = node.applicants.listed(caller, after=int(after) if after else None, limit=A_PAGE)
    return render(
        visit,
        "applicants.html",
        rows=found,
        now=node.applicants.now(),
        total=node.store.applicants.count(),
        further=str(found[-1].applicant.made) if len(found) == A_PAGE else "",
        levels=LEVELS,
        standings=STANDINGS,
        purposes=node.applicants.sources.purposes,
        open_door=node.settings.applicants,
    )


@get("/applicants/{subject:str}", sync_to_thread=True)
def applicant_page(request: Request[Any, Any, Any], subject: FromPath[str]) -> Response[str]:
    """One: results, their ends and digests, the cases about them."""
    visit = visit_of(request)
    caller = visit.require(acts.APPLICANTS_READ)
    node = visit.node
    shown = node.applicants.show(caller, subject[:MAX_ID_CHARS])
    return render(
        visit,
        "applicant.html",
        shown=shown,
        now=node.applicants.now(),
        reviews=node.applicants.cases_of(caller, shown.applicant.subject),
        levels=LEVELS,
        methods=METHODS,
        standings=STANDINGS,
        ended=ENDED,
        purposes=node.applicants.sources.purposes,
        done=DONE.get(visit.query.get("done", ""), ""),
    )


@post("/applicants/vet", sync_to_thread=True)
def vet_applicant(request: Request[Any, Any, Any]) -> Response[Any]:
    """A vetting for a purpose, on a case that was decided in their favour."""
    visit = visit_of(request)
    by = visit.require(acts.APPLICANTS_CHECK)
    subject, days = _subject(visit.form), visit.form.get("days", "")[:MAX_DAYS_CHARS]
    if not days.isdecimal():
        raise BadInput("say for how many days: a whole number")
    visit.node.applicant_reviews.vet(
        by, subject, visit.form.get("purpose", "")[:MAX_ID_CHARS], days=int(days)
    )
    return see_other(f"/applicants/{subject}?done=vetted")


@post("/applicants/stop", sync_to_thread=True)
def stop_applicant(request: Request[Any, Any, Any]) -> Response[Any]:
    """Stop an access at once, and open the case that decides it."""
    visit = visit_of(request)
    by = visit.require(acts.APPLICANTS_CHECK)
    subject = _subject(visit.form)
    visit.node.applicant_reviews.question(by, subject, visit.form.get("reasons", ""))
    return see_other(f"/applicants/{subject}?done=stopped")


def _subject(form: Any) -> str:
    """A pseudonym from a form, as an address may hold it. Raises BadInput."""
    subject = str(form.get("subject", ""))[:MAX_ID_CHARS]
    if not subject.replace("_", "").isalnum():
        raise BadInput("name the applicant by pseudonym: use the form on their page")
    return subject
