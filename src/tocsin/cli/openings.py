"""tocsin watch openings, allow: who opened sealed texts, and the second person's yes to more."""

from typing import Annotated

import typer

from tocsin.cli.callers import opened_by
from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import show_json, show_table, when
from tocsin.cli.person import TokenOption


def openings(
    data: DataOption,
    weeks: Annotated[int, typer.Option(help="Weeks to sum up.", min=1, max=53)] = 8,
    json: JsonOption = False,
) -> None:
    """Show who opened sealed texts, for what, in which role, and the counts of each week."""
    with opened(data) as node:
        node.access.require(node.access.operator(), "audit.read")
        listed, summed = node.openings.listed(), node.openings.weeks(weeks)
        people = {user.id: user.name for user in node.store.people.users()}
    if json:
        show_json({"weeks": summed, "openings": listed})
        return
    show_table(
        ("when", "who", "in the role of", "purpose", "texts", "fingerprints", "of"),
        (
            (
                when(one.at),
                people.get(one.who, one.who),
                one.roles,
                one.purpose,
                one.texts,
                one.sketches,
                one.subject,
            )
            for one in listed
        ),
        empty="Nothing was opened.",
    )
    show_table(
        ("week of", "openings", "texts", "warnings", "people", "refused", "fingerprints"),
        (
            (one.begins, one.openings, one.texts, one.warnings, one.people, one.refused, one.sketches)
            for one in summed
        ),
        empty="",
    )


def allow(
    data: DataOption,
    name: Annotated[str, typer.Argument(help="The colleague who may open more texts today.")],
    token: TokenOption,
) -> None:
    """Say yes, as a second person, to more texts for a colleague today."""
    with opened_by(data, token) as (node, by):
        node.openings.allow(by, name)
    typer.echo(f"{name} may open more texts today.")
