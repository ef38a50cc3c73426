"""The same door for programs: JSON, and multipart where files come along. No account, no token of a person.

    GET  /v1/reports/ticket     leave to send one report, and what a proof of work for it must show
    POST /v1/reports            the report; 201 with number and secret
    GET  /v1/reports/{number}   what became of it (Authorization: Receipt SECRET)
    GET  /v1/reports/{number}/held   all that is held of it
    POST /v1/reports/{number}   add, appeal, withdraw, erase-contact

Errors are problem details (RFC 9457).
"""

from enum import StrEnum
from typing import Annotated, Any

import msgspec
from litestar import MediaType, Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath
from msgspec import Meta

from tocsin.app.case_rights import HeldReport
from tocsin.app.public_reports import Followed
from tocsin.app.report_checks import MAX_CONTACT_CHARS, MAX_WHAT_CHARS, MAX_WHEN_CHARS, MAX_WHERE_CHARS
from tocsin.kernel import BadInput, TocsinError
from tocsin.kernel.cases import CaseFlag
from tocsin.kernel.reports import ReportContent, ReportReceipt
from tocsin.web.auth import node_of
from tocsin.web.problems import Problem
from tocsin.web.public.bodies import Sent, read_body, read_sent
from tocsin.web.public.door import door_of
from tocsin.web.public.pages import pairs
from tocsin.web.public.tickets import FORM_SECONDS, MAX_NONCE_CHARS, MAX_TICKET_CHARS, TICKET_HOURS

REPORT_FIELD = "report"
"""The part of a multipart body that holds the JSON; the others are files."""

_PROBLEMS = {
    status: ResponseSpec(Problem, description=said, media_type=MediaType.JSON)
    for status, said in (
        (400, "It cannot be read."),
        (413, "Too large."),
        (422, "A field is wrong, or the ticket does not count (any more)."),
        (429, "Too many; Retry-After says when."),
    )
}


class ReceiptNeeded(TocsinError):
    """No secret was sent."""

    code = "receipt-needed"
    status = 401

    def __init__(self) -> None:
        super().__init__("send the secret of the report: `Authorization: Receipt SECRET`")


class TicketGiven(msgspec.Struct, frozen=True):
    """Leave to send one report: `seconds` from now as it is, or at once with a proof of work of so many `bits`."""

    ticket: str
    seconds: int
    hours: int
    bits: int


