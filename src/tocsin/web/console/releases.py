"""Release decisions: how far each model may go out, why, what would change it; and the second person's approval."""

from importlib.util import find_spec
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from tocsin.app.exempting import PEOPLE
from tocsin.evaluate.reading import lines_drawn
from tocsin.gate import ground_said, less_said, said, tier_said, ways_said
from tocsin.kernel import Means
from tocsin.kernel.release import Ground, ReleaseState
from tocsin.web.console import acts
from tocsin.web.console.login import see_other
from tocsin.web.console.render import render
from tocsin.web.console.visits import Visit, visit_of

PER_PAGE = 100
MAX_GROUNDS = 100
PAPER = "typst"
"""Without it (the extra `report`) the page stands for itself."""


class Told(msgspec.Struct, frozen=True):
    """A ground with its sentence."""

    ground: Ground
    why: str


@get("/releases", sync_to_thread=True)
def releases_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Every decision, newest first, with what decided it."""
    visit = visit_of(request)
    found = visit.node.releases.listed(visit.caller, limit=PER_PAGE)
    return render(
        visit,
        "releases.html",
        decisions=[(one, less_said(one, visit.language.tag, visit.language.say)) for one in found],
    )


@get("/releases/{decision:str}", sync_to_thread=True)
def release_page(request: Request[Any, Any, Any], decision: FromPath[str]) -> Response[str]:
    """One decision. Raises NotFound."""
    visit = visit_of(request)
    node, tag, say = visit.node, visit.language.tag, visit.language.say
    found = node.releases.get(visit.caller, decision)
    ways = ways_said(found, tag, say)
    people = {user.id: user.name for user in node.store.people.users()}
    return render(
        visit,
        "release.html",
        decision=found,
        meaning=tier_said(found.tier, tag, say)[1],
        why_not_less=less_said(found, tag, say),
        conditions=[said(one, language=tag, translate=say) for one in found.conditions],
        grounds=[Told(one, ground_said(one, tag, say)) for one in found.grounds[:MAX_GROUNDS]],
        ways=ways,
        unchanging=said(
            "tier.veto" if node.releases.vetoed(found) else "tier.many", language=tag, translate=say
        ),
        evaluations=[(one, lines_drawn(one)) for one in node.decision_papers.rested_on(found)],
        exemptions=[
            msgspec.structs.replace(one, by=tuple(people.get(who, who) for who in one.by))
            for one in node.decision_papers.set_aside(found)
        ],
        approvals=[(people.get(who, who), at) for who, at in found.approvals],
        needed=PEOPLE,
        may_approve=_may_approve(visit, found.state, found.approvals),
        paper=find_spec(PAPER) is not None,
    )


@get("/releases/{decision:str}/paper", sync_to_thread=True)
def release_paper(request: Request[Any, Any, Any], decision: FromPath[str]) -> Response[bytes]:
    """The same on paper, in the page's language. Raises NotFound, Unavailable."""
    visit = visit_of(request)
    found = visit.node.releases.get(visit.caller, decision)
    made = visit.node.decision_papers.paper(visit.caller, found.id, visit.language.tag)
    return Response(
        made,
        media_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="decision-{found.id[:12]}.pdf"',
            "Cache-Control": "no-store",
        },
    )


@post("/releases/{decision:str}/approve", sync_to_thread=True)
def approve(request: Request[Any, Any, Any], decision: FromPath[str]) -> Response[Any]:
    """Stand for it with one's name. Raises Conflict when it would be another decision by now."""
    visit = visit_of(request)
    done = visit.node.releases.approve(visit.require(acts.RELEASES_APPROVE), decision)
    return see_other(f"/releases/{done.id}")


def _may_approve(visit: Visit, state: ReleaseState, approvals: tuple[tuple[str, int], ...]) -> bool:
    mine = any(who == visit.caller.user for who, _ in approvals)
    by_hand = visit.caller.means is Means.SESSION
    return by_hand and state is ReleaseState.PROPOSED and not mine and visit.may(acts.RELEASES_APPROVE)
