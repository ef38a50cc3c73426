"""Rules: what is listened for, how often it held, how often people agreed; and a person's decision on each."""

from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from tocsin.app.rule_trials import try_tests
from tocsin.app.rules import MAX_WHY_CHARS, MIN_WHY_CHARS, Listed
from tocsin.cases import Precision
from tocsin.correlate import asked
from tocsin.kernel import BadInput, RuleState, RuleTally, WarningKind, micros
from tocsin.web.console import acts
from tocsin.web.console.languages import N_
from tocsin.web.console.login import see_other
from tocsin.web.console.render import render
from tocsin.web.console.visits import Visit, visit_of

DAYS = 30
"""Days that the page counts over."""

DAY_US = 86_400_000_000
MAX_WARNINGS = 1_000
MAX_SHOWN = 25
WHY_LENGTH = N_("Say why, in %(least)s to %(most)s characters.")
STATES = {
    RuleState.ENABLED: N_("It warns."),
    RuleState.SHADOW: N_("It counts and warns nobody."),
    RuleState.DISABLED: N_("It is not asked."),
}
SOURCES = {"file": N_("A file of this node"), "own": N_("Added here"), "peer": N_("A peer")}


class Row(msgspec.Struct, frozen=True):
    """A rule with what it said in DAYS, and what people decided of its warnings."""

    one: Listed
    hits: int
    warnings: int
    precision: Precision


@get("/rules", sync_to_thread=True)
def rules_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Every rule."""
    visit = visit_of(request)
    visit.require(acts.RULES_READ)
    rules, precisions = visit.node.rules, visit.node.rules.precisions()
    since = micros(visit.node.clock()) - DAYS * DAY_US
    by_rule: dict[str, list[RuleTally]] = {}
    for tally in visit.node.store.rules.tallies(since=since):
        by_rule.setdefault(tally.rule, []).append(tally)
    rows = [
        Row(
            one=one,
            hits=sum(day.hits for day in by_rule.get(one.kept.id, ())),
            warnings=sum(day.warnings for day in by_rule.get(one.kept.id, ())),
            precision=precisions.get(one.kept.id, Precision(0, 0)),
        )
        for one in rules.listed()
    ]
    return render(visit, "rules.html", rows=rows, sources=SOURCES, days=DAYS)


@get("/rules/{rule_id:str}", sync_to_thread=True)
def rule_page(request: Request[Any, Any, Any], rule_id: FromPath[str]) -> Response[str]:
    """One rule. Raises NotFound."""
    visit = visit_of(request)
    visit.require(acts.RULES_READ)
    return _show(visit, rule_id)


# async, because Litestar awaits a sync handler's thread only for the first of its paths
@get("/rules/{rule_id:str}/state")
async def back_to_rule(request: Request[Any, Any, Any], rule_id: FromPath[str]) -> Response[Any]:
    """Whoever comes to a form's address by hand lands on the page with the form."""
    await sync_to_thread(visit_of(request).require, acts.RULES_READ)
    return see_other(f"/rules/{quote(rule_id)}")


@post("/rules/{rule_id:str}/state", sync_to_thread=True)
def set_state(request: Request[Any, Any, Any], rule_id: FromPath[str]) -> Response[Any]:
    """Enable, shadow or disable it. A form without a reason comes back and says so."""
    visit = visit_of(request)
    caller = visit.require(acts.RULES_MANAGE)
    why = visit.form.get("why", "").strip()
    try:
        state = RuleState(visit.form.get("state", ""))
    except ValueError:
        raise BadInput("a rule is enabled, in shadow or disabled: use the form on its page") from None
    if not MIN_WHY_CHARS <= len(why) <= MAX_WHY_CHARS:
        wrong = visit.language.say(WHY_LENGTH, least=MIN_WHY_CHARS, most=MAX_WHY_CHARS)
        return _show(visit, rule_id, status=422, errors={"why": wrong}, why=why[:MAX_WHY_CHARS])
    visit.node.rules.set_state(caller, rule_id, state, why=why)
    return see_other(f"/rules/{quote(rule_id)}?done={state.value}")


def _show(visit: Visit, rule_id: str, *, status: int = 200, **more: Any) -> Response[str]:
    node = visit.node
    one = node.rules.get(rule_id)
    tried, broken = None, ""
    if visit.query.get("try") and one.rule is not None:
        try:
            tried = try_tests(one)
        except BadInput as error:
            broken = error.message
    warnings = [
        warning
        for warning in node.store.warnings.list(kind=WarningKind.RULE, limit=MAX_WARNINGS)
        if warning.key.split(" ", 1)[0] == one.kept.id
    ]
    values: dict[str, Any] = {
        "one": one,
        "asks": asked(one.rule) if one.rule else "",
        "sources": SOURCES,
        "states": STATES,
        "precision": node.rules.precisions().get(one.kept.id, Precision(0, 0)),
        "days": node.rules.tallies(one.kept.id)[:DAYS],
        "warnings": warnings[:MAX_SHOWN],
        "tried": tried,
        "broken": broken,
        "people": {user.id: user.name for user in node.store.people.users()},
        "limits": {"least": MIN_WHY_CHARS, "most": MAX_WHY_CHARS},
        "errors": {},
        "why": "",
        "done": visit.query.get("done", ""),
    }
    return render(visit, "rule.html", status, **{**values, **more})
