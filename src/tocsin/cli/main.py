"""The commands, by room. A room's commands are imported when one of them is asked for: `tocsin --help` stays quick."""

import sys
from typing import Annotated

import typer

from tocsin import __version__
from tocsin.cli.contents import Contents, Entry
from tocsin.cli.output import complain
from tocsin.kernel import TocsinError


class Commands(Contents):
    """Every command or group of commands: one line each."""

    entries = (
        Entry("demo", "demo:demo", "Three nodes on this machine hear together what none hears alone."),
        Entry(
            "init",
            "node:init",
            "Make a node: folder, keys, database, settings, and an admin token shown once.",
        ),
        Entry("serve", "node:serve", "Serve the node: events, OTLP, TAXII, console."),
        Entry("doctor", "node:doctor", "Check the node: folder, keys, store, disk, peers."),
        Entry("backup", "node:backup", "Write one archive of the node while it serves."),
        Entry(
            "restore",
            "node:restore",
            "Make a node's folder from an archive; what was destroyed, or is past its retention, stays destroyed.",
        ),
        Entry("watch", "watch:app", "Events in, warnings out."),
        Entry("case", "case:app", "Cases: claimed, verified, decided with reasons, open to appeal."),
        Entry("model", "model:app", "Models: what an artefact is, where it comes from, what is wrong in it."),
        Entry("evaluation", "evaluation:app", "Evaluations: what a model did, and how sure that is."),
        Entry("study", "study:app", "Uplift studies: does a model help a novice more than a search does?"),
        Entry("duty", "duty:app", "Duties to report incidents: packs, figures, clocks, forms."),
        Entry("share", "share:app", "What leaves, and what comes in."),
        Entry("peer", "peer:app", "The nodes this one deals with."),
        Entry("group", "group:app", "Peers that agreed what they share among themselves."),
        Entry("key", "key:app", "This node's own identity key."),
        Entry("keys", "keys:app", "The key store: one key a day, destroyed when its texts are over."),
        Entry("record", "record:app", "Records: find, show, judge, export."),
        Entry("redline", "redline:app", "Red lines: propose, endorse, object, list."),
        Entry("commitment", "commitment:app", "Commitments in six areas: add, list, show."),
        Entry("precedent", "precedent:app", "The register of key cases: add, list, show, cite."),
        Entry("incident", "incident:app", "Incidents: facts, moments, duties, clocks, reports."),
        Entry(
            "reasons",
            "reasons:app",
            "Reasons of decisions: letters, statement, complete, export, remedies, undone, similar, key-case.",
        ),
        Entry(
            "request",
            "request:app",
            "Requests from authorities: open, list, show, approve, refuse, answer, told, shield, count.",
        ),
        Entry("transparency", "transparency:app", "Reports on what this node did: report, list, publish."),
        Entry("access", "access:app", "Who may use which capability of a model."),
        Entry("policy", "policy:app", "The rules of what may leave and who may act."),
        Entry(
            "taxonomy", "taxonomy:app", "The shared words for misuse, and how other vocabularies say them."
        ),
        Entry("user", "people:users", "People and machines that may act."),
        Entry("token", "people:tokens", "Their tokens."),
        Entry("oidc", "oidc:app", "Log-in by an OpenID provider."),
    )


app = typer.Typer(
    name="tocsin",
    cls=Commands,
    help="A shared alarm bell for the misuse of AI.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


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
