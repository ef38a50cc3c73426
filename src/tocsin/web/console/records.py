"""Records in the browser: search, one record with what bears on it, its neighbourhood as a picture, an opinion."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from tocsin.app.library import LEAST_EXPLANATION_CHARS, Shown
from tocsin.app.neighbourhood import MAX_STEPS, name_of
from tocsin.kernel import TLP, BadInput, NotFound, Origin, Record
from tocsin.store.finding import Wanted
from tocsin.taxonomy import categories
from tocsin.web.console import acts, graphs
from tocsin.web.console.languages import N_
from tocsin.web.console.login import see_other
from tocsin.web.console.render import category_label, link, render
from tocsin.web.console.visits import Visit, visit_of
from tocsin.wire.stix import RedLineExtension
from tocsin.wire.stix.content import content_key
from tocsin.wire.stix.kinds import kind_of
from tocsin.wire.stix.opinions import MAX_EXPLANATION_CHARS, NOT_JUDGED, OPINIONS

PER_PAGE = 25
MAX_SEARCH_CHARS = 200
MAX_ID_CHARS = 320
MAX_SHOWN_JSON = 20_000

TYPES = (
    "campaign", "indicator", "sighting", "report", "relationship", "opinion", "identity", "attack-pattern",
    "malware", "tool", "threat-actor", "intrusion-set", "infrastructure", "vulnerability", "course-of-action",
    "incident", "note", "grouping", "observed-data", "location",
)  # fmt: skip
"""Offered in the filter; any other type is found by its word."""

SAID: Mapping[str, str] = {
    "strongly-disagree": N_("Strongly disagree"),
    "disagree": N_("Disagree"),
    "neutral": N_("Neutral"),
    "agree": N_("Agree"),
    "strongly-agree": N_("Strongly agree"),
}
ORIGINS: Mapping[str, str] = {
    Origin.OWN.value: N_("This node"),
    Origin.PEER.value: N_("A peer"),
    Origin.IMPORT.value: N_("Imported"),
}
EXPLANATION_LENGTH = N_("Say why, in %(least)s to %(most)s characters.")
OPINION_MISSING = N_("Choose an opinion.")


class Line(msgspec.Struct, frozen=True):
    """A line of the list; `also` counts other lines of this page that say the same and were folded into it."""

    record: Record
    name: str
    also: int


@get("/records", sync_to_thread=True)
def records_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Records that fit, newest first; those of one page that say the same stand in one line."""
    visit = visit_of(request)
    caller = visit.require(acts.RECORDS_READ)
    asked = {name: visit.query.get(name, "").strip()[:MAX_SEARCH_CHARS] for name in _FIELDS}
    wanted = read_wanted(visit.query)
    found = visit.node.library.search(caller, wanted)
    following = ""
    if found.more:
        following = link("/records", {**asked, "before": str(found.records[-1].added)})
    return render(
        visit,
        "records.html",
        asked=asked,
        lines=folded(found.records),
        behind=found.behind,
        following=following,
        paged=wanted.before is not None,
        first=link("/records", asked),
        types=TYPES,
        origins=ORIGINS,
        markings=tuple(TLP),
        categories=[(one.id, category_label(one.id, visit.language)) for one in categories()],
        peers=[peer.name for peer in visit.node.store.peers.list()],
    )


@get("/records/{record_id:str}", sync_to_thread=True)
def record_page(request: Request[Any, Any, Any], record_id: FromPath[str]) -> Response[str]:
    """One record. Raises NotFound."""
    return show_record(visit_of(request), record_id)


@post("/records/{record_id:str}/opinion", sync_to_thread=True)
def judge(request: Request[Any, Any, Any], record_id: FromPath[str]) -> Response[Any]:
    """Keep this node's opinion. A form with something missing comes back filled in, and says what."""
    visit = visit_of(request)
    caller = visit.require(acts.RECORDS_OPINION)
    opinion, why = visit.form.get("opinion", ""), visit.form.get("why", "").strip()
    errors: dict[str, str] = {}
    if opinion not in OPINIONS:
        errors["opinion"] = visit.language.say(OPINION_MISSING)
    if not LEAST_EXPLANATION_CHARS <= len(why) <= MAX_EXPLANATION_CHARS:
        errors["opinion-why"] = visit.language.say(
            EXPLANATION_LENGTH, least=LEAST_EXPLANATION_CHARS, most=MAX_EXPLANATION_CHARS
        )
    if errors:
        return show_record(visit, record_id, status=422, errors=errors, filled=visit.form)
    visit.node.library.judge(caller, record_id, opinion, why)
    return see_other(f"/records/{quote(record_id)}?done=opinion")


