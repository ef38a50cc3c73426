"""tocsin watch replay: history in Parquet through the detectors, here or under Spark."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.opening import JsonOption
from tocsin.cli.output import complain, show_json, show_table
from tocsin.kernel import BadInput


class Engine(StrEnum):
    LOCAL = "local"
    SPARK = "spark"


def replay(
    inputs: Annotated[
        list[Path], typer.Option("--input", help="A Parquet file or a folder of them; repeat.")
    ],
    out: Annotated[Path | None, typer.Option(help="A new folder for the signals, as Parquet.")] = None,
    engine: Annotated[
        Engine, typer.Option(help="This process, or Spark (the extra `spark`).")
    ] = Engine.LOCAL,
    master: Annotated[str | None, typer.Option(help="Spark's master; without it, this machine.")] = None,
    data: Annotated[Path | None, typer.Option(help="A node's folder: its own packs speak too.")] = None,
    json: JsonOption = False,
) -> None:
    """Screen history in Parquet: the same detectors, here or under Spark. Exit 1 when anything was flagged."""
    from rich.console import Console
    from rich.progress import Progress

    from tocsin.app.extensions import packs_of
    from tocsin.app.replay import Counted, Recipe
    from tocsin.app.replay import replay as replay_here
    from tocsin.app.replay_spark import replay as replay_spark
    from tocsin.taxonomy.packs import shipped_packs

    if data is not None and not data.is_dir():
        raise BadInput(f"there is no folder {data}")
    recipe = Recipe(packs=shipped_packs() if data is None else packs_of(data))
    with Progress(console=Console(stderr=True), disable=json, transient=True) as progress:
        task = progress.add_task("Screening", total=None)
        if engine is Engine.SPARK:
            if out is None:
                raise BadInput("under Spark the signals need a place: name one with --out")
            counted: Counted = replay_spark(inputs, recipe, out, master=master)
        else:
            counted = replay_here(
                inputs, recipe, out, lambda done, of: progress.update(task, completed=done, total=of)
            )
    if json:
        show_json(counted)
    else:
        show_table(
            ("detector", "category", "signals"),
            (
                (detector, category, f"{number:,}")
                for detector, by in sorted(counted.signals.items())
                for category, number in sorted(by.items())
            ),
            empty="Nothing was flagged.",
        )
        typer.echo(f"{counted.events:,} events, {counted.refused:,} of them could not be taken.")
        for reason in counted.first_refused:
            complain(reason)
    if counted.signals:
        raise typer.Exit(1)
