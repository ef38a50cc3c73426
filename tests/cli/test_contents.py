"""The tables of commands: every row leads to a command, under the help that the command gives itself."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
import typer
import typer.main
from typer.core import TyperGroup
from typer.testing import CliRunner

from tocsin.cli.contents import Contents
from tocsin.cli.main import app

WIDE = 1_000


def tables(group: TyperGroup, path: str = "tocsin") -> Iterator[tuple[str, Contents]]:
    context = typer.Context(group)
    if isinstance(group, Contents):
        yield path, group
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, TyperGroup):
            yield from tables(command, f"{path} {name}")


def test_a_row_says_what_its_command_says_of_itself() -> None:
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    found = dict(tables(root))
    assert {"tocsin", "tocsin model"} <= set(found)
    for path, table in found.items():
        names = [entry.name for entry in table.entries]
        assert len(names) == len(set(names)), path
        for entry in table.entries:
            command = table.get_command(typer.Context(table), entry.name)
            assert command is not None
            assert command.name == entry.name
            assert command.get_short_help_str(WIDE) == entry.help, f"{path} {entry.name}"


def test_help_shows_every_row_and_imports_none() -> None:
    script = (
        "import sys; from typer.testing import CliRunner; from tocsin.cli.main import app\n"
        "print(CliRunner().invoke(app, sys.argv[1:]).output)\n"
        "print(sorted(name for name in sys.modules if name.startswith('tocsin.cli.')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "--help"], capture_output=True, text=True, timeout=30, check=True
    )
    *_, imported = done.stdout.splitlines()
    assert imported == "['tocsin.cli.contents', 'tocsin.cli.main', 'tocsin.cli.output']"
    root = typer.main.get_command(app)
    assert isinstance(root, Contents)
    for entry in root.entries:
        assert f"  {entry.name} " in done.stdout


@pytest.mark.parametrize(
    ("words", "meant"), [(["wacth", "events"], "'watch'"), (["model", "inspekt"], "'inspect'")]
)
def test_an_unknown_command_is_told_with_the_one_that_was_meant(words: list[str], meant: str) -> None:
    told = CliRunner().invoke(app, words)
    assert told.exit_code == 2
    assert "No such command" in told.output
    assert meant in told.output