class SentReport(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A report. Only `ticket` and `what` must be there."""

    ticket: Annotated[str, Meta(max_length=MAX_TICKET_CHARS)]
    what: Annotated[str, Meta(max_length=MAX_WHAT_CHARS, description="What happened, in any language.")]
    nonce: Annotated[
        str,
        Meta(
            max_length=MAX_NONCE_CHARS,
            description="Proof: SHA-256 of `TICKET:NONCE` begins with `bits` zeros.",
        ),
    ] = ""
    where: Annotated[str, Meta(max_length=MAX_WHERE_CHARS)] = ""
    when: Annotated[str, Meta(max_length=MAX_WHEN_CHARS)] = ""
    category: Annotated[
        str, Meta(description="Of the closed list of conduct; empty for 'I do not know'.")
    ] = ""
    lang: Annotated[str, Meta(description="Language of the answer (BCP 47).")] = "en"
    flags: tuple[CaseFlag, ...] = ()
    contact: Annotated[str, Meta(max_length=MAX_CONTACT_CHARS, description="Kept apart, under a seal.")] = ""
    affected: bool = False


class Saying(StrEnum):
    ADD = "add"
    APPEAL = "appeal"
    WITHDRAW = "withdraw"
    ERASE_CONTACT = "erase-contact"


class SaidLater(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a reporter does later. With `turn` as it was followed, an addition is never kept twice."""

    act: Saying
    text: Annotated[str, Meta(max_length=MAX_WHAT_CHARS)] = ""
    turn: Annotated[int, Meta(ge=0)] | None = None


@get("/v1/reports/ticket", sync_to_thread=False)
def ticket(request: Request[Any, Any, Any]) -> TicketGiven:
    """Leave to send one report. Knows nobody."""
    text, bits = door_of(request).ticket()
    return TicketGiven(ticket=text, seconds=FORM_SECONDS, hours=TICKET_HOURS, bits=bits)


@post("/v1/reports", status_code=201, responses=_PROBLEMS)
async def submit(request: Request[Any, Any, Any]) -> Response[ReportReceipt]:
    """Take a report. Answered once it is durable; the same bytes again are answered with the same receipt."""
    door, node = door_of(request), node_of(request)
    with door.room.place() as place:
        body = await read_body(request, place)
        sent = await sync_to_thread(_read, request, body)
        report = _decode(sent, SentReport)
        if receipt := door.answered(report.ticket, body):
            return _answer(receipt, 201)
        urgent = CaseFlag.IMMINENT_DANGER in report.flags
        taken = door.admit(request, report.ticket, nonce=report.nonce, urgent=urgent)
        try:
            receipt = await sync_to_thread(node.public_reports.submit, _content(report), pairs(sent.files))
        except BaseException:
            door.tickets.give_back(taken)
            raise
        door.answer(report.ticket, body, receipt)
    return _answer(receipt, 201)


@get(
    "/v1/reports/{number:str}",
    responses={404: ResponseSpec(Problem, description="No such number and secret.")},
)
async def follow(request: Request[Any, Any, Any], number: FromPath[str]) -> Response[Followed]:
    """What became of a report: 404 for a wrong number and a wrong secret alike."""
    door_of(request).look(request)
    reports = node_of(request).public_reports
    return _answer(await sync_to_thread(reports.follow, number, _secret(request)), 200)


@get(
    "/v1/reports/{number:str}/held",
    responses={404: ResponseSpec(Problem, description="No such number and secret.")},
)
async def held(request: Request[Any, Any, Any], number: FromPath[str]) -> Response[HeldReport]:
    """All that is held of a report, its own words too, for who made it. In the audit before it is given."""
    door_of(request).look(request)
    rights = node_of(request).case_rights
    return _answer(await sync_to_thread(rights.held, number, _secret(request)), 200)


@post("/v1/reports/{number:str}", status_code=200, responses=_PROBLEMS)
async def say(request: Request[Any, Any, Any], number: FromPath[str]) -> Response[Followed]:
    """Add, appeal, withdraw, or have the contact erased; answered with the report as it is then."""
    door, reports, rights = door_of(request), node_of(request).public_reports, node_of(request).case_rights
    door.look(request)
    secret = _secret(request)
    with door.room.place() as place:
        body = await read_body(request, place)
        sent = await sync_to_thread(_read, request, body)
        said = _decode(sent, SaidLater)

        def work() -> Followed:
            match said.act:
                case Saying.ADD:
                    reports.add(number, secret, said.text, pairs(sent.files), turn=said.turn)
                case Saying.APPEAL:
                    reports.appeal(number, secret, said.text)
                case Saying.WITHDRAW:
                    rights.withdraw(number, secret)
                case Saying.ERASE_CONTACT:
                    reports.erase_contact(number, secret)
            return reports.follow(number, secret)

        return _answer(await sync_to_thread(work), 200)


def _content(report: SentReport) -> ReportContent:
    return ReportContent(
        what=report.what.strip(),
        where=report.where.strip(),
        when=report.when.strip(),
        category=report.category,
        lang=report.lang,
        flags=report.flags,
        contact=report.contact.strip(),
        affected=report.affected,
    )


def _read(request: Request[Any, Any, Any], body: bytes) -> Sent:
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() == "multipart/form-data":
        return read_sent(body, content_type)
    return Sent({REPORT_FIELD: body.decode("utf-8", "replace")})


def _decode(sent: Sent, kind: type[Any]) -> Any:
    try:
        return msgspec.json.decode(sent.fields.get(REPORT_FIELD, ""), type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadInput(f"{error}: docs/public-reports.md shows the form") from error


def _secret(request: Request[Any, Any, Any]) -> str:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "receipt" or not secret.strip():
        raise ReceiptNeeded
    return secret.strip()


def _answer(content: Any, status: int) -> Response[Any]:
    return Response(
        msgspec.json.encode(content),
        status_code=status,
        media_type=MediaType.JSON,
        headers={"Cache-Control": "no-store"},
    )
