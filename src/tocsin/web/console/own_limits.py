"""My limits: how pictures among evidence are shown to me, and how many a day. Nobody sees or sets another's."""

from typing import Any

from litestar import Request, Response, get, post

from tocsin.app.welfare import MAX_A_DAY, MAX_MINUTES_BETWEEN, MAX_REMIND_AFTER
from tocsin.store.care_interface import Limits
from tocsin.web.console.languages import N_
from tocsin.web.console.login import see_other
from tocsin.web.console.render import render
from tocsin.web.console.visits import Visit, visit_of

LIMITS = "/account/limits"
NUMBERS = {
    "a_day": (1, MAX_A_DAY),
    "minutes_between": (0, MAX_MINUTES_BETWEEN),
    "remind_after": (0, MAX_REMIND_AFTER),
}
"""A number of `Limits`, and from where to where one may choose it."""
WRONG = N_("Choose a whole number from %(least)s to %(most)s.")


@get(LIMITS, sync_to_thread=True)
def limits_page(request: Request[Any, Any, Any]) -> Response[str]:
    """One's own limits, and how the day stands."""
    return _page(visit_of(request))


@post(LIMITS, sync_to_thread=True)
def choose_limits(request: Request[Any, Any, Any]) -> Response[Any]:
    """Lower ones hold at once, higher ones from tomorrow."""
    visit = visit_of(request)
    chosen = {name: visit.form.get(name, "").strip() for name in NUMBERS}
    wrong = {name: _wrong(visit, name) for name, text in chosen.items() if not _fits(name, text)}
    if wrong:
        return _page(visit, 422, wrong)
    limits = Limits(
        blur="blur" in visit.form,
        grey="grey" in visit.form,
        **{name: int(text) for name, text in chosen.items()},
    )
    today = visit.node.welfare.choose(visit.caller, limits)
    return see_other(f"{LIMITS}?done={'now' if today == limits else 'tomorrow'}")


def _fits(name: str, text: str) -> bool:
    least, most = NUMBERS[name]
    return text.isascii() and text.isdigit() and len(text) <= len(str(most)) and least <= int(text) <= most


def _wrong(visit: Visit, name: str) -> str:
    least, most = NUMBERS[name]
    return visit.language.say(WRONG, least=least, most=most)


def _page(visit: Visit, status: int = 200, wrong: dict[str, str] | None = None) -> Response[str]:
    welfare = visit.node.welfare
    return render(
        visit,
        "own_limits.html",
        status,
        today=welfare.today(visit.caller),
        later=welfare.later(visit.caller),
        numbers=NUMBERS,
        filled=visit.form if wrong else {},
        errors=wrong or {},
        done=visit.query.get("done", ""),
    )
