"""tocsin watch rules: Sigma rules, from trying to warning."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli.callers import SayerOption
from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import show_json, show_table, when
from tocsin.kernel import BadInput, RuleState

if TYPE_CHECKING:  # heavy: only a command that runs needs it
    from tocsin.app.node import Node
    from tocsin.app.rules import Listed
    from tocsin.cases import Precision
    from tocsin.kernel import BackTest

app = typer.Typer(
    help="Sigma rules: tried in shadow, tested, and enabled by a person.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

RuleArgument = Annotated[str, typer.Argument(help="The rule's id, its beginning, or its file.")]
WhyOption = Annotated[str, typer.Option(help="Why, in your words.")]


@app.command("list")
def list_rules(data: DataOption, json: JsonOption = False) -> None:
    """Show every rule: its state, what it said in 30 days, and how often people agreed."""
    with opened(data) as node:
        precisions = node.rules.precisions()
        rows = [_row(node, one, precisions.get(one.kept.id)) for one in node.rules.listed()]
    if json:
        show_json({"rules": rows})
        return
    show_table(
        ("rule", "state", "from", "title", "hits", "warnings", "precision", "id"),
        (
            (
                row["id"][:8] if not row["fault"] else "-",
                "fault" if row["fault"] else row["state"],
                row["peer"] or row["file"] or "added here",
                row["fault"] or row["title"],
                row["hits"],
                row["would_warn"],
                _share(row),
                row["id"],
            )
            for row in rows
        ),
        empty="No rules: put a file into DATA/rules/, or `tocsin watch rules import FILE`.",
    )


@app.command()
def show(data: DataOption, rule: RuleArgument, json: JsonOption = False) -> None:
    """Show one rule: its text, its days, its last back-test."""
    with opened(data) as node:
        one = node.rules.get(rule)
        row = _row(node, one, node.rules.precisions().get(one.kept.id))
        days = node.rules.tallies(one.kept.id)[:30]
    if json:
        show_json({**row, "text": one.kept.text, "days": days, "backtest": one.kept.backtest})
        return
    typer.echo(f"{row['title']}  ({row['state']}, {row['category']})\n{row['id']}")
    if one.fault:
        typer.echo(f"It cannot be run: {one.fault}")
    typer.echo(f"Precision {_share(row)} of {row['decided']} decided warnings.")
    if one.kept.why:
        typer.echo(f"Last decision, {when(one.kept.changed)}: {one.kept.why}")
    show_table(
        ("day", "hits", "events", "accounts", "warnings", "state"),
        ((when(day.day)[:10], day.hits, day.events, day.actors, day.warnings, day.state) for day in days),
        empty="It held of nothing yet.",
    )
    if one.kept.backtest:
        _tell(one.kept.backtest)
    typer.echo("")
    typer.echo(one.kept.text)


@app.command("test")
def ask(
    data: DataOption,
    rule: Annotated[str, typer.Argument(help="One rule; all otherwise.")] = "",
    json: JsonOption = False,
) -> None:
    """Ask the rules the tests that lie beside them (NAME.tests.yaml). Exit 1 when one rings otherwise."""
    with opened(data) as node:
        from tocsin.app.rule_trials import try_tests

        chosen = (
            [node.rules.get(rule)] if rule else [one for one in node.rules.listed() if one.rule is not None]
        )
        tried = [(one, found) for one in chosen for found in try_tests(one)]
    failed = [(one, found) for one, found in tried if not found.passed]
    if json:
        show_json(
            {
                "tests": len(tried),
                "failed": [
                    {"rule": one.kept.id, "test": found.test.name, "rang": found.rang}
                    for one, found in failed
                ],
            }
        )
    else:
        for one, found in failed:
            rang = "rang" if found.rang else "did not ring"
            typer.echo(f"{one.title}: {found.test.name}: {rang}")
        typer.echo(f"{len(tried)} tests, {len(failed)} failed.")
    if failed:
        raise typer.Exit(1)


@app.command()
def backtest(
    data: DataOption,
    rule: RuleArgument,
    purpose: Annotated[str, typer.Option(help="Why; a rule on texts opens them for it.")],
    days: Annotated[int, typer.Option(help="How far back, 30 at most.")] = 14,
    user: SayerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Say what a rule would have warned of. It warns nobody; the purpose is in the audit."""
    with opened(data) as node:
        found = node.backtesting.run(node.access.operator(user), rule, days=days, purpose=purpose)
    if json:
        show_json(found)
    else:
        _tell(found)


