"""tocsin label recognise: whether a file is a content that this node labelled, though its label is gone."""

from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.callers import AskerOption
from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import say, show_json, when


def recognise(
    data: DataOption,
    file: Annotated[Path, typer.Argument(help="The file.")],
    case: Annotated[str, typer.Option(help="The case that it is about; it stands in the audit.")],
    purpose: Annotated[str, typer.Option(help="For what you ask; it stands in the audit.")],
    user: AskerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Tell whether a file is a content that this node labelled itself, in a case; exit 1 if it knows none like it."""
    import msgspec

    with opened(data) as node:
        told = node.labelled.recognise(node.access.operator(user), case, file, purpose=purpose)
    if json:
        show_json(msgspec.to_builtins(told))
    else:
        for one in told.found:
            how = "the same bytes" if one.same else f"alike: {one.differs} of {one.bits} bits differ"
            say(f"{one.content_id} ({one.format}), labelled {when(one.at)}: {how}")
        if not told.found:
            say(
                f"Nothing like it was labelled here in the last {told.days} days. That says nothing of who made it."
            )
        if not told.told_by:
            say("It has too little to be told by; only the same bytes were looked for.")
    if not told.found:
        raise typer.Exit(1)
