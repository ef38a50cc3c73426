"""tocsin model record, follow, unfollow, list, history, check, notices, answer: what the node remembers of models."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import show_json, show_table, when
from tocsin.kernel.artefacts import ArtefactVerdict

if TYPE_CHECKING:
    from tocsin.app.node import Node
    from tocsin.kernel.models import ArtefactNotice, FollowedModel, InspectionLine

MAX_SHOWN = 200
NameArgument = Annotated[str, typer.Argument(help="The name it is followed by, or an artefact's digest.")]


def record(
    data: DataOption,
    path: Annotated[Path, typer.Argument(help="A folder, an archive or a file.")],
    name: Annotated[str, typer.Option(help="What to call it; the name of the file otherwise.")] = "",
    json: JsonOption = False,
) -> None:
    """Inspect an artefact and keep the inspection in the node. Exit 1 found, 3 not examined or inconclusive."""
    with opened(data) as node:
        kept = node.artefacts.record(node.access.operator(), path, name=name)
    if json:
        show_json({**line_row(kept.line), "findings_told": kept.inspection.findings})
    else:
        typer.echo(f"{kept.line.verdict.value}: {kept.line.name}  {kept.line.artefact}")
        show_table(
            ("rule", "severity", "where"),
            ((one.rule, one.severity.value, one.place.path) for one in kept.inspection.findings[:MAX_SHOWN]),
            empty="No findings.",
        )
    leave(kept.line.verdict)


def follow(
    data: DataOption,
    name: Annotated[str, typer.Argument(help="What to call the model here.")],
    path: Annotated[
        Path | None, typer.Option(help="Where its files lie; they are inspected now and daily.")
    ] = None,
    digest: Annotated[str, typer.Option(help="Instead of a path: the digest of an artefact.")] = "",
    deployed_by: Annotated[
        list[str] | None, typer.Option(help="A channel or a user who is told; give it several times.")
    ] = None,
    review: Annotated[
        datetime | None,
        typer.Option(help="The day on which somebody looks at it again.", formats=["%Y-%m-%d"]),
    ] = None,
    publisher: Annotated[str, typer.Option(help="Who publishes it.")] = "",
    parent: Annotated[str, typer.Option(help="What it was made from, as far as you know.")] = "",
    json: JsonOption = False,
) -> None:
    """Follow a model: who deployed it hears of new versions, reopened verdicts, reports and review days."""
    with opened(data) as node:
        model = node.following.follow(
            node.access.operator(),
            name,
            path=path,
            digest=digest,
            publisher=publisher,
            deployed_by=deployed_by or (),
            review=review.date() if review else None,
            parent=parent,
        )
    if json:
        show_json(model)
    else:
        typer.echo(f"{model.name} is followed: {model.artefact}")


def unfollow(data: DataOption, name: NameArgument) -> None:
    """Follow a model no more. Its inspections and what was said stay."""
    with opened(data) as node:
        node.following.unfollow(node.access.operator(), name)
    typer.echo(f"{name} is followed no more.")


def list_models(
    data: DataOption,
    verdict: Annotated[ArtefactVerdict | None, typer.Option(help="Only artefacts with this verdict.")] = None,
    reopened: Annotated[bool, typer.Option("--reopened", help="Only verdicts that are open again.")] = False,
    json: JsonOption = False,
) -> None:
    """Show followed models, and the latest look at every artefact."""
    with opened(data) as node:
        node.access.require(node.access.operator(), "model.read")
        models = node.store.followed.every()
        lines = node.artefacts.listed(verdict=verdict, reopened=True if reopened else None, limit=MAX_SHOWN)
        unread = node.store.artefact_notices.unread()
        people = _people(node)
    if json:
        show_json({"models": models, "artefacts": [line_row(line) for line in lines], "unread": unread})
        return
    show_table(
        ("model", "state", "artefact", "review", "told"),
        (
            (one.name, one.state.value, one.artefact[:12], when(one.review)[:10], _told(one, people))
            for one in models
        ),
        empty="No model is followed: `tocsin model follow NAME --path PATH`.",
    )
    _show_lines(lines)
    if unread:
        typer.echo(f"{unread} notices wait: `tocsin model notices`.")


def history(data: DataOption, name: NameArgument, json: JsonOption = False) -> None:
    """Show all looks at a model, and all that was said of it."""
    with opened(data) as node:
        node.access.require(node.access.operator(), "model.read")
        told = node.artefacts.history(name)
        people = _people(node)
    if json:
        inspections = [line_row(line) for line in told.inspections]
        notices = [notice_row(one) for one in told.notices]
        show_json({"model": told.model, "inspections": inspections, "notices": notices})
        return
    _show_lines(told.inspections)
    _show_notices(told.notices, people)


def check(data: DataOption, json: JsonOption = False) -> None:
    """Look after all that is kept: rules, peers' words, followed paths, review days. Exit 1 when something is new."""
    with opened(data) as node:
        node.access.require(node.access.operator(), "model.manage")
        done = node.aftercare.check()
    news = bool(done.reopened or done.ended) or any(one.said or one.fault for one in done.checked)
    if json:
        show_json(
            {
                "reopened": [line_row(line) for line in done.reopened],
                "checked": done.checked,
                "looked": [line_row(line) for line in done.looked],
                "ended": [
                    {"decision": one.id, "artefact": one.artefact, "why": one.why_ended} for one in done.ended
                ],
            }
        )
    else:
        for one in done.checked:
            words = ", ".join(cause.value for cause in one.said)
            typer.echo(f"{one.model}: {one.fault or words or 'nothing new'}")
        for ended in done.ended:
            typer.echo(f"{ended.name}: the decision {ended.id[:12]} ended: {ended.why_ended}")
        typer.echo(f"{len(done.reopened)} verdicts open again, {len(done.looked)} looked at anew.")
    if news:
        raise typer.Exit(1)


