"""`tocsin evaluation`: what a model did, measured. Each command has a file of its own; here is their list."""

import typer

from tocsin.cli import evaluation_import, evaluation_run, evaluation_tiny

app = typer.Typer(help="Evaluations: what a model did, and how sure that is.", no_args_is_help=True)
app.command("import")(evaluation_import.import_report)
app.command("run")(evaluation_run.run)
app.command("sheet")(evaluation_run.sheet)
app.command("tasks")(evaluation_run.tasks)
app.command("tiny")(evaluation_tiny.write_tiny)
