"""The pages for applicants: apply, show something, log in somewhere, take what was shown, ask people, object, leave.

Number and secret travel in the body of a form, never in an address. The form asks for no name, no country, no language.
"""

from collections.abc import Callable, Mapping
from typing import Any

from litestar import MediaType, Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from tocsin.app.applicant_logins import LOGIN_PATH, ApplicantLoginRefused, ToProvider
from tocsin.app.applicant_questions import ANSWER_PATH, BACK_PATH, REQUEST_PATH, ToWallet
from tocsin.kernel import BadInput, Conflict, NotFound, ServiceFault, Unavailable
from tocsin.kernel.applicants import Stage
from tocsin.kernel.reports import ReportReceipt
from tocsin.trust.presentations import REQUEST_TYPE
from tocsin.web.console.languages import N_
from tocsin.web.public.applicant_words import LEVELS, METHODS, OUTCOMES, STANDINGS, STATES, WHY
from tocsin.web.public.bodies import read_body, read_sent
from tocsin.web.public.door import door_of
from tocsin.web.public.render import Visitor, render, visitor

PAGE, OWN = "/apply", "/apply/mine"
PASS_PATH = "/apply/pass"
CONSENT = "consent-"
Work = Callable[[Visitor, Mapping[str, str]], object]

_FAULTS: tuple[tuple[type[Exception], str], ...] = (
    (Unavailable, N_("This way is not open just now. Choose another one, or come back later.")),
    (ServiceFault, N_("This way is not open just now. Choose another one, or come back later.")),
    (Conflict, N_("This cannot be done now. Look at your page as it is below.")),
    (BadInput, N_("This could not be taken. Look at what you typed, or begin anew.")),
)


@get(PAGE, sync_to_thread=False)
def start(request: Request[Any, Any, Any]) -> Response[str]:
    """What this is, whom the node believes, and the form."""
    seen = visitor(request)
    return _page(seen, "apply.html", 200, ticket=door_of(request).ticket()[0])


@post(PAGE)
async def apply(request: Request[Any, Any, Any]) -> Response[str]:
    """201 with number and secret."""
    seen, door = visitor(request), door_of(request)
    fields = await _fields(request)
    taken = door.admit(request, fields.get("ticket", ""), urgent=False)
    try:
        receipt: ReportReceipt = await sync_to_thread(seen.node.applicants.apply, _consents(fields))
    except BaseException:
        door.tickets.give_back(taken)
        raise
    return _page(seen, "apply_receipt.html", 201, receipt=receipt)


@get(OWN, sync_to_thread=False)
def find(request: Request[Any, Any, Any]) -> Response[str]:
    """Asks for number and secret."""
    return _page(visitor(request), "apply_find.html", 200, number="", errors=False, code="")


@get(BACK_PATH, sync_to_thread=False)
def back(request: Request[Any, Any, Any]) -> Response[str]:
    """Where a wallet sends a person back to: with their secret they take what it showed."""
    code = str(request.query_params.get("code", ""))[:64]
    return _page(visitor(request), "apply_find.html", 200, number="", errors=False, code=code)


@get(LOGIN_PATH, sync_to_thread=True)
def logged_in(request: Request[Any, Any, Any]) -> Response[str]:
    """Where an OpenID provider sends a person back to; as from a wallet, they take it with their secret."""
    seen = visitor(request)
    door_of(request).look(request)
    answer = {name: str(value) for name, value in request.query_params.items()}
    why, code = "", ""
    try:
        code = seen.node.applicant_logins.finish(answer)
    except ApplicantLoginRefused as refused:
        why = WHY[refused.why.value]
    values = {"number": "", "errors": False, "code": code, "why": why, "by_login": True}
    return _page(seen, "apply_find.html", 403 if why else 200, **values)


@post(OWN, status_code=200)
async def show(request: Request[Any, Any, Any]) -> Response[str]:
    """What stands."""
    return await _act(request, lambda _seen, _fields: None, "")


