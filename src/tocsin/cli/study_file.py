"""tocsin study template, check, power: a study while it is still a file."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.opening import JsonOption
from tocsin.cli.output import show_json, show_table
from tocsin.evaluate.files import read_file
from tocsin.kernel.errors import BadInput

if TYPE_CHECKING:
    from tocsin.kernel.studies import Study, StudyPower

SEED = 20_260
"""Of simulations: the same study gives the same numbers, to everybody."""

FileArgument = Annotated[Path, typer.Argument(help="The study, a YAML file.")]


def template() -> None:
    """Print a study to start from, with comments."""
    from tocsin.evaluate.uplift.study_file import template as text

    typer.echo(text(), nl=False)


def check(file: FileArgument, json: JsonOption = False) -> None:
    """Read a study and say what is wrong with it, or its digest. Exit 2 when something is."""
    from tocsin.evaluate.uplift.study_file import study_digest

    study = read(file)
    digest = study_digest(study)
    if json:
        show_json({"study": study.name, "version": study.version, "digest": digest, "planned": study.planned})
        return
    typer.echo(
        f"{study.name} {study.version}: {len(study.arms)} arms, {study.planned} participants, sha256 {digest}"
    )


def power(
    file: FileArgument,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the simulation.")] = SEED,
    json: JsonOption = False,
) -> None:
    """Simulate the study: can it see the effect worth knowing, and clear a model without one? Exit 1 when not."""
    study = read(file)
    found = power_of(study, seed)
    if json:
        show_json({"power": found, "enough": found.enough, "seed": seed})
    else:
        show_power(study, found)
    if not found.enough:
        raise typer.Exit(1)


def read(file: Path) -> "Study":
    """The study in a file. Raises BadInput."""
    from tocsin.evaluate.uplift.study_file import MAX_FILE_BYTES, read_study

    return read_study(read_file(file, MAX_FILE_BYTES), file.name)


def power_of(study: "Study", seed: int) -> "StudyPower":
    """What it can tell. Raises BadInput for an effect that no study of people finds."""
    # numpy reads this when it is loaded: threads of its own would be of no use here
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    import numpy as np

    from tocsin.evaluate.uplift.power import study_power

    try:
        return study_power(study, np.random.default_rng(seed))
    except ValueError as error:
        raise BadInput(str(error)) from None


def show_power(study: "Study", found: "StudyPower") -> None:
    """For people."""
    show_table(
        ("question", "answered as often as"),
        (
            (f"sees an odds ratio of {study.smallest_effect:g} (interval above 1)", f"{found.sees:.1%}"),
            (f"clears a model without uplift (interval below {study.line:g})", f"{found.clears:.1%}"),
        ),
        empty="",
    )
    typer.echo(
        f"{found.participants_per_arm} an arm, {study.dropout:.0%} of them lost; wanted is {found.wanted:.0%}."
        f" It takes {found.needed} an arm (Whitehead's formula for the first: {found.formula};"
        f" with the last milestone alone as outcome: {found.binary})."
    )
    if not found.enough:
        typer.echo(
            "Underpowered: most such studies end inconclusive. Take more participants, milestones that spread them"
            " better, or a larger effect; or write `underpowered_because`."
        )
