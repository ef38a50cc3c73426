"""tocsin peer: the nodes this one deals with."""

import sys
from typing import Annotated

import typer

from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import show_json, show_table, when
from tocsin.kernel import TLP, BadInput

app = typer.Typer(help="The nodes this one deals with.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def add(
    data: DataOption,
    name: Annotated[str, typer.Argument(help="What you call the peer.")],
    url: Annotated[str, typer.Argument(help="Its address, for example https://tocsin.example:8800")],
    token: Annotated[
        str,
        typer.Option(
            help="The token that it gave you; - reads it from standard input.", envvar="TOCSIN_PEER_TOKEN"
        ),
    ] = "",
    pin: Annotated[
        str, typer.Option(help="SHA-256 of its TLS key, hexadecimal (its `tocsin peer me`).")
    ] = "",
    ceiling: Annotated[TLP, typer.Option(help="The most closed marking it may be given.")] = TLP.GREEN,
    allow_private: Annotated[
        bool, typer.Option(help="Its address may be private or loopback, and plain HTTP.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Name a peer. Nothing is exchanged until you trust it; prints the token to give to it, once."""
    if token == "-":
        token = sys.stdin.readline().strip()
    with opened(data) as node:
        added, theirs = node.exchange.add_peer(
            node.access.operator(),
            name,
            url,
            token=token or None,
            pin=pin or None,
            ceiling=ceiling,
            allow_private=allow_private,
        )
    if json:
        show_json({"name": added.name, "url": added.url, "status": added.status, "token_for_peer": theirs})
        return
    typer.echo(
        f"Peer {name} is added. Give it this token over a safe channel; it is shown once:\n\n  {theirs}\n"
    )
    typer.echo(f"Next: tocsin peer trust {name}")


@app.command()
def trust(
    data: DataOption,
    name: str,
    token: Annotated[
        str, typer.Option(help="The token that it gave you, if you had none when you added it; - reads it.")
    ] = "",
    fingerprint: Annotated[
        str, typer.Option(help="Its key's fingerprint as read to you over another channel.")
    ] = "",
    json: JsonOption = False,
) -> None:
    """Ask the peer for its key, compare the fingerprint, and pin it. Exit 1 when it differs."""
    if token == "-":
        token = sys.stdin.readline().strip()
    with opened(data) as node:
        by = node.access.operator()
        if token:
            node.exchange.keep_credential(by, name, token)
        seen = node.exchange.ask_key(by, name)
        if not fingerprint:
            if json or not sys.stdin.isatty():
                raise BadInput(
                    f"peer {name} shows {seen.fingerprint}: compare it over another channel, then give --fingerprint"
                )
            typer.echo(f"Peer {name} shows this fingerprint:\n\n  {seen.fingerprint}\n")
            if not typer.confirm("Does its operator read you the same over another channel?"):
                raise typer.Exit(1)
            fingerprint = seen.fingerprint
        trusted = node.exchange.trust_peer(by, name, seen, fingerprint)
    if json:
        show_json({"name": trusted.name, "status": trusted.status, "fingerprint": seen.fingerprint})
    else:
        typer.echo(f"Peer {name} is trusted.")


@app.command("list")
def list_peers(data: DataOption, json: JsonOption = False) -> None:
    """Show peers, their state and their last error."""
    with opened(data) as node:
        rows = [
            {
                "name": peer.name,
                "url": peer.url,
                "status": peer.status,
                "ceiling": peer.ceiling,
                "purposes": list(peer.purposes),
                "last_pull": when(peer.last_pull),
                "last_error": peer.last_error or "",
            }
            for peer in node.store.peers.list()
        ]
    if json:
        show_json({"peers": rows})
        return
    show_table(
        ("name", "url", "status", "ceiling", "last pull", "last error"),
        ((r["name"], r["url"], r["status"], r["ceiling"], r["last_pull"], r["last_error"]) for r in rows),
        empty="No peers: `tocsin peer add NAME URL` names one.",
    )


@app.command()
def terms(
    data: DataOption,
    name: str,
    jurisdiction: Annotated[
        str, typer.Option(help="Where it is established: an ISO 3166-1 code, for example DE.")
    ] = "",
    stores: Annotated[
        str, typer.Option(help="Where it keeps what it is given: codes parted by commas.")
    ] = "",
    pap: Annotated[str, typer.Option(help="The highest level of PAP it agreed to honour.")] = "",
    json: JsonOption = False,
) -> None:
    """Note what the peer's operator told you; the policies ask it of labelled records."""
    with opened(data) as node:
        kept = node.exchange.terms(
            node.access.operator(),
            name,
            jurisdiction=jurisdiction or None,
            stores=tuple(sorted({code.strip() for code in stores.split(",")})) if stores else None,
            pap=pap or None,
        )
    if json:
        show_json(
            {"name": kept.name, "jurisdiction": kept.jurisdiction, "stores": kept.stores, "pap": kept.pap}
        )
        return
    typer.echo(
        f"Peer {name}: established in {kept.jurisdiction or '(not said)'}, "
        f"keeps data in {', '.join(kept.stores) or '(not said)'}, honours PAP up to {kept.pap}."
    )


@app.command()
def me(data: DataOption, json: JsonOption = False) -> None:
    """Show what to read to a peer's operator: this node's fingerprint and the pin of its TLS key."""
    with opened(data) as node:
        from tocsin.app.tls import tls_pin

        about = node.exchange.about_me()
        pin = tls_pin(node)
    if json:
        show_json({"node_id": about.node_id, "fingerprint": about.fingerprint, "tls_pin": pin})
        return
    typer.echo(
        f"node         {about.node_id}\nfingerprint  {about.fingerprint}\ntls pin      {pin or '(none yet)'}"
    )
