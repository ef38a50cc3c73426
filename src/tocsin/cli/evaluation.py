"""`tocsin evaluation`: what a model did, measured. Each command has a file of its own; here is their list."""

import typer

from tocsin.cli import evaluation_import

app = typer.Typer(help="Evaluations: what a model did, and how sure that is.", no_args_is_help=True)
app.command("import")(evaluation_import.import_report)


@app.callback()
def _evaluation() -> None:
    # with a single command typer would make it the group itself
    pass
