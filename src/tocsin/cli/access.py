"""tocsin access: who may use which capability of a model."""

import typer

from tocsin.cli import access_applicants

app = typer.Typer(
    help="Who may use which capability of a model.", no_args_is_help=True, rich_markup_mode=None
)

app.add_typer(access_applicants.app, name="applicants")


@app.callback()
def access() -> None:
    """Who may use which capability of a model."""
