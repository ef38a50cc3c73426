"""tocsin share distinct: how many there are in all, over several nodes: consent, counts, and what they cost."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli.callers import RoleOption
from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import say, show_json, show_table
from tocsin.kernel import BadInput

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

app = typer.Typer(
    help="Count with other nodes how many there are in all: docs/distinct.md.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

PeerArgument = Annotated[str, typer.Argument(help="The peer's name; without it, --count.")]
CountOption = Annotated[str, typer.Option("--count", help="One count, as `show` lists it.")]

POLL_SECONDS = 0.5


@app.command()
def agree(
    data: DataOption,
    peer: PeerArgument = "",
    count: CountOption = "",
    kind: Annotated[
        list[str] | None,
        typer.Option(
            help="handle, email, phone, domain, address-prefix, wallet, file-hash, band; may be repeated."
        ),
    ] = None,
    epsilon: Annotated[float, typer.Option(help="What all counts of the peer may cost until it ends.")] = 4.0,
    days: Annotated[int, typer.Option(help="How long it holds.")] = 90,
    user: RoleOption = "admin",
    json: JsonOption = False,
) -> None:
    """Agree to counts that a peer proposes, in place of what was agreed; or with --count, to one that waits."""
    _one_of(peer, count)
    with opened(data) as node:
        from tocsin.app.distinct_views import count_view, naming, terms_view

        by, counts = node.access.operator(user), node.distinct_counts
        named = naming(counts, node.store)
        if count:
            view = count_view(counts.allow(by, count), named)
        else:
            view = terms_view(counts.agree(by, peer, kinds=kind or (), epsilon=epsilon, days=days), named)
    if json:
        show_json(view)
    elif count:
        say(f"Agreed: {view['kind']} of {view['week']} with {', '.join(view['members'])}.")
    else:
        say(f"Agreed with {peer} until {view['until']}: its counts begin by this, up to epsilon {epsilon:g}.")


@app.command()
def withdraw(
    data: DataOption,
    peer: PeerArgument = "",
    count: CountOption = "",
    user: RoleOption = "admin",
    json: JsonOption = False,
) -> None:
    """Take back what was agreed with a peer, and end its counts; or with --count, end or decline one."""
    _one_of(peer, count)
    with opened(data) as node:
        by, ended = node.access.operator(user), 1
        if count:
            node.distinct_counts.decline(by, count)
        else:
            ended = node.distinct_counts.withdraw(by, peer)
    if json:
        show_json({"withdrawn": peer or count, "ended": ended})
    else:
        say(f"Withdrawn; {ended} counts ended. What was paid stays paid.")


@app.command()
def count(
    data: DataOption,
    with_: Annotated[
        list[str], typer.Option("--with", help="A peer, in the order of their turns; name each.")
    ],
    kind: Annotated[
        str, typer.Option(help="handle, email, phone, domain, address-prefix, wallet, file-hash, band.")
    ],
    purpose: Annotated[str, typer.Option(help="What it is for; every node keeps it.")],
    week: Annotated[str, typer.Option(help="ISO 8601, as 2026-W45; the newest that is over otherwise.")] = "",
    epsilon: Annotated[float, typer.Option(help="What it costs each node for that week.")] = 1.0,
    capacity: Annotated[
        int, typer.Option(help="Entries that each node sends; 0 is 2,000, or what the pool has room for.")
    ] = 0,
    wait: Annotated[
        float, typer.Option(min=0.0, help="Seconds to watch; the count goes on without.")
    ] = 3600.0,
    user: RoleOption = "admin",
    json: JsonOption = False,
) -> None:
    """Propose a count to peers and watch it; the serving node holds it. Exit 1 when it ends without numbers."""
    with opened(data) as node, _bar(quiet=json) as bar:
        from tocsin.app.distinct_views import count_view, naming

        by, counts = node.access.operator(user), node.distinct_counts
        named = naming(counts, node.store)
        proposed = counts.propose(
            by, with_, kind=kind, purpose=purpose, epsilon=epsilon, week=week, capacity=capacity
        )
        until = time.monotonic() + wait
        while True:
            view = count_view(counts.proposed(by, proposed.session), named)
            bar.said(view["done"], view["of"], _doing(view))
            if view["state"] in ("done", "ended") or time.monotonic() >= until:
                break
            time.sleep(POLL_SECONDS)
    if json:
        show_json(view)
    else:
        _show(view)
    if view["state"] == "ended":
        raise typer.Exit(1)


@app.command()
def show(
    data: DataOption,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many counts.")] = 20,
    user: RoleOption = "admin",
    json: JsonOption = False,
) -> None:
    """Show what is agreed, what waits for a yes, counts with their intervals, and what epsilon is left."""
    with opened(data) as node:
        from tocsin.app.distinct_views import standing_view

        view = standing_view(node.distinct_counts, node.store, node.access.operator(user), limit)
    if json:
        show_json(view)
        return
    show_table(
        ("peer", "kinds", "epsilon", "used", "until"),
        (
            (one["peer"], " ".join(one["kinds"]), f"{one['epsilon']:g}", f"{one['used']:g}", one["until"])
            for one in view["terms"]
        ),
        empty="Nothing is agreed with anybody: each count of a peer waits for a yes.",
    )
    for one in view["counts"]:
        typer.echo("")
        _show(one)
    left = view["budget"]
    typer.echo("")
    typer.echo(
        f"Epsilon left for counts: {left['week_left']:g} of {left['week']:g} for {left['of_week']}, "
        f"{left['life_left']:g} of {left['life']:g} for this node's life."
    )
    if left["unsure"]:
        typer.echo(
            "What was paid since a backup is not known: nothing is drawn until `share count --settle DAY`."
        )


def _show(view: dict[str, Any]) -> None:
    typer.echo(
        f"{view['id']}: {view['kind']} of {view['week']}, {', '.join(view['members'])}, "
        f"epsilon {view['epsilon']:g}: {view['purpose']}"
    )
    found = view["result"]
    if found is None:
        say(f"{_doing(view)}.")
        return
    typer.echo(f"In all {found['inputs']} ({found['low']} to {found['high']}); below zero is noise.")
    show_table(
        ("held by", "inputs"),
        ((one["members"], f"{one['inputs']} ({one['low']} to {one['high']})") for one in found["shared"]),
        empty="",
    )
    if view["left_out"]:
        typer.echo(
            f"This node put in {view['counted']} and had no room for {view['left_out']}: the numbers are too small."
        )


def _doing(view: dict[str, Any]) -> str:
    """Where a count is, in a few words."""
    match view["state"]:
        case "waiting":
            return f"Waits for a yes here: `tocsin share distinct agree --count {view['id']}`"
        case "agreed":
            return f"Waits for {', '.join(view['waiting_for']) or 'its turn'}"
        case "running":
            return "Runs"
        case "ended":
            whose = view["who"] or view["told_by"]
            said = f": {view['said']}" if view["said"] else ""
            return f"Ended without numbers ({view['why']}{', ' + whose if whose else ''}){said}"
        case _:
            return "Done"


def _one_of(peer: str, count: str) -> None:
    if bool(peer) == bool(count):
        raise BadInput("name a peer, or one count with --count")


class _Bar:
    """Watches a count."""

    def __init__(self, progress: "Progress | None") -> None:
        self._progress = progress
        self._task: TaskID | None = None

    def said(self, done: int, of: int, doing: str) -> None:
        """How far it is."""
        if self._progress is None:
            return
        if self._task is None:
            self._task = self._progress.add_task(doing)
        self._progress.update(self._task, completed=done, total=of, description=doing)


@contextmanager
def _bar(*, quiet: bool) -> Iterator[_Bar]:
    """Steps on standard error; nothing where nothing is to be shown."""
    if quiet:
        yield _Bar(None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(
        *columns, console=Console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False
    ) as progress:
        yield _Bar(progress)
