"""Incidents in the console: facts, moments, duties side by side with their clocks, reports and what they lack."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from tocsin.app.duty_drafts import LANGUAGES
from tocsin.app.duty_papers import comparison, fact_label
from tocsin.app.duty_sheets import comparison_json, comparison_pdf
from tocsin.app.duty_words import MOMENTS, STATES, STATUS, utc, value_said, word
from tocsin.app.incidents import Standing
from tocsin.cases.duties import Duty, Fact, facts
from tocsin.kernel import BadInput, micros
from tocsin.kernel.duties import ClockStart, DutyReport, Incident
from tocsin.taxonomy.incident_tags import dimensions
from tocsin.web.console import acts
from tocsin.web.console.clocks import clock_rows, tag_of
from tocsin.web.console.languages import languages
from tocsin.web.console.render import render
from tocsin.web.console.visits import Visit, visit_of

FACTS_A_FORM = 15
"""Under the fields that one form may have."""

PAPERS = {"pdf": ("application/pdf", comparison_pdf), "json": ("application/json", comparison_json)}


@get("/incidents", sync_to_thread=True)
def incidents_page(request: Request[Any, Any, Any]) -> Response[str]:
    """The incidents that this person may see, and every clock of them."""
    visit = visit_of(request)
    incidents = visit.node.incidents
    closed = visit.query.get("closed") == "1"
    return render(
        visit,
        "incidents.html",
        incidents=incidents.listed(visit.caller, closed=closed),
        clocks=clock_rows(visit, incidents.clocks(visit.caller)),
        closed=closed,
        of_case=visit.query.get("case", "")[:64],
        moments=_moments(visit),
        may_manage=visit.may(acts.INCIDENTS_MANAGE),
        now=micros(visit.now),
    )


@get("/incidents/{incident:str}", sync_to_thread=True)
def incident_page(request: Request[Any, Any, Any], incident: FromPath[str]) -> Response[str]:
    """One incident. Raises NotFound."""
    visit = visit_of(request)
    node, tag = visit.node, tag_of(visit)
    found = node.incidents.get(visit.caller, incident)
    standings = node.incidents.standings(found, language=tag)
    side = comparison(found, standings, lang=tag, node=node.name, now=micros(visit.now))
    every = node.duty_packs.every()
    return render(
        visit,
        "incident.html",
        incident=found,
        side=side,
        known=[(fact_label(name, tag), _value(name, found, tag)) for name in found.facts],
        fact_forms=_fact_forms(found, standings),
        facts_in=lambda one: _asked(one, tag),
        said_moments=[(word(MOMENTS[name], tag), utc(at)) for name, at in found.moments.items()],
        moments=_moments(visit),
        duties=[(one.id, word(one.title, tag), word(STATUS[one.status], tag)) for one in every],
        suggested={one.id for one in node.incidents.suggested(found)},
        steps=[
            (
                one.duty.id,
                word(one.duty.title, tag),
                [(step.id, word(step.label, tag)) for step in one.duty.steps],
            )
            for one in standings
        ],
        tongues=[(one, languages()[one].name) for one in LANGUAGES if one in languages()],
        reports=[_report(one, every, tag) for one in node.duty_reports.of(visit.caller, incident)],
        history=node.incidents.history(visit.caller, incident),
        people={user.id: user.name for user in node.store.people.users()},
        dimensions=[
            (one.id, word(one.label, tag), [(name, word(said, tag)) for name, said in one.values.items()])
            for one in dimensions().values()
        ],
        may_manage=visit.may(acts.INCIDENTS_MANAGE) and found.closed is None,
        may_reopen=visit.may(acts.INCIDENTS_MANAGE) and found.closed is not None,
    )


@get("/incidents/{incident:str}/compared", sync_to_thread=True)
def compared(request: Request[Any, Any, Any], incident: FromPath[str]) -> Response[bytes]:
    """Side by side on paper or as JSON, in the page's language. Raises NotFound, Unavailable, BadInput."""
    visit = visit_of(request)
    form = visit.query.get("as", "pdf")
    if form not in PAPERS:
        raise BadInput(f"side by side is had as {' or '.join(PAPERS)}")
    node = visit.node
    found = node.incidents.get(visit.caller, incident)
    tag = tag_of(visit)
    standings = node.incidents.standings(found, language=tag)
    side = comparison(found, standings, lang=tag, node=node.name, now=micros(visit.now))
    media_type, maker = PAPERS[form]
    return download(maker(side), media_type, f"{found.id}.{form}")


def download(content: bytes, media_type: str, name: str) -> Response[bytes]:
    """A file, never shown inline and never kept by a browser."""
    return Response(
        content,
        media_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{quote(name)}"',
            "Cache-Control": "no-store",
        },
    )


def _moments(visit: Visit) -> list[tuple[str, str]]:
    tag = tag_of(visit)
    return [(one.value, word(said, tag)) for one, said in MOMENTS.items() if one is not ClockStart.PREVIOUS]


def _fact_forms(incident: Incident, standings: Sequence[Standing]) -> list[list[str]]:
    """What the named duties ask first, then the rest of the list, in forms of a bearable length."""
    asked = {
        one.fact for standing in standings for one in (*standing.graded.scope, *standing.graded.thresholds)
    }
    asked |= {name for standing in standings for name in standing.graded.unknown} | set(incident.facts)
    asked |= {name for standing in standings for one in standing.deadlines for name in one.doubt}
    ordered = [name for name in facts() if name in asked] + [name for name in facts() if name not in asked]
    return [ordered[start : start + FACTS_A_FORM] for start in range(0, len(ordered), FACTS_A_FORM)]


class _Question(msgspec.Struct, frozen=True):
    fact: Fact
    question: str
    choices: list[tuple[str, str]]


def _asked(name: str, tag: str) -> _Question:
    one = facts()[name]
    choices = [(value, word(said, tag)) for value, said in one.choices.items()]
    return _Question(one, word(one.question, tag), choices)


def _value(name: str, incident: Incident, tag: str) -> str:
    known = facts().get(name)
    value = incident.facts[name]
    if known is not None and isinstance(value, str) and value in known.choices:
        return word(known.choices[value], tag)
    return value_said(value, tag, known.unit if known is not None else "")


class _ReportRow(msgspec.Struct, frozen=True):
    report: DutyReport
    title: str
    step: str
    state: str


def _report(one: DutyReport, every: Sequence[Duty], tag: str) -> _ReportRow:
    duty = next((duty for duty in every if duty.id == one.duty), None)
    step = next((step for step in duty.steps if step.id == one.step), None) if duty is not None else None
    return _ReportRow(
        report=one,
        title=one.duty if duty is None else word(duty.title, tag),
        step=one.step if step is None else word(step.label, tag),
        state=word(STATES[one.state], tag),
    )
