"""tocsin user, tocsin token: who may act."""

import io
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import show_json, show_table, when
from tocsin.kernel import TLP, BadInput, Role

if TYPE_CHECKING:
    from tocsin.app.node import Node
    from tocsin.app.openid import OpenId

users = typer.Typer(help="People and machines that may act.", no_args_is_help=True, rich_markup_mode=None)
totp = typer.Typer(help="Their second factor.", no_args_is_help=True, rich_markup_mode=None)
users.add_typer(totp, name="totp")
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
    """Show users, their roles, and how they log in."""
    with opened(data) as node:
        listed = [
            {
                **msgspec.to_builtins(user),
                "password": node.store.credentials.password(user.id) is not None,
                "second_factor": bool((totp := node.store.credentials.totp(user.id)) and totp.confirmed),
                "links": [
                    {"issuer": link.issuer, "subject": link.subject, "managed": link.managed}
                    for link in node.store.credentials.links(user.id)
                ],
            }
            for user in node.store.people.users()
        ]
    if json:
        show_json({"users": listed})
        return
    show_table(
        ("name", "roles", "ceiling", "since", "state", "logs in by"),
        (
            (
                user["name"],
                " ".join(user["roles"]),
                user["ceiling"],
                when(user["created"]),
                _state(user),
                _ways(user),
            )
            for user in listed
        ),
        empty="No users.",
    )


def _state(user: dict[str, Any]) -> str:
    if user["same_as"]:
        return f"same as {user['same_as']}"
    return "disabled" if user["disabled"] else "active"


def _ways(user: dict[str, Any]) -> str:
    ways = ["password"] if user["password"] else []
    ways += [f"{link['issuer']} {link['subject']}" for link in user["links"]]
    return (", ".join(ways) or "token") + (" + code" if user["second_factor"] else "")


@users.command("disable")
def disable_user(data: DataOption, name: str) -> None:
    """A person left: their tokens and sessions stop counting at once."""
    with opened(data) as node:
        node.access.disable_user(node.access.operator(), name)
    typer.echo(f"User {name} is disabled.")


@users.command("enable")
def enable_user(data: DataOption, name: str) -> None:
    """Let a disabled user in again, with the tokens that were not revoked."""
    with opened(data) as node:
        node.access.enable_user(node.access.operator(), name)
    typer.echo(f"User {name} is enabled.")


@users.command("roles")
def set_roles(
    data: DataOption,
    name: str,
    role: Annotated[list[Role], typer.Option(help="May be given several times; replaces the roles.")],
) -> None:
    """Give a user other roles, at once and in open sessions too."""
    with opened(data) as node:
        node.access.set_roles(node.access.operator(), name, tuple(role))
    typer.echo(f"User {name} is now {' '.join(role)}.")


@users.command("train")
def train_user(
    data: DataOption,
    name: str,
    statement: Annotated[str, typer.Option(help="What the training was, or why it ends.")],
    end: Annotated[bool, typer.Option("--end", help="Take it back.")] = False,
) -> None:
    """Let a reviewer look at conversations in which risk builds up; nobody may without this."""
    with opened(data) as node:
        node.access.set_trained(node.access.operator(), name, trained=not end, statement=statement)
    typer.echo(f"User {name} may {'no longer ' if end else ''}look at conversations.")


@users.command("password")
def set_password(
    data: DataOption,
    name: str,
    clear: Annotated[bool, typer.Option("--clear", help="Take the password away.")] = False,
) -> None:
    """Set a user's password: it is asked for, never given as an argument. Ends their sessions."""
    with opened(data) as node:
        by = node.access.operator()
        if clear:
            node.accounts.clear_password(by, name)
        else:
            node.access.named(name)
            password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
            node.accounts.set_password(by, name, password)
    typer.echo(f"User {name} has {'no password' if clear else 'a new password'}.")


@users.command("link")
def link_user(data: DataOption, name: str, subject: str) -> None:
    """Say that a user is this subject of the OpenID provider: one human, one user. Ends the subject's own user."""
    with opened(data) as node:
        before = _openid(node).people.link(node.access.operator(), name, subject)
    typer.echo(f"User {name} is {subject} at the provider.")
    if before is not None:
        typer.echo(
            f"User {before.name} is disabled: it was the same person, and counts as {name} from now on."
        )


@users.command("unlink")
def unlink_user(data: DataOption, name: str) -> None:
    """Take a user's link to the OpenID provider away."""
    with opened(data) as node:
        _openid(node).people.unlink(node.access.operator(), name)
    typer.echo(f"User {name} is linked to no subject of the provider.")


def _openid(node: "Node") -> "OpenId":
    if node.openid is None:
        raise BadInput("oidc_issuer is not set in settings.toml: docs/operations.md says how")
    return node.openid


@totp.command("enrol")
def enrol_totp(data: DataOption, name: str) -> None:
    """Set up a second factor with the person beside you: shows the secret, asks for its first code."""
    with opened(data) as node:
        by = node.access.operator()
        enrolment = node.accounts.enrol(by, name)
        typer.echo(f"Let an authenticator read this, or type the secret in:\n\n{square(enrolment.address)}")
        typer.echo(f"  {enrolment.spelt}\n")
        code = typer.prompt("The code it shows")
        codes = node.accounts.confirm_enrolment(by, node.access.named(name), code)
    typer.echo(f"\n{name} has a second factor. Recovery codes, shown once:\n")
    for recovery in codes:
        typer.echo(f"  {recovery}")


@totp.command("reset")
def reset_totp(data: DataOption, name: str) -> None:
    """Take a lost second factor and its recovery codes away, and end the person's sessions."""
    with opened(data) as node:
        node.accounts.reset_second_factor(node.access.operator(), name)
    typer.echo(f"User {name} has no second factor now.")


def square(text: str) -> str:
    """A QR code for a terminal; imported here, for it is seldom wanted."""
    import segno

    buffer = io.StringIO()
    segno.make_qr(text, error="l").terminal(buffer, compact=True)
    return buffer.getvalue()


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
