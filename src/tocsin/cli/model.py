"""`tocsin model`: what a model's files are. Each command has a file of its own; here is their list."""

import typer

from tocsin.cli import model_inspect
from tocsin.cli import model_inventory
from tocsin.cli import model_inspect, model_inventory

app = typer.Typer(
    help="Models: what an artefact is, where it comes from, what is wrong in it.", no_args_is_help=True
)
app.command("inspect")(model_inspect.inspect)
app.command("inventory")(model_inventory.inventory)
