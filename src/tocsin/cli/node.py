"""tocsin init, serve, doctor, backup, restore."""

from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.keys import PassphraseOption, read_passphrase
from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import show_json
from tocsin.kernel import BadInput

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def init(
    data: DataOption,
    name: Annotated[str, typer.Option(help="What peers and people see; the folder's name otherwise.")] = "",
    json: JsonOption = False,
) -> None:
    """Make a node: folder, keys, database, settings, and an admin token shown once."""
    import os

    from tocsin.app.node import DATABASE_URL
    from tocsin.app.setup import initialise
    from tocsin.kernel import system_clock

    made = initialise(
        data,
        name=name or data.resolve().name,
        clock=system_clock,
        database_url=os.environ.get(DATABASE_URL),
    )
    if json:
        show_json(made)
        return
    typer.echo(f"Node {made.node_id} is ready in {made.data}.")
    typer.echo(f"\n  {made.admin_token}\n")
    typer.echo("This is the administrator's token. It is shown once: keep it in a password manager.")
    typer.echo(f"Next: tocsin serve --data {made.data} --port 8800")


def serve(
    data: DataOption,
    port: Annotated[int, typer.Option(help="The port to listen on.", min=1, max=65535)] = 8800,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    tls: Annotated[
        bool, typer.Option(help="Serve HTTPS under this node's own key, which peers pin.")
    ] = False,
    certificate: Annotated[Path | None, typer.Option(help="PEM certificate to use instead.")] = None,
    key: Annotated[Path | None, typer.Option(help="PEM key of that certificate.")] = None,
    unsafe_plain_http: Annotated[
        bool,
        typer.Option(help="Serve plain HTTP beyond loopback. Only behind a proxy that ends TLS."),
    ] = False,
    log_json: Annotated[bool, typer.Option(help="Structured logs as JSON lines.")] = False,
) -> None:
    """Serve the node: events, OTLP, TAXII, console."""
    if (certificate is None) != (key is None):
        raise BadInput("give --certificate and --key together")
    secure = tls or certificate is not None
    if host not in LOOPBACK and not secure and not unsafe_plain_http:
        raise BadInput(
            f"plain HTTP on {host} would show tokens to the network: add --tls, or --unsafe-plain-http behind a proxy"
        )
    with opened(data, serving=True, log_json=log_json) as node:
        from tocsin.app.tls import tls_files
        from tocsin.web.server import Listening, serve

        _ = node.exclusions.lists  # a bad list is named now, not at the first record that it concerns
        if secure and certificate is None:
            certificate, key = tls_files(node)
        if unsafe_plain_http and host not in LOOPBACK:
            typer.echo("Plain HTTP beyond loopback: tokens can be read on the way.", err=True)
        scheme = "https" if secure else "http"
        typer.echo(f"Node {node.name} serves {scheme}://{host}:{port} — stop it with Ctrl-C.", err=True)
        if node.settings.public_reports:
            typer.echo("Anybody may report misuse at /report, without an account.", err=True)
        serve(node, Listening(host=host, port=port, certificate=certificate, key=key))


def doctor(data: DataOption, json: JsonOption = False) -> None:
    """Check the node: folder, keys, store, disk, peers. Exit 0 when all is well, 1 when not."""
    with opened(data) as node:
        from tocsin.app.doctor import examine

        findings = examine(node)
    if json:
        show_json({"ok": all(finding.ok for finding in findings), "checks": findings})
    else:
        for finding in findings:
            word = "BAD " if not finding.ok else "warn" if finding.warns else "ok  "
            typer.echo(f"{word} {finding.name}: {finding.detail}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def backup(
    data: DataOption,
    file: Annotated[Path, typer.Argument(help="The archive to write, for example node.tar.")],
    json: JsonOption = False,
) -> None:
    """Write one archive of the node while it serves. No day key is in it: `tocsin keys backup` copies those."""
    with opened(data) as node:
        from tocsin.app.backup import write_backup

        written = write_backup(node, file)
    if json:
        show_json(written)
        return
    typer.echo(f"{written.archive}: {written.size:,} bytes, {written.events:,} events.")
    typer.echo(f"The keys of {written.days} days are not in it: `tocsin keys backup` copies the key store.")


def restore(
    data: DataOption,
    file: Annotated[Path, typer.Argument(help="An archive that `tocsin backup` wrote.")],
    keys: Annotated[
        Path | None,
        typer.Option(help="A copy that `tocsin keys backup` wrote; the texts stay closed without."),
    ] = None,
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> None:
    """Make a node's folder from an archive; what was destroyed, or is past its retention, stays destroyed."""
    import os

    from tocsin.app.backup import read_backup
    from tocsin.app.key_backup import read_copy
    from tocsin.app.node import DATABASE_URL
    from tocsin.kernel import system_clock

    restored = read_backup(
        file,
        data,
        clock=system_clock,
        database_url=os.environ.get(DATABASE_URL),
        keys=read_copy(keys, read_passphrase(passphrase_file)) if keys else None,
    )
    if json:
        show_json(restored)
        return
    typer.echo(f"Node {restored.node_id} is restored in {data}: {restored.events:,} events.")
    typer.echo(
        f"Texts of {restored.days} days can be opened; keys of {restored.keys_dropped} stay destroyed."
    )
