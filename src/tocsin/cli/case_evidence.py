"""tocsin case evidence: what is kept for a case, who had it in their hands, and the package that leaves."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from tocsin.cli.callers import UserOption
from tocsin.cli.opening import CaseArgument, DataOption, JsonOption, opened
from tocsin.cli.output import moment, say, show_json, show_table, when

app = typer.Typer(
    help="Evidence of a case: add, list, show, hold, export, verify.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

ExhibitArgument = Annotated[str, typer.Argument(help="The exhibit's id.")]
PurposeOption = Annotated[str, typer.Option(help="What for, in your words; auditors read it.")]
ReasonOption = Annotated[str, typer.Option(help="Why, in your words.")]


@app.command()
def add(
    data: DataOption,
    case: CaseArgument,
    file: Annotated[Path, typer.Argument(help="JPEG, PNG, WebP, GIF, PDF, text or .eml.", exists=True)],
    source: Annotated[str, typer.Option(help="Where it comes from, without a name.")] = "",
    seen: Annotated[str, typer.Option(help="When what it shows was so.")] = "",
    tool: Annotated[str, typer.Option(help="What made it: a browser, a camera, an export.")] = "",
    note: Annotated[str, typer.Option(help="What one needs to know to understand it later.")] = "",
    user: UserOption = "admin",
    json: JsonOption = False,
) -> None:
    """Keep a file for a case: written anew without what came along in it, and sealed."""
    with opened(data) as node:
        from tocsin.ingest.uploads import MAX_FILE_BYTES

        with file.open("rb") as content:
            taken = content.read(MAX_FILE_BYTES + 1)
        kept = node.exhibits.add(
            node.access.operator(user), case, taken, source=source, moment=seen, tool=tool, note=note
        )
    if json:
        show_json(kept)
    else:
        left_out = ", ".join(kept.stripped) or "nothing"
        typer.echo(f"Kept as {kept.id} ({kept.media_type}, {kept.size} bytes); left out: {left_out}.")


@app.command("list")
def list_exhibits(
    data: DataOption, case: CaseArgument, user: UserOption = "admin", json: JsonOption = False
) -> None:
    """Show a case's exhibits, and the holds on them."""
    with opened(data) as node:
        caller = node.access.operator(user)
        exhibits, holds = node.exhibits.of(caller, case), node.exhibits.holds(caller, case)
    if json:
        show_json({"exhibits": exhibits, "holds": holds})
        return
    show_table(
        ("exhibit", "kind", "bytes", "received", "state"),
        [
            (one.id, one.media_type or "-", one.size or "-", when(one.received), _state(one))
            for one in exhibits
        ],
        empty="This case has no exhibit.",
    )
    for hold in holds:
        of = hold.exhibit or "the whole case"
        ends = f"released {when(hold.released)}" if hold.released else f"until {when(hold.until)}"
        say(f"{hold.id}: {of}, since {when(hold.at)}, {ends}: {hold.reason}")


@app.command()
def show(
    data: DataOption, exhibit: ExhibitArgument, user: UserOption = "admin", json: JsonOption = False
) -> None:
    """Show every hand that an exhibit went through, and whether that chain holds; exit 1 when it does not."""
    with opened(data) as node:
        steps, broken = node.exhibits.custody(node.access.operator(user), exhibit)
    if json:
        show_json({"steps": steps, "broken": broken})
    else:
        rows = [(one.number, when(one.at), one.by, one.act.value, one.how, one.result) for one in steps]
        show_table(("step", "when", "who", "what", "how", "result"), rows, empty="No step.")
        say(f"The chain does not hold: {broken.reason}" if broken else "The chain holds.")
    if broken:
        raise typer.Exit(1)


@app.command("open")
def open_exhibit(
    data: DataOption,
    exhibit: ExhibitArgument,
    purpose: PurposeOption,
    out: Annotated[Path, typer.Option(help="The file to write; it must not exist.")],
    user: UserOption = "admin",
) -> None:
    """Write an exhibit's bytes to a file, for a purpose that is written down first."""
    _require_new(out)
    with opened(data) as node:
        content = node.exhibits.open(node.access.operator(user), exhibit, purpose)
    _write(out, content)
    typer.echo(f"{len(content)} bytes in {out}")


