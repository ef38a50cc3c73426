"""tocsin share match: private matching with peers: what is agreed, sessions, and what waits for a yes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli import share_match_audit
from tocsin.cli.callers import RoleOption
from tocsin.cli.opening import DataOption, JsonOption, PeerArgument, opened
from tocsin.cli.output import say, show_json, show_table

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

app = typer.Typer(
    help="Match with a peer what both have, and nothing else: docs/matching.md.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(share_match_audit.app, name="audit")


@app.command()
def agree(
    data: DataOption,
    peer: PeerArgument,
    kind: Annotated[
        list[str],
        typer.Option(
            help="handle, email, phone, domain, address-prefix, wallet, file-hash, band, end-user;"
            " may be repeated."
        ),
    ],
    question: Annotated[list[str] | None, typer.Option(help="which, how-many; both otherwise.")] = None,
    reveal: Annotated[
        list[str] | None, typer.Option(help="Who may learn the answer: client, both; client otherwise.")
    ] = None,
    weekly: Annotated[int, typer.Option(help="Points of the peer's a week, for each kind.")] = 10_000,
    days: Annotated[int, typer.Option(help="How long it holds.")] = 90,
    each: Annotated[
        bool, typer.Option("--each", help="Say yes to each session of the peer's; none begins by this alone.")
    ] = False,
    pledged: Annotated[
        bool,
        typer.Option(
            "--pledged", help="Both sides fix their inputs before each session, for a third party to check."
        ),
    ] = False,
    user: RoleOption = "admin",
    json: JsonOption = False,
) -> None:
    """Agree to sessions with a peer, in place of what was agreed before; its operator does the same there."""
    with opened(data) as node:
        from tocsin.app.match_views import terms_view

        terms = node.matching.agree(
            node.access.operator(user),
            peer,
            kinds=kind,
            questions=question or ("which", "how-many"),
            reveals=reveal or ("client",),
            weekly=weekly,
            days=days,
            standing=not each,
            pledged=pledged,
        )
        view = terms_view(terms, node.matching.name_of)
    if json:
        show_json(view)
    else:
        how = "after a yes to each" if each else "by this alone"
        fixed = ", pledged by both sides" if pledged else ""
        say(f"Agreed with {peer} until {view['until']}: its sessions begin {how}{fixed}.")


@app.command()
def withdraw(
    data: DataOption, peer: PeerArgument, user: RoleOption = "admin", json: JsonOption = False
) -> None:
    """Take back what was agreed with a peer; sessions under way end at their next message."""
    with opened(data) as node:
        node.matching.withdraw(node.access.operator(user), peer)
    if json:
        show_json({"withdrawn": peer})
    else:
        say(f"Nothing is agreed with {peer} any more.")


@app.command()
def allow(
    data: DataOption,
    wish: Annotated[str, typer.Argument(help="What waits, as `sessions` lists it.")],
    user: RoleOption = "admin",
    json: JsonOption = False,
) -> None:
    """Say yes to one session that a peer would hold; it runs it again within two days."""
    with opened(data) as node:
        from tocsin.app.match_views import wish_view

        view = wish_view(node.matching.allow(node.access.operator(user), wish), node.matching.name_of)
    if json:
        show_json(view)
    else:
        say(f"Allowed until {view['until']}: {view['peer']}, {view['kind']}, {view['points']} points.")


@app.command()
def sessions(
    data: DataOption,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many sessions.")] = 50,
    user: RoleOption = "admin",
    json: JsonOption = False,
) -> None:
    """Show what is agreed, what waits for a yes, sessions, and what of the week's budget is spent."""
    with opened(data) as node:
        from tocsin.app.match_views import standing_view

        view = standing_view(node.matching, node.access.operator(user), limit)
    if json:
        show_json(view)
        return
    show_table(
        ("peer", "kinds", "questions", "learns it", "a week", "begins", "until"),
        (
            (
                one["peer"],
                " ".join(one["kinds"]),
                " ".join(one["questions"]),
                " ".join(one["reveals"]),
                one["weekly"],
                ("by this alone" if one["standing"] else "after a yes")
                + (", pledged" if one["pledged"] else ""),
                one["until"],
            )
            for one in view["terms"]
        ),
        empty="Nothing is agreed with anybody: `tocsin share match agree PEER --kind handle`.",
    )
    if view["waiting"]:
        typer.echo("")
        show_table(
            ("waits", "peer", "kind", "question", "points", "asked", "for", "allowed until"),
            (
                (
                    w["id"],
                    w["peer"],
                    w["kind"],
                    w["question"],
                    w["points"],
                    w["at"],
                    w["purpose"],
                    w["until"] or "-",
                )
                for w in view["waiting"]
            ),
            empty="",
        )
    typer.echo("")
    show_table(
        ("at", "peer", "we", "kind", "question", "points", "end", "found", "for"),
        (
            (
                one["at"],
                one["peer"],
                one["role"],
                one["kind"],
                one["question"],
                one["points"],
                one["end"] + (", pledged" if one["pledged"] else ""),
                "-" if one["found"] is None else one["found"],
                one["purpose"],
            )
            for one in view["sessions"]
        ),
        empty="No session was held.",
    )
    for one in view["spent"]:
        typer.echo(
            f"This week {one['peer']} {one['role']} {one['kind']}: {one['points']} of {one['most']} points."
        )


