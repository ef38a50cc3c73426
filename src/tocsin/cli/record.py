"""tocsin record: find records, look at one and around it, judge it, write many to a file."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.callers import AskerOption
from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import show_json, show_table, when
from tocsin.kernel import TLP, BadInput, Origin

app = typer.Typer(help="Records: find, show, judge, export.", no_args_is_help=True, rich_markup_mode=None)

IdArgument = Annotated[str, typer.Argument(help="The record's STIX id.")]


@app.command()
def search(
    data: DataOption,
    words: Annotated[
        str, typer.Argument(help="Words; all must be found. Three letters find longer words.")
    ] = "",
    kind: Annotated[
        str, typer.Option("--type", help="Only this STIX type; relationships are found only by this.")
    ] = "",
    category: Annotated[str, typer.Option(help="Only this category of conduct.")] = "",
    peer: Annotated[str, typer.Option(help="Only what this peer gave.")] = "",
    author: Annotated[str, typer.Option(help="Only by this STIX identity.")] = "",
    origin: Annotated[Origin | None, typer.Option(help="Only of this origin.")] = None,
    tlp: Annotated[TLP | None, typer.Option(help="Only under this marking.")] = None,
    refers_to: Annotated[str, typer.Option(help="Only what names this id.")] = "",
    limit: Annotated[int, typer.Option(help="How many, newest first.", min=1, max=200)] = 50,
    user: AskerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Find records by words and fields, newest first. Exit 1 when there is none."""
    with opened(data) as node:
        from tocsin.app.record_views import record_line
        from tocsin.store.finding import Wanted

        wanted = Wanted(
            words=words,
            type=kind,
            without=() if kind or refers_to else ("relationship",),
            category=category,
            peer=peer,
            author=author,
            origin=origin,
            tlp=tlp,
            refers_to=refers_to,
            limit=limit,
        )
        found = node.library.search(node.access.operator(user), wanted)
        rows = [record_line(record) for record in found.records]
    if json:
        show_json({"records": rows, "more": found.more, "behind": found.behind})
    else:
        show_table(
            ("added", "type", "name", "category", "tlp", "from", "id"),
            (
                (
                    row["added"][:16],
                    row["type"],
                    row["name"][:48],
                    row["category"],
                    row["tlp"],
                    row["peer"] or row["origin"],
                    row["id"],
                )
                for row in rows
            ),
            empty="No record fits.",
        )
        if found.more:
            typer.echo("There are more: add a word, or --limit.")
        if found.behind:
            typer.echo(f"{found.behind:,} records are not indexed yet: ask again in a minute.")
    if not rows:
        raise typer.Exit(1)


@app.command()
def show(data: DataOption, record: IdArgument, user: AskerOption = "admin", json: JsonOption = False) -> None:
    """Show a record: who says it, what is left of it, sightings, opinions, exclusions."""
    with opened(data) as node:
        from tocsin.app.record_views import shown_view

        view = shown_view(node.library.show(node.access.operator(user), record))
    if json:
        show_json(view)
        return
    left = view["confidence"]
    seen = view["sightings"]
    most = seen["accounts_at_most"]
    rows = [
        ("type", view["type"]),
        ("name", view["name"]),
        ("category", view["category"] or "-"),
        ("marking", f"TLP:{view['tlp'].upper()}"),
        ("author", view["author_name"]),
        ("from", view["peer"] or view["origin"]),
        ("version", view["version"]),
        ("confidence", "ended" if left["ended"] else f"{left['left']} left of {left['stated']}, "
         f"half in {left['half_life_days']} days"),
        ("same content", f"{len(view['sources'])} sources" if view["content"] else "-"),
        ("seen by", f"{seen['nodes']} nodes, {seen['accounts_at_least']} to {most or 'any'} accounts"
         if seen["nodes"] else "nobody that says so"),
        ("excluded", view["excluded"] or "no"),
    ]  # fmt: skip
    show_table(("", ""), rows, empty="")
    for one in view["opinions"]["each"]:
        typer.echo(f"  {one['opinion']}: {one['name']}: {one['why']}")
    for source in view["sources"]:
        if source["id"] != view["id"]:
            typer.echo(f"  also said by {source['name']} ({source['peer'] or 'here'}): {source['id']}")


