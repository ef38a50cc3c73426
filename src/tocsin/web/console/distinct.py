"""Distinct counts over several nodes: numbers with intervals, what waits, what is agreed, and the epsilon left."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, get

from tocsin.app.distinct_views import HERE, standing_view
from tocsin.kernel import Unavailable
from tocsin.store.distinct_interface import DistinctState, DistinctWhy
from tocsin.web.console import acts
from tocsin.web.console.languages import N_
from tocsin.web.console.matches import KINDS as IDENTIFIERS
from tocsin.web.console.render import render
from tocsin.web.console.visits import visit_of

MAX_SHOWN = 50

KINDS: Mapping[str, str] = {**IDENTIFIERS, "band": N_("Campaigns, by a band of their text")}
STATES: Mapping[str, str] = {
    DistinctState.WAITING.value: N_("Waits for a yes of this node's operator."),
    DistinctState.AGREED.value: N_("Agreed here; it begins when all have agreed."),
    DistinctState.RUNNING.value: N_("It runs."),
    DistinctState.DONE.value: N_("Done."),
    DistinctState.ENDED.value: N_("It ended without numbers."),
}
WHYS: Mapping[str, str] = {
    DistinctWhy.EXPIRED.value: N_("Not all members agreed in time."),
    DistinctWhy.WITHDRAWN.value: N_("An operator ended it."),
    DistinctWhy.REFUSED.value: N_("A member did not take it."),
    DistinctWhy.BUDGET.value: N_("A member's budget did not hold it."),
    DistinctWhy.LEFT.value: N_("A member fell silent."),
    DistinctWhy.RESTARTED.value: N_("A node was started anew; a count lives in memory."),
    DistinctWhy.BROKEN.value: N_("A member's message did not hold."),
    DistinctWhy.REPEATED.value: N_(
        "A value was sent more often than there are members, to ask about it. Who did it is not seen: count no "
        "more with these members before each has said what it sent."
    ),
    DistinctWhy.FAULT.value: N_("A member could not go on."),
}


@get("/distinct", sync_to_thread=True)
def distinct_page(request: Request[Any, Any, Any]) -> Response[str]:
    """One page: nothing is changed here, counts are proposed and agreed to at the command line."""
    visit = visit_of(request)
    visit.require(acts.SUMS_READ)
    try:
        view, away = standing_view(visit.node.distinct_counts, visit.node.store, visit.caller, MAX_SHOWN), ""
    except Unavailable as error:
        view, away = None, error.message
    return render(
        visit, "distinct.html", view=view, away=away, kinds=KINDS, states=STATES, whys=WHYS, here=HERE
    )
