"""tocsin case merge, unmerge, split, transfer: cases that become one, part, or go elsewhere."""

from typing import Annotated

import typer

from tocsin.cli.callers import RoleOption
from tocsin.cli.case import ReasonsOption, VersionOption
from tocsin.cli.case_work import told
from tocsin.cli.opening import CaseArgument, DataOption, JsonOption, opened


def merge(
    data: DataOption,
    case: CaseArgument,
    into: Annotated[str, typer.Argument(help="The case that speaks for both.")],
    reasons: ReasonsOption,
    version: VersionOption = None,
    user: RoleOption = "admin",
    json: JsonOption = False,
) -> None:
    """Make a case a part of another of the same queue."""
    with opened(data) as node:
        by = node.access.operator(user)
        told(node.cases.merge(by, case, into, reasons=reasons, version=version), json=json)


def unmerge(
    data: DataOption,
    case: CaseArgument,
    reasons: ReasonsOption,
    version: VersionOption = None,
    user: RoleOption = "admin",
    json: JsonOption = False,
) -> None:
    """Let a part stand alone again."""
    with opened(data) as node:
        by = node.access.operator(user)
        told(node.cases.unmerge(by, case, reasons=reasons, version=version), json=json)


def split(
    data: DataOption,
    case: CaseArgument,
    title: Annotated[str, typer.Option(help="Of the new case.")],
    reasons: ReasonsOption,
    note: Annotated[
        list[int] | None, typer.Option(help="Number of a note that goes over; again for more.")
    ] = None,
    exhibit: Annotated[
        list[str] | None, typer.Option(help="Id of an exhibit that goes over; again for more.")
    ] = None,
    version: VersionOption = None,
    user: RoleOption = "admin",
    json: JsonOption = False,
) -> None:
    """Make a new case out of a part of one."""
    with opened(data) as node:
        made = node.cases.split(
            node.access.operator(user),
            case,
            reasons=reasons,
            title=title,
            notes=note or (),
            exhibits=tuple(exhibit or ()),
            version=version,
        )
        told(made, json=json)


def transfer(
    data: DataOption,
    case: CaseArgument,
    reasons: ReasonsOption,
    queue: Annotated[str | None, typer.Option(help="To this queue.")] = None,
    organisation: Annotated[str | None, typer.Option(help="To this organisation: it ends here.")] = None,
    version: VersionOption = None,
    user: RoleOption = "admin",
    json: JsonOption = False,
) -> None:
    """Move a case to another queue, or to another organisation."""
    with opened(data) as node:
        done = node.cases.transfer(
            node.access.operator(user),
            case,
            reasons=reasons,
            queue=queue,
            organisation=organisation,
            version=version,
        )
        told(done, json=json)
