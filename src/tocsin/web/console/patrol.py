"""Patrol: what was submitted, what looks at it found, and what the week's draw asks to be looked at again."""

import re
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from tocsin.admit.patrol import change, sentence
from tocsin.kernel import BadInput
from tocsin.kernel.patrol import PatrolVerdict, SubmissionKind
from tocsin.web.console import acts
from tocsin.web.console.languages import N_
from tocsin.web.console.render import render
from tocsin.web.console.visits import visit_of

A_PAGE = 50
MAX_WAITING = 50
MAX_ID_CHARS = 64
_PLACE = re.compile(r"([0-9]{1,18})\.(sub_[0-9a-f]{1,60})")
KINDS = {
    SubmissionKind.APP: N_("App"),
    SubmissionKind.LISTING: N_("Listing"),
    SubmissionKind.TUTORIAL: N_("Tutorial"),
}
VERDICTS = {
    PatrolVerdict.NOTHING_FOUND: N_("Nothing found"),
    PatrolVerdict.UNSETTLED: N_("Something could not be settled"),
    PatrolVerdict.FOUND: N_("Found"),
}
CHIPS = {
    PatrolVerdict.NOTHING_FOUND: "quieted",
    PatrolVerdict.UNSETTLED: "open",
    PatrolVerdict.FOUND: "refused",
}


@get("/patrol", sync_to_thread=True)
def patrol_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Newest first, from ?after= (a moment and an id) on; what waits for another look before them."""
    visit = visit_of(request)
    by = visit.require(acts.PATROL_READ)
    after = visit.query.get("after", "")
    place = _PLACE.fullmatch(after)
    if after and place is None:
        raise BadInput("this is no place in the list: begin at its first page")
    node = visit.node
    found = node.patrol.listed(by, after=(int(place[1]), place[2]) if place else None, limit=A_PAGE)
    waiting = node.patrol.waiting(by)
    return render(
        visit,
        "patrol.html",
        rows=found,
        total=node.store.patrol.count(),
        waiting=waiting[:MAX_WAITING],
        waits=len(waiting),
        share=node.patrol.share,
        further=f"{found[-1].at}.{found[-1].id}" if len(found) == A_PAGE else "",
        kinds=KINDS,
        verdicts=VERDICTS,
        chips=CHIPS,
    )


@get("/patrol/{submission:str}", sync_to_thread=True)
def submission_page(request: Request[Any, Any, Any], submission: FromPath[str]) -> Response[str]:
    """One: what it says of itself, and every look at it with its findings, the newest first."""
    visit = visit_of(request)
    by = visit.require(acts.PATROL_READ)
    looks = visit.node.patrol.show(by, submission[:MAX_ID_CHARS])
    return render(
        visit,
        "submission.html",
        looks=looks[::-1],
        declared=looks[-1].declaration,
        sentence=lambda one: sentence(one, visit.language.tag),
        change=lambda one: change(one, visit.language.tag),
        kinds=KINDS,
        verdicts=VERDICTS,
        chips=CHIPS,
    )
