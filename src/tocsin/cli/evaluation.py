"""`tocsin evaluation`: what a model did, measured. Each command has a file of its own; here is their list."""

import typer

from tocsin.cli import evaluation_import, evaluation_kept, evaluation_plan, evaluation_tiny

app = typer.Typer(help="Evaluations: what a model did, and how sure that is.", no_args_is_help=True)
app.command("import")(evaluation_import.import_report)
app.add_typer(evaluation_plan.app, name="plan")
app.command("list")(evaluation_kept.list_evaluations)
app.command("show")(evaluation_kept.show)
app.command("compare")(evaluation_kept.compare)
app.command("attest")(evaluation_kept.attest)
app.command("prove")(evaluation_kept.prove)
app.command("verify")(evaluation_kept.verify)
app.command("tiny")(evaluation_tiny.write_tiny)