@get("/records/{record_id:str}/opinion", sync_to_thread=True)
def back_to_record(request: Request[Any, Any, Any], record_id: FromPath[str]) -> Response[Any]:
    """Whoever comes to the form's address by hand lands on the page with the form."""
    visit_of(request).require(acts.RECORDS_READ)
    return see_other(f"/records/{quote(record_id)}")


def show_record(visit: Visit, record_id: str, *, status: int = 200, **more: Any) -> Response[str]:
    """The page of one record; `more` carries a form that was filled in wrongly."""
    caller = visit.require(acts.RECORDS_READ)
    if len(record_id) > MAX_ID_CHARS:
        raise NotFound("there is no such record")
    shown = visit.node.library.show(caller, record_id)
    steps = _number(visit.query.get("steps"), 1, MAX_STEPS)
    found = visit.node.library.graph(caller, record_id, steps=steps)
    names = {node.id: node.name or node.id for node in found.nodes}
    values: dict[str, Any] = {
        "shown": shown,
        "found": found,
        "names": names,
        "picture": graphs.picture(found),
        "steps": steps,
        "widths": range(1, MAX_STEPS + 1),
        "json": _pretty(shown),
        "said": SAID,
        "origins": ORIGINS,
        "judgeable": shown.record.type not in NOT_JUDGED and kind_of(shown.content) != RedLineExtension.NAME,
        "limits": {"least": LEAST_EXPLANATION_CHARS, "most": MAX_EXPLANATION_CHARS},
        "errors": {},
        "filled": {},
        "done": visit.query.get("done", ""),
    }
    return render(visit, "record.html", status, **{**values, **more})


_FIELDS = ("q", "type", "category", "peer", "origin", "tlp", "ref")


def read_wanted(query: Mapping[str, str]) -> Wanted:
    """GET parameters, checked. Raises BadInput naming what is none of ours."""
    said = {name: query.get(name, "").strip()[:MAX_SEARCH_CHARS] for name in _FIELDS}
    try:
        return Wanted(
            words=said["q"],
            type=said["type"],
            # A word in the text of a link hides what it links; who wants links asks for them.
            without=() if said["type"] or said["ref"] else ("relationship",),
            category=said["category"],
            peer=said["peer"],
            origin=Origin(said["origin"]) if said["origin"] else None,
            tlp=TLP(said["tlp"]) if said["tlp"] else None,
            refers_to=said["ref"],
            before=_number(query["before"], 0, 1 << 62) if query.get("before") else None,
            limit=PER_PAGE,
        )
    except ValueError:
        raise BadInput(
            "origin or marking holds a value that there is none of: choose one in the form"
        ) from None


def folded(records: tuple[Record, ...]) -> list[Line]:
    """One line for each thing that is said: indicators with one pattern are one line with several sources."""
    lines: dict[str, Line] = {}
    for record in records:
        value = msgspec.json.decode(record.stix)
        key = (content_key(value) if isinstance(value, dict) else None) or record.id
        held = lines.get(key)
        lines[key] = (
            Line(record, name_of(record), 0)
            if held is None
            else msgspec.structs.replace(held, also=held.also + 1)
        )
    return list(lines.values())


def _number(text: str | None, least: int, most: int) -> int:
    if not text:
        return least
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        raise BadInput("the address holds a number that is none: go back and use the page's own links")
    return max(least, min(int(text), most))


def _pretty(shown: Shown) -> str:
    return msgspec.json.format(shown.record.stix, indent=2).decode("utf-8", "replace")[:MAX_SHOWN_JSON]