@app.command()
def graph(
    data: DataOption,
    record: IdArgument,
    steps: Annotated[int, typer.Option(help="How many references wide.", min=1, max=3)] = 1,
    user: AskerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Show what a record refers to and what refers to it."""
    with opened(data) as node:
        from tocsin.app.record_views import neighbourhood_view

        view = neighbourhood_view(node.library.graph(node.access.operator(user), record, steps=steps))
    if json:
        show_json(view)
        return
    names = {one["id"]: f"{one['type']} {one['name'] or one['id'][-12:]}" for one in view["nodes"]}
    rows = [(names[e["source"]], e["kind"], names[e["target"]]) for e in view["edges"]]
    show_table(("from", "how", "to"), rows, empty="It refers to nothing, and nothing refers to it.")
    if view["left_out"]:
        typer.echo(f"{view['left_out']} more are left out.")


@app.command()
def opinion(
    data: DataOption,
    record: IdArgument,
    says: Annotated[
        str, typer.Argument(help="strongly-disagree, disagree, neutral, agree or strongly-agree.")
    ],
    why: Annotated[str, typer.Option(help="The reason, in your words.")],
    user: AskerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Say what this node thinks of a record; a second takes its place. Peers may get the value, never why."""
    with opened(data) as node:
        from tocsin.app.record_views import record_line

        kept = record_line(node.library.judge(node.access.operator(user), record, says, why))
    if json:
        show_json(kept)
    else:
        typer.echo(f"Kept as {kept['id']}.")


@app.command()
def export(
    data: DataOption,
    target: Annotated[Path, typer.Argument(help="A new file.")],
    purpose: Annotated[str, typer.Option(help="Why; it goes into the audit trail.")],
    kinds: Annotated[
        list[str] | None, typer.Option("--type", help="Only this STIX type; may be repeated.")
    ] = None,
    origin: Annotated[Origin | None, typer.Option(help="Only of this origin.")] = None,
    since: Annotated[
        datetime | None,
        typer.Option(help="Only what was added since.", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]),
    ] = None,
    bundle: Annotated[bool, typer.Option("--bundle", help="One STIX bundle, not one object a line.")] = False,
    user: AskerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Write the latest version of records to a file, for this node's own people. TLP:RED is left out."""
    from datetime import UTC

    from rich.console import Console
    from rich.progress import Progress

    if not target.parent.is_dir():
        raise BadInput(f"there is no folder {target.parent}")
    with (
        opened(data) as node,
        Progress(console=Console(stderr=True), disable=json, transient=True) as progress,
    ):
        from tocsin.app.bulk_export import Form
        from tocsin.app.bulk_export import export as write
        from tocsin.kernel import micros

        task = progress.add_task("Writing records", total=None)
        done = write(
            node.store,
            node.access,
            node.clock,
            node.access.operator(user),
            target,
            purpose=purpose,
            form=Form.BUNDLE if bundle else Form.NDJSON,
            types=tuple(kinds or ()),
            origin=origin,
            since=micros(since.replace(tzinfo=UTC)) - 1 if since else 0,
            progress=lambda read: progress.update(task, completed=read, description=f"{read:,} records"),
        )
        at = micros(node.clock())
    if json:
        show_json(
            {"file": str(target), "records": done.records, "bytes": done.size, "withheld": done.withheld}
        )
    else:
        typer.echo(f"{done.records:,} records, {done.size:,} bytes at {when(at)}.")
        if done.withheld:
            typer.echo(f"{done.withheld:,} are TLP:RED and were left out.")
