"""tocsin key: this node's own identity key."""

from datetime import datetime
from typing import Annotated

import typer

from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import moment, show_json, show_table, when
from tocsin.cli.peer import MOMENTS
from tocsin.kernel import KeyStatement

app = typer.Typer(help="This node's own identity key.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def rotate(data: DataOption, json: JsonOption = False) -> None:
    """Change the key while it is yours alone: the old one names the new one, and peers follow by themselves."""
    with opened(data) as node:
        stated = node.own_keys.rotate(node.access.operator())
        words = node.exchange.about_me().words
    _show(stated, words, json, "Peers follow at their next pull; nobody has to compare it again.")


@app.command()
def revoke(
    data: DataOption,
    reason: Annotated[str, typer.Option(help="Why, for the audit trail.")],
    since: Annotated[
        datetime | None,
        typer.Option(formats=MOMENTS, help="When the key went into other hands (UTC); now when not given."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """The key was stolen: say so to everybody, and begin with a new one. docs/operations.md has the steps."""
    with opened(data) as node:
        from tocsin.kernel import micros

        stated = node.own_keys.revoke(
            node.access.operator(), since=moment(since) or micros(node.clock()), reason=reason
        )
        words = node.exchange.about_me().words
    _show(
        stated,
        words,
        json,
        "Read these words to every peer's operator: until they compare them you are not heard.",
    )


@app.command()
def history(data: DataOption, json: JsonOption = False) -> None:
    """Show this node's keys, and how each came after the other."""
    with opened(data) as node:
        statements = node.own_keys.history()
        words = node.exchange.about_me().words
    if json:
        show_json({"statements": statements, "words": words})
        return
    show_table(
        ("seq", "at", "what", "since", "new key"),
        ((one.seq, when(one.at), one.kind, when(one.since), one.new[:16]) for one in statements),
        empty="This node has its first key.",
    )


def _show(stated: KeyStatement, words: dict[str, str], json: bool, sentence: str) -> None:
    if json:
        show_json({"statement": stated, "words": words})
        return
    typer.echo("This node has a new key:\n")
    typer.echo("".join(f"  {line}\n" for line in words.values()))
    typer.echo(sentence)
