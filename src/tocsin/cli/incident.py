"""tocsin incident: incidents of cases, the duties they are held against, their clocks."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli.contents import Contents, Entry
from tocsin.cli.incident_saying import IncidentArgument, UserOption, fact_of, moment_of
from tocsin.cli.opening import CaseArgument, DataOption, JsonOption, LanguageOption, opened
from tocsin.cli.output import chosen_language, say, show_json, show_table
from tocsin.kernel import BadInput
from tocsin.kernel.duties import ClockStart

if TYPE_CHECKING:
    from tocsin.app.node import Node
    from tocsin.kernel.duties import Incident


class Commands(Contents):
    """Reports have a file of their own."""

    entries = (
        Entry("report", "incident_report:app", "Reports under duties: draft, edit, approve, sent, export."),
    )


app = typer.Typer(
    cls=Commands,
    help="Incidents: facts, moments, duties, clocks, reports.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("list")
def list_incidents(
    data: DataOption,
    closed: Annotated[
        bool, typer.Option("--closed", help="Only closed ones; otherwise only open ones.")
    ] = False,
    user: UserOption = "admin",
    json: JsonOption = False,
) -> None:
    """List the incidents that you may see, newest first."""
    with opened(data) as node:
        from tocsin.app.incident_views import incident_view

        rows = [
            incident_view(one) for one in node.incidents.listed(node.access.operator(user), closed=closed)
        ]
    if json:
        show_json({"incidents": rows})
        return
    show_table(
        ("incident", "case", "opened", "duties"),
        ((row["id"], row["case"], row["opened"], ", ".join(row["duties"])) for row in rows),
        empty="No incident: `tocsin incident open CASE` makes one of a case.",
    )


@app.command("open")
def open_incident(
    data: DataOption,
    case: CaseArgument,
    moment: Annotated[
        list[str] | None,
        typer.Option(help="NAME=WHEN with its offset, like awareness=2026-11-20T09:30+01:00."),
    ] = None,
    user: UserOption = "admin",
    json: JsonOption = False,
) -> None:
    """Open an incident of a case."""
    with opened(data) as node:
        made = node.incidents.open(
            node.access.operator(user), case, moments=dict(moment_of(one) for one in moment or ())
        )
        suggested = [duty.id for duty in node.incidents.suggested(made)]
    if json:
        _shown(made, suggested=suggested)
        return
    say(f"{made.id} is open. Duties that your settings suggest: {', '.join(suggested) or 'none'}.")
    typer.echo(
        "Next: tocsin incident duties, fact, moment. No clock runs until a person names a duty and a moment."
    )


@app.command()
def show(
    data: DataOption, incident: IncidentArgument, user: UserOption = "admin", json: JsonOption = False
) -> None:
    """Show an incident: facts, moments, the grade and the clocks under each duty, reports, history."""
    with opened(data) as node:
        from tocsin.app.incident_views import change_view, incident_view, report_view, standing_view

        by = node.access.operator(user)
        found = node.incidents.get(by, incident)
        told: dict[str, Any] = {
            **incident_view(found),
            "standings": [standing_view(one) for one in node.incidents.standings(found)],
            "reports": [report_view(one) for one in node.duty_reports.of(by, incident)],
            "history": [change_view(one) for one in node.incidents.history(by, incident)],
        }
    if json:
        show_json(told)
        return
    say(f"{told['id']}, of case {told['case']}, opened {told['opened']}")
    show_table(("fact", "value"), told["facts"].items(), empty="No fact is known yet.")
    show_table(("moment", "when"), told["moments"].items(), empty="No moment is known yet: no clock runs.")
    show_table(
        ("duty", "grade", "to be reported", "pack"),
        (
            (
                row["duty"],
                row["grade"] or "-",
                {True: "yes", False: "no", None: "not known"}[row["reportable"]],
                "verified" if row["verified"] else "UNVERIFIED",
            )
            for row in told["standings"]
        ),
        empty="No duty is named: `tocsin incident duties`.",
    )
    show_table(
        ("report", "duty", "step", "state", "missing"),
        ((row["id"], row["duty"], row["step"], row["state"], len(row["missing"])) for row in told["reports"]),
        empty="No report is drafted: `tocsin incident report draft`.",
    )


@app.command()
def fact(
    data: DataOption,
    incident: IncidentArgument,
    facts: Annotated[
        list[str], typer.Argument(help="NAME=VALUE; NAME= takes it back. `tocsin duty facts` lists them.")
    ],
    reason: Annotated[str, typer.Option(help="Why it changed; it is kept.")] = "",
    user: UserOption = "admin",
    json: JsonOption = False,
) -> None:
    """Say facts of an incident. What is not known is left out: never 0, never no."""
    with opened(data) as node:
        said = dict(fact_of(one) for one in facts)
        _shown(node.incidents.set_facts(node.access.operator(user), incident, said, reason=reason), json=json)


@app.command()
def moment(
    data: DataOption,
    incident: IncidentArgument,
    name: Annotated[ClockStart, typer.Argument(help="Which moment.")],
    at: Annotated[str, typer.Argument(help="When, with its offset: 2026-11-20T09:30:00+01:00.")],
    reason: Annotated[str, typer.Option(help="Why a moment that was said is corrected; both are kept.")] = "",
    user: UserOption = "admin",
    json: JsonOption = False,
) -> None:
    """Say when something was: each moment once, and corrected only with a reason."""
    with opened(data) as node:
        _, when = moment_of(f"{name.value}={at}")
        by = node.access.operator(user)
        _shown(node.incidents.set_moment(by, incident, name, when, reason=reason), json=json)


@app.command()
def duties(
    data: DataOption,
    incident: IncidentArgument,
    named: Annotated[list[str] | None, typer.Argument(help="Ids of all duties that apply.")] = None,
    suggested: Annotated[
        bool, typer.Option("--suggested", help="Take those that the settings suggest.")
    ] = False,
    user: UserOption = "admin",
    json: JsonOption = False,
) -> None:
    """Say which duties apply, all of them; without one, show those there are and those suggested."""
    with opened(data) as node:
        by = node.access.operator(user)
        found = node.incidents.get(by, incident)
        likely = [duty.id for duty in node.incidents.suggested(found)]
        if named or suggested:
            _shown(node.incidents.name_duties(by, incident, named or likely), json=json)
            return
        rows = [(one.id, one.title["en"], one.status.value) for one in node.duty_packs.every()]
    if json:
        show_json({"duties": found.duties, "suggested": likely, "all": [row[0] for row in rows]})
        return
    show_table(
        ("duty", "title", "status", "here"),
        (
            (*row, "named" if row[0] in found.duties else "suggested" if row[0] in likely else "")
            for row in rows
        ),
        empty="There is no duty.",
    )


@app.command()
def tag(
    data: DataOption,
    incident: IncidentArgument,
    tags: Annotated[
        list[str], typer.Argument(help="DIMENSION=WORD,WORD of docs/incidents.md; DIMENSION= clears it.")
    ],
    user: UserOption = "admin",
    json: JsonOption = False,
) -> None:
    """Tag an incident: what failed, what kind of report, severity, place, stakeholders."""
    with opened(data) as node:
        split = (one.partition("=") for one in tags)
        said = {name: [word for word in words.split(",") if word] for name, _, words in split}
        _shown(node.incidents.set_tags(node.access.operator(user), incident, said), json=json)


@app.command()
def close(
    data: DataOption,
    incident: IncidentArgument,
    reason: Annotated[str, typer.Option(help="Why it is over; it is kept.")],
    user: UserOption = "admin",
    json: JsonOption = False,
) -> None:
    """Close an incident: its clocks are shown no more."""
    with opened(data) as node:
        _shown(node.incidents.close(node.access.operator(user), incident, reason=reason), json=json)


@app.command()
def reopen(
    data: DataOption,
    incident: IncidentArgument,
    reason: Annotated[str, typer.Option(help="Why it goes on; it is kept.")],
    user: UserOption = "admin",
    json: JsonOption = False,
) -> None:
    """Reopen a closed incident."""
    with opened(data) as node:
        _shown(node.incidents.reopen(node.access.operator(user), incident, reason=reason), json=json)


@app.command()
def clocks(data: DataOption, user: UserOption = "admin", json: JsonOption = False) -> None:
    """Show every clock that runs in what you may see, the nearest first."""
    with opened(data) as node:
        from tocsin.app.duty_words import left_said
        from tocsin.app.incident_views import clocked_view
        from tocsin.kernel import micros

        now = micros(node.clock())
        found = node.incidents.clocks(node.access.operator(user))
        rows = [clocked_view(one, now) for one in found]
        left = [left_said(one.deadline.due or 0, now, "en") for one in found]
    if json:
        show_json({"clocks": rows})
        return
    show_table(
        ("left", "due", "UTC", "duty", "step", "incident", "pack"),
        (
            (
                remains,
                row["due_local"],
                row["due"],
                row["duty"],
                row["step"],
                row["incident"],
                "verified" if row["verified"] else "UNVERIFIED",
            )
            for remains, row in zip(left, rows, strict=True)
        ),
        empty="No clock runs.",
    )


@app.command()
def compare(
    data: DataOption,
    incident: IncidentArgument,
    duty: Annotated[
        list[str] | None, typer.Option(help="Under this duty; may be repeated; the named ones otherwise.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write a .pdf or .json there; JSON to standard output otherwise.")
    ] = None,
    lang: LanguageOption = "",
    user: UserOption = "admin",
) -> None:
    """Show one incident under several duties side by side, with clocks and every comparison."""
    with opened(data) as node:
        from tocsin.app.duty_papers import comparison
        from tocsin.app.duty_sheets import comparison_json, comparison_pdf
        from tocsin.kernel import micros

        found = node.incidents.get(node.access.operator(user), incident)
        standings = node.incidents.standings(found, duty, language=chosen_language(lang))
        now = micros(node.clock())
        side = comparison(found, standings, lang=chosen_language(lang), node=node.name, now=now)
        made = comparison_pdf(side) if out is not None and out.suffix == ".pdf" else comparison_json(side)
    if out is None:
        typer.echo(made.decode(), nl=False)
    elif out.suffix not in (".pdf", ".json"):
        raise BadInput("a comparison is written as .pdf or .json")
    else:
        out.write_bytes(made)
        say(f"Written: {out}")


@app.command()
def feed(
    data: DataOption,
    user: Annotated[str, typer.Option(help="Whose calendar it is.")] = "admin",
    listed: Annotated[bool, typer.Option("--list", help="List this person's calendars.")] = False,
    revoke: Annotated[str, typer.Option(help="End the calendar of this id.")] = "",
    json: JsonOption = False,
) -> None:
    """Make a secret address of a calendar of deadlines, shown once; or list them, or end one."""
    with opened(data) as node:
        from tocsin.app.incident_views import feed_view

        by = node.access.operator(user)
        if revoke:
            node.duty_clocks.revoke_feed(by, revoke)
            said: dict[str, Any] = {"revoked": revoke}
        elif listed:
            said = {"feeds": [feed_view(one) for one in node.duty_clocks.feeds(by)]}
        else:
            made, path = node.duty_clocks.make_feed(by)
            said = {**feed_view(made), "address": f"{_base(node)}{path}"}
    if json:
        show_json(said)
    elif listed:
        show_table(
            ("calendar", "made", "ended"),
            ((row["id"], row["made"], row["revoked"] or "-") for row in said["feeds"]),
            empty="No calendar.",
        )
    elif revoke:
        typer.echo("Ended: nothing is shown at that address any more.")
    else:
        typer.echo(said["address"])
        typer.echo("Whoever has this address reads which duty and step is due when. It is not shown again.")


def _base(node: "Node") -> str:
    return node.settings.public_url.rstrip("/")


def _shown(incident: "Incident", *, json: bool = True, **more: object) -> None:
    from tocsin.app.incident_views import incident_view

    if json:
        show_json({**incident_view(incident), **more})
    else:
        say(f"Kept: {incident.id}, version {incident.version}.")
