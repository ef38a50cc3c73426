"""What a person does with a warning: opens its masked samples for a stated purpose, confirms or dismisses it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from tocsin.app.reviewing import MAX_PURPOSE_CHARS, MIN_PURPOSE_CHARS
from tocsin.cases.disposition import MAX_DISMISSAL_DAYS, MAX_STATEMENT_CHARS, MIN_STATEMENT_CHARS
from tocsin.kernel import BadInput, WarningStatus
from tocsin.taxonomy import category
from tocsin.web.console import acts
from tocsin.web.console.languages import N_, Language
from tocsin.web.console.login import see_other
from tocsin.web.console.visits import visit_of
from tocsin.web.console.warnings import show_warning

CATEGORY_MISSING = N_("Choose a category from the list.")
STATEMENT_LENGTH = N_("Say why, in %(least)s to %(most)s characters.")
BASIS_MISSING = N_("Name the basis for acting, in up to %(most)s characters.")
DAYS_WRONG = N_("Give a whole number of days from 1 to %(most)s.")
PURPOSE_LENGTH = N_("State your purpose, in %(least)s to %(most)s characters.")


@post("/warnings/{warning_id:str}/samples", status_code=200, sync_to_thread=True)
def open_samples(request: Request[Any, Any, Any], warning_id: FromPath[str]) -> Response[str]:
    """Open the masked samples. The act and its purpose are in the audit before anything is shown."""
    visit = visit_of(request)
    caller = visit.require(acts.SAMPLES_OPEN)
    purpose = visit.form.get("purpose", "").strip()
    if not MIN_PURPOSE_CHARS <= len(purpose) <= MAX_PURPOSE_CHARS:
        wrong = visit.language.say(PURPOSE_LENGTH, least=MIN_PURPOSE_CHARS, most=MAX_PURPOSE_CHARS)
        return show_warning(
            visit,
            warning_id,
            status=422,
            errors={"samples-purpose": wrong},
            purpose=purpose[:MAX_PURPOSE_CHARS],
        )
    samples = visit.node.reviewing.samples(caller, warning_id, purpose)
    return show_warning(visit, warning_id, samples=samples, purpose=purpose)


# async, because Litestar wraps a sync handler once for each of its paths and then awaits it only once
@get(
    [
        "/warnings/{warning_id:str}/samples",
        "/warnings/{warning_id:str}/review",
        "/warnings/{warning_id:str}/withdrawal",
    ]
)
async def back_to_warning(request: Request[Any, Any, Any], warning_id: FromPath[str]) -> Response[Any]:
    """Whoever comes to a form's address by hand lands on the page with the form."""
    await sync_to_thread(visit_of(request).require, acts.WARNINGS_READ)
    return see_other(f"/warnings/{quote(warning_id)}")


@post("/warnings/{warning_id:str}/review", sync_to_thread=True)
def review(request: Request[Any, Any, Any], warning_id: FromPath[str]) -> Response[Any]:
    """Confirm or dismiss. A form with something missing comes back filled in, and says what."""
    visit = visit_of(request)
    caller = visit.require(acts.WARNINGS_REVIEW)
    form = visit.form
    try:
        verdict = WarningStatus(form.get("verdict", ""))
    except ValueError:
        raise BadInput("a review confirms or dismisses: use the form on the warning's page") from None
    errors = missing(form, verdict, visit.language)
    if errors:
        return show_warning(visit, warning_id, status=422, errors=errors, filled=form)
    confirmed = verdict is WarningStatus.CONFIRMED
    visit.node.reviewing.review(
        caller,
        warning_id,
        verdict,
        category=form.get("category", "") if confirmed else "",
        statement=form["statement"].strip(),
        basis=form.get("basis", "").strip() if confirmed else "",
        days=None if confirmed else int(form["days"]),
    )
    return see_other(f"/warnings/{quote(warning_id)}?done={verdict.value}")


@post("/warnings/{warning_id:str}/withdrawal", sync_to_thread=True)
def withdraw(request: Request[Any, Any, Any], warning_id: FromPath[str]) -> Response[Any]:
    """Take a dismissal back. A form without a reason comes back and says so."""
    visit = visit_of(request)
    caller = visit.require(acts.WARNINGS_REVIEW)
    statement = visit.form.get("statement", "").strip()
    if not MIN_STATEMENT_CHARS <= len(statement) <= MAX_STATEMENT_CHARS:
        wrong = visit.language.say(
            STATEMENT_LENGTH, least=MIN_STATEMENT_CHARS, most=visit.language.number(MAX_STATEMENT_CHARS)
        )
        errors = {"withdrawn-statement": wrong}
        return show_warning(visit, warning_id, status=422, errors=errors, filled=visit.form)
    visit.node.reviewing.withdraw(caller, warning_id, statement=statement)
    return see_other(f"/warnings/{quote(warning_id)}?done=withdrawn")


def missing(form: Mapping[str, str], verdict: WarningStatus, language: Language) -> dict[str, str]:
    """What the form lacks, by `verdict.field`, in words. `cases.disposition` checks again, for every door."""
    errors: dict[str, str] = {}
    if not MIN_STATEMENT_CHARS <= len(form.get("statement", "").strip()) <= MAX_STATEMENT_CHARS:
        errors["statement"] = language.say(
            STATEMENT_LENGTH, least=MIN_STATEMENT_CHARS, most=language.number(MAX_STATEMENT_CHARS)
        )
    if verdict is WarningStatus.CONFIRMED:
        if category(form.get("category", "")) is None:
            errors["category"] = language.say(CATEGORY_MISSING)
        if not 0 < len(form.get("basis", "").strip()) <= MAX_STATEMENT_CHARS:
            errors["basis"] = language.say(BASIS_MISSING, most=language.number(MAX_STATEMENT_CHARS))
    else:
        days = form.get("days", "")
        # three digits hold the bound, and int() of a longer text is work for nothing
        if not (
            days.isascii() and days.isdigit() and len(days) <= 3 and 1 <= int(days) <= MAX_DISMISSAL_DAYS
        ):
            errors["days"] = language.say(DAYS_WRONG, most=MAX_DISMISSAL_DAYS)
    return {f"{verdict.value}-{name}": wrong for name, wrong in errors.items()}
