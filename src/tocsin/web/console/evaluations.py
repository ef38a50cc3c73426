"""Evaluations: what each model did when tested, against lines fixed beforehand; plans; two models side by side."""

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from tocsin.evaluate.reading import both_drawn, lines_drawn, lines_held, tasks_drawn, whole_verdict
from tocsin.kernel.evaluations import LineVerdict
from tocsin.web.console.languages import N_
from tocsin.web.console.recognitions import made_of_it
from tocsin.web.console.render import link, render
from tocsin.web.console.visits import visit_of

PER_PAGE = 50
MAX_OTHERS = 100
"""Evaluations that one may be compared with, offered in a list."""

CHANCE = 0.05
"""Below it two models are said to differ, after the correction for all tasks that are compared."""

MEANINGS = {
    LineVerdict.BELOW: N_("Every line was held: each whole interval lies under its line."),
    LineVerdict.ABOVE: N_("A line is over: the whole interval lies above it."),
    LineVerdict.INCONCLUSIVE: N_(
        "Not decided: a line lies inside its interval, or there were too few prompts."
    ),
    LineVerdict.INVALID: N_(
        "Too many answers could not be judged. Nothing follows from the rest, neither safe nor unsafe."
    ),
}
SAID = {
    "a": N_("A fails more"),
    "b": N_("B fails more"),
    "same": N_("No difference is shown"),
}


@get("/evaluations", sync_to_thread=True)
def evaluations_page(request: Request[Any, Any, Any]) -> Response[str]:
    """What was measured, and the plans that were registered."""
    visit = visit_of(request)
    known = visit.node.evaluations
    before = visit.query.get("before") or None
    kept = known.listed(visit.caller, before=before, limit=PER_PAGE + 1)
    shown = kept[:PER_PAGE]
    return render(
        visit,
        "evaluations.html",
        evaluations=[(one, whole_verdict(one), lines_held(one)) for one in shown],
        older=link("/evaluations", {"before": shown[-1].id}) if len(kept) > PER_PAGE else "",
        plans=known.registrations(visit.caller, limit=PER_PAGE),
    )


@get("/evaluations/{evaluation:str}", sync_to_thread=True)
def evaluation_page(request: Request[Any, Any, Any], evaluation: FromPath[str]) -> Response[str]:
    """One evaluation. Raises NotFound."""
    visit = visit_of(request)
    known = visit.node.evaluations
    found = known.get(visit.caller, evaluation)
    whole = whole_verdict(found)
    others = known.listed(visit.caller, limit=MAX_OTHERS)
    return render(
        visit,
        "evaluation.html",
        evaluation=found,
        whole=whole,
        meaning=MEANINGS[whole],
        expired=found.review_by < visit.now.date().isoformat(),
        lines=lines_drawn(found),
        tasks=tasks_drawn(found),
        comparable=[one for one in others if one.id != found.id],
        made=made_of_it(visit, found.id),
    )


@get("/evaluations/plans/{registration:str}", sync_to_thread=True)
def plan_page(request: Request[Any, Any, Any], registration: FromPath[str]) -> Response[str]:
    """A plan as it was registered, in its six steps. Raises NotFound."""
    visit = visit_of(request)
    known = visit.node.evaluations
    found = known.registered(visit.caller, registration)
    people = {user.id: user.name for user in visit.node.store.people.users()}
    came = known.listed(visit.caller, registration=found.registration.id, limit=PER_PAGE)
    return render(
        visit,
        "plan.html",
        registration=found.registration,
        plan=found.plan,
        by=people.get(found.registration.by, found.registration.by),
        evaluations=[(one, whole_verdict(one)) for one in came],
    )


@get("/evaluations/compare", sync_to_thread=True)
def comparison_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Two evaluations, sample by sample: ?a=ID&b=ID. Raises NotFound."""
    visit = visit_of(request)
    known = visit.node.evaluations
    a, b = (known.get(visit.caller, visit.query.get(name, "")) for name in "ab")
    compared = known.compare(visit.caller, a.id, b.id)
    return render(
        visit,
        "evaluation_compare.html",
        a=a,
        b=b,
        forest=both_drawn(a, b),
        tasks=[
            (one, "same" if one.adjusted >= CHANCE else "a" if one.pairs.difference > 0 else "b")
            for one in compared.tasks
        ],
        left_out=compared.left_out,
        said=SAID,
    )