@post(f"{OWN}/wallet", status_code=200)
async def wallet(request: Request[Any, Any, Any]) -> Response[str]:
    """A question to the wallet on this device."""

    def work(seen: Visitor, fields: Mapping[str, str]) -> object:
        return seen.node.applicant_questions.ask_wallet(*_key(fields), fields.get("issuer", ""))

    return await _act(request, work, "")


@post(f"{OWN}/login", status_code=200)
async def login(request: Request[Any, Any, Any]) -> Response[str]:
    """To a provider that the operator named."""

    def work(seen: Visitor, fields: Mapping[str, str]) -> object:
        return seen.node.applicant_logins.begin(*_key(fields), fields.get("provider", ""))

    return await _act(request, work, "")


@post(f"{OWN}/mail", status_code=200)
async def mail(request: Request[Any, Any, Any]) -> Response[str]:
    """A code to an address, which is not kept."""

    def work(seen: Visitor, fields: Mapping[str, str]) -> None:
        seen.node.applicant_questions.ask_mail(*_key(fields), fields.get("mail", ""))

    return await _act(request, work, N_("A code is on its way. Type it below within an hour."))


@post(f"{OWN}/take", status_code=200)
async def take(request: Request[Any, Any, Any]) -> Response[str]:
    """What a wallet, a log-in or a mailbox showed, with its code."""

    def work(seen: Visitor, fields: Mapping[str, str]) -> None:
        seen.node.applicant_questions.take(*_key(fields), fields.get("code", ""))

    return await _act(request, work, N_("It counts from now on."))


@post(f"{OWN}/review", status_code=200)
async def review(request: Request[Any, Any, Any]) -> Response[str]:
    """People look."""

    def work(seen: Visitor, fields: Mapping[str, str]) -> None:
        seen.node.applicant_reviews.ask(
            *_key(fields), fields.get("purpose", ""), fields.get("text", ""), lang=seen.language.tag
        )

    return await _act(request, work, N_("People here will look at it."))


@post(f"{OWN}/appeal", status_code=200)
async def appeal(request: Request[Any, Any, Any]) -> Response[str]:
    """An objection to a decision."""

    def work(seen: Visitor, fields: Mapping[str, str]) -> None:
        seen.node.applicant_reviews.appeal(*_key(fields), fields.get("report", ""), fields.get("text", ""))

    return await _act(request, work, N_("Your objection has arrived. Another person looks again."))


@post(f"{OWN}/consent", status_code=200)
async def consent(request: Request[Any, Any, Any]) -> Response[str]:
    """For which purposes peers' lists are compared."""

    def work(seen: Visitor, fields: Mapping[str, str]) -> None:
        seen.node.applicants.consent(*_key(fields), _consents(fields))

    return await _act(request, work, N_("It is changed."))


@post(f"{OWN}/leave", status_code=200)
async def leave(request: Request[Any, Any, Any]) -> Response[str]:
    """Everything that was found is deleted."""

    def work(seen: Visitor, fields: Mapping[str, str]) -> None:
        seen.node.applicants.leave(*_key(fields))

    return await _act(request, work, "", left=True)


@get(f"{REQUEST_PATH}/{{question:str}}", sync_to_thread=True)
def wallet_request(request: Request[Any, Any, Any], question: FromPath[str]) -> Response[str]:
    """The signed request object that a wallet fetches (RFC 9101)."""
    door_of(request).look(request)
    signed = visitor(request).node.applicant_questions.request(question)
    return Response(signed, media_type=REQUEST_TYPE, headers={"Cache-Control": "no-store"})


@post(f"{ANSWER_PATH}/{{question:str}}", status_code=200)
async def wallet_answer(request: Request[Any, Any, Any], question: FromPath[str]) -> Response[dict[str, str]]:
    """What a wallet answers by direct_post; where it sends its owner."""
    door_of(request).look(request)
    questions = visitor(request).node.applicant_questions
    fields = await _fields(request)
    onward = await sync_to_thread(questions.answer, question, fields)
    return Response(
        {"redirect_uri": onward}, media_type=MediaType.JSON, headers={"Cache-Control": "no-store"}
    )


