"""The commands, by room. Nothing heavy is imported before a command runs: `tocsin --help` stays quick."""

import sys
from typing import Annotated

import typer

from tocsin import __version__
from tocsin.cli import (
    commitment,
    demo,
    evaluation,
    group,
    key,
    keys,
    model,
    node,
    oidc,
    peer,
    people,
    policy,
    precedent,
    record,
    redline,
    share,
    taxonomy,
    watch,
)
from tocsin.cli.output import complain
from tocsin.kernel import TocsinError

app = typer.Typer(
    name="tocsin",
    help="A shared alarm bell for the misuse of AI.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("demo")(demo.demo)
app.command("init")(node.init)
app.command("serve")(node.serve)
app.command("doctor")(node.doctor)
app.command("backup")(node.backup)
app.command("restore")(node.restore)
app.add_typer(watch.app, name="watch")
app.add_typer(model.app, name="model")
app.add_typer(evaluation.app, name="evaluation")
app.add_typer(share.app, name="share")
app.add_typer(peer.app, name="peer")
app.add_typer(group.app, name="group")
app.add_typer(key.app, name="key")
app.add_typer(keys.app, name="keys")
app.add_typer(record.app, name="record")
app.add_typer(redline.app, name="redline")
app.add_typer(commitment.app, name="commitment")
app.add_typer(precedent.app, name="precedent")
app.add_typer(policy.app, name="policy")
app.add_typer(taxonomy.app, name="taxonomy")
app.add_typer(people.users, name="user")
app.add_typer(people.tokens, name="token")
app.add_typer(oidc.app, name="oidc")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tocsin {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and end.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run a command; every error of ours becomes a sentence and an exit code."""
    try:
        app()
    except TocsinError as error:
        complain(error.message)
        sys.exit(error.exit_code)
