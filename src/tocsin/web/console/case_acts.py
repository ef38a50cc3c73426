"""What a person does with a case from its page: each act a form, which comes back filled in when something lacks."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from tocsin.cases.disposition import MAX_STATEMENT_CHARS, MIN_STATEMENT_CHARS
from tocsin.kernel import BadInput, micros
from tocsin.kernel.cases import Urgency
from tocsin.kernel.disposing import Disposition, Ground, Measure, Outcome
from tocsin.web.console import acts
from tocsin.web.console.case_chain import chain_of, chain_wrong
from tocsin.web.console.cases import Shown, show_case
from tocsin.web.console.languages import N_
from tocsin.web.console.login import see_other
from tocsin.web.console.visits import Visit, visit_of

MAX_EXPLANATION_CHARS = 2_000
MAX_FACTS_CHARS = 5_000
"""`decision_facts` of the DSA transparency database."""

MAX_VERSION_DIGITS = 12
MAX_ENDS_DAYS = 3_650
DAY_US = 86_400_000_000

REASONS_LENGTH = N_("Say why, in %(least)s to %(most)s characters.")
MISSING = N_("This is missing.")
NO_MEASURE = N_("Choose what is done, or that nothing is done.")
NONE_AND_SOME = N_("Nothing is done, or something is: not both.")
DAYS_WRONG = N_("Give a whole number of days from 1 to %(most)s, or leave it empty.")

Act = Callable[[Visit, str, int | None], Any]


def _answer(request: Request[Any, Any, Any], case_id: str, done: str, act: Act, needs: str) -> Response[Any]:
    """Do it and go back to the page; what the form lacks (BadInput) is said there, with all that was typed."""
    visit = visit_of(request)
    visit.require(needs)
    errors = missing(visit, done)
    if not errors:
        try:
            act(visit, case_id, _version(visit.form.get("version", "")))
        except BadInput as error:
            errors = {done: error.message}
    if errors:
        return show_case(visit, case_id, Shown(errors=errors, filled={**visit.form, "form": done}), 422)
    return see_other(f"/cases/{quote(case_id)}?done={done}")


def missing(visit: Visit, form: str) -> dict[str, str]:
    """What a form lacks, by `form-field`, in words. `cases.states` and `cases.reasons` check again, for every door."""
    given, say, number = visit.form, visit.language.say, visit.language.number
    errors: dict[str, str] = {}
    if form in NEED_REASONS and not _fits(given.get("reasons", ""), MIN_STATEMENT_CHARS, MAX_STATEMENT_CHARS):
        errors["reasons"] = say(REASONS_LENGTH, least=MIN_STATEMENT_CHARS, most=number(MAX_STATEMENT_CHARS))
    for field in NEEDED.get(form, ()):
        if not given.get(field, "").strip():
            errors[field] = say(MISSING)
    if form in ("disposed", "overturned"):
        chosen = _measures(given)
        if not chosen:
            errors["measures"] = say(NO_MEASURE)
        elif Measure.NONE in chosen and len(chosen) > 1:
            errors["measures"] = say(NONE_AND_SOME)
        if not _days(given.get("days", "")):
            errors["days"] = say(DAYS_WRONG, most=number(MAX_ENDS_DAYS))
        errors |= chain_wrong(visit)
    return {f"{form}-{name}": wrong for name, wrong in errors.items()}


NEED_REASONS = frozenset(
    {
        "triaged",
        "verified",
        "disposed",
        "refused",
        "upheld",
        "overturned",
        "closed",
        "reopened",
        "merged",
        "transferred",
    }
)
NEEDED: Mapping[str, tuple[str, ...]] = {
    "triaged": ("category", "urgency", "queue"),
    "verified": ("outcome",),
    "disposed": ("outcome", "ground", "explanation", "facts", "lang"),
    "overturned": ("outcome", "ground", "explanation", "facts", "lang"),
    "merged": ("into",),
    "transferred": ("queue",),
    "noted": ("text",),
}


@post("/cases/{case_id:str}/claim", sync_to_thread=True)
def claim(request: Request[Any, Any, Any], case_id: FromPath[str]) -> Response[Any]:
    """It is this person's for now."""
    return _answer(request, case_id, "claimed", _claim, acts.CASES_WORK)


@post("/cases/{case_id:str}/release", sync_to_thread=True)
def release(request: Request[Any, Any, Any], case_id: FromPath[str]) -> Response[Any]:
    """It is free again."""
    return _answer(request, case_id, "released", _release, acts.CASES_WORK)


