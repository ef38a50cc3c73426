"""tocsin peer: the nodes this one deals with."""

import sys
from datetime import datetime
from typing import Annotated

import typer

from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import moment, show_json, show_table, when
from tocsin.kernel import TLP, BadInput

app = typer.Typer(help="The nodes this one deals with.", no_args_is_help=True, rich_markup_mode=None)

MOMENTS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]
UntilOption = Annotated[
    datetime | None,
    typer.Option(formats=MOMENTS, help="The day (UTC) on which trust ends; a year from now when not given."),
]


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
        str,
        typer.Option(
            "--words",
            "--fingerprint",
            help="Its key's nine words, or its fingerprint, as read to you over another channel.",
        ),
    ] = "",
    until: UntilOption = None,
    json: JsonOption = False,
) -> None:
    """Ask the peer for its key, compare its words, and pin it for a year. Exit 1 when they differ."""
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
                    f"peer {name} shows {seen.words['en']}: compare it over another channel, then give --words"
                )
            typer.echo(f"Peer {name} shows these words (the two lines are the same key):\n")
            typer.echo("".join(f"  {line}\n" for line in seen.words.values()))
            if not typer.confirm("Does its operator read you the same over another channel?"):
                raise typer.Exit(1)
            fingerprint = seen.fingerprint
        trusted = node.exchange.trust_peer(by, name, seen, fingerprint, moment(until))
    if json:
        show_json(
            {
                "name": trusted.name,
                "status": trusted.status,
                "fingerprint": seen.fingerprint,
                "words": seen.words,
                "until": when(trusted.until),
            }
        )
    else:
        typer.echo(f"Peer {name} is trusted until {when(trusted.until)}.")


@app.command()
def renew(data: DataOption, name: str, until: UntilOption = None, json: JsonOption = False) -> None:
    """Trust the key that was compared for another year, or until a day."""
    with opened(data) as node:
        renewed = node.exchange.trust.renew(node.access.operator(), name, moment(until))
    if json:
        show_json({"name": name, "status": renewed.status, "until": when(renewed.until)})
    else:
        typer.echo(f"Peer {name} is trusted until {when(renewed.until)}.")


@app.command()
def revoke(
    data: DataOption,
    name: str,
    reason: Annotated[str, typer.Option(help="Why, for the audit trail.")],
    since: Annotated[
        datetime | None,
        typer.Option(formats=MOMENTS, help="When the key went into other hands (UTC); now when not given."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Believe a peer's key no longer: nothing goes out or in, and what came since is marked."""
    with opened(data) as node:
        from tocsin.kernel import micros

        began = moment(since) or micros(node.clock())
        node.exchange.trust.revoke(node.access.operator(), name, since=began, reason=reason)
        marked = sum(record.peer == name for record in node.exchange.trust.suspects())
    if json:
        show_json({"name": name, "status": "revoked", "since": when(began), "marked": marked})
        return
    typer.echo(
        f"The key of peer {name} counts no longer, from {when(began)} on; {marked} records are marked."
    )
    typer.echo(f"`tocsin peer suspects` lists them. With a new key: tocsin peer trust {name}")


@app.command()
def suspects(data: DataOption, json: JsonOption = False) -> None:
    """Show records that came from a key after it was revoked: nothing acts on them or passes them on."""
    with opened(data) as node:
        rows = [
            {
                "id": record.id,
                "peer": record.peer or "",
                "version": when(record.version),
                "received": when(record.added),
            }
            for record in node.exchange.trust.suspects()
        ]
    if json:
        show_json({"suspects": rows})
        return
    show_table(
        ("peer", "received", "written", "id"),
        ((row["peer"], row["received"], row["version"], row["id"]) for row in rows),
        empty="No record came from a revoked key.",
    )


@app.command()
def standing(
    data: DataOption,
    name: str,
    purpose: Annotated[str, typer.Option(help="The agreed purpose it is for.")] = "misuse-defence",
    off: Annotated[bool, typer.Option("--off", help="End it.")] = False,
    json: JsonOption = False,
) -> None:
    """Release to this peer at once what is confirmed or dismissed here, through the gate, with no further look."""
    with opened(data) as node:
        changed = node.standing.agree(node.access.operator(), name, None if off else purpose)
    if json:
        show_json({"name": changed.name, "standing": changed.standing})
    elif changed.standing:
        typer.echo(f"What is reviewed here goes to {name} at once, for {changed.standing}.")
    else:
        typer.echo(f"Nothing goes to {name} without `tocsin share publish`.")


@app.command("list")
def list_peers(data: DataOption, json: JsonOption = False) -> None:
    """Show peers, their state, until when they are trusted, and their last error."""
    with opened(data) as node:
        from tocsin.app.peer_view import lag_of, peer_rows

        rows = peer_rows(node)
    if json:
        show_json({"peers": rows})
        return
    show_table(
        ("name", "url", "status", "until", "ceiling", "last pull", "lag", "last error"),
        (
            (
                row["name"],
                row["url"],
                row["status"],
                row["until"] + (" (ends soon)" if row["ends_soon"] else ""),
                row["ceiling"],
                row["last_pull"],
                lag_of(row),
                row["last_error"],
            )
            for row in rows
        ),
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
    """Show what to read to a peer's operator: this node's key in words, and the pin of its TLS key."""
    with opened(data) as node:
        from tocsin.app.tls import tls_pin

        about = node.exchange.about_me()
        pin = tls_pin(node)
    if json:
        show_json(
            {
                "node_id": about.node_id,
                "fingerprint": about.fingerprint,
                "words": about.words,
                "tls_pin": pin,
            }
        )
        return
    typer.echo(f"node         {about.node_id}\nfingerprint  {about.fingerprint}")
    for language, line in about.words.items():
        typer.echo(f"words ({language})   {line}")
    typer.echo(f"tls pin      {pin or '(none yet)'}")
