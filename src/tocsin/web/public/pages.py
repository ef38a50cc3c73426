"""The start page, the form, and the receipt."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, get, post
from litestar.concurrency import sync_to_thread

from tocsin.app import report_checks
from tocsin.app.report_checks import WrongField
from tocsin.kernel import BadInput, TooLarge
from tocsin.kernel.cases import CaseFlag
from tocsin.kernel.reports import ReportContent, ReportReceipt
from tocsin.web.console.languages import N_, Language
from tocsin.web.public.bodies import SentFile, read_body, read_sent
from tocsin.web.public.door import door_of
from tocsin.web.public.render import Visitor, render, visitor
from tocsin.web.public.tickets import TicketRefused

FLAGS = {
    "danger": CaseFlag.IMMINENT_DANGER,
    "special": CaseFlag.SPECIAL_GROUP,
    "child": CaseFlag.CHILD_MATERIAL,
}
"""By the field of the form."""

WRONG: Mapping[tuple[str, str], str] = {
    ("what", report_checks.EMPTY): N_("Write what happened; a few words are enough."),
    ("what", report_checks.LONG): N_("This is too long. Send the beginning, and add the rest afterwards."),
    ("where", report_checks.LONG): N_("This is too long: a link or a name is enough."),
    ("when", report_checks.LONG): N_("This is too long: a day or a time is enough."),
    ("contact", report_checks.LONG): N_("This is too long: one number or one address is enough."),
    ("category", report_checks.UNKNOWN): N_("Choose one of the list, or leave it at the first."),
    ("lang", report_checks.UNKNOWN): N_("Choose one of the list."),
    ("files", report_checks.FILES_OF_CHILD): N_(
        "Files are not taken when you think that they show abuse of a child. None was kept. Write where they are."
    ),
}
_TOO_OLD = N_("This form was too old or too quick. Look through it and send it again.")
_FIELDS = {"lang": "answer"}
"""Fields of the form that have another name than those of the report."""


@get("/report", sync_to_thread=False)
def start(request: Request[Any, Any, Any]) -> Response[str]:
    """What this is, who reads it, what happens next."""
    return render(visitor(request), "start.html")


@get("/report/new", sync_to_thread=False)
def form(request: Request[Any, Any, Any]) -> Response[str]:
    """The form, with a ticket to send it by."""
    return _form(request, visitor(request), {}, {})


@post("/report/new")
async def send(request: Request[Any, Any, Any]) -> Response[str]:
    """201 with number and secret; 422 with the form as it was filled in and what is wrong."""
    seen, door = visitor(request), door_of(request)
    with door.room.place() as place:
        body = await read_body(request, place)
        sent = await sync_to_thread(read_sent, body, request.headers.get("content-type", ""))
        fields = sent.fields
        content = content_of(fields)
        ticket = fields.get("ticket", "")
        if receipt := door.answered(ticket, body):
            return _receipt(request, seen, content, receipt)
        try:
            report_checks.check_content(content, files=len(sent.files))
            taken = door.admit(request, ticket, urgent=CaseFlag.IMMINENT_DANGER in content.flags)
        except WrongField as wrong:
            return _form(request, seen, fields, sentences(seen.language, wrong), ticket)
        except TicketRefused:
            if not fields:
                raise
            # a node that was started anew, or a very quick hand: nothing that was typed may be lost
            told = {"what": seen.language.say(_TOO_OLD)}
            return _form(request, seen, fields, told)
        try:
            receipt = await sync_to_thread(
                seen.node.public_reports.submit,
                content,
                [(file.content, file.declared) for file in sent.files],
            )
        except BaseException as error:
            door.tickets.give_back(taken)
            if isinstance(error, BadInput) and sent.files:
                return _form(request, seen, fields, {"files": file_sentence(seen.language, error)}, ticket)
            raise
        door.answer(ticket, body, receipt)
    return _receipt(request, seen, content, receipt)


def content_of(fields: Mapping[str, str]) -> ReportContent:
    """The report that a form holds."""
    return ReportContent(
        what=fields.get("what", "").strip(),
        where=fields.get("where", "").strip(),
        when=fields.get("when", "").strip(),
        category=fields.get("category", ""),
        lang=fields.get("answer", "en"),
        flags=tuple(flag for name, flag in FLAGS.items() if fields.get(name)),
        contact=fields.get("contact", "").strip(),
        affected=bool(fields.get("affected")),
    )


def sentences(language: Language, wrong: WrongField) -> dict[str, str]:
    """What is wrong, by field of the form, in the visitor's words."""
    return {
        _FIELDS.get(name, name): language.say(WRONG.get((name, why), WRONG["what", report_checks.EMPTY]))
        for name, why in wrong.fields.items()
    }


def file_sentence(language: Language, error: BadInput) -> str:
    """What is wrong with a file."""
    if isinstance(error, TooLarge):
        return language.say(N_("One of the files is too large. Send a smaller picture, or a part of it."))
    return language.say(
        N_(
            "One of the files could not be taken. Pictures (JPEG, PNG, WebP, GIF), PDF and plain text are taken."
        )
    )


def pairs(files: tuple[SentFile, ...]) -> list[tuple[bytes, str]]:
    """Files as the service takes them."""
    return [(file.content, file.declared) for file in files]


def _form(
    request: Request[Any, Any, Any],
    seen: Visitor,
    fields: Mapping[str, str],
    errors: Mapping[str, str],
    ticket: str = "",
) -> Response[str]:
    return render(
        seen,
        "form.html",
        422 if errors else 200,
        form=fields,
        errors=errors,
        ticket=ticket or door_of(request).ticket()[0],
        page="/report/new",
    )


def _receipt(
    request: Request[Any, Any, Any], seen: Visitor, content: ReportContent, receipt: ReportReceipt
) -> Response[str]:
    base = seen.node.settings.public_url.rstrip("/") or f"{request.url.scheme}://{request.url.netloc}"
    return render(
        seen,
        "receipt.html",
        201,
        receipt=receipt,
        urgent=CaseFlag.IMMINENT_DANGER in content.flags,
        address=f"{base}/report/follow",
        page="/report",
    )
