"""tocsin request: what authorities ask of this node, one case at a time."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli.callers import TokenOption, opened_by
from tocsin.cli.opening import CaseArgument, DataOption, JsonOption, opened
from tocsin.cli.output import moment, say, show_json, show_table, when
from tocsin.cli.peer import MOMENTS
from tocsin.kernel.requests import Asked, AuthorityKind, RequestState

if TYPE_CHECKING:
    from tocsin.kernel.requests import AuthorityRequest

app = typer.Typer(
    help="Requests from authorities: open, list, show, approve, refuse, answer, told, shield, count.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

RequestArgument = Annotated[str, typer.Argument(help="The request's id.")]
AskedOption = Annotated[list[Asked], typer.Option("--asked", help="What is asked for; may be given often.")]


@app.command("open")
def open_request(
    data: DataOption,
    case: Annotated[list[str], typer.Option(help="The one case. Several are refused, and counted.")],
    kind: Annotated[AuthorityKind, typer.Option(help="Who asks.")],
    jurisdiction: Annotated[str, typer.Option(help="Two letters (ISO 3166-1), or EU.")],
    authority: Annotated[str, typer.Option(help="The authority's name.")],
    asked: AskedOption,
    basis: Annotated[str, typer.Option(help="The law or order: article, file number.")] = "",
    reference: Annotated[str, typer.Option(help="The authority's own file number.")] = "",
    why: Annotated[str, typer.Option(help="What the authority says it is for.")] = "",
    deadline: Annotated[datetime | None, typer.Option(formats=MOMENTS, help="Until when, in UTC.")] = None,
    emergency: Annotated[
        str, typer.Option(help="Who is in danger of what, now: one person may answer, a second within a day.")
    ] = "",
    token: TokenOption = "",
    json: JsonOption = False,
) -> None:
    """Take a request in. It names one case and a basis, or it is refused at once."""
    from tocsin.cases.requests import NewRequest
    from tocsin.kernel.requests import RequestWords

    with opened_by(data, token) as (node, by):
        made = node.authority_requests.open(
            by,
            NewRequest(
                cases=tuple(case),
                kind=kind,
                jurisdiction=jurisdiction,
                asked=tuple(asked),
                deadline=moment(deadline),
                emergency=bool(emergency),
                words=RequestWords(
                    authority=authority, reference=reference, basis=basis, why=why, danger=emergency
                ),
            ),
        )
    _told(made, json)


@app.command("list")
def list_requests(
    data: DataOption,
    state: Annotated[RequestState | None, typer.Option(help="Only these.")] = None,
    due: Annotated[
        bool, typer.Option("--due", help="Only those that wait for somebody, and for what.")
    ] = False,
    token: TokenOption = "",
    json: JsonOption = False,
) -> None:
    """Show requests, newest first."""
    with opened_by(data, token) as (node, by):
        if due:
            found = node.authority_requests.due(by)
        else:
            found = tuple((one, "") for one in node.authority_requests.listed(by, state=state))
    rows = [_row(one) | ({"due": what} if what else {}) for one, what in found]
    if json:
        show_json({"requests": rows})
        return
    show_table(
        ("id", "at", "case", "kind", "from", "asked", "state", "due"),
        (
            (
                row["id"],
                row["at"],
                row["case"],
                row["kind"],
                row["jurisdiction"],
                ", ".join(row["asked"]),
                row["state"],
                row.get("due", row["deadline"]),
            )
            for row in rows
        ),
        empty="No requests: `tocsin request open` takes one in.",
    )


@app.command()
def show(
    data: DataOption, request: RequestArgument, token: TokenOption = "", json: JsonOption = False
) -> None:
    """Show one request: its words, who did what, and whether its trail holds. This is audited."""
    with opened_by(data, token) as (node, by):
        shown = node.authority_requests.show(by, request)
    steps = [
        {"number": one.number, "at": when(one.at), "by": one.by, "act": one.act, "detail": one.detail}
        for one in shown.steps
    ]
    if json:
        show_json(
            _row(shown.request)
            | {"words": shown.words, "steps": steps, "late": shown.late, "broken": shown.broken}
        )
        return
    show_table(("", ""), ((key, str(value)) for key, value in _row(shown.request).items()), empty="")
    for name in ("authority", "reference", "basis", "why", "danger"):
        if getattr(shown.words, name):
            say(f"  {name}: {getattr(shown.words, name)}")
    for reason in shown.words.reasons:
        say(f"  because: {reason}")
    for step in steps:
        say(f"  {step['number']}. {step['at']} {step['act']} {step['by']}")
    if shown.late:
        say("  late: a second person looked after more than a day, or has not looked")
    say("  the trail holds" if shown.broken is None else f"  the trail is broken at step {shown.broken}")
    if shown.broken is not None:
        raise typer.Exit(1)


@app.command()
def approve(
    data: DataOption,
    request: RequestArgument,
    grant: Annotated[
        list[Asked] | None, typer.Option("--grant", help="Only this of what is asked; then say why.")
    ] = None,
    reasons: Annotated[str, typer.Option(help="Why, where less is granted than asked.")] = "",
    token: TokenOption = "",
    json: JsonOption = False,
) -> None:
    """Say yes as the second person, to all that is asked or to a part."""
    with opened_by(data, token) as (node, by):
        made = node.authority_requests.approve(by, request, granted=tuple(grant or ()), reasons=reasons)
    _told(made, json)


@app.command()
def refuse(
    data: DataOption,
    request: RequestArgument,
    reasons: Annotated[str, typer.Option(help="Why; the authority may read it.")],
    token: TokenOption = "",
    json: JsonOption = False,
) -> None:
    """Refuse a request, with reasons. One person is enough."""
    with opened_by(data, token) as (node, by):
        made = node.authority_requests.refuse(by, request, reasons=reasons)
    _told(made, json)


@app.command()
def answer(
    data: DataOption,
    request: RequestArgument,
    package: Annotated[str, typer.Option(help="The evidence package handed over, as sha256:...")] = "",
    told: Annotated[bool, typer.Option("--told", help="The person concerned was told.")] = False,
    bar: Annotated[str, typer.Option(help="Or: the law that forbids telling them.")] = "",
    bar_until: Annotated[datetime | None, typer.Option(formats=MOMENTS, help="When that ends.")] = None,
    token: TokenOption = "",
    json: JsonOption = False,
) -> None:
    """Say what was handed over, and whether the person concerned was told."""
    with opened_by(data, token) as (node, by):
        made = node.authority_requests.answer(
            by, request, package=package, told=told, bar=bar, bar_until=moment(bar_until)
        )
    _told(made, json)


@app.command("told")
def told_person(
    data: DataOption, request: RequestArgument, token: TokenOption = "", json: JsonOption = False
) -> None:
    """Say that the person concerned was told."""
    with opened_by(data, token) as (node, by):
        made = node.authority_requests.told(by, request)
    _told(made, json)


@app.command()
def shield(
    data: DataOption,
    case: CaseArgument,
    reasons: Annotated[str, typer.Option(help="Why, without a name.")],
    token: TokenOption = "",
) -> None:
    """Say that a case would tell a journalist's source: nothing of it is ever given to an authority."""
    with opened_by(data, token) as (node, by):
        node.authority_requests.shield(by, case, reasons)
    typer.echo("Kept: requests about this case are refused from now on.")


