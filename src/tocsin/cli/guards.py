"""tocsin watch guards: the guard models of this node, and how far people agree with them."""

from typing import Annotated

import typer

from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import show_json
from tocsin.kernel import NotFound


def guards(data: DataOption, json: JsonOption = False) -> None:
    """Show each guard model: what it said, what waits, and how often people agreed, by language."""
    with opened(data) as node:
        from tocsin.app.guard_views import guard_view

        listed = [guard_view(node, line) for line in node.guards.lines]
    if json:
        show_json({"guards": listed})
        return
    if not listed:
        typer.echo("No guard model. docs/guards.md says how to name one.")
    for row in listed:
        said = ", ".join(f"{number:,} {outcome}" for outcome, number in row["verdicts"].items())
        today = row["today"]
        typer.echo(
            f"{row['name']}  {row['model']}  {row['at']}\n"
            f"  {said}; {row['waiting']:,} events not reached yet\n"
            f"{_of_tools(row['results'])}"
            f"  today {today['requests']:,} of {today['requests_a_day']:,} requests"
        )
        for one in row["agreement"]:
            if one["pairs"]:
                interval = (
                    "too few for an interval"
                    if one["low"] is None
                    else f"95 %: {one['low']:.2f} to {one['high']:.2f}"
                )
                figure = "-" if one["alpha"] is None else f"{one['alpha']:.2f}"
                typer.echo(
                    f"  people, {one['lang'] or 'all languages'}: alpha {figure} over {one['pairs']} ({interval})"
                )


def _of_tools(results: dict[str, int]) -> str:
    """What was said of tools' results, where any was judged."""
    said = ", ".join(f"{number:,} {outcome}" for outcome, number in results.items())
    return f"  of tools' results {said}\n" if any(results.values()) else ""


def guard_key(
    data: DataOption,
    name: Annotated[str, typer.Argument(help="The guard: the name of its file.")],
    clear: Annotated[bool, typer.Option("--clear", help="Forget it.")] = False,
) -> None:
    """Keep the key for a guard model's endpoint, sealed: it is asked for, never given as an argument."""
    with opened(data) as node:
        from tocsin.app.guard_line import keep_key

        named = [line.guard for line in node.guards.lines if line.guard.name == name]
        if not named:
            raise NotFound(f"there is no file guards/{name[:64]}.yaml in this node's folder")
        secret = None if clear else typer.prompt("Key", hide_input=True).strip()
        keep_key(named[0], node.keys, secret or None)
        node.access.audit(node.access.operator().user, "guard.key", subject=name, purpose="")
    typer.echo("The key is forgotten." if clear else "The key is kept.")
