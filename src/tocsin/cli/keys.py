"""tocsin keys: the key store, where each day's key lies until it is destroyed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import show_json, show_table
from tocsin.kernel import BadInput

if TYPE_CHECKING:
    from tocsin.app.key_tools import Bench

app = typer.Typer(
    help="The key store: one key a day, destroyed when its texts are over.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

PassphraseOption = Annotated[
    Path | None,
    typer.Option("--passphrase-file", help="A file whose first line is the passphrase; asked for otherwise."),
]


@app.command()
def status(data: DataOption, json: JsonOption = False) -> None:
    """Show the days that still have a key, and when each goes. Exit 1 when one is overdue."""
    with opened(data) as node:
        from tocsin.app.key_tools import state

        found = state(node.keys, node.clock().date().isoformat())
    if json:
        show_json(found)
    else:
        show_table(("day", "key gone on"), found.days, empty="No day has a key.")
        typer.echo(f"{found.destroyed} days destroyed, {found.erased} accounts erased; in {found.folder}")
    if found.overdue:
        raise typer.Exit(1)


@app.command()
def backup(
    data: DataOption,
    file: Annotated[
        Path, typer.Argument(help="The copy to write. An older one of this node there is destroyed.")
    ],
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> None:
    """Write the only copy of the day keys, sealed under a passphrase. It copies the texts: keep one, apart."""
    passphrase = read_passphrase(passphrase_file, twice=True)
    with opened(data) as node:
        from tocsin.app.key_backup import write_copy

        written = write_copy(node.keys, file, passphrase, node.clock())
        node.access.audit(
            node.access.operator().user,
            "keys.backup",
            subject=file.name,
            purpose="backup",
            detail={"days": written.days},
        )
    if json:
        show_json(written)
        return
    typer.echo(f"{written.file}: keys of {written.days} days. Write it anew each day, over the old one.")
    typer.echo(f"Nothing in it may live longer than {written.delete_by}: delete it then.")


@app.command()
def restore(
    data: DataOption,
    file: Annotated[Path, typer.Argument(help="A copy that `tocsin keys backup` wrote.")],
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> None:
    """Bring day keys back from a copy. What was destroyed since, or is past its time, stays destroyed."""
    with _bench(data) as at:
        from tocsin.app.key_backup import read_copy
        from tocsin.app.key_tools import bring_back

        brought = bring_back(at, read_copy(file, read_passphrase(passphrase_file)))
    if json:
        show_json(brought)
        return
    typer.echo(f"{brought.days} days can be opened again; {brought.destroyed} stay destroyed.")
    if brought.others:
        typer.echo(f"These days have another key here already, and keep it: {', '.join(brought.others)}")


@app.command()
def begin(
    data: DataOption,
    yes: Annotated[
        bool, typer.Option("--yes", help="Give up what only the lost key store could open.")
    ] = False,
) -> None:
    """Go on with the key store that is in the folder now, or a new one. Texts sealed under a lost one stay closed."""
    if not yes:
        raise BadInput("texts sealed under a lost key store can never be opened again: say so with --yes")
    with _bench(data) as at:
        from tocsin.app.key_tools import begin_anew

        begin_anew(at)
    typer.echo("The key store is the one in the folder now. Days that were destroyed stay destroyed.")


@app.command()
def repair(
    data: DataOption,
    yes: Annotated[bool, typer.Option("--yes", help="Destroy every day that either list names.")] = False,
) -> None:
    """After a list of destroyed days was tampered with: destroy every day that is named in it, and write it anew."""
    if not yes:
        raise BadInput("every day that either list names is destroyed by this: say so with --yes")
    with _bench(data) as at:
        from tocsin.app.key_tools import repaired

        days = repaired(at)
    typer.echo(f"The lists are written anew; {len(days)} days are destroyed.")


@contextmanager
def _bench(data: Path) -> Iterator["Bench"]:
    from tocsin.app.key_tools import bench
    from tocsin.app.node import DATABASE_URL

    with bench(data, database_url=os.environ.get(DATABASE_URL)) as at:
        yield at


def read_passphrase(file: Path | None, *, twice: bool = False) -> str:
    """The passphrase of a copy of the key store, from a file or asked for. Raises BadInput."""
    if file is None:
        return str(typer.prompt("Passphrase of the keys", hide_input=True, confirmation_prompt=twice))
    try:
        return file.read_text("utf-8").split("\n", 1)[0]
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{file} cannot be read: name a file with one line of text") from error
