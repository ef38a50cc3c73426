"""tocsin transparency: what this node did, in counts that may be published."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from tocsin.cli.callers import OrOperatorOption, opened_by
from tocsin.cli.opening import DataOption, JsonOption
from tocsin.cli.output import moment, show_json, show_table, when
from tocsin.cli.peer import MOMENTS
from tocsin.kernel import BadInput

app = typer.Typer(
    help="Reports on what this node did: report, list, publish.", no_args_is_help=True, rich_markup_mode=None
)


class Form(StrEnum):
    """How a report is written."""

    MARKDOWN = "markdown"
    CSV = "csv"
    JSON = "json"
    HTML = "html"


@app.command()
def report(
    data: DataOption,
    since: Annotated[datetime, typer.Option("--from", formats=MOMENTS, help="First day (UTC).")],
    until: Annotated[datetime, typer.Option("--to", formats=MOMENTS, help="The day after the last (UTC).")],
    form: Annotated[Form, typer.Option("--form", help="How it is written.")] = Form.MARKDOWN,
    out: Annotated[Path | None, typer.Option(help="A new file; otherwise it is printed.")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep it, so that a person can publish it.")] = False,
    token: OrOperatorOption = "",
    json: JsonOption = False,
) -> None:
    """Make a report from the cases and the audit; `--keep` keeps it for publishing."""
    first, last = moment(since) or 0, moment(until) or 0
    with opened_by(data, token) as (node, by):
        from tocsin.cases.transparency import as_csv, as_html, as_json, as_markdown

        if keep:
            kept = node.transparency.keep(by, since=first, until=last)
            made = kept.report
        else:
            kept, made = None, node.transparency.report(by, since=first, until=last)
    if json:
        show_json({"id": kept.id if kept else "", "report": made})
        return
    forms: dict[Form, Any] = {
        Form.MARKDOWN: as_markdown,
        Form.CSV: as_csv,
        Form.HTML: as_html,
        Form.JSON: lambda one: as_json(one).decode(),
    }
    text = forms[form](made)
    if out is None:
        typer.echo(text)
    else:
        try:
            with out.open("x", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise BadInput(f"cannot write {out}: {error.strerror}; name a new file") from error
    if kept:
        typer.echo(f"Kept as {kept.id}: `tocsin transparency publish {kept.id}` lets it out.", err=True)


@app.command("list")
def list_reports(data: DataOption, token: OrOperatorOption = "", json: JsonOption = False) -> None:
    """Show reports that were kept, and which are out."""
    with opened_by(data, token) as (node, by):
        found = node.transparency.listed(by)
    rows = [
        {
            "id": one.id,
            "from": when(one.report.since),
            "to": when(one.report.until),
            "made": when(one.at),
            "published": when(one.published),
        }
        for one in found
    ]
    if json:
        show_json({"reports": rows})
        return
    show_table(
        ("id", "from", "to", "made", "published"),
        (tuple(row.values()) for row in rows),
        empty="No reports: `tocsin transparency report --from ... --to ... --keep` makes one.",
    )


@app.command()
def publish(
    data: DataOption,
    report: Annotated[str, typer.Argument(help="The report's id.")],
    token: OrOperatorOption = "",
    json: JsonOption = False,
) -> None:
    """Let a report out: with the setting transparency_public, anybody reads it at /transparency."""
    with opened_by(data, token) as (node, by):
        done = node.transparency.publish(by, report)
        public = node.settings.transparency_public
    if json:
        show_json({"id": done.id, "published": when(done.published), "public": public})
    else:
        typer.echo(f"Out: {done.id}." if public else f"Out: {done.id}. Set transparency_public to show it.")
