"""tocsin commitment: what this organisation and its peers say they do, with evidence, and what is overdue."""

from datetime import datetime
from typing import Annotated

import typer

from tocsin.cli.callers import SpeakerOption
from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import show_json, show_table

app = typer.Typer(
    help="Commitments in six areas: add, list, show.", no_args_is_help=True, rich_markup_mode=None
)


@app.command()
def add(
    data: DataOption,
    name: Annotated[str, typer.Argument(help="What singles it out here; the same again is a new version.")],
    area: Annotated[
        str,
        typer.Option(
            help="risk-organisation, model-testing, data-security, infrastructure-security, transparency "
            "or safety-research."
        ),
    ],
    practice: Annotated[str, typer.Option(help="What is done; peers read it.")],
    evidence: Annotated[str, typer.Option(help="https://... without a query, or sha256:... of a document.")],
    since: Annotated[datetime, typer.Option(help="The day from which it is done.", formats=["%Y-%m-%d"])],
    review_by: Annotated[
        datetime, typer.Option(help="The day by which it is looked at again.", formats=["%Y-%m-%d"])
    ],
    user: SpeakerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Say what this organisation does. It leaves through `tocsin share publish`."""
    from datetime import UTC

    from tocsin.kernel import micros
    from tocsin.kernel.red_lines import Commitment

    said = Commitment(
        id=name,
        area=area,
        practice=practice,
        evidence=evidence,
        at=micros(since.replace(tzinfo=UTC)),
        review_by=micros(review_by.replace(tzinfo=UTC)),
        by="",
    )
    with opened(data) as node:
        made = node.commitments.add(node.access.operator(user), said)
    if json:
        show_json({"id": made.id, "tlp": made.tlp.value})
    else:
        typer.echo(f"Kept as {made.id}. Next: tocsin share preview --peer NAME")


@app.command("list")
def list_commitments(data: DataOption, user: SpeakerOption = "admin", json: JsonOption = False) -> None:
    """Show commitments, ours and those of peers; what is past its review is told as overdue."""
    with opened(data) as node:
        from tocsin.app.red_line_views import commitment_view

        rows = [commitment_view(one) for one in node.commitments.listed(node.access.operator(user))]
    if json:
        show_json({"commitments": rows, "overdue": sum(row["overdue"] for row in rows)})
        return
    show_table(
        ("area", "practice", "evidence", "since", "review by", "of", "id"),
        (
            (
                row["area"],
                row["practice"][:60],
                row["evidence"][:48],
                row["since"],
                row["review_by"] + (" OVERDUE" if row["overdue"] else ""),
                row["author"],
                row["id"],
            )
            for row in rows
        ),
        empty="No commitments: `tocsin commitment add NAME --area ...` makes one.",
    )


@app.command()
def show(
    data: DataOption,
    commitment: Annotated[str, typer.Argument(help="Its id.")],
    user: SpeakerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Show one commitment whole."""
    with opened(data) as node:
        from tocsin.app.red_line_views import commitment_view

        view = commitment_view(node.commitments.show(node.access.operator(user), commitment))
    if json:
        show_json(view)
    else:
        show_table(("", ""), ((key, str(value)) for key, value in view.items()), empty="")