@app.command()
def run(
    data: DataOption,
    peer: PeerArgument,
    kind: Annotated[
        str,
        typer.Option(help="handle, email, phone, domain, address-prefix, wallet, file-hash, band, end-user."),
    ],
    purpose: Annotated[
        str,
        typer.Option(
            help="What it is for; both nodes keep it. Of end-user, a purpose of applicants.yaml on both."
        ),
    ],
    file: Annotated[
        Path | None,
        typer.Option(help="Values, one a line; this node's own otherwise.", exists=True, dir_okay=False),
    ] = None,
    days: Annotated[int, typer.Option(help="Of this node's own, the last so many days.")] = 30,
    question: Annotated[str, typer.Option(help="which, or how-many.")] = "which",
    reveal: Annotated[
        str, typer.Option(help="Who learns the answer: client (this node), or both.")
    ] = "client",
    user: RoleOption = "admin",
    json: JsonOption = False,
) -> None:
    """Hold a session with a peer and show what both have. Exit 1 when it is refused or waits for a yes there."""
    from contextlib import ExitStack

    with opened(data) as node, ExitStack() as stack:
        from tocsin.app.match_results import Asked
        from tocsin.app.match_views import matched_view

        asked = Asked(
            kind=kind,
            purpose=purpose,
            question=question,
            reveal=reveal,
            lines=stack.enter_context(file.open("rb")) if file else None,
            days=days,
        )
        bar = stack.enter_context(_bar(quiet=json))
        view = matched_view(node.matching.run(node.access.operator(user), peer, asked, bar))
    if json:
        show_json(view)
    else:
        _show(view)


def _show(view: dict[str, Any]) -> None:
    """The answer; values are this node's own, and leave it only on this screen."""
    for one in view["refused"]:
        say(f"{one['lines']} lines left out: each {one['why']}.")
    if view["question"] == "how-many":
        say(f"{view['peer']} has about {view['found']} of {view['inputs']}, rounded down to tens.")
    elif view["kind"] == "band":
        show_table(
            ("warning", "common bands"),
            ((one["warning"], one["bands"]) for one in view["warnings"]),
            empty=f"{view['peer']} has no text like these.",
        )
    else:
        show_table(
            (view["kind"], "event"),
            ((one["value"], " ".join(one["events"])) for one in view["values"]),
            empty=f"{view['peer']} has none of these {view['inputs']}.",
        )
    if view["reveal"] == "both":
        say(f"{view['peer']} was told as well.")
    say(f"Session {view['session']}: {view['points']} points, {view['sent'] + view['received']:,} bytes.")


class _Bar:
    """Watches a session."""

    def __init__(self, progress: "Progress") -> None:
        self._progress = progress
        self._task: TaskID | None = None

    def said(self, done: int, of: int) -> None:
        """One message more was answered."""
        if self._task is None:
            self._task = self._progress.add_task("matching")
        self._progress.update(self._task, completed=done, total=of)


@contextmanager
def _bar(*, quiet: bool) -> Iterator[_Bar | None]:
    """Messages on standard error; None where nothing is to be shown."""
    if quiet:
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(
        *columns, console=Console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False
    ) as progress:
        yield _Bar(progress)
