"""tocsin user, tocsin token: who may act."""

from typing import Annotated

import typer

from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import show_json, show_table, when
from tocsin.kernel import TLP, Role

users = typer.Typer(help="People and machines that may act.", no_args_is_help=True, rich_markup_mode=None)
tokens = typer.Typer(help="Their tokens.", no_args_is_help=True, rich_markup_mode=None)


@users.command("add")
def add_user(
    data: DataOption,
    name: str,
    role: Annotated[list[Role], typer.Option(help="May be given several times.")],
    ceiling: Annotated[TLP, typer.Option(help="Shown nothing above it over TAXII.")] = TLP.RED,
    json: JsonOption = False,
) -> None:
    """Add a named user and show their first token once."""
    with opened(data) as node:
        by = node.access.operator()
        user = node.access.add_user(by, name, tuple(role), ceiling=ceiling)
        token = node.access.issue_token(by, name, label="first token")
    if json:
        show_json({"id": user.id, "name": user.name, "roles": user.roles, "token": token})
    else:
        typer.echo(f"User {name} is added. Their token, shown once:\n\n  {token}\n")


@users.command("list")
def list_users(data: DataOption, json: JsonOption = False) -> None:
    """Show users and their roles."""
    with opened(data) as node:
        listed = node.store.people.users()
    if json:
        show_json({"users": listed})
        return
    show_table(
        ("name", "roles", "ceiling", "since", "state"),
        (
            (
                *(user.name, " ".join(user.roles), user.ceiling.value, when(user.created)),
                "disabled" if user.disabled else "active",
            )
            for user in listed
        ),
        empty="No users.",
    )


@users.command("disable")
def disable_user(data: DataOption, name: str) -> None:
    """A person left: their tokens and sessions stop counting at once."""
    with opened(data) as node:
        node.access.disable_user(node.access.operator(), name)
    typer.echo(f"User {name} is disabled.")


@tokens.command("issue")
def issue_token(
    data: DataOption,
    user: str,
    label: Annotated[str, typer.Option(help="What it is for.")] = "",
    days: Annotated[int | None, typer.Option(help="How long it counts.", min=1)] = None,
    ceiling: Annotated[TLP | None, typer.Option(help="Lower than its user's.")] = None,
    json: JsonOption = False,
) -> None:
    """Make a token for a user and show it once."""
    with opened(data) as node:
        token = node.access.issue_token(node.access.operator(), user, label=label, days=days, ceiling=ceiling)
    if json:
        show_json({"user": user, "token": token})
    else:
        typer.echo(token)


@tokens.command("list")
def list_tokens(data: DataOption, json: JsonOption = False) -> None:
    """Show tokens, never their secrets."""
    with opened(data) as node:
        names = {user.id: user.name for user in node.store.people.users()}
        listed = [
            {
                "id": token.id,
                "user": names.get(token.user, token.user),
                "label": token.label,
                "created": when(token.created),
                "expires": when(token.expires),
                "revoked": when(token.revoked),
            }
            for token in node.store.people.tokens()
        ]
    if json:
        show_json({"tokens": listed})
        return
    show_table(
        ("id", "user", "label", "created", "expires", "revoked"),
        (tuple(row.values()) for row in listed),
        empty="No tokens.",
    )


@tokens.command("revoke")
def revoke_token(data: DataOption, token_id: str) -> None:
    """End a token now."""
    with opened(data) as node:
        node.access.revoke_token(node.access.operator(), token_id)
    typer.echo(f"Token {token_id} is revoked.")
