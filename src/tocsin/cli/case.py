"""`tocsin case`: what is done with cases. Each part has a file of its own; here is their list."""

import typer

from tocsin.cli.contents import Contents, Entry


class Commands(Contents):
    """One line for each command."""

    entries = (
        Entry(
            "import-mail",
            "case_hand_over:import_mail",
            "Take e-mail messages in as reports; each once, however often it is brought.",
        ),
        Entry(
            "export",
            "case_hand_over:export",
            "Write a case for TheHive or MISP: what you say of it here, and nothing that it holds besides.",
        ),
        Entry("evidence", "case_evidence:app", "Evidence of a case: add, list, show, hold, export, verify."),
    )


app = typer.Typer(
    cls=Commands, help="Cases: from a flag to a decision.", no_args_is_help=True, rich_markup_mode=None
)
