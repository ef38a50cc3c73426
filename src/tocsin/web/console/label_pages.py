"""Labels of content: what one file says of how it was made, and whether a stripped one is this node's own.

A file is read, judged apart and dropped; its name is not read. That none is found says nothing of who made it.
"""

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.concurrency import sync_to_thread

from tocsin.app.content_labels import suffix_of
from tocsin.app.labelled import MAX_FILES_A_CASE, MAX_PURPOSE_CHARS, MIN_PURPOSE_CHARS, Recollection
from tocsin.kernel import BadInput, NotAllowed, NotFound
from tocsin.kernel.labels import Certainty, LabelReport, Scheme, Standing
from tocsin.web.console import acts
from tocsin.web.console.forms import MAX_FORM_BYTES, MAX_UPLOAD_BYTES
from tocsin.web.console.languages import N_
from tocsin.web.console.login import see_other
from tocsin.web.console.render import render
from tocsin.web.console.visits import Visit, visit_of

MAX_CASE_CHARS = 64
FILE_MIB = (MAX_UPLOAD_BYTES - MAX_FORM_BYTES) >> 20

SCHEMES = {Scheme.GB45438: "GB 45438-2025", Scheme.C2PA: "C2PA", Scheme.IPTC: "IPTC"}
STANDINGS = {
    Standing.VALID: N_("Valid: it is there, and a signature of somebody believed here covers it."),
    Standing.VALID_UNTRUSTED: N_("There and of its form; nobody who is believed here stands for it."),
    Standing.BROKEN: N_("Broken: changed after it was signed, malformed, or two that differ."),
    Standing.STRIPPED: N_("Stripped: it is gone, and something in the file says that it was there."),
    Standing.NONE_FOUND: N_("None found. That says nothing about who made it, or with what."),
}
CHIPS = {
    Standing.VALID: ("done", N_("valid")),
    Standing.VALID_UNTRUSTED: ("open", N_("valid, not trusted")),
    Standing.BROKEN: ("refused", N_("broken")),
    Standing.STRIPPED: ("refused", N_("stripped")),
    Standing.NONE_FOUND: ("refuse", N_("none found")),
}
CERTAINTIES = {
    Certainty.CONFIRMED: N_("made by AI"),
    Certainty.POSSIBLE: N_("possibly made by AI"),
    Certainty.SUSPECTED: N_("suspected to be made by AI"),
}
TOLD_BY = {"picture": N_("picture"), "sound": N_("sound"), "film": N_("film"), "text": N_("text")}
NO_FILE = N_("Choose one file.")
NOT_JUDGED = N_("It cannot be looked at: its format is none of those below, or it is damaged.")
NO_CASE = N_("There is no such case here, or it is not yours to see.")
CASE_OVER = N_("The case is closed, or %(most)s of its files were looked at already.")
NO_PURPOSE = N_("Say for what, in %(least)s to %(most)s characters.")


class FormatRow(msgspec.Struct, frozen=True):
    """A format and the schemes that have a place in it; `manifest`: C2PA's, which holds the others' words too."""

    format: str
    schemes: frozenset[Scheme]
    manifest: bool


@get("/labels", sync_to_thread=True)
def labels_page(request: Request[Any, Any, Any]) -> Response[str]:
    """A form for one file; what is written into which format; whose signature this node's labels bear."""
    visit = visit_of(request)
    visit.require(acts.LABELS_VERIFY)
    return _show(visit)


@post("/labels/verify", sync_to_thread=True, request_max_body_size=MAX_UPLOAD_BYTES)
def verify(request: Request[Any, Any, Any]) -> Response[str]:
    """What the file's labels are worth, scheme by scheme."""
    visit = visit_of(request)
    by = visit.require(acts.LABELS_VERIFY)
    if len(visit.files) != 1:
        return _show(visit, 422, errors={"file": visit.language.say(NO_FILE)})
    (file,) = visit.files
    try:
        report = visit.node.content_labels.verify_bytes(by, file.content, suffix_of(file.declared))
    except BadInput as error:
        return _show(visit, 422, errors={"file": visit.language.say(NOT_JUDGED)}, because=error.message)
    return _show(visit, report=report)


@post("/labels/recognise", sync_to_thread=True, request_max_body_size=MAX_UPLOAD_BYTES)
def recognise(request: Request[Any, Any, Any]) -> Response[str]:
    """Whether a file is one of this node's own, in a case and for a purpose; in the audit."""
    visit = visit_of(request)
    by = visit.require(acts.LABELS_RECALL)
    say, filled = visit.language.say, {"case": "", "purpose": ""}
    filled = {name: visit.form.get(name, "").strip()[: MAX_PURPOSE_CHARS + 1] for name in filled}
    errors: dict[str, str] = {}
    if not 0 < len(filled["case"]) <= MAX_CASE_CHARS:
        errors["case"] = say(NO_CASE)
    if not MIN_PURPOSE_CHARS <= len(filled["purpose"]) <= MAX_PURPOSE_CHARS:
        errors["purpose"] = say(NO_PURPOSE, least=MIN_PURPOSE_CHARS, most=MAX_PURPOSE_CHARS)
    if len(visit.files) != 1:
        errors["asked"] = say(NO_FILE)
    because = ""
    if not errors:
        (file,) = visit.files
        try:
            found = visit.node.content_labels.recognise_bytes(
                by, filled["case"], file.content, suffix_of(file.declared), purpose=filled["purpose"]
            )
            return _show(visit, filled=filled, found=found)
        except NotFound:
            errors["case"] = say(NO_CASE)
        except NotAllowed:
            errors["case"] = say(CASE_OVER, most=MAX_FILES_A_CASE)
        except BadInput as error:
            errors["asked"], because = say(NOT_JUDGED), error.message
    return _show(visit, 422, filled=filled, errors=errors, because=because)


# async, because Litestar awaits a sync handler's thread only for the first of its paths
@get(["/labels/verify", "/labels/recognise"])
async def back_to_labels(request: Request[Any, Any, Any]) -> Response[Any]:
    """Whoever comes to a form's address by hand lands on the page with the form."""
    await sync_to_thread(visit_of(request).require, acts.LABELS_VERIFY)
    return see_other("/labels")


def _show(
    visit: Visit,
    status: int = 200,
    *,
    report: LabelReport | None = None,
    found: Recollection | None = None,
    filled: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    because: str = "",
) -> Response[str]:
    return render(
        visit,
        "labels.html",
        status,
        report=report,
        found=found,
        filled=filled or {"case": "", "purpose": ""},
        errors=errors or {},
        because=because,
        authority=visit.node.content_labels.authority(),
        formats=_formats(),
        schemes=SCHEMES,
        standings=STANDINGS,
        chips=CHIPS,
        certainties=CERTAINTIES,
        told_by=TOLD_BY,
        file_mib=FILE_MIB,
        days=visit.node.settings.label_recall_days,
    )


def _formats() -> tuple[FormatRow, ...]:
    from tocsin.label.carriers import CARRIERS  # loads what writes pictures and films
    from tocsin.label.manifests import MANIFESTED

    return tuple(
        FormatRow(
            carrier.format.value.upper(),
            carrier.schemes | ({Scheme.C2PA} if carrier.format in MANIFESTED else frozenset()),
            manifest=carrier.format in MANIFESTED,
        )
        for carrier in CARRIERS
    )
