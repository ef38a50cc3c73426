"""tocsin watch channels: where word of a warning goes."""

from typing import Annotated, Any

import typer

from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import show_json, show_table, when
from tocsin.kernel import BadInput, ChannelKind, RoutingRule, WarningKind
from tocsin.kernel.cases import Urgency

app = typer.Typer(
    help="Where word of a warning goes: mail, webhook, Slack, syslog.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
NameArgument = Annotated[str, typer.Argument(help="The channel's name.")]


@app.command("list")
def listed(data: DataOption, json: JsonOption = False) -> None:
    """Show every channel, its rule, what waits, and what could not be sent."""
    with opened(data) as node:
        from tocsin.app.channel_views import channel_views

        rows = channel_views(node)
    if json:
        show_json({"channels": rows})
        return
    show_table(
        ("name", "kind", "to", "hears when", "waiting", "sent", "dead", "how it stands"),
        (
            (
                row["name"],
                row["kind"],
                row["place"],
                row["rule"],
                row["waiting"],
                row["sent"],
                row["dead"],
                row["fault"] or "well",
            )
            for row in rows
        ),
        empty="No channels: `tocsin watch channels add` makes one. Until then nobody is told of a warning.",
    )


@app.command("add")
def add(
    data: DataOption,
    name: NameArgument,
    kind: Annotated[ChannelKind, typer.Argument(help="How it is told.")],
    address: Annotated[
        str,
        typer.Argument(
            help="https://... | smtps://HOST | smtp://HOST | syslog+tls://HOST | syslog+tcp:// | syslog+udp://"
        ),
    ],
    to: Annotated[list[str] | None, typer.Option(help="Mail: a recipient; may be repeated.")] = None,
    sender: Annotated[str, typer.Option(help="Mail: who it is from.")] = "",
    user: Annotated[str, typer.Option(help="Mail: log in as; the password is asked for.")] = "",
    warning_kind: Annotated[
        list[WarningKind] | None, typer.Option(help="Only warnings of this kind; may be repeated.")
    ] = None,
    category: Annotated[
        list[str] | None, typer.Option(help="Only of this category; may be repeated.")
    ] = None,
    lang: Annotated[list[str] | None, typer.Option(help="Only in this language; may be repeated.")] = None,
    risk: Annotated[float, typer.Option(help="Only from this combined risk, 0 to 10.")] = 0.0,
    score: Annotated[float, typer.Option(help="Only from this multiple of the warning's threshold.")] = 0.0,
    urgency: Annotated[
        list[Urgency] | None, typer.Option(help="Of cases, only this urgent; may be repeated.")
    ] = None,
    queue: Annotated[
        list[str] | None, typer.Option(help="Of cases, only in this queue; may be repeated.")
    ] = None,
    an_hour: Annotated[int, typer.Option(help="Messages an hour; what is more comes together.", min=1)] = 20,
    pin: Annotated[
        str, typer.Option(help="SHA-256 of the server's TLS key, for one without authority.")
    ] = "",
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="It may be at a private address.")
    ] = False,
    language: Annotated[str, typer.Option(help="Language of sentences: en or zh.")] = "en",
    json: JsonOption = False,
) -> None:
    """Name a channel. What is open already is not sent to it; `test` tries it."""
    try:
        pinned = bytes.fromhex(pin) if pin else None
    except ValueError:
        raise BadInput("a pin is 64 hexadecimal digits") from None
    password = typer.prompt("Password", hide_input=True) if user else ""
    with opened(data) as node:
        from tocsin.app.channels import Place, said_of

        rule = RoutingRule(
            kinds=tuple(warning_kind or ()),
            categories=tuple(category or ()),
            languages=tuple(lang or ()),
            risk=risk,
            score=score,
            urgencies=tuple(urgency or ()),
            queues=tuple(queue or ()),
        )
        place = Place(
            url=address, user=user, password=password, sender=sender, to=tuple(to or ()), pin=pinned
        )
        secret = node.channels.add(
            node.access.operator(),
            name,
            kind,
            place,
            rule,
            an_hour=an_hour,
            allow_private=allow_private,
            language=language,
        )
    made: dict[str, Any] = {"name": name, "kind": kind, "rule": said_of(rule)}
    if json:
        show_json(made | ({"secret": secret} if secret else {}))
        return
    typer.echo(f"Channel {name}: {made['rule']}. Try it: tocsin watch channels test {name}")
    if secret:
        typer.echo(f"Its receiver checks messages by this secret, which is shown once: {secret}")


@app.command("test")
def try_out(data: DataOption, name: NameArgument, json: JsonOption = False) -> None:
    """Send a word that is none, and say whether it was taken."""
    with opened(data) as node:
        node.channels.test(node.access.operator(), name)
    if json:
        show_json({"name": name, "taken": True})
    else:
        typer.echo(f"Channel {name} took it, as far as its protocol says.")


@app.command("remove")
def remove(data: DataOption, name: NameArgument, json: JsonOption = False) -> None:
    """End a channel; what waits for it is not sent."""
    with opened(data) as node:
        node.channels.remove(node.access.operator(), name)
    if json:
        show_json({"name": name, "removed": True})
    else:
        typer.echo(f"Channel {name} is gone.")


@app.command("dead")
def dead(data: DataOption, json: JsonOption = False) -> None:
    """Show what could not be sent in a day: nobody was told of it."""
    with opened(data) as node:
        from tocsin.app.case_words import told_in
        from tocsin.kernel import NoticeState

        def shown(named: str) -> str:
            told = told_in(named)  # no id: it may lie in a restricted queue by now
            return f"a case: {told.cause.value}" if told else named

        rows: list[dict[str, Any]] = [
            {
                "id": notice.id,
                "channel": notice.channel,
                "warnings": [*map(shown, notice.digest or (notice.warning,))],
                "made": when(notice.made),
                "tries": notice.tries,
            }
            for notice in node.store.outbox.listed(NoticeState.DEAD)
        ]
    if json:
        show_json({"dead": rows})
        return
    show_table(
        ("made", "channel", "tries", "warnings"),
        ((row["made"], row["channel"], row["tries"], ", ".join(map(str, row["warnings"]))) for row in rows),
        empty="Everything could be sent.",
    )
