"""Red lines, commitments and key cases in the browser: what was agreed, who stands for it, who does not, and why.

To be read: a word that binds the node is said at the command line, by a reviewer.
"""

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from tocsin.app.red_line_views import commitment_view, precedent_view, red_line_view
from tocsin.kernel import NotFound
from tocsin.web.console import acts
from tocsin.web.console.languages import N_
from tocsin.web.console.render import render
from tocsin.web.console.visits import visit_of

MAX_ID_CHARS = 120

SUBJECTS = {
    "capability": N_("Capability"),
    "human-control": N_("Human control"),
    "nuclear-command": N_("Nuclear command"),
    "oversight-evasion": N_("Evasion of oversight"),
    "self-replication": N_("Self-replication"),
}
CONDITIONS = {
    "as-shipped": N_("as shipped"),
    "safeguards-removed": N_("safeguards removed"),
    "fine-tuned": N_("fine-tuned"),
}
SCOPES = {
    "bilateral": N_("between two"),
    "group": N_("among those named"),
    "open": N_("for whoever signs"),
}
AREAS = {
    "risk-organisation": N_("Organisation of risk"),
    "model-testing": N_("Testing of models"),
    "data-security": N_("Security of data"),
    "infrastructure-security": N_("Security of infrastructure"),
    "transparency": N_("Transparency"),
    "safety-research": N_("Safety research"),
}
TIERS = {
    "withheld": N_("withheld"),
    "restricted": N_("restricted"),
    "staged-api": N_("staged API"),
    "limited": N_("limited"),
    "open-weights": N_("open weights"),
}


@get("/red-lines", sync_to_thread=True)
def red_lines_page(request: Request[Any, Any, Any]) -> Response[str]:
    """The base and every line known here; commitments; key cases."""
    visit = visit_of(request)
    caller = visit.require(acts.REDLINES_READ)
    node = visit.node
    return render(
        visit,
        "red_lines.html",
        lines=[red_line_view(one, visit.language.html) for one in node.red_lines.listed(caller)],
        commitments=[commitment_view(one) for one in node.commitments.listed(caller)],
        precedents=[precedent_view(*one) for one in node.precedents.listed(caller)],
        subjects=SUBJECTS,
        conditions=CONDITIONS,
        areas=AREAS,
        tiers=TIERS,
    )


@get("/red-lines/{line:str}", sync_to_thread=True)
def red_line_page(request: Request[Any, Any, Any], line: FromPath[str]) -> Response[str]:
    """One line with every word on it. Raises NotFound."""
    visit = visit_of(request)
    caller = visit.require(acts.REDLINES_READ)
    if len(line) > MAX_ID_CHARS:
        raise NotFound("there is no such red line")
    view = red_line_view(visit.node.red_lines.show(caller, line), visit.language.html)
    return render(visit, "red_line.html", line=view, subjects=SUBJECTS, conditions=CONDITIONS, scopes=SCOPES)
