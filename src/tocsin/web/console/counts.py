"""Counts under differential privacy: ours beside peers', with their intervals, and what is left of the budget."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, get

from tocsin.app.count_views import counts_view
from tocsin.kernel import BadInput, Unavailable
from tocsin.kernel.counts import CountList, start_of_week
from tocsin.taxonomy import category as conduct
from tocsin.taxonomy.counted import OTHER
from tocsin.web.console import acts
from tocsin.web.console.languages import N_, Language
from tocsin.web.console.render import render
from tocsin.web.console.visits import visit_of

MAX_NODES = 8
"""Columns of one table; the page says how many more there are, and the command line shows them."""

LISTS: Mapping[CountList, str] = {
    CountList.CATEGORIES: N_("Actors by conduct"),
    CountList.LANGUAGES: N_("Actors by language"),
    CountList.TRENDS: N_("Actors by conduct and day of the week"),
}


@get("/counts", sync_to_thread=True)
def counts_page(request: Request[Any, Any, Any]) -> Response[str]:
    """One week, the newest or ?week=, one list after the other. Raises BadInput."""
    visit = visit_of(request)
    visit.require(acts.SHARE_PREVIEW)
    counting, caller = visit.node.counting, visit.caller
    week = visit.query.get("week", "")
    if week:
        start_of_week(week)
    asked = visit.query.get("list", CountList.CATEGORIES.value)
    if asked not in {one.value for one in CountList}:
        raise BadInput("there is no such list of counts: choose one in the form")
    which = CountList(asked)
    try:
        view, away = counts_view(counting, caller, week), ""
    except Unavailable as error:
        view, away = None, error.message
    found = next((one for one in view["lists"] if one["list"] == asked), None) if view else None
    return render(
        visit,
        "counts.html",
        view=view,
        away=away,
        found=found,
        rows=[(_name(which, one["of"], visit.language), one["counts"][:MAX_NODES]) for one in found["cells"]]
        if found
        else [],
        most=MAX_NODES,
        weeks=counting.weeks(caller),
        week=view["week"] if view else week,
        lists=LISTS,
        names={one.value: name for one, name in LISTS.items()},
        asked=which,
    )


def _name(which: CountList, of: str, language: Language) -> str:
    """A cell in words."""
    if which is CountList.LANGUAGES:
        return (
            language.say(N_("Another language"))
            if of == OTHER
            else str(language.locale.languages.get(of, of))
        )
    kind, _, day = of.partition("/")
    listed = conduct(kind)
    label = listed.label(language.tag) if listed else kind
    return f"{label} · {language.locale.days['format']['abbreviated'][int(day) - 1]}" if day else label
