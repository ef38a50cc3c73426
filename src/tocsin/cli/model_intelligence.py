"""tocsin model intelligence, vulnerabilities, stack: what became known elsewhere, and what of it concerns us."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import show_json, show_table, when

if TYPE_CHECKING:
    from tocsin.app.intake import Flaws

MAX_SHOWN = 200
MAX_ARTEFACTS = 10_000
STACK = "stack:"
"""Begins the name of a serving stack, so that no model's is taken for one."""

intelligence = typer.Typer(
    help="What became known of components, models and files: OSV, AVID, hashes.", no_args_is_help=True
)
stack = typer.Typer(help="The software that serves models, as a bill of materials.", no_args_is_help=True)


@intelligence.command("import")
def import_files(
    data: DataOption,
    files: Annotated[
        list[Path], typer.Argument(help="Files that were fetched: this command opens no connection.")
    ],
    kind: Annotated[
        str, typer.Option(help="osv (all.zip or one entry), avid (JSON lines), or hash (sha256 lines).")
    ],
    json: JsonOption = False,
) -> None:
    """Keep what files hold, and open again the verdicts that it concerns. Exit 1 when it opened any."""
    from tocsin.kernel import BadInput

    with opened(data) as node:
        from tocsin.app.intake import FileKind

        if kind not in set(FileKind):
            raise BadInput(f"--kind is one of: {', '.join(FileKind)}")
        done = [node.intake.read_file(node.access.operator(), file, FileKind(kind)) for file in files]
    if json:
        show_json({"imports": done})
    else:
        for one in done:
            typer.echo(
                f"{one.file}: {one.read:,} read, {one.new:,} new, {one.not_taken:,} not taken; "
                f"{len(one.reopened)} verdicts open again, {len(one.named)} followed models named."
            )
            for unread in one.unread[:10]:
                typer.echo(f"  {unread.name}: {unread.reason}")
    if any(one.reopened for one in done):
        raise typer.Exit(1)


@intelligence.command("list")
def list_intelligence(data: DataOption, json: JsonOption = False) -> None:
    """Show what is kept: how much of each kind, and the newest."""
    with opened(data) as node:
        node.access.require(node.access.operator(), "model.read")
        counts = node.store.intelligence.counts()
        newest = node.intake.listed(limit=MAX_SHOWN)
    if json:
        rows = [
            {
                "kind": one.kind,
                "id": one.id,
                "at": when(one.at),
                "title": one.title,
                "concerns": one.keys,
                "source": one.source,
                "withdrawn": one.withdrawn,
            }
            for one in newest
        ]
        show_json({"counts": {kind.value: count for kind, count in counts.items()}, "newest": rows})
        return
    for name, count in counts.items():
        typer.echo(f"{name.value}: {count:,}")
    show_table(
        ("when", "kind", "id", "what"),
        ((when(one.at), one.kind.value, one.id, one.title) for one in newest),
        empty="Nothing is kept: `tocsin model intelligence import FILE --kind osv`.",
    )


@stack.command("import")
def import_stack(
    data: DataOption,
    bom: Annotated[Path, typer.Argument(help="A CycloneDX bill of materials in JSON.")],
    name: Annotated[str, typer.Option(help="What to call the stack; the file's name otherwise.")] = "",
    json: JsonOption = False,
) -> None:
    """Keep a serving stack's components: they are matched like a model's. Exit 1 when something is known of them."""
    with opened(data) as node:
        kept = node.artefacts.record(node.access.operator(), bom, name=f"{STACK}{name or bom.stem}")
        flaws = node.intake.flaws(kept)
    _show([flaws], json)


def vulnerabilities(
    data: DataOption,
    model: Annotated[
        str, typer.Argument(help="A followed model, a digest or an inspection's name; all otherwise.")
    ] = "",
    every: Annotated[
        bool, typer.Option("--all", help="Also what is merely admitted, or could not be settled.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Show what is known of the components and files of models. Exit 1 when something is."""
    with opened(data) as node:
        node.access.require(node.access.operator(), "model.read")
        if model:
            found = [node.intake.flaws(node.artefacts.named(model))]
        else:
            lines = node.artefacts.listed(limit=MAX_ARTEFACTS)
            found = [node.intake.flaws(node.artefacts.latest(line.artefact)) for line in lines]
    _show(found, json, every=every)


def _show(found: "list[Flaws]", json: bool, *, every: bool = False) -> None:
    rows = [row for flaws in found for row in _rows(flaws) if every or row["answer"] not in _MERELY]
    if json:
        show_json({"vulnerabilities": rows})
    else:
        show_table(
            ("model", "what", "id", "how surely", "title"),
            (
                (row["name"], f"{row['component']} {row['version']}", row["id"], row["answer"], row["title"])
                for row in rows
            ),
            empty="Nothing that is kept here is known of them.",
        )
    if any(flaws.found for flaws in found):
        raise typer.Exit(1)


_MERELY = frozenset({"admits", "unsettled"})


def _rows(flaws: "Flaws") -> list[dict[str, Any]]:
    about = {"name": flaws.kept.line.name, "artefact": flaws.kept.line.artefact}
    rows = [
        {
            **about,
            "component": match.component.name,
            "version": match.component.version or match.component.specifier,
            "ecosystem": match.component.ecosystem,
            "path": match.component.path,
            "id": match.entry.id,
            "aliases": match.aliases,
            "answer": match.answer.value,
            "malicious": match.malicious,
            "title": match.entry.title,
        }
        for match in flaws.matches
    ]
    for answer, items in (("these bytes", flaws.bad_files), ("a claim by name", flaws.claims)):
        rows += [
            {
                **about,
                "component": "",
                "version": "",
                "ecosystem": "",
                "path": "",
                "id": one.id,
                "aliases": (),
                "answer": answer,
                "malicious": False,
                "title": one.title,
            }
            for one in items
        ]
    return rows
