"""`tocsin evaluation`: what a model did, measured. Each command has a file of its own; here is their list."""

import typer

from tocsin.cli import (
    evaluation_import,
    evaluation_joint,
    evaluation_kept,
    evaluation_plan,
    evaluation_recognition,
)

app = typer.Typer(help="Evaluations: what a model did, and how sure that is.", no_args_is_help=True)
app.command("import")(evaluation_import.import_report)
app.add_typer(evaluation_plan.app, name="plan")
app.command("list")(evaluation_kept.list_evaluations)
app.command("show")(evaluation_kept.show)
app.command("compare")(evaluation_kept.compare)
app.command("attest")(evaluation_kept.attest)
app.command("prove")(evaluation_kept.prove)
app.command("verify")(evaluation_kept.verify)
app.command("recognise")(evaluation_recognition.recognise)
app.command("challenge")(evaluation_recognition.challenge)
app.command("answer")(evaluation_recognition.answer)
app.command("draw")(evaluation_recognition.draw)
app.command("reveal")(evaluation_recognition.reveal)
app.command("recognitions")(evaluation_recognition.recognitions)
app.command("tallies")(evaluation_joint.tallies)
app.command("joint")(evaluation_joint.joint)
