"""Private sums: who sums with whom and since when, how far the week is, what left this node, and what came back."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, get

from tocsin.app.sum_views import HERE, status_view
from tocsin.web.console import acts
from tocsin.web.console.languages import N_
from tocsin.web.console.render import render
from tocsin.web.console.visits import visit_of

STAGES: Mapping[str, str] = {
    "waiting": N_("The next week has not begun here yet."),
    "greeting": N_("Nodes greet each other: it begins when all operators have agreed to the same."),
    "making the key": N_("The participants make the key of this week together."),
    "looking": N_("The key of this week is made; looks are taken."),
}
KINDS: Mapping[str, str] = {
    "hello": N_("Consent and a public key"),
    "making": N_("Making of the week's key"),
    "asked": N_("Blinded keys to be evaluated, padded"),
    "evaluated": N_("Blinded keys of others, evaluated"),
    "submission": N_("Shares of counts in a box, padded"),
    "roll": N_("Whose submissions are here"),
    "sums": N_("Sums of shares in a box"),
    "bits": N_("Bits in a box"),
}


@get("/sums", sync_to_thread=True)
def sums_page(request: Request[Any, Any, Any]) -> Response[str]:
    """One page: nothing is changed here, consent is given and taken back at the command line."""
    visit = visit_of(request)
    visit.require(acts.SUMS_READ)
    view = status_view(visit.node.summing, visit.node.store, visit.caller)
    return render(visit, "sums.html", view=view, stages=STAGES, kinds=KINDS, here=HERE)
