"""tocsin case member, guidance: who opens a restricted queue, and whom to tell of child-abuse material."""

from typing import Annotated

import typer

from tocsin.cli.callers import opened_by
from tocsin.cli.keys import PassphraseOption, read_passphrase
from tocsin.cli.opening import DataOption, JsonOption, LanguageOption, opened
from tocsin.cli.output import chosen_language, say, show_json, show_table, when
from tocsin.kernel import BadInput

app = typer.Typer(
    help="Members of restricted queues, and their keys.", no_args_is_help=True, rich_markup_mode=None
)

OwnTokenOption = Annotated[str, typer.Option("--token", help="Your own token; - reads it.")]
QueueArgument = Annotated[str, typer.Argument(help="The restricted queue.")]


@app.command("list")
def list_members(data: DataOption, json: JsonOption = False) -> None:
    """Show who is in restricted queues, the fingerprints of their keys, and whether those were let in."""
    with opened(data) as node:
        from tocsin.app.case_member_views import members_view

        found = members_view(node.store, node.queues.all(), node.case_keys)
    if json:
        show_json(found)
        return
    show_table(
        ("queue", "member", "key", "let in"),
        ((one.queue, one.member, one.fingerprint or "none yet", when(one.since)) for one in found),
        empty="No restricted queue has members: name them in DATA/queues/.",
    )


@app.command("add-key")
def add_key(data: DataOption, token: OwnTokenOption, passphrase_file: PassphraseOption = None) -> None:
    """Make your own key. Its passphrase is asked twice, kept nowhere, and cannot be told again by anybody."""
    with opened_by(data, token) as (node, by):
        made = node.member_keys.add(by, read_passphrase(passphrase_file, twice=True))
        from tocsin.app.member_keys import fingerprint

        typer.echo(f"Your key is {fingerprint(made)}: read it to another member, who lets it in.")


@app.command("unlock-check")
def unlock_check(data: DataOption, token: OwnTokenOption, passphrase_file: PassphraseOption = None) -> None:
    """See whether your passphrase still opens your key. Nothing is left open."""
    with opened_by(data, token) as (node, by):
        node.member_keys.check(by, read_passphrase(passphrase_file, twice=False))
    typer.echo("It opens.")


@app.command("hand-over")
def hand_over(data: DataOption, queue: QueueArgument, token: OwnTokenOption) -> None:
    """Seal to a queue's members what waits at this node, and destroy the node's copies."""
    with opened_by(data, token) as (node, by):
        moved = node.case_keys.hand_over(by, queue)
    typer.echo(f"{moved} cases are the members' alone now.")


@app.command()
def give(
    data: DataOption,
    queue: QueueArgument,
    name: Annotated[str, typer.Argument(help="The member whose key is let in.")],
    token: OwnTokenOption,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Let another member's key in, with every case of the queue so far."""
    with opened_by(data, token) as (node, by):
        given = node.case_keys.give(by, queue, name, read_passphrase(passphrase_file, twice=False))
    typer.echo(f"{name} opens {queue} from now on: {given} cases so far.")


@app.command()
def remove(
    data: DataOption,
    name: Annotated[str, typer.Argument(help="Whose key ends.")],
    token: Annotated[
        str, typer.Option("--token", help="Your own token; otherwise the operator does it.")
    ] = "",
) -> None:
    """End a member's key: it opens nothing here any more."""
    with opened_by(data, token) as (node, by):
        node.case_keys.remove(by, name)
    typer.echo(f"The key of {name} is gone. Take the name out of DATA/queues/ as well.")


def guidance(
    jurisdiction: Annotated[str, typer.Argument(help="us, gb, eu, cn ...; all of them without one.")] = "",
    language: LanguageOption = "",
    json: JsonOption = False,
) -> None:
    """Say whom to tell of suspected child-abuse material, and where. It is no legal advice."""
    from tocsin.taxonomy.child_material import NEUTRAL, guidance

    known = guidance()
    if jurisdiction and jurisdiction not in known:
        raise BadInput(f"there is no guidance for {jurisdiction}: choose {', '.join(known)}")
    chosen = [known[one] for one in dict.fromkeys((NEUTRAL, jurisdiction or NEUTRAL))]
    shown = chosen if jurisdiction else list(known.values())
    if json:
        show_json(shown)
        return
    spoken = chosen_language(language)
    for one in shown:
        checked = one.status.value + (f", {one.verified_on}" if one.verified_on else "")
        say(f"{one.said(one.name, spoken)} [{checked}; {one.source}]")
        for words in (one.whom, one.duty, one.keep):
            say(f"  {one.said(words, spoken)}")
        for place in one.where:
            say(f"  {place}")
