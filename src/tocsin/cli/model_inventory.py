"""tocsin model inventory: what an artefact is made of, in a form that other tools read."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.kernel.clock import system_clock
from tocsin.kernel.errors import BadInput
from tocsin.kernel.inventory import InventoryForm

if TYPE_CHECKING:  # heavy: only a command that runs needs it
    from tocsin.kernel.inventory import Ancestor


def inventory(
    path: Annotated[str, typer.Argument(help="A folder, an archive or a file; - for a stream.")],
    form: Annotated[
        InventoryForm, typer.Option("--format", help="What it is written as.")
    ] = InventoryForm.CYCLONEDX_1_7,
    out: Annotated[str, typer.Option(help="Write to this file; otherwise to standard output.")] = "",
    name: Annotated[str, typer.Option(help="What the artefact is called.")] = "",
    data: Annotated[
        Path | None, typer.Option("--data", help="With the ancestors that this node measured.")
    ] = None,
) -> None:
    """Write a model's bill of materials: files with digests, licences, ancestors, data, templates, requirements.

    It says what the files claim, and marks it as claimed; the verdict is in it and changes no exit code.
    """
    from tocsin.app.inventories import written
    from tocsin.assure import inspect

    source = sys.stdin.buffer if path == "-" else Path(path)
    seen = inspect(source, clock=system_clock, name=name)
    document = written(seen, form, _measured(seen.artefact, data) if data else ())
    if not out:
        sys.stdout.buffer.write(document)
        sys.stdout.buffer.flush()
        return
    try:
        Path(out).write_bytes(document)
    except OSError as error:
        raise BadInput(f"{out} cannot be written ({error.strerror}); name another file.") from error


def _measured(artefact: str, data: Path) -> "tuple[Ancestor, ...]":
    from tocsin.cli.opening import opened

    with opened(data) as node:
        return node.descents.ancestors(artefact)