@app.command()
def count(
    data: DataOption,
    since: Annotated[datetime | None, typer.Option("--from", formats=MOMENTS, help="First day.")] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", formats=MOMENTS, help="The day after the last.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Count requests by who asked and what became of them. This may be told to anybody."""
    with opened(data) as node:
        counted = node.request_counts.of(since=moment(since) or 0, until=moment(until)).rows
    rows = [
        {"kind": kind, "outcome": outcome, "requests": n} for (kind, outcome), n in sorted(counted.items())
    ]
    if json:
        show_json({"counts": rows})
        return
    show_table(
        ("who asked", "what became of it", "requests"),
        ((row["kind"], row["outcome"], row["requests"]) for row in rows),
        empty="No authority has asked for anything.",
    )


def _told(made: "AuthorityRequest", json: bool) -> None:
    if json:
        show_json(_row(made))
    else:
        because = f" ({made.floor.value})" if made.floor else ""
        typer.echo(f"{made.id}: {made.state.value}{because}")


def _row(one: "AuthorityRequest") -> dict[str, Any]:
    return {
        "id": one.id,
        "case": one.case,
        "kind": one.kind.value,
        "jurisdiction": one.jurisdiction,
        "asked": [what.value for what in one.asked],
        "granted": [what.value for what in one.granted],
        "at": when(one.at),
        "deadline": when(one.deadline),
        "state": one.state.value,
        "emergency": one.emergency,
        "floor": one.floor.value if one.floor else "",
        "opened_by": one.opened_by,
        "approved_by": one.approved_by,
        "answered": when(one.answered_at or None),
        "package": one.package,
        "told": when(one.notice.told),
        "bar_until": when(one.notice.bar_until),
    }
