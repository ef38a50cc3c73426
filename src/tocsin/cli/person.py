"""tocsin watch erase, subject, hold, holds, lift, erasures: what a person may ask of this node."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.callers import caller
from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import moment, show_json, show_table, when
from tocsin.cli.peer import MOMENTS
from tocsin.kernel import BadInput, Observable, ObservableType

if TYPE_CHECKING:
    from tocsin.app.node import Node
    from tocsin.app.persons import Held, Who

SourceOption = Annotated[str, typer.Option(help="The system that the account is of.")]
ActorOption = Annotated[
    str, typer.Option(help="The account as that source names it; - reads it, so that no shell remembers it.")
]
ObservableOption = Annotated[
    str, typer.Option(help="Instead: email=, phone= or handle= and its value; - reads it.")
]
ReasonOption = Annotated[str, typer.Option(help="Why, for the audit trail; without the person's name.")]
TokenOption = Annotated[str, typer.Option(help="Your own token, so that your approval counts; - reads it.")]
ApproveOption = Annotated[bool, typer.Option("--approve", help="Stand for it with your name. Two people do.")]


def erase(
    data: DataOption,
    source: SourceOption = "",
    actor: ActorOption = "",
    observable: ObservableOption = "",
    reason: ReasonOption = "",
    approve: ApproveOption = False,
    token: TokenOption = "",
    carry_out: Annotated[
        bool, typer.Option("--carry-out", help="Do it; without this, only the counts are shown.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Erase one person: texts, identifiers and name go, counts stay. Shows what is held first."""
    with opened(data) as node:
        who = _who(source, actor, observable)
        if not carry_out:
            _show_held(_looked(node, who, "erase", token, approve=approve), json)
            return
        receipts = node.persons.erase(caller(node, token), who, reason)
    if json:
        show_json({"erasures": receipts})
        return
    for receipt in receipts:
        typer.echo(
            f"{receipt.events:,} events lost their name, {receipt.texts:,} texts are gone.\n"
            f"Receipt {receipt.ticket}, {when(receipt.at)}."
        )
    typer.echo("What peers already have, and copies outside this node, docs/sealed-text.md speaks of.")


def subject(
    data: DataOption,
    file: Annotated[Path, typer.Argument(help="The new file for the person.")],
    source: SourceOption = "",
    actor: ActorOption = "",
    observable: ObservableOption = "",
    reason: ReasonOption = "",
    approve: ApproveOption = False,
    token: TokenOption = "",
    carry_out: Annotated[bool, typer.Option("--carry-out", help="Write the file.")] = False,
    json: JsonOption = False,
) -> None:
    """Write what is held of one person into a file for them. Shows the counts first."""
    with opened(data) as node:
        who = _who(source, actor, observable)
        if not carry_out:
            _show_held(_looked(node, who, "subject", token, approve=approve), json)
            return
        held = node.persons.subject(caller(node, token), who, file, reason)
    if json:
        show_json(held)
    else:
        typer.echo(f"{file}: {held.events:,} events, {held.texts:,} texts. Give it to nobody else.")


def hold(
    data: DataOption,
    reason: ReasonOption,
    source: SourceOption = "",
    actor: ActorOption = "",
    observable: ObservableOption = "",
    until: Annotated[datetime | None, typer.Option(formats=MOMENTS, help="When it ends (UTC).")] = None,
    json: JsonOption = False,
) -> None:
    """Forbid the erasure of a person, as a court or the law demands. It keeps no text beyond its retention."""
    with opened(data) as node:
        made = node.persons.hold(
            node.access.operator(), _who(source, actor, observable), reason, moment(until)
        )
    if json:
        show_json({"holds": made})
    else:
        typer.echo("".join(f"Held: {one.id}\n" for one in made) or "Nothing is held of this account.")


def lift(
    data: DataOption,
    hold_id: Annotated[str, typer.Argument(help="The hold's id.")],
    reason: ReasonOption,
) -> None:
    """End a hold."""
    with opened(data) as node:
        node.persons.lift(node.access.operator(), hold_id, reason)
    typer.echo(f"{hold_id} is lifted.")


def holds(data: DataOption, json: JsonOption = False) -> None:
    """Show holds, with who set them and why."""
    with opened(data) as node:
        found = node.store.erasures.holds()
        people = {user.id: user.name for user in node.store.people.users()}
    if json:
        show_json({"holds": found})
        return
    show_table(
        ("id", "since", "until", "lifted", "by", "reason"),
        (
            (one.id, when(one.at), when(one.until), when(one.lifted), people.get(one.by, one.by), one.reason)
            for one in found
        ),
        empty="No hold was ever set.",
    )


def erasures(data: DataOption, json: JsonOption = False) -> None:
    """Show receipts of erasures. None of them names anybody."""
    with opened(data) as node:
        found = node.store.erasures.list()
    if json:
        show_json({"erasures": found})
        return
    show_table(
        ("at", "events", "texts", "days", "reason", "receipt"),
        ((when(one.at), one.events, one.texts, one.days, one.reason, one.ticket) for one in found),
        empty="Nobody was erased.",
    )


def _looked(node: "Node", who: "Who", act: str, token: str, *, approve: bool) -> "Held":
    by = caller(node, token)
    return node.persons.approve(by, who, act) if approve else node.persons.held(by, who, act)


def _who(source: str, actor: str, observable: str) -> "Who":
    from tocsin.app.persons import Who

    if observable:
        text = sys.stdin.readline().strip() if observable == "-" else observable
        kind, _, value = text.partition("=")
        try:
            return Who(observable=Observable(ObservableType(kind), value))
        except ValueError:
            raise BadInput("an identifier is written as email=..., phone=... or handle=...") from None
    return Who(source=source, actor=sys.stdin.readline().rstrip("\n") if actor == "-" else actor)


def _show_held(held: "Held", json: bool) -> None:
    if json:
        show_json(held)
        return
    kinds = ", ".join(f"{number:,} {kind}" for kind, number in held.kinds.items())
    typer.echo(
        f"Held of {held.accounts} account(s): {held.events:,} events ({kinds or 'none'}), {held.texts:,} texts."
    )
    if held.events:
        typer.echo(f"From {when(held.first)} to {when(held.last)}.")
    if held.holds:
        typer.echo(f"A legal hold stands: {', '.join(held.holds)}.")
    names = ", ".join(held.approved_by) or "nobody yet"
    typer.echo(f"Nothing was changed. Approved by {names}; two people do, with --approve --token.")
