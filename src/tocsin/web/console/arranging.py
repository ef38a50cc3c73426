"""What a person arranges of a warning: merge, take a merge back, split, snooze, wake. Each comes back to its page."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from tocsin.app.arranging import Arranging
from tocsin.kernel import BadInput, Caller, Conflict, NotFound
from tocsin.web.console import acts
from tocsin.web.console.login import see_other
from tocsin.web.console.visits import visit_of
from tocsin.web.console.warnings import show_warning

SAMPLE_FIELD = "sample-"
"""A checkbox has its own name, because a field is sent once."""

MAX_NUMBER_CHARS = 8


@post("/warnings/{warning_id:str}/merge", sync_to_thread=True)
def merge(request: Request[Any, Any, Any], warning_id: FromPath[str]) -> Response[Any]:
    """Another warning is one thing with this one."""
    form = visit_of(request).form
    return _arrange(
        request,
        warning_id,
        "merge",
        lambda arranging, by: arranging.merge(
            by, warning_id, form.get("part", "").strip(), statement=form.get("statement", "")
        ),
    )


@post("/warnings/{warning_id:str}/unmerge", sync_to_thread=True)
def unmerge(request: Request[Any, Any, Any], warning_id: FromPath[str]) -> Response[Any]:
    """This warning is a thing of its own after all."""
    form = visit_of(request).form
    return _arrange(
        request,
        warning_id,
        "unmerge",
        lambda arranging, by: arranging.unmerge(by, warning_id, statement=form.get("statement", "")),
    )


@post("/warnings/{warning_id:str}/split", sync_to_thread=True)
def split(request: Request[Any, Any, Any], warning_id: FromPath[str]) -> Response[Any]:
    """The ticked samples are another thing."""
    form = visit_of(request).form
    events = tuple(name.removeprefix(SAMPLE_FIELD) for name in sorted(form) if name.startswith(SAMPLE_FIELD))
    return _arrange(
        request,
        warning_id,
        "split",
        lambda arranging, by: arranging.split(by, warning_id, events, statement=form.get("statement", "")),
    )


@post("/warnings/{warning_id:str}/snooze", sync_to_thread=True)
def snooze(request: Request[Any, Any, Any], warning_id: FromPath[str]) -> Response[Any]:
    """It may wait."""
    form = visit_of(request).form
    return _arrange(
        request,
        warning_id,
        "snooze",
        lambda arranging, by: arranging.snooze(
            by,
            warning_id,
            reason=form.get("statement", ""),
            days=_number(form.get("days", "")),
            factor=_number(form.get("factor", "")),
        ),
    )


@post("/warnings/{warning_id:str}/wake", sync_to_thread=True)
def wake(request: Request[Any, Any, Any], warning_id: FromPath[str]) -> Response[Any]:
    """It need not wait any longer."""
    return _arrange(request, warning_id, "wake", lambda arranging, by: arranging.wake(by, warning_id))


@get([f"/warnings/{{warning_id:str}}/{act}" for act in ("merge", "unmerge", "split", "snooze", "wake")])
async def back_from_arranging(request: Request[Any, Any, Any], warning_id: FromPath[str]) -> Response[Any]:
    """Whoever comes to a form's address by hand lands on the page with the form."""
    await sync_to_thread(visit_of(request).require, acts.WARNINGS_READ)
    return see_other(f"/warnings/{quote(warning_id)}")


def _arrange(
    request: Request[Any, Any, Any],
    warning_id: str,
    act: str,
    do: Callable[[Arranging, Caller], object],
) -> Response[Any]:
    """Do it, or come back with the form as it was filled in and what is wrong with it."""
    visit = visit_of(request)
    caller = visit.require(acts.WARNINGS_REVIEW)
    try:
        do(visit.node.arranging, caller)
    except (BadInput, Conflict, NotFound) as error:
        if visit.node.store.warnings.get(warning_id) is None:
            raise
        return show_warning(
            visit,
            warning_id,
            status=422,
            errors={f"{act}-statement": error.message},
            filled={**visit.form, "arranged": act},
        )
    return see_other(f"/warnings/{quote(warning_id)}?done={act}")


def _number(text: str) -> float:
    try:
        return float(text[:MAX_NUMBER_CHARS])
    except ValueError:
        raise BadInput("days and factor are numbers, for example 7 and 2") from None
