"""tocsin share log: what left, and the log that cannot be rewritten."""

from pathlib import Path
from typing import Annotated, Any

import typer

from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import complain, say, show_json, show_table, when
from tocsin.kernel import BadInput

app = typer.Typer(
    help="Show what left: manifests, newest first; with a command, the log that cannot be rewritten.",
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def manifests(
    context: typer.Context,
    data: Annotated[
        Path | None, typer.Option("--data", help="The node's folder.", envvar="TOCSIN_DATA", show_envvar=True)
    ] = None,
    json: JsonOption = False,
) -> None:
    """Show what left: manifests, newest first; with a command, the log that cannot be rewritten."""
    if context.invoked_subcommand:
        return
    if data is None:
        raise BadInput("--data names the node's folder")
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


@app.command()
def checkpoint(data: DataOption, json: JsonOption = False) -> None:
    """Sign the log as it is now, and show it with the key that checks it."""
    with opened(data) as node:
        log = node.transparency_log
        log.tick()
        kept, key, cosigning = log.checkpoint(), str(log.key()), str(log.witness_key())
    if json:
        show_json(
            {
                "size": kept.size,
                "root": kept.root.hex(),
                "at": when(kept.at),
                "key": key,
                "witness_key": cosigning,
                "note": kept.note.decode(),
            }
        )
        return
    typer.echo(kept.note.decode(), nl=False)
    say(f"Signed at {when(kept.at)}. Its key, to be compared over another channel:\n{key}")
    say(f"The key with which this node cosigns peers' logs:\n{cosigning}")


@app.command()
def show(
    data: DataOption,
    start: Annotated[int, typer.Option("--from", min=0, help="The first place to show.")] = 0,
    about: Annotated[
        str, typer.Option(help="Only what is about one thing: a case, a record, a decision.")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 100,
    json: JsonOption = False,
) -> None:
    """Show entries with what they commit to; nobody else can read that in them. A place of -1 is yet to come."""
    with opened(data) as node:
        found = node.transparency_log.shown(node.access.operator(), start=start, about=about, limit=limit)
        head = node.store.log.head()
    rows = [
        {
            "place": one.place,
            "at": when(one.at),
            "act": one.kind,
            "about": one.subject,
            "entry": one.entry.hex(),
        }
        for one in found
    ]
    if json:
        show_json({"size": head.size, "stopped": head.stopped, "entries": rows})
        return
    show_table(
        ("place", "at", "act", "about", "entry"),
        ((r["place"], r["at"], r["act"], r["about"], str(r["entry"])[:16]) for r in rows),
        empty="The log has no such entry.",
    )
    if head.stopped:
        complain(f"the log is stopped: {head.stopped}")


@app.command()
def prove(
    data: DataOption,
    place: Annotated[int, typer.Argument(help="The entry's place, as `show` lists it.", min=0)],
    file: Annotated[Path, typer.Argument(help="A new file, to be given away.")],
    reveal: Annotated[
        bool, typer.Option("--reveal", help="With what the entry commits to, for whoever gets the file.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Write a proof that an entry is in the log, for somebody without a node: c2sp.org/tlog-proof."""
    with opened(data) as node:
        log = node.transparency_log
        log.tick()
        made = log.prove(node.access.operator(), place, open_it=reveal)
        key = str(log.key())
    try:
        with file.open("xb") as stream:
            stream.write(made)
    except FileExistsError:
        raise BadInput(f"{file.name} is there already: name a new file") from None
    if json:
        show_json({"file": str(file), "place": place, "revealed": reveal, "key": key})
        return
    say(f"{file.name} proves entry {place}, {'with' if reveal else 'without'} what it commits to.")
    say(f"tocsin share log verify {file.name} --key {key}")


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="A proof file.", exists=True, dir_okay=False)],
    key: Annotated[str, typer.Option(help="The log's key, come by in another way than the file.")],
    witness: Annotated[list[str] | None, typer.Option(help="A witness's key; may be repeated.")] = None,
    need: Annotated[int, typer.Option(min=0, help="How many of the witnesses must have cosigned.")] = 0,
    json: JsonOption = False,
) -> None:
    """Check a proof file; needs no node. Exit 1 when it does not hold."""
    from tocsin.trust.log_proofs import verify_proof
    from tocsin.wire.tlog import read_key
    from tocsin.wire.tlog.proof import MAX_PROOF_BYTES

    keys = [read_key(line.strip()) for line in (key, *(witness or ()))]
    with file.open("rb") as stream:
        content = stream.read(MAX_PROOF_BYTES + 1)
    try:
        proved = verify_proof(content, keys, need=need)
    except BadInput as error:
        if json:
            show_json({"holds": False, "why": error.message})
        else:
            complain(error.message)
        raise typer.Exit(1) from None
    if json:
        show_json({"holds": True, "proved": proved})
        return
    say(f"Entry {proved.index} of {proved.size} in the log {proved.origin}: {proved.entry}")
    say(proved.statement or "What it commits to is not in this file.")
    for one in proved.cosigned:
        say(f"Cosigned by {one.witness} at {when(one.time * 1_000_000)}.")
    if not proved.cosigned:
        say("No witness cosigned it: the log's holder may show others another log.")


@app.command()
def witness(
    data: DataOption,
    peer: Annotated[str, typer.Option("--peer", help="Only this peer; all trusted ones otherwise.")] = "",
    json: JsonOption = False,
) -> None:
    """Look at peers' logs now, cosign what only grew, show what did not. Exit 1 while a fork is not settled."""
    with opened(data) as node:
        pulled = node.exchange.pull_all(only=peer or None, forced=True)
        seen = node.store.log.all_witnessed()
        forks = [fork for fork in node.store.log.forks() if not fork.settled]
    if json:
        show_json(
            {
                "seen": [
                    {"peer": one.peer, "log": one.origin, "size": one.size, "at": when(one.at)}
                    for one in seen
                ],
                "forks": [
                    {
                        "peer": one.peer,
                        "log": one.origin,
                        "at": when(one.at),
                        "why": one.why,
                        "first": one.first.decode(),
                        "second": one.second.decode(),
                    }
                    for one in forks
                ],
                "errors": [{"peer": one.peer, "error": one.error} for one in pulled if one.error],
            }
        )
    else:
        show_table(
            ("peer", "log", "entries", "seen"),
            ((one.peer, one.origin, one.size, when(one.at)) for one in seen),
            empty="No peer's log was seen yet.",
        )
        for one in forks:
            complain(f"{one.peer}, {when(one.at)}: {one.why} ({one.origin}); --json has both signed heads")
        for failed in pulled:
            if failed.error:
                complain(failed.error)
    if forks:
        raise typer.Exit(1)


@app.command()
def settle(
    data: DataOption,
    reason: Annotated[str, typer.Option(help="What was found out, for the audit and the log.")],
    peer: Annotated[str, typer.Option(help="A peer's log; this node's own otherwise.")] = "",
    json: JsonOption = False,
) -> None:
    """After a fork: let this node's log go on, or witness a peer's from anew. The evidence stays."""
    with opened(data) as node:
        found = node.exchange.peer(peer) if peer else None
        node.exchange.witnessing.settle(node.access.operator(), reason, found)
    if json:
        show_json({"settled": peer or "own"})
    else:
        say("Settled. Both signed heads are kept: `tocsin share log witness` shows what is new.")
