"""tocsin incident report: a report under a duty from its draft to the proof that a person sent it."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.incident_saying import IncidentArgument, ReportArgument, UserOption, at_offset
from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import say, show_json, show_table
from tocsin.kernel import BadInput
from tocsin.kernel.duties import DutyReport

app = typer.Typer(
    help="Reports under duties: draft, edit, approve, sent, export.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def draft(
    data: DataOption,
    incident: IncidentArgument,
    duty: Annotated[str, typer.Argument(help="Under which duty.")],
    step: Annotated[str, typer.Argument(help="Which of its steps.")],
    lang: Annotated[str, typer.Option("--lang", help="en or zh; the regime's own otherwise.")] = "",
    user: UserOption = "admin",
    json: JsonOption = False,
) -> None:
    """Draft a report in the regime's order and language, filled in as far as anything is known."""
    with opened(data) as node:
        _shown(node.duty_reports.draft(node.access.operator(user), incident, duty, step, lang), json)


@app.command()
def show(
    data: DataOption, report: ReportArgument, user: UserOption = "admin", json: JsonOption = False
) -> None:
    """Show a report with its answers, and what is missing."""
    with opened(data) as node:
        from tocsin.app.incident_views import report_view

        kept = node.duty_reports.open(node.access.operator(user), report)
        rows = [row for part in kept.draft.parts for row in part.rows]
        told = report_view(kept.report)
    if json:
        show_json({**told, "answers": {row.field: row.value for row in rows}})
        return
    say(f"{kept.draft.eyebrow}: {kept.draft.title} ({kept.report.state.value})")
    show_table(
        ("field", "asked", "answer"),
        ((row.field, row.label, "MISSING" if row.missing else row.value) for row in rows),
        empty="The pack asks for nothing in particular at this step.",
    )


@app.command()
def edit(
    data: DataOption,
    report: ReportArgument,
    answers: Annotated[
        list[str], typer.Argument(help="FIELD=TEXT; FIELD= is missing again; FIELD=@FILE reads a file.")
    ],
    user: UserOption = "admin",
    json: JsonOption = False,
) -> None:
    """Answer fields in your own words; what was approved waits for approval again."""
    with opened(data) as node:
        said = dict(_answer(one) for one in answers)
        _shown(node.duty_reports.edit(node.access.operator(user), report, said), json)


@app.command()
def approve(
    data: DataOption, report: ReportArgument, user: UserOption = "admin", json: JsonOption = False
) -> None:
    """Stand for a report as the second person."""
    with opened(data) as node:
        _shown(node.duty_reports.approve(node.access.operator(user), report), json)


@app.command()
def withdraw(
    data: DataOption, report: ReportArgument, user: UserOption = "admin", json: JsonOption = False
) -> None:
    """Lay a draft aside; its step is still to be done."""
    with opened(data) as node:
        _shown(node.duty_reports.withdraw(node.access.operator(user), report), json)


@app.command()
def sent(
    data: DataOption,
    report: ReportArgument,
    how: Annotated[str, typer.Option(help="How and to whom you sent it.")],
    form: Annotated[str, typer.Option("--as", help="In which form: pdf, docx, json.")] = "pdf",
    at: Annotated[str, typer.Option(help="When, with its offset; now otherwise.")] = "",
    proof: Annotated[str, typer.Option(help="The exhibit that proves it.")] = "",
    incomplete: Annotated[str, typer.Option(help="Why it went although the regime asks for more.")] = "",
    user: UserOption = "admin",
    json: JsonOption = False,
) -> None:
    """Say that you sent it: this node never sends a report. What you sent is kept with its SHA-256."""
    with opened(data) as node:
        try:
            when = at_offset(datetime.fromisoformat(at)) if at else None
        except ValueError:
            raise BadInput("--at is like 2026-11-20T09:30:00+01:00") from None
        done = node.duty_reports.mark_sent(
            node.access.operator(user),
            report,
            how=how,
            form=form,
            proof=proof or None,
            moment=when,
            incomplete=incomplete,
        )
    _shown(done, json)


@app.command()
def export(
    data: DataOption,
    report: ReportArgument,
    out: Annotated[Path, typer.Argument(help="FILE.pdf, FILE.docx or FILE.json.")],
    user: UserOption = "admin",
    json: JsonOption = False,
) -> None:
    """Write a report on paper, as DOCX or as JSON; once sent, as it was sent."""
    with opened(data) as node:
        made = node.duty_reports.export(node.access.operator(user), report, out.suffix.removeprefix("."))
    out.write_bytes(made)
    if json:
        show_json({"file": str(out), "bytes": len(made)})
    else:
        say(
            f"Written: {out} ({len(made):,} bytes). A person sends it; then: tocsin incident report sent {report}"
        )


def _answer(typed: str) -> tuple[str, str]:
    field, sign, value = typed.partition("=")
    if not sign:
        raise BadInput(f"{typed[:64]!r}: type FIELD=TEXT")
    if value.startswith("@"):
        try:
            value = Path(value[1:]).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(
                f"{value[1:][:200]} could not be read as UTF-8 text: {error.__class__.__name__}"
            ) from None
    return field, value


def _shown(report: DutyReport, json: bool) -> None:
    from tocsin.app.incident_views import report_view

    if json:
        show_json(report_view(report))
        return
    lacking = ", ".join(report.missing) or "nothing"
    say(f"{report.id}: {report.duty} {report.step}, {report.state.value}; missing: {lacking}.")
