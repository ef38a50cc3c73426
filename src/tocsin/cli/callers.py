"""Who acts: the options by which commands learn it, and the caller that a token stands for."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.opening import opened
from tocsin.kernel import Caller, NotAllowed

if TYPE_CHECKING:
    from tocsin.app.node import Node

UserOption = Annotated[str, typer.Option(help="Who acts.")]
RoleOption = Annotated[str, typer.Option(help="Who acts: their role counts, not the operator's.")]
SpeakerOption = Annotated[str, typer.Option(help="Who speaks for this node.")]
AskerOption = Annotated[str, typer.Option(help="Who asks.")]
SayerOption = Annotated[str, typer.Option(help="Who says so.")]
LookerOption = Annotated[str, typer.Option(help="Who looks.")]
TokenOption = Annotated[str, typer.Option(help="Your own token, so that it is your word; - reads it.")]
OrOperatorOption = Annotated[str, typer.Option(help="Your own token; the operator without it; - reads it.")]


@contextmanager
def opened_by(data: Path, token: str) -> Iterator[tuple["Node", Caller]]:
    """The node of a folder, and whose token it is. Raises NotAllowed."""
    with opened(data) as node:
        yield node, caller(node, token)


def caller(node: "Node", token: str) -> Caller:
    """Whose token it is; the operator without one. Raises NotAllowed."""
    if not token:
        return node.access.operator()
    by = node.access.authenticate(sys.stdin.readline().strip() if token == "-" else token)
    if by is None:
        raise NotAllowed("this token stands for nobody: is it revoked, or another node's?")
    return by