@app.command("import")
def import_rule(
    data: DataOption,
    file: Annotated[
        Path, typer.Argument(help="A Sigma rule, with NAME.tests.yaml beside it if there is one.")
    ],
    user: SayerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Keep a rule, in shadow: it counts and warns nobody until it is enabled."""
    if not file.is_file():
        raise BadInput(f"there is no file {file}")
    beside = file.with_name(f"{file.stem}.tests.yaml")
    with opened(data) as node:
        one = node.rules.add(
            node.access.operator(user),
            file.read_text("utf-8"),
            tests=beside.read_text("utf-8") if beside.is_file() else "",
            name=file.name,
        )
        row = _row(node, one, None)
    if json:
        show_json(row)
    else:
        typer.echo(
            f"{row['title']} is kept in shadow: `tocsin watch rules enable {row['id'][:8]}` when it holds."
        )


@app.command()
def export(data: DataOption, rule: RuleArgument, json: JsonOption = False) -> None:
    """Print a rule as it would travel: what it asks and is called, and nothing else of its file."""
    with opened(data) as node:
        from tocsin.wire.sigma import travel_form

        one = node.rules.get(rule)
        text = travel_form(one.kept.text, one.kept.id.rpartition("--")[2])
    if json:
        show_json({"text": text})
    else:
        typer.echo(text, nl=False)


@app.command()
def share(
    data: DataOption,
    rule: RuleArgument,
    basis: Annotated[str, typer.Option(help="On what ground; peers read it.")],
    user: SayerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Make a rule a record that may be shared; it leaves only through `tocsin share publish`."""
    with opened(data) as node:
        record = node.rule_sharing.share(node.access.operator(user), rule, basis=basis)
    if json:
        show_json({"record": record.id, "tlp": record.tlp, "category": record.category})
    else:
        typer.echo(
            f"{record.id} (TLP:{record.tlp.value.upper()}): `tocsin share preview --peer PEER` shows it."
        )


@app.command()
def enable(
    data: DataOption,
    rule: RuleArgument,
    why: WhyOption,
    user: SayerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Let a rule warn."""
    _decide(data, rule, RuleState.ENABLED, why, user, json)


@app.command()
def shadow(
    data: DataOption,
    rule: RuleArgument,
    why: WhyOption,
    user: SayerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Let a rule count, and warn nobody."""
    _decide(data, rule, RuleState.SHADOW, why, user, json)


@app.command()
def disable(
    data: DataOption,
    rule: RuleArgument,
    why: WhyOption,
    user: SayerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Stop asking a rule."""
    _decide(data, rule, RuleState.DISABLED, why, user, json)


@app.command()
def remove(data: DataOption, rule: RuleArgument, user: SayerOption = "admin") -> None:
    """Forget a rule that was imported here, and its counts."""
    with opened(data) as node:
        node.rules.remove(node.access.operator(user), rule)
    typer.echo("Removed.")


def _decide(data: Path, rule: str, state: RuleState, why: str, user: str, json: bool) -> None:
    with opened(data) as node:
        one = node.rules.set_state(node.access.operator(user), rule, state, why=why)
        row = _row(node, one, None)
    if json:
        show_json(row)
    else:
        typer.echo(f"{row['title']} is {state.value} now.")


def _row(node: "Node", one: "Listed", precision: "Precision | None") -> dict[str, Any]:
    from tocsin.app.rule_views import rule_view

    return rule_view(node, one, precision)


def _share(row: dict[str, Any]) -> str:
    if row["precision"] is None:
        return "-"
    low, high = row["interval"]
    return f"{row['precision']:.0%} ({low:.0%} to {high:.0%})"


def _tell(found: "BackTest") -> None:
    typer.echo(
        f"{found.days} days back: {found.read:,} events read, {found.opened:,} texts opened;"
        f" it would have warned {len(found.warnings)} times{', and more' if found.truncated else ''}."
    )
    show_table(
        ("since", "accounts", "events"),
        ((when(first), actors, events) for first, actors, events in found.warnings),
        empty="",
    )
