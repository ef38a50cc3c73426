"""tocsin case import-mail, export: cases that come by e-mail, and cases that another system takes over."""

from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.callers import UserOption
from tocsin.cli.model_sign import write_whole
from tocsin.cli.opening import CaseArgument, DataOption, JsonOption, opened
from tocsin.cli.output import complain, say, show_json
from tocsin.kernel import TLP, BadInput, TocsinError

MAIL = ".eml"
MAX_MESSAGES = 1_000
"""Files of one call."""

FORMS = ("thehive", "misp")


def import_mail(
    data: DataOption,
    files: Annotated[list[Path], typer.Argument(help="Messages (.eml), or folders of them.", exists=True)],
    lang: Annotated[str, typer.Option("--lang", help="Language to answer in.")] = "en",
    user: UserOption = "admin",
    json: JsonOption = False,
) -> None:
    """Take e-mail messages in as reports; each once, however often it is brought."""
    from tocsin.ingest.mail import MAX_MAIL_BYTES

    taken, failed = [], []
    with opened(data) as node:
        caller = node.access.operator(user)
        for file in _messages(files):
            try:
                with file.open("rb") as message:
                    got = node.mail_reports.take(caller, message.read(MAX_MAIL_BYTES + 1), lang=lang)
            except TocsinError as error:
                failed.append({"file": str(file), "reason": error.message})
                continue
            taken.append({"file": str(file), "report": got})
            if not json:
                receipt = got.receipt
                said = (
                    f"report {got.number}, secret {receipt.secret}"
                    if receipt
                    else f"was taken as {got.number}"
                )
                say(f"{file.name}: {said}{''.join(f'; left out: {one}' for one in got.refused)}")
    if json:
        show_json({"taken": taken, "failed": failed})
    for one in failed:
        complain(f"{one['file']}: {one['reason']}")
    if failed:
        raise typer.Exit(1)


def export(
    data: DataOption,
    case: CaseArgument,
    form: Annotated[str, typer.Option("--to", help="thehive or misp.")],
    title: Annotated[str, typer.Option(help="What it is about, without an identifier.")],
    description: Annotated[str, typer.Option(help="What they should know, without an identifier.")],
    purpose: Annotated[str, typer.Option(help="What for, in your words; auditors read it.")],
    out: Annotated[Path, typer.Option(help="The file to write.")],
    tlp: Annotated[str, typer.Option(help="clear, green, amber or amber+strict.")] = "amber",
    observable: Annotated[
        list[str] | None, typer.Option(help="An identifier to name, as type=value; may be repeated.")
    ] = None,
    user: UserOption = "admin",
) -> None:
    """Write a case for TheHive or MISP: what you say of it here, and nothing that it holds besides."""
    from tocsin.kernel import Observable, ObservableType

    if form not in FORMS:
        raise BadInput("name where it goes: --to thehive or --to misp")
    try:
        marking = TLP(tlp)
        named = [
            Observable(ObservableType(kind), value)
            for kind, _, value in (one.partition("=") for one in observable or [])
        ]
    except ValueError:
        kinds = ", ".join(ObservableType)
        raise BadInput(
            f"--tlp is clear, green, amber or amber+strict; --observable is type=value of: {kinds}"
        ) from None
    with opened(data) as node:
        made = node.case_exports.export(
            node.access.operator(user),
            case,
            "thehive" if form == "thehive" else "misp",
            title=title,
            description=description,
            marking=marking,
            purpose=purpose,
            observables=named,
        )
    write_whole(out, made)
    say(f"{len(made)} bytes in {out}: give it to them yourself, nothing was sent")


def _messages(files: list[Path]) -> list[Path]:
    found: list[Path] = []
    for file in files:
        found += sorted(file.glob(f"*{MAIL}")) if file.is_dir() else [file]
    if not 0 < len(found) <= MAX_MESSAGES:
        raise BadInput(f"name 1 to {MAX_MESSAGES} messages, or a folder with {MAIL} files in it")
    return found
