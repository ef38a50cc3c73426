"""tocsin demo: three nodes on this machine hear together what none hears alone."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.opening import JsonOption
from tocsin.cli.output import show_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console
    from rich.progress import Progress, TaskID

    from tocsin.app.demo import Outcome, Running, Step

WORDS = {
    "make": "Making nodes",
    "serve": "Starting nodes",
    "send": "Events into {node}",
    "add": "Naming peers",
    "trust": "Comparing keys",
    "look": "Looking for campaigns",
    "ask": "Asking what was found",
    "confirm": "A reviewer confirms",
    "publish": "Publishing through the gate",
    "pull": "Pulling and looking back",
    "agree": "Operators agree to private sums",
    "submit": "Asking for a look",
    "sum": "Summing in private",
    "found": "What each node knew",
    "found alone": "alone",
    "found after": "after sharing",
    "yes": "found it",
    "holds": "yes",
    "no": "-",
    "picture": "What {node} sees of the others",
    "picture records": "Records of others at {node}: {records}",
    "picture none": "nothing",
    "sums": "A campaign too thin for any node, and a private sum",
    "found summed": "after the sum",
    "sums cost": "Added up by {adding}: {keys} keys, {messages} messages, {bytes:,} bytes, {seconds:.0f} seconds.",
    "left": "What left each node",
    "false": "Warnings that are not the campaign: {count}",
    "refused": "Lines refused: {count}",
    "seconds": "{seconds:.0f} seconds to here.",
    "console": "Consoles, each with the token to log in:",
    "stop": "The nodes serve until you press Ctrl-C.",
}


def demo(
    once: Annotated[bool, typer.Option(help="End after the table.")] = False,
    json: JsonOption = False,
    seed: Annotated[int, typer.Option(help="Another seed, another world.", min=0)] = 1,
    sharing: Annotated[bool, typer.Option(help="Let the nodes share what they found.")] = True,
    sums: Annotated[bool, typer.Option(help="Play the second act, a private sum.")] = True,
    input_file: Annotated[
        Path | None, typer.Option("--input", help="Your own events (JSON lines), one node a source.")
    ] = None,
    folder: Annotated[Path | None, typer.Option("--dir", help="Keep the nodes' folders here.")] = None,
) -> None:
    """Three nodes on this machine hear together what none hears alone."""
    import time

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from tocsin.app.demo import Options, run_demo
    from tocsin.kernel import system_clock

    said = Console(stderr=True)
    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=said,
        disable=not said.is_terminal,
    )
    options = Options(seed=seed, sharing=sharing, sums=sums, input=input_file, data=folder)
    shown = False
    bars.start()
    try:
        with run_demo(options, _on(bars), clock=system_clock) as running:
            bars.stop()
            if json:
                show_json(running.outcome)
            else:
                _show(running.outcome, Console())
            shown = True
            if once:
                return
            _show_consoles(running, said)
            while True:
                time.sleep(3_600)
    except KeyboardInterrupt:
        # Ctrl-C is how the demo is meant to end, once it has shown what it came to show
        raise typer.Exit(0 if shown else 130) from None
    finally:
        bars.stop()


def _on(bars: "Progress") -> "Callable[[Step], None]":
    """One bar for each step and node."""
    tasks: dict[tuple[str, str], TaskID] = {}

    def advance(step: "Step") -> None:
        key = (step.name, step.node)
        if key not in tasks or (step.done == 0 and bars.finished):
            tasks[key] = bars.add_task(WORDS[step.name].format(node=step.node), total=step.total)
        bars.update(tasks[key], completed=step.done, total=step.total)

    return advance


def _show(outcome: "Outcome", console: "Console") -> None:
    """The table of what each node knew alone and after, and the table of what left."""
    from rich.table import Table

    knew = Table(title=WORDS["found"], title_justify="left", header_style="bold")
    for column in ("node", "events", WORDS["found alone"], WORDS["found after"], "accounts", "events of it"):
        knew.add_column(column, justify="left" if column == "node" else "right")
    for name, node in outcome.nodes.items():
        knew.add_row(
            name,
            f"{node.events:,}",
            _yes(name in outcome.campaign.found_alone),
            _yes(name in outcome.campaign.found_after_sharing),
            str(node.accounts or WORDS["no"]),
            str(node.campaign_events or WORDS["no"]),
        )
    console.print(knew)
    _show_picture(outcome, console)
    _show_sums(outcome, console)
    left = Table(title=WORDS["left"], title_justify="left", header_style="bold")
    for column in ("from", "to", "records", "bytes", "raw values"):
        left.add_column(column, justify="left" if column in ("from", "to") else "right")
    for row in outcome.left:
        left.add_row(row.sender, row.receiver, f"{row.records:,}", f"{row.bytes:,}", f"{row.raw_values:,}")
    console.print(left)
    if outcome.false_warnings is not None:
        console.print(WORDS["false"].format(count=outcome.false_warnings))
    if outcome.refused:
        console.print(WORDS["refused"].format(count=outcome.refused))
    console.print(WORDS["seconds"].format(seconds=outcome.seconds))


def _show_picture(outcome: "Outcome", console: "Console") -> None:
    from rich.table import Table

    picture = outcome.common_picture
    if picture is None:
        return
    seen = Table(title=WORDS["picture"].format(node=picture.node), title_justify="left", header_style="bold")
    for column in ("node", "accounts", "events", "said on"):
        seen.add_column(column)
    for sight in picture.sightings:
        seen.add_row(sight.node, sight.accounts, sight.events, sight.said)
    if picture.sightings:
        console.print(seen)
    listed = ", ".join(f"{count} {kind}" for kind, count in picture.records.items()) or WORDS["picture none"]
    console.print(WORDS["picture records"].format(node=picture.node, records=listed))


def _show_sums(outcome: "Outcome", console: "Console") -> None:
    """The second act: who holds the thin campaign, who heard it, and what the session cost."""
    from rich.table import Table

    act = outcome.thin_campaign
    if act is None:
        return
    table = Table(title=WORDS["sums"], title_justify="left", header_style="bold")
    for column in ("node", "holds it", WORDS["found alone"], WORDS["found summed"], "groups raised"):
        table.add_column(column, justify="left" if column == "node" else "right")
    for name, candidates in act.candidates.items():
        table.add_row(
            name,
            WORDS["holds"] if name in act.held_by else WORDS["no"],
            _yes(name in act.found_alone),
            _yes(name in act.found_after_summing),
            str(candidates),
        )
    console.print(table)
    cost = act.cost
    console.print(
        WORDS["sums cost"].format(
            adding=" and ".join(act.aggregators),
            seconds=cost.seconds,
            messages=cost.messages,
            bytes=cost.bytes,
            keys=cost.keys,
        )
    )


def _show_consoles(running: "Running", console: "Console") -> None:
    """Addresses and tokens, on standard error: they are not part of the result."""
    console.print(WORDS["console"])
    for name, node in running.outcome.nodes.items():
        console.print(f"  {name}  {node.console}  {running.tokens[name]}", soft_wrap=True, highlight=False)
    console.print(WORDS["stop"])


def _yes(found: bool) -> str:
    return WORDS["yes"] if found else WORDS["no"]
