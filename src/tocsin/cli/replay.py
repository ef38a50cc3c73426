"""tocsin watch replay: history in Parquet through the detectors, here or under Spark."""

import secrets
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from tocsin.cli.opening import JsonOption
from tocsin.cli.output import complain, show_json, show_table
from tocsin.kernel import BadInput

if TYPE_CHECKING:
    from tocsin.app.replay import Counted, Recipe
    from tocsin.correlate import CampaignSettings

Progressing = Callable[[int, int], None]

MAX_JOBS = 256
"""Processes at once: each holds some 300 MB, and one reads for all."""


class Engine(StrEnum):
    LOCAL = "local"
    SPARK = "spark"


class Asked(NamedTuple):
    """What the command was given."""

    inputs: list[Path]
    recipe: "Recipe"
    out: Path | None
    engine: Engine
    master: str | None
    data: Path | None
    jobs: int


def replay(
    inputs: Annotated[
        list[Path], typer.Option("--input", help="A Parquet file or a folder of them; repeat.")
    ],
    out: Annotated[Path | None, typer.Option(help="A new folder for the signals, as Parquet.")] = None,
    engine: Annotated[
        Engine, typer.Option(help="This process, or Spark (the extra `spark`).")
    ] = Engine.LOCAL,
    master: Annotated[str | None, typer.Option(help="Spark's master; without it, this machine.")] = None,
    campaigns: Annotated[
        bool, typer.Option("--campaigns", help="Find campaigns too: who repeats what, look by look.")
    ] = False,
    data: Annotated[
        Path | None, typer.Option(help="A node's folder: its own packs and its days of looking back.")
    ] = None,
    jobs: Annotated[
        int, typer.Option(min=1, max=MAX_JOBS, help="Processes that screen; the result is the same.")
    ] = 1,
    json: JsonOption = False,
) -> None:
    """Screen history in Parquet: the same detectors, here or under Spark. Exit 1 when anything was flagged."""
    from rich.console import Console
    from rich.progress import Progress

    from tocsin.app.extensions import packs_of
    from tocsin.app.replay import Recipe
    from tocsin.taxonomy.packs import shipped_packs

    if data is not None and not data.is_dir():
        raise BadInput(f"there is no folder {data}")
    recipe = Recipe(packs=shipped_packs() if data is None else packs_of(data))
    if out is None and (campaigns or engine is Engine.SPARK):
        raise BadInput("under Spark, and with --campaigns, what is found needs a place: name one with --out")
    if jobs > 1 and engine is Engine.SPARK:
        raise BadInput(
            "Spark divides the work itself: leave out --jobs, and name what it may use in --master"
        )
    with Progress(console=Console(stderr=True), disable=json, transient=True) as progress:
        task = progress.add_task("Screening", total=None)
        run = _campaigns if campaigns else _signals
        counted = run(
            Asked(inputs, recipe, out, engine, master, data, jobs),
            lambda done, of: progress.update(task, completed=done, total=of),
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
        if counted.campaigns is not None:
            typer.echo(f"{counted.campaigns:,} campaigns: {out}/campaigns")
    if counted.signals or counted.campaigns:
        raise typer.Exit(1)


def _signals(asked: Asked, progress: Progressing) -> "Counted":
    from tocsin.app.replay import replay as here
    from tocsin.app.replay_spark import replay as under_spark

    if asked.engine is Engine.SPARK and asked.out is not None:
        return under_spark(asked.inputs, asked.recipe, asked.out, master=asked.master)
    return here(asked.inputs, asked.recipe, asked.out, progress, asked.jobs)


def _campaigns(asked: Asked, progress: Progressing) -> "Counted":
    from tocsin.app.replay_campaigns import replay as here
    from tocsin.app.replay_campaigns_spark import replay as under_spark
    from tocsin.trust.pseudonyms import KEY_BYTES

    assert asked.out is not None, "campaigns need a place"
    key, settings = secrets.token_bytes(KEY_BYTES), _days(asked.data)
    if asked.engine is Engine.SPARK:
        return under_spark(
            asked.inputs, asked.recipe, asked.out, key=key, settings=settings, master=asked.master
        )
    return here(
        asked.inputs, asked.recipe, asked.out, key=key, settings=settings, progress=progress, jobs=asked.jobs
    )


def _days(data: Path | None) -> "CampaignSettings":
    """How far a look reaches back on a node, or by default."""
    from tocsin.app.settings import load
    from tocsin.correlate import DEFAULT_SETTINGS, CampaignSettings

    if data is None:
        return DEFAULT_SETTINGS
    settings = load(data)
    return CampaignSettings(
        window_days=settings.campaign_window_days, look_back_days=settings.look_back_days or 1
    )
