"""`tocsin evaluation`: what a model did, measured. Each command has a file of its own; here is their list."""

import typer

from tocsin.cli import (
    evaluation_calibrate,
    evaluation_import,
    evaluation_kept,
    evaluation_plan,
    evaluation_run,
    evaluation_tiny,
)

app = typer.Typer(help="Evaluations: what a model did, and how sure that is.", no_args_is_help=True)
app.command("import")(evaluation_import.import_report)
app.add_typer(evaluation_plan.app, name="plan")
app.command("run")(evaluation_run.run)
app.command("sheet")(evaluation_run.sheet)
app.command("tasks")(evaluation_run.tasks)
app.command("calibrate")(evaluation_calibrate.calibrate)
app.command("list")(evaluation_kept.list_evaluations)
app.command("show")(evaluation_kept.show)
app.command("compare")(evaluation_kept.compare)
app.command("attest")(evaluation_kept.attest)
app.command("prove")(evaluation_kept.prove)
app.command("verify")(evaluation_kept.verify)
app.command("tiny")(evaluation_tiny.write_tiny)
