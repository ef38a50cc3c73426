"""The pages by number and secret. Both travel in the body of a form, never in an address, which is remembered."""

from collections.abc import Callable, Mapping
from typing import Any

from litestar import Request, Response, get, post
from litestar.concurrency import sync_to_thread

from tocsin.app.public_reports import Followed
from tocsin.app.report_checks import WrongField
from tocsin.kernel import BadInput, Conflict, NotFound
from tocsin.web.console.languages import N_
from tocsin.web.public.bodies import Sent, read_body, read_sent
from tocsin.web.public.door import door_of
from tocsin.web.public.pages import file_sentence, pairs
from tocsin.web.public.render import Visitor, render, visitor

PAGE = "/report/follow"


@get(PAGE, sync_to_thread=False)
def find(request: Request[Any, Any, Any]) -> Response[str]:
    """Asks for number and secret."""
    return _find(visitor(request), "")


@post(PAGE, status_code=200)
async def show(request: Request[Any, Any, Any]) -> Response[str]:
    """What became of the report; 404 with the question again for a wrong number and a wrong secret alike."""
    return await _act(request, lambda _node, _sent: None, "")


@post(f"{PAGE}/add", status_code=200)
async def add(request: Request[Any, Any, Any]) -> Response[str]:
    """Text, files or both."""

    def work(seen: Visitor, sent: Sent) -> None:
        fields = sent.fields
        turn = int(fields["turn"]) if fields.get("turn", "").isdecimal() else None
        seen.node.public_reports.add(
            fields.get("number", ""),
            fields.get("secret", ""),
            fields.get("text", ""),
            pairs(sent.files),
            turn=turn,
        )

    return await _act(request, work, N_("It was added."), "text")


@post(f"{PAGE}/appeal", status_code=200)
async def appeal(request: Request[Any, Any, Any]) -> Response[str]:
    """An objection to the decision."""

    def work(seen: Visitor, sent: Sent) -> None:
        fields = sent.fields
        seen.node.public_reports.appeal(
            fields.get("number", ""), fields.get("secret", ""), fields.get("appeal", "")
        )

    return await _act(request, work, N_("Your objection has arrived. Another person looks again."), "appeal")


@post(f"{PAGE}/withdraw", status_code=200)
async def withdraw(request: Request[Any, Any, Any]) -> Response[str]:
    """The reporter no longer wants it; how to reach them goes with it."""

    def work(seen: Visitor, sent: Sent) -> None:
        seen.node.case_rights.withdraw(sent.fields.get("number", ""), sent.fields.get("secret", ""))

    return await _act(request, work, N_("Your report is withdrawn."))


@post(f"{PAGE}/erase", status_code=200)
async def erase(request: Request[Any, Any, Any]) -> Response[str]:
    """How to reach the reporter, deleted."""

    def work(seen: Visitor, sent: Sent) -> None:
        seen.node.public_reports.erase_contact(sent.fields.get("number", ""), sent.fields.get("secret", ""))

    return await _act(request, work, N_("How to reach you is erased."))


@post(f"{PAGE}/held", status_code=200)
async def held(request: Request[Any, Any, Any]) -> Response[str]:
    """All that is held, their own words too: a file to save, for a page would show it to whoever looks on."""
    seen, door = visitor(request), door_of(request)
    door.look(request)
    with door.room.place() as place:
        body = await read_body(request, place)
        sent = await sync_to_thread(read_sent, body, request.headers.get("content-type", ""))
    number, secret = sent.fields.get("number", ""), sent.fields.get("secret", "")
    try:
        found = await sync_to_thread(seen.node.case_rights.held, number, secret)
    except NotFound:
        return _find(seen, number, wrong=True)
    return Response(
        found.text,
        media_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="report.txt"', "Cache-Control": "no-store"},
    )


async def _act(
    request: Request[Any, Any, Any],
    work: Callable[[Visitor, Sent], None],
    done: str,
    field: str = "",
) -> Response[str]:
    """Do `work`, then show the report as it is now. `field` is where what is wrong is told."""
    seen, door = visitor(request), door_of(request)
    door.look(request)
    with door.room.place() as place:
        body = await read_body(request, place)
        sent = await sync_to_thread(read_sent, body, request.headers.get("content-type", ""))
        number, secret = sent.fields.get("number", ""), sent.fields.get("secret", "")
        errors: dict[str, str] = {}

        def worked() -> Followed:
            try:
                work(seen, sent)
            except (BadInput, Conflict) as error:
                errors.update(_told(seen, error, field, files=bool(sent.files)))
            return seen.node.public_reports.follow(number, secret)

        try:
            followed = await sync_to_thread(worked)
        except NotFound:
            return _find(seen, number, wrong=True)
    return _show(
        seen, followed, secret, sent.fields, errors, "" if errors or not done else seen.language.say(done)
    )


def _told(seen: Visitor, error: BadInput | Conflict, field: str, *, files: bool) -> dict[str, str]:
    say = seen.language.say
    if isinstance(error, Conflict):
        # there is no field for an objection then: what was typed stands in the one for additions
        return {"text": say(N_("This cannot be objected to now. Look at the report as it is below."))}
    if isinstance(error, WrongField):
        return {field: say(N_("Write a sentence or two."))}
    if files:
        return {"files": file_sentence(seen.language, error)}
    return {field: say(N_("This could not be taken: it is empty, too long, or very much was added already."))}


def _show(
    seen: Visitor,
    followed: Followed,
    secret: str,
    form: Mapping[str, str],
    errors: Mapping[str, str],
    done: str,
) -> Response[str]:
    return render(
        seen,
        "follow.html",
        422 if errors else 200,
        page=PAGE,
        followed=followed,
        secret=secret,
        form=form if errors else {},
        errors=errors,
        done=done,
    )


def _find(seen: Visitor, number: str, *, wrong: bool = False) -> Response[str]:
    return render(seen, "find.html", 404 if wrong else 200, page=PAGE, number=number, errors=wrong)
