"""tocsin share match audit: what a node commits to before it matches, and what a third party asks of it and finds."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from tocsin.cli.callers import UserOption
from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import complain, say, show_json, show_table
from tocsin.kernel import BadInput

app = typer.Typer(
    help="Accountable matching: inputs fixed early and within quota, checked by a third party.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
KEY_BYTES = 32
NONCE_BYTES = 32
MAX_LINES_BYTES = 64 << 20
"""Of a file of records: a hundred thousand with room."""

MAX_NOTE_BYTES = 256 << 10
BETWEEN = b"=====\n"
"""Between the two notes of a proof."""

KindArgument = Annotated[str, typer.Argument(help="handle, email, phone, domain, wallet, file-hash, ...")]
NewFile = Annotated[Path, typer.Argument(help="A new file.")]
ChallengeFile = Annotated[Path, typer.Argument(help="The challenge.", exists=True, dir_okay=False)]
KeyFile = Annotated[
    Path, typer.Option("--secret", help="The auditor's secret key, as `audit key` made it.", dir_okay=False)
]


@app.command()
def quota(
    data: DataOption,
    kind: KindArgument,
    records: Annotated[int, typer.Option(help="Records taken up in a week, at most.")],
    points: Annotated[int, typer.Option(help="Points put into sessions in a week, at most.")],
    json: JsonOption = False,
) -> None:
    """Log what this node holds itself to; it counts for sessions from two weeks on."""
    with opened(data) as node:
        from tocsin.trust.matching.accountable import digest_of

        made = node.accountable.set_quota(node.access.operator(), _kind(kind), records=records, points=points)
        digest = digest_of(made)
    if json:
        show_json({"kind": kind, "records": records, "points": points, "digest": digest})
    else:
        say(f"Logged: {records} records and {points} points of {kind} a week.")


@app.command("take-up")
def take_up(
    data: DataOption,
    kind: KindArgument,
    file: Annotated[Path, typer.Argument(help="Identifiers, one a line.", exists=True, dir_okay=False)],
    user: UserOption = "admin",
    json: JsonOption = False,
) -> None:
    """Log commitments of records that a match may use in two weeks. The values stay here, sealed."""
    from tocsin.trust.matching import identifiers

    lines = _bytes(file, MAX_LINES_BYTES).decode("utf-8", "replace").splitlines()
    inputs = identifiers(_kind(kind), [line.strip() for line in lines if line.strip()])
    with opened(data) as node:
        taken = node.accountable.take_up(node.access.operator(user), inputs.kind, inputs.values)
    if json:
        show_json({"kind": kind, "taken_up": taken, "known": len(inputs.values) - taken})
    else:
        say(f"{taken} records were taken up; {len(inputs.values) - taken} were there.")


@app.command()
def auditor(
    data: DataOption,
    key: Annotated[str, typer.Argument(help="The auditor's key; with --forget its name.")],
    forget: Annotated[bool, typer.Option("--forget", help="Answer it no more.")] = False,
    json: JsonOption = False,
) -> None:
    """Name a third party whose challenges this node answers. It learns the indicators that it draws."""
    with opened(data) as node:
        by = node.access.operator()
        if forget:
            node.accountable.forget_auditor(by, key)
        else:
            key = node.accountable.name_auditor(by, key)
    if json:
        show_json({"auditor": key, "named": not forget})
    else:
        say(f"{key} is {'answered no more' if forget else 'answered from now on'}.")


@app.command("key")
def new_key(
    file: NewFile,
    name: Annotated[str, typer.Option(help="The auditor's name, as operators will know it.")],
    json: JsonOption = False,
) -> None:
    """Make an auditor's key, without a node; shows the line that operators name."""
    _write(file, os.urandom(KEY_BYTES), private=True)
    line = str(_auditor_key(file, name))
    if json:
        show_json({"key": line})
    else:
        say(f"{file.name} is the secret half: keep it. Operators name this line:")
        typer.echo(line)


