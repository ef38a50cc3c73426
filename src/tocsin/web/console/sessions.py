"""Conversations in which risk builds up: for a trained reviewer alone, opened for a purpose, every look audited."""

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from tocsin.app.conversations import Opened
from tocsin.app.reviewing import MAX_PURPOSE_CHARS, MIN_PURPOSE_CHARS
from tocsin.correlate.conversations import Contribution, Standing
from tocsin.web.console import acts
from tocsin.web.console.languages import N_
from tocsin.web.console.login import see_other
from tocsin.web.console.render import category_label, render
from tocsin.web.console.review import PURPOSE_LENGTH
from tocsin.web.console.visits import Visit, visit_of

WIDTH, HEIGHT = 720.0, 150.0
MAX_SHOWN = 60
"""Messages in the table of contributions, the weightiest."""

KINDS = {
    "recruit": N_("Recruits"),
    "incite": N_("Urges"),
    "instruct": N_("Instructs"),
    "plan": N_("Plans"),
    "aim": N_("Names an aim"),
}
HEDGES = {
    "told": N_("tells of it"),
    "frame": N_("announced as somebody else's text"),
    "studied": N_("studies or invents"),
    "opposed": N_("opposes"),
    "felt": N_("speaks of a feeling or a view"),
    "quoted": N_("quotes"),
}
JUDGED = N_("Flagged by guard %(guard)s, %(category)s")
BORNE = N_("borne out by people here by %(share)s")
SIDES = {"person": N_("A person"), "model": N_("The model")}


class Course(msgspec.Struct, frozen=True):
    """The score over the conversation as SVG points; `line_y` is the threshold, `dots` the messages (x, y)."""

    outline: str
    area: str
    line_y: float
    dots: tuple[tuple[float, float, str], ...]


@get("/sessions", sync_to_thread=True)
def sessions_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Those that ring now."""
    visit = visit_of(request)
    return _listed(visit)


@post("/sessions/{session:str}", status_code=200, sync_to_thread=True)
def session_page(request: Request[Any, Any, Any], session: FromPath[str]) -> Response[str]:
    """One conversation. The act and its purpose are in the audit before anything is shown."""
    visit = visit_of(request)
    caller = visit.require(acts.CONVERSATIONS_OPEN)
    purpose = visit.form.get("purpose", "").strip()
    if not MIN_PURPOSE_CHARS <= len(purpose) <= MAX_PURPOSE_CHARS:
        wrong = visit.language.say(PURPOSE_LENGTH, least=MIN_PURPOSE_CHARS, most=MAX_PURPOSE_CHARS)
        return _listed(visit, status=422, wrong=wrong, purpose=purpose[:MAX_PURPOSE_CHARS], asked=session)
    opened = visit.node.conversations.open(caller, session, purpose)
    return _one(visit, opened, purpose)


@get("/sessions/{session:str}", sync_to_thread=True)
def back_to_sessions(request: Request[Any, Any, Any], session: FromPath[str]) -> Response[Any]:
    """Whoever comes to a conversation's address by hand is asked for the purpose first."""
    visit_of(request).require(acts.CONVERSATIONS_LIST)
    return see_other("/sessions")


def _listed(
    visit: Visit, *, status: int = 200, wrong: str = "", purpose: str = "", asked: str = ""
) -> Response[str]:
    caller = visit.require(acts.CONVERSATIONS_LIST)
    found = visit.node.conversations.list(caller)
    return render(
        visit,
        "sessions.html",
        status,
        found=found,
        days=visit.node.settings.conversation_days,
        wrong=wrong,
        purpose=purpose,
        asked=asked,
        most=MAX_PURPOSE_CHARS,
        least=MIN_PURPOSE_CHARS,
    )


def _one(visit: Visit, opened: Opened, purpose: str) -> Response[str]:
    standing = opened.standing
    return render(
        visit,
        "session.html",
        standing=standing,
        course=course(standing),
        parts=standing.contributions[:MAX_SHOWN],
        samples=opened.samples,
        purpose=purpose,
        kinds=lambda part: [visit.language.say(KINDS[kind]) for kind in _kinds(part)],
        hedges=lambda part: [visit.language.say(HEDGES.get(hedge, hedge)) for hedge in part.act.hedges],
        judged=lambda part: _judged(visit, part),
        side=lambda part: visit.language.say(SIDES.get(part.act.side, part.act.side)),
        days=visit.node.settings.conversation_days,
    )


def course(standing: Standing) -> Course:
    """Where the line and the messages lie. Time runs from the first message to now; the peak is just below the top."""
    start, end = standing.course[0][0], standing.course[-1][0]
    top = max(standing.threshold, *(score for _, score in standing.course)) * 1.1

    def place(at: int, score: float) -> tuple[float, float]:
        return (
            round(WIDTH * (at - start) / max(end - start, 1), 1),
            round(HEIGHT * (1 - score / top), 1),
        )

    points = [place(at, score) for at, score in standing.course]
    outline = " ".join(f"{x},{y}" for x, y in points)
    scores = dict(standing.course)
    dots = tuple(
        (*place(part.act.time, scores.get(part.act.time, 0.0)), part.act.side)
        for part in standing.contributions[:MAX_SHOWN]
    )
    return Course(
        outline=outline,
        area=f"0,{HEIGHT} {outline} {WIDTH},{HEIGHT}",
        line_y=round(HEIGHT * (1 - standing.threshold / top), 1),
        dots=dots,
    )


def _judged(visit: Visit, part: Contribution) -> str:
    """Which guard flagged the message, of what, and how far people bear that guard out; empty where none did."""
    if part.judged is None:
        return ""
    of = category_label(part.judged.category, visit.language)
    flagged = visit.language.say(JUDGED, guard=part.judged.guard, category=of)
    share = visit.language.percent(part.judged.borne)
    return f"{flagged} ({visit.language.say(BORNE, share=share)})"


def _kinds(part: Contribution) -> tuple[str, ...]:
    return (*part.act.kinds, *(("aim",) if part.act.aim else ()))
