"""tocsin share: what leaves, and what comes from peers."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import ELSEWHERE, complain, show_json, show_table, when
from tocsin.kernel import Manifest, NotAllowed

if TYPE_CHECKING:  # heavy: only a command that runs needs it
    from tocsin.app.exchange import Considered

app = typer.Typer(help="What leaves, and what comes in.", no_args_is_help=True, rich_markup_mode=None)

PURPOSE = "misuse-defence"
MAX_SHOWN_PROBLEMS = 20
PeerOption = Annotated[str, typer.Option("--peer", help="The peer's name.")]
PurposeOption = Annotated[str, typer.Option(help="Why it is shared; the peer must be trusted for it.")]


@app.command()
def preview(
    data: DataOption, peer: PeerOption, purpose: PurposeOption = PURPOSE, json: JsonOption = False
) -> None:
    """Show the manifest: every record, field and reason, and its hash. Nothing leaves."""
    with opened(data) as node:
        found = node.exchange.considered(node.access.operator(), peer, purpose)
    _show(found.manifest, json, "would leave")
    if not json and found.asks:
        _show_approvals(found)


@app.command()
def approve(
    data: DataOption,
    digest: Annotated[str, typer.Argument(help="The hash that the preview shows.")],
    token: Annotated[
        str,
        typer.Option(
            help="Your own token, so that it counts as yours; - reads it. The operator's otherwise."
        ),
    ] = "",
    json: JsonOption = False,
) -> None:
    """Stand for a release with your name; from a level on it needs two people. Exit 1 when it has changed."""
    if token == "-":
        token = sys.stdin.readline().strip()
    with opened(data) as node:
        by = node.access.authenticate(token) if token else node.access.operator()
        if by is None:
            raise NotAllowed("this token stands for nobody: is it revoked, or another node's?")
        found = node.exchange.approve(by, digest)
    if json:
        show_json(
            {"digest": digest, "asks": found.asks, "approved_by": found.approved_by, "ready": found.ready}
        )
    else:
        typer.echo(f"Approved by {by.name}: {len(found.manifest.released)} records to {found.manifest.peer}.")
        _show_approvals(found)


def _show_approvals(found: "Considered") -> None:
    names = ", ".join(found.approved_by) or "nobody yet"
    typer.echo(f"{', '.join(found.asks) or 'No rule'} asks for two people; approved by {names}.")


@app.command()
def publish(
    data: DataOption,
    peer: PeerOption,
    purpose: PurposeOption = PURPOSE,
    digest: Annotated[str, typer.Option(help="The hash you saw in the preview; another is refused.")] = "",
    json: JsonOption = False,
) -> None:
    """Release exactly what the preview shows; the manifest is logged first."""
    with opened(data) as node:
        manifest = node.exchange.publish(node.access.operator(), peer, purpose, digest or None)
    _show(manifest, json, "left")


@app.command()
def label(
    data: DataOption,
    subject: Annotated[
        str, typer.Argument(help="A record's STIX id, or a warning's id for all its records.")
    ],
    pap: Annotated[str, typer.Option(help="How a recipient may act: clear, green, amber, red.")] = "",
    only_to: Annotated[
        str, typer.Option(help="Only to peers established there: codes or blocs parted by commas.")
    ] = "",
    stays_in: Annotated[str, typer.Option(help="Kept there alone: codes or blocs parted by commas.")] = "",
    until: Annotated[
        str, typer.Option(help="Passed to nobody before: for example 2026-12-31T00:00:00.000Z.")
    ] = "",
    only_for: Annotated[str, typer.Option(help="For these purposes alone, parted by commas.")] = "",
    json: JsonOption = False,
) -> None:
    """Put handling labels on own records; the gate holds to them, and peers are bound by them."""
    said = {
        "pap": pap,
        "only_to": _listed(only_to),
        "stays_in": _listed(stays_in),
        "embargo_until": until,
        "purposes": _listed(only_for),
    }
    with opened(data) as node:
        from tocsin.app.labelling import label, labels_of

        labels = labels_of({name: value for name, value in said.items() if value})
        done = label(node.store, node.access, node.clock, node.access.operator(), subject, labels)
    if json:
        show_json({"labelled": [record.id for record in done]})
    else:
        typer.echo(f"{len(done)} records labelled; `tocsin share preview` shows where they may go now.")


def _listed(text: str) -> list[str]:
    return sorted({part.strip() for part in text.split(",") if part.strip()})


@app.command()
def pull(
    data: DataOption,
    peer: Annotated[str, typer.Option("--peer", help="Only this peer; all trusted ones otherwise.")] = "",
    json: JsonOption = False,
) -> None:
    """Fetch what trusted peers released to this node, and look back for it. Exit 3 when a peer failed."""
    with opened(data) as node:
        outcomes = node.exchange.pull_all(only=peer or None, forced=True)
        found = node.watch.tick()
        elsewhere = node.watch.elsewhere
    if json:
        show_json({"peers": outcomes, "warnings": [warning.id for warning in found]})
    else:
        show_table(
            ("peer", "records", "bytes", "error"),
            ((row.peer, row.records, row.size, row.error or "") for row in outcomes),
            empty="No trusted peer to pull from: `tocsin peer add NAME URL`, then `tocsin peer trust NAME`.",
        )
        if found:
            typer.echo(f"{len(found)} warnings are new: `tocsin watch warnings` shows them.")
        if elsewhere:
            typer.echo(ELSEWHERE)
    if any(row.error for row in outcomes):
        raise typer.Exit(3)


@app.command("import")
def import_bundle(
    data: DataOption,
    file: Annotated[Path, typer.Argument(help="A STIX 2.1 bundle, for example MITRE ATLAS.")],
    json: JsonOption = False,
) -> None:
    """Take records from a STIX bundle; defects are reported by object. Exit 1 when objects were refused."""
    with opened(data) as node:
        from tocsin.app.importing import import_file

        outcome = import_file(node, node.access.operator(), file)
    if json:
        show_json(outcome)
    else:
        typer.echo(f"{outcome.kept:,} kept, {outcome.known:,} known already, {outcome.refused:,} refused.")
        for problem in outcome.problems[:MAX_SHOWN_PROBLEMS]:
            complain(problem)
        if len(outcome.problems) > MAX_SHOWN_PROBLEMS:
            complain(f"... and {len(outcome.problems) - MAX_SHOWN_PROBLEMS:,} more; --json lists them all")
    if outcome.refused:
        raise typer.Exit(1)


@app.command()
def log(data: DataOption, json: JsonOption = False) -> None:
    """Show what left: manifests, newest first."""
    with opened(data) as node:
        rows: list[dict[str, Any]] = [
            {
                "at": when(at),
                "by": by,
                "peer": manifest.peer,
                "purpose": manifest.purpose,
                "records": len(manifest.released),
                "bytes": sum(entry.size for entry in manifest.released),
                "digest": manifest.digest,
            }
            for at, by, manifest in node.store.releases.manifests()
        ]
    if json:
        show_json({"manifests": rows})
        return
    show_table(
        ("at", "peer", "purpose", "records", "bytes", "hash"),
        ((r["at"], r["peer"], r["purpose"], r["records"], r["bytes"], r["digest"][:16]) for r in rows),
        empty="Nothing has left this node.",
    )


def _show(manifest: Manifest, json: bool, verb: str) -> None:
    if json:
        show_json(manifest)
        return
    show_table(
        ("verdict", "type", "id", "fields", "bytes", "rule"),
        (
            (
                entry.verdict.value,
                entry.type,
                entry.id,
                sum(1 for fate in entry.fields.values() if fate == "kept"),
                entry.size,
                entry.rule,
            )
            for entry in manifest.entries
        ),
        empty="There is nothing to share: confirm or dismiss a warning first.",
    )
    size = sum(entry.size for entry in manifest.released)
    typer.echo(f"{len(manifest.released)} records, {size:,} bytes {verb} to {manifest.peer}.")
    typer.echo(f"Manifest {manifest.digest}")
