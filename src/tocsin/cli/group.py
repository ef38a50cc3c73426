"""tocsin group: peers that agreed on a purpose and a ceiling."""

from typing import Annotated, Any

import typer

from tocsin.cli.opening import DataOption, JsonOption, PeerArgument, opened
from tocsin.cli.output import show_json, show_table, when
from tocsin.kernel import TLP, Group

app = typer.Typer(
    help="Peers that agreed what they share among themselves.", no_args_is_help=True, rich_markup_mode=None
)
NameArgument = Annotated[str, typer.Argument(help="What you call the group; no member hears it.")]


@app.command()
def add(
    data: DataOption,
    name: NameArgument,
    purpose: Annotated[str, typer.Option(help="What it shares for; nothing else is shared in it.")],
    ceiling: Annotated[TLP, typer.Option(help="The most closed marking shared in it.")] = TLP.GREEN,
    title: Annotated[str, typer.Option(help="For people of this node.")] = "",
    agreed: Annotated[str, typer.Option(help="What was agreed, in the group's own words.")] = "",
    json: JsonOption = False,
) -> None:
    """Make a group. Who is in it is nobody's business but this node's: nothing of it is ever sent."""
    with opened(data) as node:
        made = node.groups.add(
            node.access.operator(), name, title=title, purpose=purpose, ceiling=ceiling, agreed=agreed
        )
    _show(made, json, f"Group {name} is made. Next: tocsin group join {name} PEER")


@app.command()
def join(data: DataOption, name: NameArgument, peer: PeerArgument, json: JsonOption = False) -> None:
    """Take a peer into a group."""
    with opened(data) as node:
        group = node.groups.join(node.access.operator(), name, peer)
    _show(group, json, f"{peer} is in group {name}.")


@app.command()
def leave(data: DataOption, name: NameArgument, peer: PeerArgument, json: JsonOption = False) -> None:
    """Take a peer out of a group. What it was given, it has: `tocsin share recall` takes that back."""
    with opened(data) as node:
        group = node.groups.leave(node.access.operator(), name, peer)
    _show(group, json, f"{peer} is no longer in group {name}.")


@app.command()
def close(data: DataOption, name: NameArgument, json: JsonOption = False) -> None:
    """Share nothing more in a group."""
    with opened(data) as node:
        group = node.groups.close(node.access.operator(), name)
    _show(group, json, f"Group {name} is closed.")


@app.command("list")
def list_groups(data: DataOption, json: JsonOption = False) -> None:
    """Show groups, their purpose, ceiling and members."""
    with opened(data) as node:
        groups = node.store.groups.list()
    if json:
        show_json({"groups": [_row(group) for group in groups]})
        return
    show_table(
        ("name", "title", "purpose", "ceiling", "members", "closed"),
        (
            (
                group.name,
                group.title,
                group.purpose,
                group.ceiling.value,
                ", ".join(group.members),
                when(group.closed),
            )
            for group in groups
        ),
        empty="No groups: `tocsin group add NAME --purpose ...` makes one.",
    )


def _row(group: Group) -> dict[str, Any]:
    return {
        "name": group.name,
        "title": group.title,
        "purpose": group.purpose,
        "ceiling": group.ceiling.value,
        "members": list(group.members),
        "agreed": group.agreed,
        "created": when(group.created),
        "closed": when(group.closed),
    }


def _show(group: Group, json: bool, sentence: str) -> None:
    if json:
        show_json(_row(group))
    else:
        typer.echo(sentence)
