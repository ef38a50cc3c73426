"""tocsin share recall and recalls: what was taken back, and who has confirmed it."""

from typing import Annotated, Any

import typer

from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import show_json, show_table, when
from tocsin.kernel import BadInput, Recall


def recall(
    data: DataOption,
    reason: Annotated[str, typer.Option(help="Why, for your audit trail; peers do not read it.")],
    records: Annotated[list[str] | None, typer.Argument(help="STIX ids of what was released.")] = None,
    manifest: Annotated[
        str, typer.Option(help="Instead: all that left under this hash (`tocsin share log --json`).")
    ] = "",
    peer: Annotated[str, typer.Option(help="Take it back from this peer alone, and from nobody else.")] = "",
    json: JsonOption = False,
) -> None:
    """Take back what should not have left: a revoked version goes to exactly those who had it."""
    if bool(records) == bool(manifest):
        raise BadInput("name records, or --manifest")
    with opened(data) as node:
        recalling = node.exchange.recalling
        wanted = records or recalling.released_under(manifest)
        made = recalling.recall(node.access.operator(), wanted, reason=reason, peer=peer or None)
    if json:
        show_json({"recalls": [_row(one) for one in made]})
        return
    peers = sorted({one.peer for one in made})
    typer.echo(f"{len(made)} recalls go to {', '.join(peers)} when they next pull.")
    typer.echo("`tocsin share recalls` shows who has confirmed. Whoever has read it has read it.")


def recalls(data: DataOption, json: JsonOption = False) -> None:
    """Show what was taken back, and which peers have confirmed it. Exit 1 while one has not."""
    with opened(data) as node:
        rows = [_row(one) for one in node.store.recalls.list()]
    if json:
        show_json({"recalls": rows})
    else:
        show_table(
            ("at", "peer", "record", "confirmed", "had what was given"),
            ((r["at"], r["peer"], r["record"], r["confirmed"], r["same_bytes"]) for r in rows),
            empty="Nothing was taken back.",
        )
    if any(row["confirmed"] == "-" for row in rows):
        raise typer.Exit(1)


def _row(one: Recall) -> dict[str, Any]:
    return {
        "record": one.record,
        "peer": one.peer,
        "at": when(one.at),
        "reason": one.reason,
        "version": when(one.version),
        "confirmed": when(one.receipt.at if one.receipt else None),
        "done": one.receipt.done if one.receipt else "",
        "same_bytes": one.same_bytes if one.receipt else None,
    }
