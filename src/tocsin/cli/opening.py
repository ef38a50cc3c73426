"""Options that commands share, and the opening of a node."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tocsin.app.node import Node

DataOption = Annotated[
    Path, typer.Option("--data", help="The node's folder.", envvar="TOCSIN_DATA", show_envvar=True)
]
LanguageOption = Annotated[
    str, typer.Option("--lang", "--language", help="en or zh; otherwise that of the environment.")
]
SentencesOption = Annotated[str, typer.Option("--lang", help="Language of sentences: en or zh.")]
CaseArgument = Annotated[str, typer.Argument(help="The case's id.")]
PeerArgument = Annotated[str, typer.Argument(help="The peer's name.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


@contextmanager
def opened(data: Path, *, serving: bool = False, log_json: bool = False) -> Iterator["Node"]:
    """The node of a folder, closed again afterwards. Heavy imports happen here, not before.

    A command answers on standard output and logs only what went wrong; `serving` logs everything.
    """
    from tocsin.app.logs import configure_logging
    from tocsin.app.node import Node

    configure_logging(json=log_json, level="INFO" if serving else "WARNING")
    node = Node(data)
    try:
        yield node
    finally:
        node.close()