@post("/cases/{case_id:str}/triage", sync_to_thread=True)
def triage(request: Request[Any, Any, Any], case_id: FromPath[str]) -> Response[Any]:
    """What it is, how urgent, and where it waits."""
    return _answer(request, case_id, "triaged", _triage, acts.CASES_WORK)


@post("/cases/{case_id:str}/verify", sync_to_thread=True)
def verify(request: Request[Any, Any, Any], case_id: FromPath[str]) -> Response[Any]:
    """What was found out."""
    return _answer(request, case_id, "verified", _verify, acts.CASES_WORK)


@post("/cases/{case_id:str}/dispose", sync_to_thread=True)
def dispose(request: Request[Any, Any, Any], case_id: FromPath[str]) -> Response[Any]:
    """What is done, and why. A grave measure waits for a second person."""
    return _answer(request, case_id, "disposed", _dispose, acts.CASES_DISPOSE)


@post("/cases/{case_id:str}/approve", sync_to_thread=True)
def approve(request: Request[Any, Any, Any], case_id: FromPath[str]) -> Response[Any]:
    """The second person's yes."""
    return _answer(request, case_id, "approved", _approve, acts.CASES_APPROVE)


@post("/cases/{case_id:str}/refuse", sync_to_thread=True)
def refuse(request: Request[Any, Any, Any], case_id: FromPath[str]) -> Response[Any]:
    """The second person's no, with reasons."""
    return _answer(request, case_id, "refused", _refuse, acts.CASES_APPROVE)


@post("/cases/{case_id:str}/uphold", sync_to_thread=True)
def uphold(request: Request[Any, Any, Any], case_id: FromPath[str]) -> Response[Any]:
    """The decision stays, by a reviewer who had no part in it."""
    return _answer(request, case_id, "upheld", _uphold, acts.CASES_APPEAL)


@post("/cases/{case_id:str}/overturn", sync_to_thread=True)
def overturn(request: Request[Any, Any, Any], case_id: FromPath[str]) -> Response[Any]:
    """Another decision takes its place, by a reviewer who had no part in it."""
    return _answer(request, case_id, "overturned", _overturn, acts.CASES_APPEAL)


@post("/cases/{case_id:str}/close", sync_to_thread=True)
def close(request: Request[Any, Any, Any], case_id: FromPath[str]) -> Response[Any]:
    """Nothing is left to do."""
    return _answer(request, case_id, "closed", _close, acts.CASES_WORK)


@post("/cases/{case_id:str}/reopen", sync_to_thread=True)
def reopen(request: Request[Any, Any, Any], case_id: FromPath[str]) -> Response[Any]:
    """Something came up."""
    return _answer(request, case_id, "reopened", _reopen, acts.CASES_WORK)


@post("/cases/{case_id:str}/merge", sync_to_thread=True)
def merge(request: Request[Any, Any, Any], case_id: FromPath[str]) -> Response[Any]:
    """Another case speaks for both."""
    return _answer(request, case_id, "merged", _merge, acts.CASES_WORK)


@post("/cases/{case_id:str}/transfer", sync_to_thread=True)
def transfer(request: Request[Any, Any, Any], case_id: FromPath[str]) -> Response[Any]:
    """It waits in another queue."""
    return _answer(request, case_id, "transferred", _transfer, acts.CASES_WORK)


@post("/cases/{case_id:str}/note", sync_to_thread=True)
def note(request: Request[Any, Any, Any], case_id: FromPath[str]) -> Response[Any]:
    """A word for whoever reads the case next; sealed with it."""
    return _answer(request, case_id, "noted", _note, acts.CASES_WORK)


# async, because Litestar wraps a sync handler once for each of its paths and then awaits it only once
@get(
    [
        f"/cases/{{case_id:str}}/{act}"
        for act in (
            "words",
            "alike",
            "undone",
            "claim",
            "release",
            "triage",
            "verify",
            "dispose",
            "approve",
            "refuse",
            "uphold",
            "overturn",
            "close",
            "reopen",
            "merge",
            "transfer",
            "note",
            "contact",
        )
    ]
)
async def back_to_case(request: Request[Any, Any, Any], case_id: FromPath[str]) -> Response[Any]:
    """Whoever comes to a form's address by hand lands on the page with the form."""
    await sync_to_thread(visit_of(request).require, acts.CASES_READ)
    return see_other(f"/cases/{quote(case_id)}")


