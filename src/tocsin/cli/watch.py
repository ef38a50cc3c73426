"""tocsin watch: events in, warnings out, a person's word on them."""

from pathlib import Path
from typing import Annotated, Any

import typer

from tocsin.cli import arranging, channels, guards, openings, person, rules, sampling
from tocsin.cli.actors import actors
from tocsin.cli.callers import SayerOption
from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import ELSEWHERE, complain, show_json, show_table, when
from tocsin.cli.replay import replay
from tocsin.kernel import BadInput, WarningStatus

app = typer.Typer(help="Events in, warnings out.", no_args_is_help=True, rich_markup_mode=None)
for command in (
    openings.openings,
    openings.allow,
    person.erase,
    person.subject,
    person.hold,
    person.lift,
    person.holds,
    person.erasures,
):
    app.command()(command)

app.command("guards")(guards.guards)
app.command("guard-key")(guards.guard_key)
app.add_typer(sampling.app, name="sampling")
app.add_typer(channels.app, name="channels")
app.command("merge")(arranging.merge)
app.command("unmerge")(arranging.unmerge)
app.command("split")(arranging.split)
app.command("snooze")(arranging.snooze)
app.command("wake")(arranging.wake)

app.add_typer(rules.app, name="rules")

MAX_SHOWN_REFUSALS = 20

app.command()(replay)
app.command()(actors)


@app.command()
def ingest(
    data: DataOption,
    file: Annotated[str, typer.Argument(help="A file of JSON lines (.gz too), or - for standard input.")],
    json: JsonOption = False,
) -> None:
    """Take events from a file; a bad line is named and the rest is kept."""
    from rich.console import Console
    from rich.progress import Progress

    if file != "-" and not Path(file).is_file():
        raise BadInput(f"there is no file {file}: name one, or - for standard input")
    with (
        opened(data) as node,
        Progress(console=Console(stderr=True), disable=json, transient=True) as progress,
    ):
        from tocsin.app.loading import load_events

        task = progress.add_task("Taking events", total=None if file == "-" else Path(file).stat().st_size)
        outcome = load_events(node, file, lambda done: progress.update(task, completed=done))
        progress.update(task, description="Looking for campaigns", total=None)
        node.watch.tick()
        elsewhere = node.watch.elsewhere
    if json:
        show_json(outcome)
    else:
        typer.echo(
            f"{outcome.accepted:,} accepted, {outcome.duplicates:,} known already, {len(outcome.refused):,} refused."
        )
        if elsewhere:
            typer.echo(ELSEWHERE)
        for refusal in outcome.refused[:MAX_SHOWN_REFUSALS]:
            complain(f"line {refusal.line}: {refusal.field or 'line'}: {refusal.reason}")
        if len(outcome.refused) > MAX_SHOWN_REFUSALS:
            complain(f"... and {len(outcome.refused) - MAX_SHOWN_REFUSALS:,} more; --json lists them all")
    if not outcome.accepted and not outcome.duplicates:
        raise typer.Exit(1)


@app.command()
def events(
    data: DataOption,
    json: JsonOption = False,
    limit: Annotated[int, typer.Option(help="How many, newest last.", min=1)] = 100_000,
) -> None:
    """Show events: pseudonymous actors, no text."""
    with opened(data) as node:
        from tocsin.app.views import events_view

        listed = events_view(node, limit)
    if json:
        show_json({"events": listed})
        return
    show_table(
        ("time", "id", "source", "kind", "actor", "signals"),
        (
            (row["time"], row["id"], row["source"], row["kind"], row["actor"], len(row["signals"]))
            for row in listed
        ),
        empty="No events yet: send some with `tocsin watch ingest FILE.jsonl`.",
    )


@app.command()
def warnings(
    data: DataOption,
    json: JsonOption = False,
    status: Annotated[WarningStatus | None, typer.Option(help="Only these.")] = None,
    language: Annotated[str, typer.Option("--lang", help="Language of the reasons.")] = "en",
) -> None:
    """Show warnings with their reasons."""
    with opened(data) as node:
        from tocsin.app.views import warning_view

        found = node.store.warnings.list(status=status)
        weighed = node.weighing.of(found)
        listed: list[dict[str, Any]] = [
            warning_view(warning, language, weighed[warning.id]) for warning in found
        ]
    if json:
        show_json({"warnings": listed})
        return
    if not listed:
        typer.echo("No warnings.")
    for row in listed:
        span = f"{row['first_seen'][:16]} to {row['last_seen'][:16]} UTC"
        typer.echo(
            f"{row['status'].upper()}  {row['category']}  {row['risk']}  "
            f"{row['combined']['score']} {row['combined']['band']}\n"
            f"  {row['actors']} accounts, {row['events']} events, {span}\n"
            f"  id {row['id']}"
        )
        for reason in row["reasons"]:
            typer.echo(f"  - {reason}")
        typer.echo("  What would refute it:")
        for reason in row["refutations"]:
            typer.echo(f"    - {reason}")
        typer.echo("")


