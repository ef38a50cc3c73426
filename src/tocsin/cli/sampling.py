"""tocsin watch sampling: looks at what was not flagged, and what they say of misses."""

from typing import Annotated

import typer

from tocsin.cli.callers import LookerOption
from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import show_json, show_table
from tocsin.kernel import LookOutcome

app = typer.Typer(
    help="Looks at what was not flagged, so that misses can be estimated.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
EventArgument = Annotated[str, typer.Argument(help="The event's id.")]


@app.command("list")
def listed(data: DataOption, json: JsonOption = False) -> None:
    """Show what waits for a look, and the share that is missed with its interval of 95 %."""
    with opened(data) as node:
        from tocsin.app.guard_views import misses_view

        waiting = [
            {"event": look.event, "day": look.day, "lang": look.lang} for look in node.sampling.waiting()
        ]
        misses = [misses_view(one) for one in node.sampling.misses()]
        share = node.settings.sample_share
    if json:
        show_json({"share": share, "waiting": waiting, "misses": misses})
        return
    if not share:
        typer.echo("Nothing is drawn: sample_share is 0 in settings.toml.")
    show_table(
        ("day", "event", "language"),
        ((row["day"], row["event"], row["lang"] or "-") for row in waiting),
        empty="Nothing waits for a look.",
    )
    for row in misses:
        what = row["lang"] or row["category"] or "all"
        typer.echo(
            f"{what}: {row['missed']} missed of {row['looked_at']} looked at "
            f"(95 %: {row['low']:.1%} to {row['high']:.1%})"
        )


@app.command("open")
def show(
    data: DataOption,
    event: EventArgument,
    purpose: Annotated[str, typer.Option(help="Why it is opened; it goes into the audit trail.")],
    user: LookerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Open one drawn text, masked; the act and its purpose are audited first."""
    with opened(data) as node:
        sample = node.sampling.open(node.access.operator(user), event, purpose)
    if json:
        show_json(sample)
    else:
        typer.echo(sample.text_masked)


@app.command("judge")
def judge(
    data: DataOption,
    event: EventArgument,
    outcome: Annotated[LookOutcome, typer.Argument(help="missed, or right: rightly not flagged.")],
    category: Annotated[str, typer.Option(help="Of a miss: the conduct, from the closed list.")] = "",
    statement: Annotated[str, typer.Option(help="Anything worth remembering, in your words.")] = "",
    user: LookerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Say whether it was missed or rightly not flagged. Nothing follows for its account."""
    with opened(data) as node:
        look = node.sampling.judge(
            node.access.operator(user), event, outcome, category=category, statement=statement
        )
    if json:
        show_json({"event": look.event, "outcome": look.outcome, "category": look.category})
    else:
        typer.echo(f"Event {event}: {outcome.value}.")
