"""tocsin duty verify, verified: who stands at this node for which text of a duty."""

from typing import Annotated

import typer

from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import say, show_json, show_table, when


def verify(
    data: DataOption,
    duty: Annotated[str, typer.Argument(help="A duty's id, as `list` shows it.")],
    statement: Annotated[
        str, typer.Option(help="What you held it against: a gazette and its date, an opinion.")
    ],
    user: Annotated[
        str, typer.Option(help="Who stands for it, by the name of a user of this node.")
    ] = "admin",
    json: JsonOption = False,
) -> None:
    """Stand with your name for a duty as its pack says it now; another text of it is unverified again."""
    with opened(data) as node:
        kept = node.duty_packs.verify(node.access.operator(user), duty, statement)
    if json:
        show_json({"duty": kept.duty, "pack": kept.digest, "by": kept.by, "at": when(kept.at)})
    else:
        say(f"{kept.duty} is verified by {user}, for the text with SHA-256 {kept.digest[:16]}…")


def verified(data: DataOption, json: JsonOption = False) -> None:
    """List who stood for which duty at this node, and whether for the text in use now."""
    with opened(data) as node:
        now = {duty.id: duty.digest for duty in node.duty_packs.every()}
        people = {user.id: user.name for user in node.store.people.users()}
        rows = [
            {
                "duty": one.duty,
                "pack": one.digest,
                "counts": now.get(one.duty) == one.digest,
                "by": people.get(one.by, one.by),
                "at": when(one.at),
                "statement": one.statement,
            }
            for one in node.store.incidents.verifications()
        ]
    if json:
        show_json({"verified": rows})
        return
    show_table(
        ("duty", "by", "when", "held against", "counts"),
        (
            (
                row["duty"],
                row["by"],
                row["at"],
                row["statement"],
                "yes" if row["counts"] else "no: the text changed",
            )
            for row in rows
        ),
        empty="Nobody stands for any duty here: every clock reads unverified.",
    )
