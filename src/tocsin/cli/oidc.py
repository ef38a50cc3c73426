"""tocsin oidc: log-in by an OpenID provider, from the operator's side."""

from typing import Annotated

import typer

from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import show_json
from tocsin.kernel import BadInput

app = typer.Typer(help="Log-in by an OpenID provider.", no_args_is_help=True, rich_markup_mode=None)


@app.command("check")
def check(data: DataOption, json: JsonOption = False) -> None:
    """Ask the provider for its addresses and keys, and show what it must know of this node."""
    with opened(data) as node:
        if node.openid is None:
            raise BadInput("oidc_issuer is not set in settings.toml: docs/operations.md says how")
        provider = node.openid.check()
        found = {
            "issuer": provider.issuer,
            "authorization": provider.authorization,
            "token": provider.token,
            "keys": provider.keys,
            "redirect_uri": node.openid.back,
            "client_secret": node.keys.client_secret() is not None,
        }
    if json:
        show_json(found)
        return
    for name, value in found.items():
        typer.echo(f"{name:15} {value}")


@app.command("secret")
def secret(
    data: DataOption,
    clear: Annotated[bool, typer.Option("--clear", help="Forget it: this node is a public client.")] = False,
) -> None:
    """Keep the client secret that the provider gave: it is asked for, never given as an argument."""
    with opened(data) as node:
        text = None if clear else typer.prompt("Client secret", hide_input=True).strip()
        node.keys.keep_client_secret(text or None)
        node.access.audit(
            node.access.operator().user, "oidc.secret", subject=node.settings.oidc_issuer, purpose=""
        )
    typer.echo(
        "The client secret is forgotten." if clear else "The client secret is kept. Start the node again."
    )
