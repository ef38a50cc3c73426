"""A joint case as this node heard of it: parties, facts, tasks, proposals with their votes; and this node's vote."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from tocsin.cases.joint import JointState
from tocsin.kernel import BadInput, micros
from tocsin.kernel.joint_cases import MAX_JOINT_CHARS, Choice, JointStanding
from tocsin.web.console import acts
from tocsin.web.console.languages import N_
from tocsin.web.console.login import see_other
from tocsin.web.console.render import link, render
from tocsin.web.console.visits import Visit, visit_of

MIN_WHY_CHARS = 8
WHY_LENGTH = N_("Say why, in %(least)s to %(most)s characters.")
CHOOSE = N_("Choose yes, no or abstain.")


@get("/joint/{joint:str}", sync_to_thread=True)
def joint_page(request: Request[Any, Any, Any], joint: FromPath[str]) -> Response[str]:
    """What its parties said. Raises NotAllowed, NotFound for one that this node has no part in, as for none."""
    return _show(visit_of(request), joint, {}, 200)


@post("/joint/{joint:str}/vote", sync_to_thread=True)
def vote(request: Request[Any, Any, Any], joint: FromPath[str]) -> Response[Any]:
    """This node's vote on a proposal, by a person who is there. It leaves when two people released it to each party."""
    visit = visit_of(request)
    caller = visit.require(acts.JOINT_MANAGE)
    proposal, why = visit.form.get("proposal", ""), visit.form.get("why", "").strip()
    errors: dict[str, str] = {}
    if visit.form.get("choice") not in set(Choice):
        errors[f"{proposal}-choice"] = visit.language.say(CHOOSE)
    if not MIN_WHY_CHARS <= len(why) <= MAX_JOINT_CHARS:
        most = visit.language.number(MAX_JOINT_CHARS)
        errors[f"{proposal}-why"] = visit.language.say(WHY_LENGTH, least=MIN_WHY_CHARS, most=most)
    if not errors:
        try:
            visit.node.joint_cases.vote(caller, joint, proposal, Choice(visit.form["choice"]), why)
        except BadInput as error:
            errors[f"{proposal}-why"] = error.message
    if errors:
        return _show(visit, joint, errors, 422)
    return see_other(link(f"/joint/{joint}", {"done": "voted"}))


@get("/joint/{joint:str}/vote", sync_to_thread=True)
def back_to_joint(request: Request[Any, Any, Any], joint: FromPath[str]) -> Response[Any]:
    """Where somebody comes who logs in after a form, or loads the page anew."""
    visit_of(request).require(acts.JOINT_READ)
    return see_other(link(f"/joint/{joint}", {}))


def _show(visit: Visit, joint: str, errors: dict[str, str], status: int) -> Response[str]:
    caller = visit.require(acts.JOINT_READ)
    cases = visit.node.joint_cases
    state = cases.state(caller, joint)
    return render(
        visit,
        "joint.html",
        status,
        state=state,
        names=cases.names(state),
        facts={one.id: place for place, one in enumerate(state.facts, 1)},
        here=cases.local_cases(caller, joint),
        may_vote=visit.may(acts.JOINT_MANAGE) and _joined(state, cases.party),
        choices=list(Choice),
        now=micros(visit.now),
        done=visit.query.get("done", ""),
        errors=errors,
        filled=visit.form if errors else {},
    )


def _joined(state: JointState, party: str) -> bool:
    """Whether this node joined, and the case goes on."""
    own = next((one for one in state.members if one.party == party), None)
    return own is not None and own.standing is JointStanding.JOINED and state.closed is None