@post(PASS_PATH, status_code=200)
async def give_pass(request: Request[Any, Any, Any]) -> Response[dict[str, str]]:
    """A pass for one trusted peer, by its name here: for a program of the applicant's, as a form."""
    door_of(request).look(request)
    passes = visitor(request).node.applicant_passes
    fields = await _fields(request)
    token = await sync_to_thread(passes.give, *_key(fields), fields.get("node", ""))
    return Response({"pass": token}, media_type=MediaType.JSON, headers={"Cache-Control": "no-store"})


PAGES = (start, apply, find, back, logged_in, show, wallet, login, mail, take, review, appeal, consent, leave)
WALLETS = (wallet_request, wallet_answer, give_pass)


async def _act(
    request: Request[Any, Any, Any], work: Work, done: str, *, left: bool = False
) -> Response[str]:
    """Do `work`, then show the applicant as they stand now."""
    seen = visitor(request)
    door_of(request).look(request)
    fields = await _fields(request)
    number, secret = _key(fields)
    wrong, found = "", None

    def worked() -> dict[str, Any]:
        nonlocal wrong, found
        try:
            found = work(seen, fields)
        except (BadInput, Conflict, Unavailable, ServiceFault) as error:
            wrong = next(words for kind, words in _FAULTS if isinstance(error, kind))
        return {} if left and not wrong else _mine(seen, number, secret)

    try:
        mine = await sync_to_thread(worked)
    except NotFound:
        return _page(
            seen, "apply_find.html", 404, number=number, errors=True, code=fields.get("code", "")[:64]
        )
    if not mine:
        return _page(seen, "apply_left.html", 200)
    say = seen.language.say
    return _page(
        seen,
        "apply_mine.html",
        422 if wrong else 200,
        secret=secret,
        wrong=say(wrong) if wrong else "",
        done=say(done) if done and not wrong else "",
        link=found if isinstance(found, ToWallet) else None,
        provider=found.name if isinstance(found, ToProvider) else "",
        form=fields if wrong else {},
        **mine,
    )


def _mine(seen: Visitor, number: str, secret: str) -> dict[str, Any]:
    node = seen.node
    shown = node.applicants.follow(number, secret)
    now = node.applicants.now()
    refused = [
        one.why
        for one in node.applicant_questions.outcomes(shown.applicant.number)
        if one.stage is Stage.REFUSED
    ]
    return {
        "shown": shown,
        "standing": [one for one in shown.results if one.stands(now)],
        "why": WHY.get(refused[-1], "") if refused else "",
        "reviews": node.applicant_reviews.followed(number, secret),
    }


def _page(seen: Visitor, template: str, status: int, /, **values: Any) -> Response[str]:
    sources, tag = seen.node.applicants.sources, seen.language.tag
    values = {"why": "", "by_login": False, **values}
    return render(
        seen,
        template,
        status,
        page=PAGE if template in ("apply.html", "apply_receipt.html", "apply_left.html") else OWN,
        home=PAGE,
        sources=sources,
        purposes={name: one.says.get(tag) or one.says["en"] for name, one in sources.purposes.items()},
        levels=LEVELS,
        methods=METHODS,
        standings=STANDINGS,
        review_states=STATES,
        review_outcomes=OUTCOMES,
        **values,
    )


async def _fields(request: Request[Any, Any, Any]) -> Mapping[str, str]:
    with door_of(request).room.place() as place:
        body = await read_body(request, place)
        return (await sync_to_thread(read_sent, body, request.headers.get("content-type", ""))).fields


def _key(fields: Mapping[str, str]) -> tuple[str, str]:
    return fields.get("number", ""), fields.get("secret", "")


def _consents(fields: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(name.removeprefix(CONSENT) for name in fields if name.startswith(CONSENT))
