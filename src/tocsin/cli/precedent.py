"""tocsin precedent: release decisions as key cases that later ones follow or depart from."""

from typing import Annotated

import typer

from tocsin.cli.callers import SpeakerOption
from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import say, show_json, show_table
from tocsin.kernel.precedents import Relation

app = typer.Typer(
    help="The register of key cases: add, list, show, cite.", no_args_is_help=True, rich_markup_mode=None
)

DecisionArgument = Annotated[str, typer.Argument(help="The release decision's id, or how it begins.")]


@app.command()
def add(
    data: DataOption,
    decision: DecisionArgument,
    domain: Annotated[str, typer.Option(help="Harm domain, for example domain.cyber.")],
    reasoning: Annotated[str, typer.Option(help="Why it came out so.")],
    stands_for: Annotated[str, typer.Option(help="What it is a case of.")],
    user: SpeakerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Put a decision into the register; the facts that decided it are read off it."""
    with opened(data) as node:
        from tocsin.app.red_line_views import precedent_view

        by = node.access.operator(user)
        made = node.precedents.add(
            by, node.releases.get(by, decision).id, domain=domain, reasoning=reasoning, stands_for=stands_for
        )
    if json:
        show_json(precedent_view(made, ()))
    else:
        typer.echo(f"Kept: {made.stands_for}")


@app.command()
def cite(
    data: DataOption,
    decision: DecisionArgument,
    precedent: Annotated[str, typer.Argument(help="The precedent's id, or how it begins.")],
    relation: Annotated[Relation, typer.Option("--as", help="Whether it follows or departs.")],
    because: Annotated[str, typer.Option(help="In what the cases are alike, or why it departs.")],
    user: SpeakerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Say that a decision follows a precedent, or departs from it. Nothing opens or closes by it."""
    with opened(data) as node:
        by = node.access.operator(user)
        later, case = (node.releases.get(by, one).id for one in (decision, precedent))
        made = node.precedents.cite(by, later, case, relation, because)
    if json:
        show_json({"decision": made.decision, "precedent": made.precedent, "relation": made.relation.value})
    else:
        typer.echo(f"Kept: it {made.relation.value}.")


@app.command("list")
def list_precedents(
    data: DataOption,
    domain: Annotated[str, typer.Option(help="Only this harm domain.")] = "",
    tier: Annotated[str, typer.Option(help="Only decisions that came out so: withheld, restricted...")] = "",
    rule: Annotated[str, typer.Option(help="Only those that this rule decided.")] = "",
    user: SpeakerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Show key cases, newest first, and how often each was followed or departed from."""
    with opened(data) as node:
        from tocsin.app.red_line_views import precedent_view

        found = node.precedents.listed(node.access.operator(user), domain=domain, tier=tier, rule=rule)
        rows = [precedent_view(*one) for one in found]
    if json:
        show_json({"precedents": rows})
        return
    show_table(
        ("stands for", "tier", "domain", "rules", "followed", "departed from", "model", "id"),
        (
            (
                row["stands_for"][:60],
                row["tier"],
                row["domain"],
                ", ".join(row["rules"]),
                str(row["followed"]),
                str(row["departed_from"]),
                row["name"],
                row["id"][:16],
            )
            for row in rows
        ),
        empty="No precedents: `tocsin precedent add DECISION --domain ...` makes one.",
    )


@app.command()
def show(
    data: DataOption, decision: DecisionArgument, user: SpeakerOption = "admin", json: JsonOption = False
) -> None:
    """Show one case: the facts that decided it, the reasoning, what it stands for, and who cites it."""
    with opened(data) as node:
        from tocsin.app.red_line_views import precedent_view

        by = node.access.operator(user)
        view = precedent_view(*node.precedents.show(by, node.releases.get(by, decision).id))
    if json:
        show_json(view)
        return
    plain = ((key, str(value)) for key, value in view.items() if key not in ("facts", "citations"))
    show_table(("", ""), plain, empty="")
    for fact in view["facts"]:
        say(f"  decided by: {fact}")
    for one in view["citations"]:
        say(f"  {one['decision'][:16]} {one['relation']}: {one['because']}")
