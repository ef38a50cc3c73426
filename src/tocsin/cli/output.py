"""What people read, and what programs read."""

import os
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import typer

from tocsin.kernel.errors import BadInput

ELSEWHERE = (
    "The node is being served: it looks within seconds, and `tocsin watch warnings` shows what it finds."
)


def chosen_language(language: str) -> str:
    """en or zh: as --lang says, or as the environment does, by what POSIX names for messages. Raises BadInput."""
    if not language:
        named = (os.environ.get(variable) for variable in ("LC_ALL", "LC_MESSAGES", "LANG"))
        language = "zh" if next(filter(None, named), "").startswith("zh") else "en"
    if language not in ("en", "zh"):
        raise BadInput("--lang is en or zh.")
    return language


def show_json(document: Any) -> None:
    """One JSON document on standard output, and nothing else there."""
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")
    sys.stdout.buffer.flush()


def complain(message: str) -> None:
    """A sentence on standard error."""
    typer.echo(f"tocsin: {message}", err=True)


def plain(text: str) -> str:
    """A text that somebody else wrote, line by line, without what would move a terminal's cursor."""
    return "".join(character if character.isprintable() or character == "\n" else "?" for character in text)


def say(text: str) -> None:
    """A sentence that may hold somebody else's words, on standard output."""
    typer.echo(plain(text))


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """A table for people; `empty` is said when there are no rows."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    listed = [tuple(row) for row in rows]
    if not listed:
        typer.echo(empty)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in listed:
        # Text, not markup: a peer's or a source's words may hold brackets
        table.add_row(*(Text(plain(str(cell))) for cell in row))
    Console().print(table)


def when(micros: int | None) -> str:
    """RFC 3339, whole seconds, UTC; a dash for never."""
    from tocsin.kernel import at_micros

    return "-" if micros is None else at_micros(micros).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(day: datetime | None) -> int | None:
    """Microseconds of a time that was typed; it is meant in UTC."""
    from tocsin.kernel import micros

    return None if day is None else micros(day.replace(tzinfo=UTC))
