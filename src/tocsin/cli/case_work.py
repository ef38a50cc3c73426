"""tocsin case claim, release, note, triage, verify, close, reopen, erase: the daily work."""

from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.callers import RoleOption
from tocsin.cli.case import ReasonsOption, VersionOption
from tocsin.cli.opening import CaseArgument, DataOption, JsonOption, opened
from tocsin.cli.output import say, show_json, when
from tocsin.kernel.cases import Urgency
from tocsin.kernel.disposing import Outcome

if TYPE_CHECKING:
    from tocsin.kernel.cases import Case


def told(case: "Case", *, json: bool) -> None:
    """The case as it is now."""
    from tocsin.app.case_views import case_view

    if json:
        show_json(case_view(case))
        return
    due = f"; due {when(case.due)}" if case.due else ""
    waits = "; a grave measure waits for another person" if case.proposal else ""
    say(f"{case.id}: {case.state.value}, version {case.version}{due}{waits}.")


def claim(
    data: DataOption,
    case: CaseArgument,
    version: VersionOption = None,
    user: RoleOption = "admin",
    json: JsonOption = False,
) -> None:
    """Take a case, or keep it for longer; a claim ends by itself."""
    with opened(data) as node:
        told(node.cases.claim(node.access.operator(user), case, version=version), json=json)


def release(
    data: DataOption,
    case: CaseArgument,
    version: VersionOption = None,
    user: RoleOption = "admin",
    json: JsonOption = False,
) -> None:
    """Give a case back."""
    with opened(data) as node:
        told(node.cases.release(node.access.operator(user), case, version=version), json=json)


def note(
    data: DataOption,
    case: CaseArgument,
    text: Annotated[str, typer.Argument(help="The note.")],
    version: VersionOption = None,
    user: RoleOption = "admin",
    json: JsonOption = False,
) -> None:
    """Write something down in a case."""
    with opened(data) as node:
        told(node.cases.note(node.access.operator(user), case, text, version=version), json=json)


def triage(
    data: DataOption,
    case: CaseArgument,
    category: Annotated[str, typer.Option(help="A category of conduct: fraud.scam ...")],
    urgency: Annotated[Urgency, typer.Option(help="How urgent it is.")],
    reasons: ReasonsOption,
    queue: Annotated[str | None, typer.Option(help="Into this queue.")] = None,
    version: VersionOption = None,
    user: RoleOption = "admin",
    json: JsonOption = False,
) -> None:
    """Say what conduct a case is about, and how urgent it is."""
    with opened(data) as node:
        done = node.cases.triage(
            node.access.operator(user),
            case,
            category=category,
            urgency=urgency,
            reasons=reasons,
            queue=queue,
            version=version,
        )
        told(done, json=json)


def verify(
    data: DataOption,
    case: CaseArgument,
    outcome: Annotated[Outcome, typer.Option(help="Whether the facts bear it out.")],
    reasons: ReasonsOption,
    version: VersionOption = None,
    user: RoleOption = "admin",
    json: JsonOption = False,
) -> None:
    """Say what was found out."""
    with opened(data) as node:
        by = node.access.operator(user)
        told(node.cases.verify(by, case, outcome=outcome, reasons=reasons, version=version), json=json)


def close(
    data: DataOption,
    case: CaseArgument,
    reasons: ReasonsOption,
    version: VersionOption = None,
    user: RoleOption = "admin",
    json: JsonOption = False,
) -> None:
    """End a case; a decision can still be appealed in its time."""
    with opened(data) as node:
        by = node.access.operator(user)
        told(node.cases.close(by, case, reasons=reasons, version=version), json=json)


def reopen(
    data: DataOption,
    case: CaseArgument,
    reasons: ReasonsOption,
    version: VersionOption = None,
    user: RoleOption = "admin",
    json: JsonOption = False,
) -> None:
    """Take up a closed or transferred case again."""
    with opened(data) as node:
        by = node.access.operator(user)
        told(node.cases.reopen(by, case, reasons=reasons, version=version), json=json)


def erase(
    data: DataOption,
    case: CaseArgument,
    reason: Annotated[str, typer.Option(help="Why, without a name.")],
    user: RoleOption = "admin",
) -> None:
    """Erase the words of a case that is over, for good; its acts stay. A legal hold or an open appeal stops it."""
    with opened(data) as node:
        node.case_rights.erase(node.access.operator(user), case, reason)
    typer.echo(
        "Erased: nobody opens its words again. A backup of before still does; see docs/restricted-cases.md."
    )
