"""tocsin watch merge, unmerge, split, snooze, wake: what a person arranges of warnings."""

from typing import Annotated

import typer

from tocsin.cli.callers import SayerOption
from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import show_json, when

WarningArgument = Annotated[str, typer.Argument(help="The warning's id.")]
StatementOption = Annotated[str, typer.Option(help="Why, in your words.")]


def merge(
    data: DataOption,
    warning: Annotated[str, typer.Argument(help="The warning that speaks for both from now on.")],
    part: Annotated[str, typer.Argument(help="The warning that is the same thing.")],
    statement: StatementOption,
    user: SayerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Say that two warnings are one thing. It stays so when they are found again."""
    with opened(data) as node:
        node.arranging.merge(node.access.operator(user), warning, part, statement=statement)
    if json:
        show_json({"warning": warning, "merged": part})
    else:
        typer.echo(f"Warning {part} is one thing with {warning}.")


def unmerge(
    data: DataOption,
    part: WarningArgument,
    statement: StatementOption,
    user: SayerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Take a merge back: the part is open again."""
    with opened(data) as node:
        node.arranging.unmerge(node.access.operator(user), part, statement=statement)
    if json:
        show_json({"warning": part, "status": "open"})
    else:
        typer.echo(f"Warning {part} is open again.")


def split(
    data: DataOption,
    warning: WarningArgument,
    event: Annotated[list[str], typer.Option(help="A sample that is another thing; may be repeated.")],
    statement: StatementOption,
    user: SayerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Split samples off into a warning of their own. They stay apart when the first is found again."""
    with opened(data) as node:
        made = node.arranging.split(node.access.operator(user), warning, tuple(event), statement=statement)
    if json:
        show_json({"warning": warning, "split_off": made.id, "events": made.events})
    else:
        typer.echo(f"Warning {made.id} has {made.events} of its events.")


def snooze(
    data: DataOption,
    warning: WarningArgument,
    reason: Annotated[str, typer.Option(help="Why it may wait, in your words.")],
    days: Annotated[float, typer.Option(help="For how long.")] = 7.0,
    factor: Annotated[float, typer.Option(help="It wakes at once when its score grows by this.")] = 2.0,
    user: SayerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Let a warning wait: until a time, or until it grows."""
    with opened(data) as node:
        node.arranging.snooze(node.access.operator(user), warning, reason=reason, days=days, factor=factor)
        handling = node.store.handlings.get(warning)
    until = when(handling.snooze.until if handling and handling.snooze else None)
    if json:
        show_json({"warning": warning, "status": "snoozed", "until": until, "factor": factor})
    else:
        typer.echo(f"Warning {warning} waits until {until}, or until its score has grown {factor:g} times.")


def wake(
    data: DataOption, warning: WarningArgument, user: SayerOption = "admin", json: JsonOption = False
) -> None:
    """End a warning's pause now."""
    with opened(data) as node:
        node.arranging.wake(node.access.operator(user), warning)
    if json:
        show_json({"warning": warning, "status": "open"})
    else:
        typer.echo(f"Warning {warning} is open.")