def notices(
    data: DataOption,
    every: Annotated[bool, typer.Option("--all", help="Those that were read, too.")] = False,
    json: JsonOption = False,
) -> None:
    """Show word about models, newest first."""
    with opened(data) as node:
        node.access.require(node.access.operator(), "model.read")
        listed = node.store.artefact_notices.listed(unread=not every, limit=MAX_SHOWN)
        rows, people = [notice_row(one) for one in listed], _people(node)
    if json:
        show_json({"notices": rows})
    else:
        _show_notices(listed, people)


def answer(
    data: DataOption,
    notice: Annotated[str, typer.Argument(help="The notice's id.")],
    said: Annotated[str, typer.Option("--say", help="What was done about it.")] = "",
) -> None:
    """Mark word as read, and say what was done about it."""
    with opened(data) as node:
        node.following.answer(node.access.operator(), notice, said)
    typer.echo("It is marked as read.")


def leave(verdict: ArtefactVerdict) -> None:
    """Exit 0 clean, 1 found, 3 not examined or inconclusive."""
    if verdict is not ArtefactVerdict.CLEAN:
        raise typer.Exit(1 if verdict is ArtefactVerdict.FOUND else 3)


def line_row(line: "InspectionLine") -> dict[str, Any]:
    """One look, as programs read it."""
    return {
        "id": line.id,
        "artefact": line.artefact,
        "name": line.name,
        "source": line.source,
        "size": line.size,
        "at": when(line.at),
        "scanner": line.scanner,
        "verdict": line.verdict,
        "findings": line.findings,
        "parts": line.parts,
        "latest": line.latest,
        "stands": line.stands,
        "reopened": line.reopened
        and {
            "at": when(line.reopened.at),
            "cause": line.reopened.cause,
            "what": line.reopened.what,
            "formats": line.reopened.formats,
            "waiting": line.reopened.waiting,
        },
    }


def notice_row(notice: "ArtefactNotice") -> dict[str, Any]:
    """One word, as programs read it."""
    from tocsin.app.artefact_words import said, told

    return {
        "id": notice.id,
        "to": notice.to,
        "cause": notice.cause,
        "at": when(notice.at),
        "artefact": notice.artefact,
        "model": notice.model,
        "said": said(notice),
        "told": told(notice),
        "read": notice.read and when(notice.read),
        "answer": notice.answer,
    }


def _show_lines(lines: "tuple[InspectionLine, ...]") -> None:
    show_table(
        ("when", "verdict", "name", "artefact", "findings", "open again"),
        (
            (
                when(line.at),
                line.verdict.value,
                line.name,
                line.artefact[:12],
                line.findings,
                ", ".join((*line.reopened.what, line.reopened.waiting)).strip(", ") if line.reopened else "",
            )
            for line in lines
        ),
        empty="No inspection is kept: `tocsin model record PATH`.",
    )


def _people(node: "Node") -> dict[str, str]:
    """How those who are told are kept → what people call them."""
    return {f"user:{user.id}": user.name for user in node.store.people.users()} | {"": "all"}


def _told(model: "FollowedModel", people: dict[str, str]) -> str:
    return ", ".join(people.get(one, one) for one in model.deployed_by or ("",))


def _show_notices(listed: "tuple[ArtefactNotice, ...]", people: dict[str, str]) -> None:
    show_table(
        ("when", "to", "what", "id"),
        (
            (row["at"], people.get(row["to"], row["to"]), " ".join((row["said"], *row["told"])), row["id"])
            for row in map(notice_row, listed)
        ),
        empty="Nothing was said.",
    )