@app.command()
def challenge(
    file: NewFile,
    session: Annotated[str, typer.Option(help="The session, 32 hexadecimal digits.")],
    side: Annotated[str, typer.Option(help="Whose inputs: client or server.")],
    name: Annotated[str, typer.Option(help="The auditor's name.")],
    secret: KeyFile,
    positions: Annotated[int, typer.Option(min=1, help="At most one in five and 128.")] = 20,
    json: JsonOption = False,
) -> None:
    """Write a challenge, without a node, for both sides of a session."""
    from tocsin.kernel.clock import micros, system_clock
    from tocsin.trust.identity import NodeIdentity
    from tocsin.trust.matching.accountable import (
        Challenge,
        Side,
        read_statement,
        sign_statement,
        statement_text,
    )

    if side not in set(Side):
        raise BadInput("--side is client or server")
    made = Challenge(
        auditor=name,
        session=session.lower(),
        side=Side(side),
        positions=positions,
        nonce=os.urandom(NONCE_BYTES).hex(),
        at=micros(system_clock()),
    )
    read_statement(statement_text(made))  # what others would refuse is refused here
    note = sign_statement(made, name, NodeIdentity(_bytes(secret, KEY_BYTES)))
    _write(file, note)
    if json:
        show_json({"file": str(file), "session": made.session, "side": side, "positions": positions})
    else:
        say(f"{file.name} goes to both sides; each gives its account, then the {side} its answer.")


@app.command()
def answer(
    data: DataOption,
    challenge: ChallengeFile,
    file: NewFile,
    account: Annotated[
        Path | None,
        typer.Option(help="The other side's account: with it, the openings.", exists=True, dir_okay=False),
    ] = None,
    other_key: Annotated[
        str,
        typer.Option(help="The key of the other side's log; that of the pinned peer where it is left out."),
    ] = "",
    user: UserOption = "admin",
    json: JsonOption = False,
) -> None:
    """Write this side's account of the challenged session; with the other's --account, the openings.

    The openings hold the indicators that were drawn: they go to the auditor alone.
    """
    note = _bytes(challenge, MAX_NOTE_BYTES)
    with opened(data) as node:
        answers, by = node.accountable.answers, node.access.operator(user)
        node.transparency_log.tick()
        if account is None:
            made = answers.account(by, note)
        else:
            made = answers.answer(by, note, _bytes(account, MAX_NOTE_BYTES), other_key)
    _write(file, made, private=account is not None)
    if json:
        show_json(
            {"file": str(file), "holds": "account" if account is None else "openings", "bytes": len(made)}
        )
    elif account is None:
        say(f"{file.name} is this side's account: for the auditor, and for the other side if it is audited.")
    else:
        say(f"{file.name} holds the drawn indicators: for the auditor alone.")


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="An answer.", exists=True, dir_okay=False)],
    challenge: Annotated[
        Path, typer.Option(help="The challenge that was given out.", exists=True, dir_okay=False)
    ],
    auditor: Annotated[str, typer.Option(help="The auditor's own key.")],
    audited: Annotated[str, typer.Option(help="The key of the audited side's log.")],
    other: Annotated[str, typer.Option(help="The key of the other side's log.")],
    witness: Annotated[list[str], typer.Option(help="A witness's key; may be repeated.")],
    need: Annotated[int, typer.Option(min=1, help="How many of the witnesses must have seen an entry.")] = 1,
    days: Annotated[int, typer.Option(min=0, help="How old a record has to be.")] = 14,
    values: Annotated[bool, typer.Option("--values", help="Show the indicators that were opened.")] = False,
    json: JsonOption = False,
) -> None:
    """Check an answer; needs no node. Exit 1 when something is wrong with it."""
    from tocsin.trust.matching.accountable import Rules, audit
    from tocsin.trust.matching.accountable.answers import MAX_ANSWER_BYTES
    from tocsin.wire.tlog import read_key

    rules = Rules(
        auditor=read_key(auditor.strip()),
        audited=read_key(audited.strip()),
        other=read_key(other.strip()),
        witnesses=tuple(read_key(line.strip()) for line in witness),
        need=need,
        days=days,
    )
    try:
        found = audit(_bytes(file, MAX_ANSWER_BYTES), rules, _bytes(challenge, MAX_NOTE_BYTES))
    except BadInput as error:
        if json:
            show_json({"holds": False, "findings": [{"fault": "unreadable", "why": error.message}]})
        else:
            complain(error.message)
        raise typer.Exit(1) from None
    findings: list[dict[str, Any]] = [
        {"fault": one.fault.value, "position": one.position, "why": one.why} for one in found.findings
    ]
    shown = [one.decode("utf-8", "backslashreplace") for one in found.values] if values else None
    if json:
        show_json(
            {
                "holds": found.holds,
                "session": found.session,
                "side": found.side.value,
                "positions": list(found.positions),
                "padding": found.padding,
                "indicators": len(found.values),
                "findings": findings,
                **({"values": shown} if shown is not None else {}),
            }
        )
    else:
        say(
            f"{len(found.positions)} positions of the {found.side.value} of {found.session}: {len(found.values)}"
            f" indicators, {found.padding} padding."
        )
        if findings:
            show_table(
                ("fault", "position", "why"),
                ((one["fault"], one["position"], one["why"]) for one in findings),
                empty="",
            )
        else:
            say("They were fixed early and within quota. That they are genuine is not proved by this.")
        for one in shown or ():
            typer.echo(one)
    if not found.holds:
        raise typer.Exit(1)