@app.command()
def export(
    data: DataOption,
    case: CaseArgument,
    purpose: PurposeOption,
    out: Annotated[Path, typer.Option(help="The package to write (.tar); it must not exist.")],
    exhibit: Annotated[
        list[str] | None, typer.Option(help="An exhibit's id, for that one alone; may be repeated.")
    ] = None,
    timeline: Annotated[bool, typer.Option("--timeline", help="With every act on the case.")] = False,
    disposition: Annotated[
        bool, typer.Option("--disposition", help="With the decision and its reasons.")
    ] = False,
    user: UserOption = "admin",
    json: JsonOption = False,
) -> None:
    """Write a signed package that a court or a peer checks offline, with public tools."""
    _require_new(out)
    with opened(data) as node:
        made = node.evidence_packages.export(
            node.access.operator(user),
            case,
            purpose,
            only=exhibit or (),
            timeline=timeline,
            disposition=disposition,
        )
    _write(out, made.content)
    told: dict[str, Any] = {"package": made.id, "exhibits": made.exhibits, "withheld": made.withheld}
    if json:
        show_json(told | {"file": str(out), "size": len(made.content)})
        return
    typer.echo(f"{made.exhibits} exhibits in {out} (package {made.id}).")
    if made.withheld:
        typer.echo(f"{made.withheld} are quarantined and stay here.")


@app.command()
def verify(
    package: Annotated[Path, typer.Argument(help="The package (.tar).", exists=True, dir_okay=False)],
    key: Annotated[
        Path | None, typer.Option(help="The public key (PEM) of the node that you expect.", exists=True)
    ] = None,
    json: JsonOption = False,
) -> None:
    """Check a package, on any machine: every byte, every signature, every chain of custody. Needs no node."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from tocsin.cases.evidence.checking import check_package
    from tocsin.cases.evidence.package import MAX_PACKAGE_BYTES
    from tocsin.kernel import BadInput
    from tocsin.trust.identity import fingerprint
    from tocsin.trust.signing_keys import read_public

    expected = None
    if key is not None:
        public = read_public(key.read_bytes()[: 16 << 10])
        if not isinstance(public, Ed25519PublicKey):
            raise BadInput("--key is the public key of a node (Ed25519, PEM): its owner hands it over")
        expected = public.public_bytes_raw()
    with package.open("rb") as file:
        checked = check_package(file.read(MAX_PACKAGE_BYTES + 1), expected_key=expected)
    if json:
        show_json(
            {"holds": True, "key_compared": expected is not None, "signer": checked.signer.hex()}
            | {name: getattr(checked, name) for name in checked.__struct_fields__ if name != "signer"}
        )
        return
    typer.echo(f"It holds: {checked.exhibits} exhibits, {checked.steps} steps of custody, of {checked.at}.")
    say(f"Signed by {checked.node}, key {fingerprint(checked.signer)}.")
    if expected is None:
        typer.echo(
            "Whose key that is no package can prove: compare it, or name the key that you have with --key."
        )


@app.command()
def hold(
    data: DataOption,
    case: CaseArgument,
    reason: ReasonOption,
    exhibit: Annotated[str | None, typer.Option(help="One exhibit alone, by its id.")] = None,
    until: Annotated[
        datetime | None, typer.Option(help="The day on which it ends by itself.", formats=["%Y-%m-%d"])
    ] = None,
    user: UserOption = "admin",
    json: JsonOption = False,
) -> None:
    """Keep a case's evidence whatever retention says, until a day or until it is released."""
    with opened(data) as node:
        made = node.exhibits.hold(
            node.access.operator(user), case, reason=reason, exhibit_id=exhibit, until=moment(until)
        )
    if json:
        show_json(made)
    else:
        typer.echo(f"Held as {made.id}, until {when(made.until) if made.until else 'somebody releases it'}.")


@app.command()
def release(
    data: DataOption,
    hold_id: Annotated[str, typer.Argument(metavar="HOLD", help="The hold's id.")],
    reason: ReasonOption,
    user: UserOption = "admin",
) -> None:
    """End a hold: retention counts again."""
    with opened(data) as node:
        node.exhibits.release(node.access.operator(user), hold_id, reason=reason)
    typer.echo(f"{hold_id} has ended.")


@app.command()
def quarantine(data: DataOption, exhibit: ExhibitArgument, user: UserOption = "admin") -> None:
    """Shut an exhibit for good that may show the abuse of a child."""
    with opened(data) as node:
        node.exhibits.quarantine(node.access.operator(user), exhibit)
    typer.echo(f"{exhibit} is shut. Who is told, and by which way: tocsin case guidance")


def _state(exhibit: Any) -> str:
    if exhibit.destroyed:
        return f"destroyed {when(exhibit.destroyed)}"
    if exhibit.quarantined:
        return "quarantined"
    if exhibit.held:
        return "held"
    return f"until {when(exhibit.expires)}" if exhibit.expires else "kept"


def _require_new(out: Path) -> None:
    from tocsin.kernel import BadInput

    if out.exists():
        raise BadInput(f"{out} exists: name a new file")


def _write(out: Path, content: bytes) -> None:
    """For its owner's eyes; whole or not at all."""
    import os

    descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
