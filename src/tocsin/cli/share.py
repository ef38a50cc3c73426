"""tocsin share: what leaves, and what comes from peers."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli import recall, share_count, share_distinct, share_log, share_match, share_sum
from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import ELSEWHERE, complain, show_json, show_table
from tocsin.kernel import BadInput, Manifest, NotAllowed

if TYPE_CHECKING:  # heavy: only a command that runs needs it
    from tocsin.app.grouping import Shared
    from tocsin.app.publishing import Considered

app = typer.Typer(help="What leaves, and what comes in.", no_args_is_help=True, rich_markup_mode=None)

app.add_typer(share_distinct.app, name="distinct")
app.add_typer(share_log.app, name="log")
app.add_typer(share_match.app, name="match")
app.add_typer(share_sum.app, name="sum")
app.command("recall")(recall.recall)
app.command("recalls")(recall.recalls)
app.command("count")(share_count.count)

PURPOSE = "misuse-defence"
MAX_SHOWN_PROBLEMS = 20
PeerOption = Annotated[str, typer.Option("--peer", help="The peer's name.")]
GroupOption = Annotated[str, typer.Option("--group", help="Instead of a peer: every member of this group.")]
PurposeOption = Annotated[str, typer.Option(help="Why it is shared; the peer must be trusted for it.")]


@app.command()
def preview(
    data: DataOption,
    peer: PeerOption = "",
    purpose: PurposeOption = PURPOSE,
    group: GroupOption = "",
    json: JsonOption = False,
) -> None:
    """Show the manifest: every record, field and reason, and its hash. Nothing leaves."""
    _one_of(peer, group)
    with opened(data) as node:
        if group:
            _show_group(node.groups.preview(node.access.operator(), group), json, "would leave")
            return
        found = node.exchange.publishing.considered(node.access.operator(), peer, purpose)
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
        found = node.exchange.publishing.approve(by, digest)
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
    peer: PeerOption = "",
    purpose: PurposeOption = PURPOSE,
    digest: Annotated[
        list[str] | None,
        typer.Option(help="The hash you saw in the preview; another is refused. In a group: MEMBER=HASH."),
    ] = None,
    group: GroupOption = "",
    json: JsonOption = False,
) -> None:
    """Release exactly what the preview shows; the manifest is logged first."""
    _one_of(peer, group)
    with opened(data) as node:
        if group:
            seen = dict(_pair(one) for one in digest) if digest else None
            _show_group(node.groups.publish(node.access.operator(), group, seen), json, "left")
            return
        manifest = node.exchange.publishing.publish(
            node.access.operator(), peer, purpose, digest[0] if digest else None
        )
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
        done = label(node.store, node.keys, node.access, node.clock, node.access.operator(), subject, labels)
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
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change; keep nothing.")] = False,
    json: JsonOption = False,
) -> None:
    """Fetch what trusted peers released to this node, and look back for it. Exit 3 when a peer failed."""
    if dry_run:
        _preview_pull(data, peer, json)
        return
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


def _preview_pull(data: Path, peer: str, json: bool) -> None:
    with opened(data) as node:
        previews = node.exchange.pull_preview(only=peer or None)
    if json:
        show_json({"dry_run": True, "peers": previews})
    else:
        show_table(
            ("peer", "change", "type", "id", "version", "reason"),
            (
                (row.peer, seen.change.value, seen.type, seen.id, seen.version, seen.reason)
                for row in previews
                for seen in row.changes
            ),
            empty="Nothing would change.",
        )
        for row in previews:
            if row.error:
                complain(f"{row.error}; nothing of this pull would be kept")
            else:
                typer.echo(
                    f"{row.peer}: {len(row.changes)} changes, {row.known} known already, {row.size:,} bytes."
                )
    if any(row.error for row in previews):
        raise typer.Exit(3)


@app.command("import")
def import_records(
    data: DataOption,
    file: Annotated[
        Path, typer.Argument(help="A STIX bundle, MITRE ATLAS, AVID reports, an AIID snapshot, MISP events.")
    ],
    form: Annotated[
        str, typer.Option("--format", help="stix, atlas, avid, aiid or misp; found out where it is clear.")
    ] = "",
    json: JsonOption = False,
) -> None:
    """Take records from a neighbour's file; defects are reported by object. Exit 1 when some were refused."""
    from rich.console import Console
    from rich.progress import Progress

    from tocsin.ingest.neighbours import Format

    if form and form not in set(Format):
        raise BadInput(f"no format {form}; there are {', '.join(Format)}")
    with (
        opened(data) as node,
        Progress(console=Console(stderr=True), disable=json, transient=True) as progress,
    ):
        from tocsin.app.importing import import_file

        task = progress.add_task("Reading", total=None)
        outcome = import_file(
            node,
            node.access.operator(),
            file,
            Format(form) if form else None,
            lambda done, total: progress.update(task, description="Keeping", completed=done, total=total),
        )
    if json:
        show_json(outcome)
    else:
        typer.echo(
            f"{outcome.form}: {outcome.kept:,} kept, {outcome.known:,} known already, {outcome.refused:,} refused."
        )
        show_table(("new", "records"), outcome.kinds.items(), empty="Nothing was new.")
        for problem in outcome.problems[:MAX_SHOWN_PROBLEMS]:
            complain(problem)
        if len(outcome.problems) > MAX_SHOWN_PROBLEMS:
            complain(f"... and {len(outcome.problems) - MAX_SHOWN_PROBLEMS:,} more; --json lists them all")
    if outcome.refused:
        raise typer.Exit(1)


