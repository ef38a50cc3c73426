"""`tocsin study`: uplift studies, from a file to a verdict. Here is the list of its commands."""

import typer

from tocsin.cli import study_file, study_run

app = typer.Typer(
    help="Uplift studies: does a model help a novice more than a search does?", no_args_is_help=True
)
app.command("template")(study_file.template)
app.command("check")(study_file.check)
app.command("power")(study_file.power)
app.command("register")(study_run.register)
app.command("allocate")(study_run.allocate)
app.command("record")(study_run.record)
app.command("analyse")(study_run.analyse)
app.command("export")(study_run.export)