@app.command()
def sessions(
    data: DataOption,
    user: Annotated[str, typer.Option(help="Who looks: a reviewer who was trained for it.")],
    session: Annotated[str, typer.Option(help="Open this one; needs --purpose.")] = "",
    purpose: Annotated[str, typer.Option(help="For what purpose it is opened.")] = "",
    language: Annotated[str, typer.Option("--lang", help="Language of the reasons.")] = "en",
    json: JsonOption = False,
) -> None:
    """Show conversations in which risk builds up. Every look is audited; nothing of it leaves this node."""
    with opened(data) as node:
        from tocsin.app.views import conversation_view

        by = node.access.operator(user)
        if session:
            found = node.conversations.open(by, session, purpose)
            listed = [conversation_view(found.standing, language, found.samples)]
        else:
            listed = [conversation_view(one, language) for one in node.conversations.list(by)]
    if json:
        show_json({"sessions": listed})
        return
    if not listed:
        typer.echo("No conversation rings.")
    for row in listed:
        typer.echo(
            f"{row['score']:.2f} of {row['threshold']:.2f}  {row['messages']} messages  {row['session']}"
        )
        for line in (*row["reasons"], *(f"refuted by: {line}" for line in row["refutations"])):
            typer.echo(f"  - {line}")
        for one in row["judged"]:
            typer.echo(
                f"  {one['time'][:16]}  {one['side']}: flagged by guard {one['guard']}, {one['category']}, "
                f"borne out by people here by {one['borne_out']:.0%}; adds {one['left']:.2f} now"
            )
        for sample in row.get("samples", ()):
            typer.echo(f"  {sample['time'][:16]}  {sample['text_masked']}")


@app.command()
def trends(
    data: DataOption,
    json: JsonOption = False,
    whole: Annotated[
        bool, typer.Option("--whole", help="Show counts under five too: they must stay on this node.")
    ] = False,
) -> None:
    """Show counts of conduct against what was expected, and which days rang."""
    with opened(data) as node:
        from tocsin.app.trend_views import trends_view

        node.trends.tick()
        view = trends_view(node, whole=whole)
    if json:
        show_json(view)
        return
    show_table(
        ("conduct", "language", "region", "newest day", "count", "expected", "rang"),
        (
            (
                one["category"],
                one["language"] or "all",
                one["region"] or "all",
                one["days"][-1]["day"],
                "<5" if one["days"][-1]["count"] is None else one["days"][-1]["count"],
                "-" if one["days"][-1]["expected"] is None else one["days"][-1]["expected"],
                ", ".join(alarm["day"] for alarm in one["alarms"]) or "-",
            )
            for one in view["trends"]
        ),
        empty="Nothing of the closed list of conduct was counted yet.",
    )


@app.command()
def confirm(
    data: DataOption,
    warning: Annotated[str, typer.Argument(help="The warning's id.")],
    category: Annotated[str, typer.Option(help="The conduct, from the closed list.")],
    basis: Annotated[str, typer.Option(help="The rule or law that it breaks.")],
    statement: Annotated[str, typer.Option(help="Why, in your words.")],
    user: SayerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Confirm a warning: it becomes records that may be shared."""
    _review(data, user, warning, WarningStatus.CONFIRMED, category, statement, basis, None, json)


@app.command()
def dismiss(
    data: DataOption,
    warning: Annotated[str, typer.Argument(help="The warning's id.")],
    statement: Annotated[str, typer.Option(help="Why it is harmless, in your words.")],
    days: Annotated[int | None, typer.Option(help="For how long its template is left alone.")] = None,
    user: SayerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Dismiss a warning: its template stays quiet until the dismissal ends."""
    _review(data, user, warning, WarningStatus.DISMISSED, "", statement, "", days, json)


@app.command()
def withdraw(
    data: DataOption,
    warning: Annotated[str, typer.Argument(help="The id of a dismissed warning.")],
    statement: Annotated[str, typer.Option(help="Why the dismissal no longer holds, in your words.")],
    user: SayerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Take a dismissal back: the warning is open again, and its record is revoked."""
    with opened(data) as node:
        from tocsin.app.views import warning_view

        reopened = node.reviewing.withdraw(node.access.operator(user), warning, statement=statement)
        view = warning_view(reopened, "en")
    if json:
        show_json(view)
    else:
        typer.echo(f"Warning {warning} is open again. Peers hear of it when you publish.")


def _review(
    data: Path,
    user: str,
    warning: str,
    verdict: WarningStatus,
    category: str,
    statement: str,
    basis: str,
    days: int | None,
    json: bool,
) -> None:
    with opened(data) as node:
        from tocsin.app.views import warning_view

        reviewed = node.reviewing.review(
            node.access.operator(user),
            warning,
            verdict,
            category=category,
            statement=statement,
            basis=basis,
            days=days,
        )
        view = warning_view(reviewed, "en")
    if json:
        show_json(view)
    else:
        typer.echo(f"Warning {warning} is {reviewed.status.value} at {when(reviewed.updated)}.")