@app.command("export")
def export_records(
    data: DataOption,
    file: Annotated[Path, typer.Argument(help="A new file.")],
    peer: PeerOption,
    form: Annotated[str, typer.Option("--format", help="stix (a bundle) or misp (an event).")] = "stix",
    purpose: PurposeOption = PURPOSE,
    digest: Annotated[str, typer.Option(help="The hash you saw in the preview; another is refused.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="What was released before, too.")] = False,
    json: JsonOption = False,
) -> None:
    """Release what the preview shows, and write exactly that to a file for one peer. Exit 1 when there is nothing."""
    if form not in ("stix", "misp"):
        raise BadInput(f"no format {form}; there are stix and misp")
    with opened(data) as node:
        from tocsin.app.exporting import export_file

        done = export_file(
            node,
            node.access.operator(),
            peer,
            purpose,
            file,
            form="misp" if form == "misp" else "stix",
            digest=digest or None,
            everything=everything,
        )
    if json:
        show_json({"exported": done})
    elif done is None:
        typer.echo(f"There is nothing new for {peer}: --all writes what was released before.")
    else:
        typer.echo(
            f"{done.records} records, {done.size:,} bytes in {file} for {done.peer}. SHA-256 {done.sha256}"
        )
        typer.echo(f"Manifest {done.manifest}")
    if done is None:
        raise typer.Exit(1)


@app.command()
def verify(
    what: Annotated[
        str, typer.Argument(help="A file with a STIX object or bundle, or the id of a kept record.")
    ],
    data: Annotated[
        Path | None, typer.Option("--data", help="The node's folder, for a record.", envvar="TOCSIN_DATA")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Show who signed an object, what it shows, how many fields are withheld. Exit 1 when one does not verify."""
    from tocsin.app.verifying import verify_file, verify_record

    if Path(what).is_file() or data is None:
        told = verify_file(Path(what))
    else:
        with opened(data) as node:
            told = (verify_record(node, what),)
    if json:
        show_json({"objects": told})
    for one in () if json else told:
        if one.signed:
            typer.echo(f"{one.id}: signed by {one.author} (key {one.key}), version {one.version}")
            typer.echo(f"  withheld: {one.withheld}; shown of what could be: {', '.join(one.shown) or '-'}")
        else:
            typer.echo(f"{one.id or 'an object without an id'}: not verified: {one.field} {one.reason}")
    if not all(one.signed for one in told):
        raise typer.Exit(1)


def _one_of(peer: str, group: str) -> None:
    if bool(peer) == bool(group):
        raise BadInput("name one of --peer and --group")


def _pair(text: str) -> tuple[str, str]:
    member, equals, digest = text.partition("=")
    if not equals:
        raise BadInput("in a group, give each hash as MEMBER=HASH")
    return member, digest


def _show_group(outcomes: "tuple[Shared, ...]", json: bool, verb: str) -> None:
    """One line a member. Exit 3 when one of them got nothing by a fault."""
    if json:
        show_json({"members": outcomes})
    else:
        show_table(
            ("peer", "records", "bytes", "hash", "error"),
            (
                (
                    one.peer,
                    len(one.manifest.released) if one.manifest else 0,
                    sum(entry.size for entry in one.manifest.released) if one.manifest else 0,
                    one.manifest.digest if one.manifest else "",
                    one.error or "",
                )
                for one in outcomes
            ),
            empty="The group has no members: `tocsin group join GROUP PEER`.",
        )
        typer.echo(f"This is what {verb}; `--peer NAME --json` shows one member's manifest.")
    if any(one.error for one in outcomes):
        raise typer.Exit(3)


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
