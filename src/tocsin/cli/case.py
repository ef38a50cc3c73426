"""`tocsin case`: what is done with cases. Each part has a file of its own; here is their list."""

import typer

from tocsin.cli.contents import Contents, Entry


class Commands(Contents):
    """One line for each command."""

    entries = (
        Entry("evidence", "case_evidence:app", "Evidence of a case: add, list, show, hold, export, verify."),
    )


app = typer.Typer(
    cls=Commands, help="Cases: from a flag to a decision.", no_args_is_help=True, rich_markup_mode=None
)