@app.command()
def contradiction(
    one: Annotated[
        Path,
        typer.Argument(
            help="A signed statement or checkpoint, or a proof of two.", exists=True, dir_okay=False
        ),
    ],
    key: Annotated[str, typer.Option(help="The key of the log that signed both.")],
    other: Annotated[
        Path | None, typer.Argument(help="Another one; not beside a proof.", exists=True, dir_okay=False)
    ] = None,
    proof: Annotated[Path | None, typer.Option(help="Write both into a new file.")] = None,
    json: JsonOption = False,
) -> None:
    """Whether two signed statements are proof of a lie; needs no node. Exit 1 when they are not."""
    from tocsin.trust.matching.accountable import contradiction as between
    from tocsin.wire.tlog import read_key

    if other is None:
        first, _, second = _bytes(one, 2 * MAX_NOTE_BYTES).partition(BETWEEN)
    else:
        first, second = _bytes(one, MAX_NOTE_BYTES), _bytes(other, MAX_NOTE_BYTES)
    why = between(first, second, read_key(key.strip()))
    if why and proof is not None:
        _write(proof, first + BETWEEN + second)
    if json:
        show_json({"contradiction": why or None})
    else:
        say(f"No honest node signs both: {why}." if why else "One honest node may have signed both.")
    if not why:
        raise typer.Exit(1)


def _kind(text: str) -> Any:
    from tocsin.trust.matching import MatchKind

    if text not in set(MatchKind):
        raise BadInput(f"{text} is no kind that is matched: choose among {', '.join(MatchKind)}")
    return MatchKind(text)


def _auditor_key(secret: Path, name: str) -> Any:
    from tocsin.trust.identity import NodeIdentity
    from tocsin.wire.tlog import ED25519, NoteKey, read_key

    return read_key(str(NoteKey(name, ED25519, NodeIdentity(_bytes(secret, KEY_BYTES)).public)))


def _bytes(file: Path, most: int) -> bytes:
    with file.open("rb") as stream:
        content = stream.read(most + 1)
    if len(content) > most:
        raise BadInput(f"{file.name} is over {most} bytes: it is another file than is asked for")
    return content


def _write(file: Path, content: bytes, *, private: bool = False) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        with os.fdopen(os.open(file, flags, 0o600 if private else 0o644), "wb") as stream:
            stream.write(content)
    except FileExistsError:
        raise BadInput(f"{file.name} is there already: name a new file") from None