def _claim(visit: Visit, case_id: str, version: int | None) -> None:
    visit.node.cases.claim(visit.caller, case_id, version=version)


def _release(visit: Visit, case_id: str, version: int | None) -> None:
    visit.node.cases.release(visit.caller, case_id, version=version)


def _triage(visit: Visit, case_id: str, version: int | None) -> None:
    form = visit.form
    visit.node.cases.triage(
        visit.caller,
        case_id,
        category=form["category"],
        urgency=_one(Urgency, form["urgency"]),
        queue=form["queue"],
        reasons=form["reasons"].strip(),
        version=version,
    )


def _verify(visit: Visit, case_id: str, version: int | None) -> None:
    visit.node.cases.verify(
        visit.caller,
        case_id,
        outcome=_one(Outcome, visit.form["outcome"]),
        reasons=visit.form["reasons"].strip(),
        version=version,
    )


def _dispose(visit: Visit, case_id: str, version: int | None) -> None:
    visit.node.cases.dispose(visit.caller, case_id, disposition_of(visit), version=version)


def _approve(visit: Visit, case_id: str, version: int | None) -> None:
    visit.node.cases.approve(visit.caller, case_id, version=version)


def _refuse(visit: Visit, case_id: str, version: int | None) -> None:
    visit.node.cases.refuse(visit.caller, case_id, reasons=visit.form["reasons"].strip(), version=version)


def _uphold(visit: Visit, case_id: str, version: int | None) -> None:
    visit.node.cases.judge_appeal(
        visit.caller, case_id, upheld=True, reasons=visit.form["reasons"].strip(), version=version
    )


def _overturn(visit: Visit, case_id: str, version: int | None) -> None:
    visit.node.cases.judge_appeal(
        visit.caller,
        case_id,
        upheld=False,
        reasons=visit.form["reasons"].strip(),
        disposition=disposition_of(visit),
        version=version,
    )


def _close(visit: Visit, case_id: str, version: int | None) -> None:
    visit.node.cases.close(visit.caller, case_id, reasons=visit.form["reasons"].strip(), version=version)


def _reopen(visit: Visit, case_id: str, version: int | None) -> None:
    visit.node.cases.reopen(visit.caller, case_id, reasons=visit.form["reasons"].strip(), version=version)


def _merge(visit: Visit, case_id: str, version: int | None) -> None:
    form = visit.form
    visit.node.cases.merge(
        visit.caller, case_id, into=form["into"].strip(), reasons=form["reasons"].strip(), version=version
    )


def _transfer(visit: Visit, case_id: str, version: int | None) -> None:
    form = visit.form
    visit.node.cases.transfer(
        visit.caller, case_id, queue=form["queue"], reasons=form["reasons"].strip(), version=version
    )


def _note(visit: Visit, case_id: str, version: int | None) -> None:
    visit.node.cases.note(visit.caller, case_id, visit.form["text"].strip())


def disposition_of(visit: Visit) -> Disposition:
    """The form's disposition. Raises BadInput for a value that is none."""
    form, now = visit.form, micros(visit.now)
    days = form.get("days", "")
    return Disposition(
        outcome=_one(Outcome, form["outcome"]),
        measures=tuple(_measures(form)),
        ground=_one(Ground, form["ground"]),
        ground_text=form.get("ground_text", "").strip(),
        explanation=form["explanation"].strip(),
        facts=form["facts"].strip(),
        reasons=form["reasons"].strip(),
        lang=form["lang"],
        decided_by=visit.caller.user,
        at=now,
        automated_detection=form.get("automated_detection") == "on",
        ends=now + int(days) * DAY_US if days else None,
        accountability=chain_of(form),
    )


def _measures(form: Mapping[str, str]) -> list[Measure]:
    return [one for one in Measure if form.get(f"measure-{one.value}") == "on"]


def _one(kind: Any, value: str) -> Any:
    try:
        return kind(value)
    except ValueError:
        raise BadInput("choose one of the list on the page") from None


def _fits(text: str, least: int, most: int) -> bool:
    return least <= len(text.strip()) <= most


def _version(text: str) -> int | None:
    """The version that the page showed; a form without one is of a program that does not look."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < MAX_VERSION_DIGITS else None


def _days(text: str) -> bool:
    if not text:
        return True
    return text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MAX_ENDS_DAYS
