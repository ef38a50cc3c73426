"""tocsin share count: counts of a week under differential privacy, ours and peers', and what they cost."""

from datetime import datetime
from typing import Annotated, Any

import typer

from tocsin.cli.callers import AskerOption
from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import show_json, show_table
from tocsin.kernel import BadInput


def count(
    data: DataOption,
    week: Annotated[str, typer.Option(help="ISO 8601, as 2026-W45; the newest that is over otherwise.")] = "",
    release: Annotated[
        bool,
        typer.Option(
            "--release", help="Draw what was not drawn yet: it is paid for first, and kept as records."
        ),
    ] = False,
    only: Annotated[
        list[str] | None, typer.Option("--list", help="categories, languages or trends; all otherwise.")
    ] = None,
    ledger: Annotated[bool, typer.Option("--ledger", help="Show what was paid and what is left.")] = False,
    settle: Annotated[
        datetime | None,
        typer.Option(
            help="After a restore: the day of the backup; allows for what is not known.", formats=["%Y-%m-%d"]
        ),
    ] = None,
    user: AskerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Show noisy counts of a week, ours and peers', with 95 % intervals. Exit 1 when the budget is spent."""
    from tocsin.kernel.counts import CountList

    lists = tuple(only or CountList)
    if unknown := set(lists) - {one.value for one in CountList}:
        raise BadInput(f"{min(unknown)} is no list: choose among {', '.join(CountList)}")
    if ledger + release + (settle is not None) > 1:
        raise BadInput("--release, --ledger and --settle are three acts: choose one")
    with opened(data) as node:
        from tocsin.app.count_views import budget_view, counts_view

        by = node.access.operator(user)
        counting = node.counting
        if settle is not None:
            from datetime import UTC

            counting.settle(by, settle.replace(tzinfo=UTC))
        week = week or counting.newest_week()
        if release:
            for which in lists:
                counting.draw(by, week, CountList(which))
        if ledger or settle is not None:
            view: dict[str, Any] = budget_view(counting.budget(by, week))
        else:
            view = counts_view(counting, by, week)
            view["lists"] = [one for one in view["lists"] if one["list"] in lists]
    if json:
        show_json(view)
    elif ledger or settle is not None:
        _show_budget(view, week, paid=True)
    else:
        _show_counts(view)


def _show_counts(view: dict[str, Any]) -> None:
    typer.echo(
        f"{view['week']}: actors, with noise; each number with its 95 % interval. Below zero is noise."
    )
    for one in view["lists"]:
        typer.echo("")
        show_table(
            (one["list"], *(node["author"] for node in one["nodes"])),
            ((cell["of"], *map(_cell, cell["counts"])) for cell in one["cells"]),
            empty=f"Nobody said anything of {one['list']}: `tocsin share count --release` draws ours.",
        )
    typer.echo("")
    _show_budget(view["budget"], view["week"])


def _cell(said: dict[str, int] | None) -> str:
    return "-" if said is None else f"{said['value']} ({said['low']} to {said['high']})"


def _show_budget(budget: dict[str, Any], week: str, *, paid: bool = False) -> None:
    if paid:
        show_table(
            ("week", "list", "epsilon", "paid"),
            ((one["week"], one["list"], f"{one['epsilon']:g}", one["at"]) for one in budget["paid"]),
            empty="Nothing was paid yet.",
        )
    typer.echo(
        f"Epsilon left: {budget['week_left']:g} of {budget['week']:g} for {week}, "
        f"{budget['life_left']:g} of {budget['life']:g} for this node's life."
    )
    if budget["unsure"]:
        typer.echo("What was paid since a backup is not known: nothing is drawn until `--settle DAY`.")
