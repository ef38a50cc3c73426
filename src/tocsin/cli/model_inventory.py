"""tocsin model inventory: what an artefact is made of, in a form that other tools read."""

import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.kernel.clock import system_clock
from tocsin.kernel.errors import BadInput

if TYPE_CHECKING:  # heavy: only a command that runs needs it
    from tocsin.kernel.inventory import Ancestor, Inventory


class Format(StrEnum):
    """What an inventory is written as."""

    CYCLONEDX_1_6 = "cyclonedx-1.6"
    CYCLONEDX_1_7 = "cyclonedx-1.7"
    SPDX_3 = "spdx-3"


def inventory(
    path: Annotated[str, typer.Argument(help="A folder, an archive or a file; - for a stream.")],
    form: Annotated[Format, typer.Option("--format", help="What it is written as.")] = Format.CYCLONEDX_1_7,
    out: Annotated[str, typer.Option(help="Write to this file; otherwise to standard output.")] = "",
    name: Annotated[str, typer.Option(help="What the artefact is called.")] = "",
    data: Annotated[
        Path | None, typer.Option("--data", help="With the ancestors that this node measured.")
    ] = None,
) -> None:
    """Write a model's bill of materials: files with digests, licences, ancestors, data, templates, requirements.

    It says what the files claim, and marks it as claimed; the verdict is in it and changes no exit code.
    """
    from tocsin.assure import inspect
    from tocsin.assure.inventory import inventory_of

    source = sys.stdin.buffer if path == "-" else Path(path)
    seen = inspect(source, clock=system_clock, name=name)
    written = _writer(form)(inventory_of(seen, _measured(seen.artefact, data) if data else ()))
    if not out:
        sys.stdout.buffer.write(written)
        sys.stdout.buffer.flush()
        return
    try:
        Path(out).write_bytes(written)
    except OSError as error:
        raise BadInput(f"{out} cannot be written ({error.strerror}); name another file.") from error


def _measured(artefact: str, data: Path) -> "tuple[Ancestor, ...]":
    from tocsin.cli.opening import opened

    with opened(data) as node:
        return node.descents.ancestors(artefact)


def _writer(form: Format) -> "Callable[[Inventory], bytes]":
    if form is Format.SPDX_3:
        from tocsin.wire.spdx import ai_bom

        return ai_bom
    from tocsin.wire.cyclonedx import ml_bom

    return lambda told: ml_bom(told, "1.6" if form is Format.CYCLONEDX_1_6 else "1.7")
