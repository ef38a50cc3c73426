"""tocsin share sum: private sums of evidence with other nodes: consent, how it stands, a look."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from tocsin.cli.callers import AskerOption
from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import show_json, show_table

app = typer.Typer(
    help="Private sums of evidence with other nodes.", no_args_is_help=True, rich_markup_mode=None
)


@app.command()
def agree(
    data: DataOption,
    with_: Annotated[list[str], typer.Option("--with", help="A peer that takes part; name each.")],
    aggregators: Annotated[
        list[str],
        typer.Option("--aggregator", help="A peer that adds up, twice; best one that takes no part."),
    ],
    until: Annotated[datetime, typer.Option(help="When consent ends.", formats=["%Y-%m-%d"])],
    adds_up: Annotated[
        bool, typer.Option("--adds-up", help="This node is an aggregator, and takes no part itself.")
    ] = False,
    holders: Annotated[int, typer.Option(help="Nodes that must hold a text before it rings.")] = 2,
    looks: Annotated[int, typer.Option(help="Looks a week.")] = 7,
    noise: Annotated[
        int,
        typer.Option(
            help="Scale of noise on each count, 0 for none; from 7. From 56 on a study found nothing."
        ),
    ] = 0,
    user: AskerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Consent to sums with named peers. It begins when the operators of all have agreed to the same."""
    participants = list(with_) if adds_up else ["", *with_]
    adding = [*aggregators, ""] if adds_up else list(aggregators)
    with opened(data) as node:
        from tocsin.app.sum_views import status_view
        from tocsin.kernel import micros

        by = node.access.operator(user)
        node.summing.agree(
            by,
            participants,
            adding,
            micros(until.replace(tzinfo=UTC)),
            holders=holders,
            looks=looks,
            noise=noise,
        )
        view = status_view(node.summing, node.store, by)
    _show(view, json)


@app.command()
def withdraw(data: DataOption, user: AskerOption = "admin", json: JsonOption = False) -> None:
    """Take consent back: this week's key is destroyed at once, and nothing more is said or taken."""
    with opened(data) as node:
        node.summing.withdraw(node.access.operator(user))
    if json:
        show_json({"agreed": False})
    else:
        typer.echo("Withdrawn. The other nodes' sums of this week do not go on without you.")


@app.command()
def status(data: DataOption, user: AskerOption = "admin", json: JsonOption = False) -> None:
    """Show who sums, how far this week is, what left this node and what came back."""
    with opened(data) as node:
        from tocsin.app.sum_views import status_view

        view = status_view(node.summing, node.store, node.access.operator(user))
    _show(view, json)


@app.command()
def look(data: DataOption, user: AskerOption = "admin", json: JsonOption = False) -> None:
    """Submit at the look whose time is now, without waiting for its end. The serving node does it."""
    with opened(data) as node:
        epoch, number = node.summing.look(node.access.operator(user))
    if json:
        show_json({"epoch": epoch, "look": number})
    else:
        typer.echo(
            f"Asked for look {number} of week {epoch}; `tocsin share sum status` shows what comes of it."
        )


def _show(view: dict[str, Any], json: bool) -> None:
    if json:
        show_json(view)
        return
    agreed = view["agreement"]
    if agreed is None:
        typer.echo("No sums are agreed to: `tocsin share sum agree --with PEER ... --aggregator PEER ...`.")
        return
    typer.echo(
        f"{', '.join(agreed['participants'])}; added up by {' and '.join(agreed['aggregators'])}; "
        f"at least {agreed['holders']} holders, {agreed['looks']} looks a week, until {agreed['until']}."
    )
    if budget := view["budget"]:
        typer.echo(
            f"Noise of scale {agreed['noise']}: a look is an epsilon of {budget['look']:g} for an account; left are "
            f"{budget['week_left']:g} this week and {budget['life_left']:g} in all."
        )
    if view["unpaid"]:
        typer.echo(
            f"Not submitted, for the budget did not hold it: look {', '.join(map(str, view['unpaid']))}."
        )
    for line in agreed["losses"]:
        typer.echo(line)
    typer.echo(f"Week {view['epoch']}: {view['stage']}, look {view['look']}.")
    if view["waiting_for"]:
        typer.echo(f"It waits for {', '.join(view['waiting_for'])}.")
    show_table(
        ("week", "look", "candidates", "keys", "rang"),
        (
            (row["epoch"], row["look"], row["candidates"], row["keys"], len(row["warnings"]))
            for row in view["looks"]
        ),
        empty="This node has submitted at no look yet.",
    )
