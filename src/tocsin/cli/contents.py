"""A group of commands as a table of contents: a command's module is imported when the command is asked for.

Enters: rows of name, place and line of help. Leaves: a group whose help is written from the rows alone.
Each line is the first sentence of the command's own help: tests/cli/test_contents.py holds them equal.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from typer._click import Command, Context, HelpFormatter  # Typer's own copy, without public names


class Entry(NamedTuple):
    """One row: `place` is `module:attribute` in this room, a command's function or a `typer.Typer` of more of them."""

    name: str
    place: str
    help: str


class Contents(TyperGroup):
    """The group of a `typer.Typer(cls=...)`; a subclass names its `entries`, shown in that order."""

    entries: ClassVar[tuple[Entry, ...]] = ()

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._unread = {entry.name: entry for entry in self.entries}
        self.commands = {
            **{entry.name: TyperCommand(entry.name, help=entry.help) for entry in self.entries},
            **self.commands,
        }

    def get_command(self, ctx: "Context", cmd_name: str) -> "Command | None":
        """The command itself, imported now; None where the table has no such row."""
        entry = self._unread.pop(cmd_name, None)
        if entry is not None:
            self.commands[cmd_name] = _read(entry)
        return self.commands.get(cmd_name)

    def format_commands(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        """The rows, written as a group of commands that are there would write them."""
        TyperGroup(commands=dict(self.commands)).format_commands(ctx, formatter)


def _read(entry: Entry) -> "Command":
    module, _, attribute = entry.place.partition(":")
    found = getattr(import_module(f"tocsin.cli.{module}"), attribute)
    holder = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
    if isinstance(found, typer.Typer):
        holder.add_typer(found, name=entry.name)
    else:
        holder.command(entry.name)(found)
    return typer.main.get_group(holder).commands[entry.name]
