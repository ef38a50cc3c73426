"""Who may use what: under which release decision, by whose word, what was answered; and what an answer would be.

Somebody is a pseudonym here, answers are counts: no page says what one person asked for.
"""

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.concurrency import sync_to_thread

from tocsin.admit import acts_left
from tocsin.admit import said as admission_said
from tocsin.app.admission_views import changes
from tocsin.kernel import BadInput, micros
from tocsin.kernel.admission import AccessAct, AccessAnswer, Capability, ObligationKind
from tocsin.kernel.release import ReleaseDecision
from tocsin.web.console import acts
from tocsin.web.console.access_forms import ASKED, Filled, asked_of, grant_blank
from tocsin.web.console.applicants import LEVELS
from tocsin.web.console.languages import N_, Language
from tocsin.web.console.login import see_other
from tocsin.web.console.render import render
from tocsin.web.console.visits import Visit, visit_of

ANSWERS_DAYS = 7
DAY_US = 86_400_000_000
MAX_ANSWERS = 50
"""Kinds of answers on the page, the most frequent first."""

ACTS = {
    AccessAct.USE: N_("use"),
    AccessAct.OPERATE: N_("let it act"),
    AccessAct.FINE_TUNE: N_("train it further"),
    AccessAct.DOWNLOAD: N_("get the weights"),
}
OBLIGATIONS = {
    ObligationKind.LABEL: N_("label what comes out"),
    ObligationKind.LOG: N_("log it"),
    ObligationKind.STEP_UP: N_("verify further"),
    ObligationKind.HUMAN: N_("a person in the loop"),
    ObligationKind.RATE: N_("limit the rate"),
}
DONE = {
    "granted": N_("Granted."),
    "revoked": N_("Revoked. Within five seconds no answer rests on it."),
    "stopped": N_("Stopped. Within five seconds nothing is granted on it."),
}


class ModelRow(msgspec.Struct, frozen=True):
    """A model under its release decision: what may be done with it at all, and what its capabilities ask besides."""

    release: ReleaseDecision
    left: tuple[AccessAct, ...]
    capabilities: tuple[Capability, ...]
    grants: int


class AnswerRow(msgspec.Struct, frozen=True):
    """Answers of one kind, with their reasons in the visit's language."""

    name: str
    act: str
    granted: bool
    because: tuple[str, ...]
    obligations: tuple[str, ...]
    count: int
    last: int


class Would(msgspec.Struct, frozen=True):
    """What would be answered."""

    granted: bool
    reasons: tuple[tuple[str, str], ...]
    """Each with the overlay that it belongs to, "" for none."""
    ways: tuple[tuple[str, ...], ...]
    obligations: tuple[str, ...]
    overlays: tuple[str, ...]


@get("/access", sync_to_thread=True)
def access_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Overlays, contradictions, models, what waits for a person, grants, answers, and two forms."""
    visit = visit_of(request)
    visit.require(acts.ACCESS_READ)
    return show_access(visit)


@post("/access/explain", sync_to_thread=True)
def explain(request: Request[Any, Any, Any]) -> Response[str]:
    """What this answer would be. Nothing is counted; the question is in no address."""
    visit = visit_of(request)
    caller = visit.require(acts.ACCESS_READ)
    filled, question = asked_of(visit, attributes_of(visit))
    if question is None:
        return show_access(visit, status=422, asked=filled)
    answer = visit.node.admission.explain(caller, question)
    return show_access(visit, asked=filled, would=_would(answer, visit.language))


@get("/access/explain")
async def back_to_explain(request: Request[Any, Any, Any]) -> Response[Any]:
    """Whoever comes to a form's address by hand lands on the page with the form."""
    await sync_to_thread(visit_of(request).require, acts.ACCESS_READ)
    return see_other("/access")


def attributes_of(visit: Visit) -> tuple[str, ...]:
    """What overlays that are on ask for; nothing while a file cannot be read, which the page says."""
    try:
        return visit.node.admission.attributes()
    except BadInput:
        return ()


def show_access(
    visit: Visit,
    *,
    status: int = 200,
    asked: Filled | None = None,
    given: Filled | None = None,
    would: Would | None = None,
) -> Response[str]:
    """The page, with what was typed and what was wrong with it."""
    node, caller, now = visit.node, visit.caller, micros(visit.now)
    releases, contradictions, overlays, fault = _rules(visit)
    grants = node.admitting.grants(caller)
    names = {one.artefact: one.name for one in releases}
    return render(
        visit,
        "access.html",
        status,
        overlays=overlays,
        contradictions=contradictions,
        fault=fault,
        models=[
            ModelRow(
                one,
                acts_left(one),
                node.store.admission.capabilities(one.artefact),
                sum(
                    grant.artefact == one.artefact and grant.revoked is None and now < grant.until
                    for grant in grants
                ),
            )
            for one in releases
        ],
        grants=grants,
        names=names,
        now=now,
        looks=node.control_looks.waiting(caller),
        answers=_answers(visit, names),
        days=ANSWERS_DAYS,
        asked=asked or Filled(ASKED),
        given=given or grant_blank(),
        would=would,
        attributes=attributes_of(visit),
        acts_words=ACTS,
        levels=LEVELS,
        done=DONE.get(visit.query.get("done", ""), ""),
    )


def _rules(visit: Visit) -> tuple[tuple[ReleaseDecision, ...], tuple[str, ...], list[tuple[str, str]], str]:
    """Release decisions in force, contradictions, overlays that are on; or the fault that stops every answer."""
    rules, today = visit.node.admission_rules, visit.now.date().isoformat()
    releases = rules.in_force(today)
    try:
        overlays = [
            (one.title.text(visit.language.tag), f"{one.jurisdiction} · {one.source} {one.article}")
            for one in rules.files().overlays
        ]
        return releases, rules.contradictions(today), overlays, ""
    except BadInput as error:
        return releases, (), [], error.message


def _answers(visit: Visit, names: dict[str, str]) -> list[AnswerRow]:
    since = micros(visit.now) - ANSWERS_DAYS * DAY_US
    return [
        AnswerRow(
            name=names.get(one.artefact, one.artefact[:12]),
            act=ACTS[AccessAct(one.act)],
            granted=one.granted,
            because=tuple(admission_said(rule, None, visit.language.tag) for rule in one.rules),
            obligations=tuple(OBLIGATIONS[ObligationKind(name)] for name in one.obligations),
            count=one.count,
            last=one.last,
        )
        for one in visit.node.store.admission.tallied(since=since, limit=MAX_ANSWERS)
    ]


def _would(answer: AccessAnswer, language: Language) -> Would:
    return Would(
        granted=answer.granted,
        reasons=tuple(
            (admission_said(one.rule, None, language.tag, otherwise=one.says), one.overlay)
            for one in answer.reasons
        ),
        ways=changes(answer, language.tag),
        obligations=tuple(dict.fromkeys(OBLIGATIONS[one.kind] for one in answer.obligations)),
        overlays=answer.overlays,
    )
