"""tocsin study template, check, power: a study while it is still a file."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.opening import JsonOption, SentencesOption
from tocsin.cli.output import show_json, show_table
from tocsin.cli.study_words import words
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


def check(file: FileArgument, language: SentencesOption = "", json: JsonOption = False) -> None:
    """Read a study and say what is wrong with it, or its digest. Exit 2 when something is."""
    from tocsin.evaluate.uplift.study_file import study_digest

    spoken = words(language)
    study = read(file)
    digest = study_digest(study)
    if json:
        show_json({"study": study.name, "version": study.version, "digest": digest, "planned": study.planned})
        return
    told = {"name": study.name, "version": study.version, "planned": study.planned}
    typer.echo(spoken["study"].format(**told, arms=len(study.arms), digest=digest))


def power(
    file: FileArgument,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the simulation.")] = SEED,
    language: SentencesOption = "",
    json: JsonOption = False,
) -> None:
    """Simulate the study: can it see the effect worth knowing, and clear a model without one? Exit 1 when not."""
    spoken = words(language)
    study = read(file)
    found = power_of(study, seed)
    if json:
        show_json({"power": found, "enough": found.enough, "seed": seed})
    else:
        show_power(study, found, spoken)
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


def show_power(study: "Study", found: "StudyPower", spoken: dict[str, str]) -> None:
    """For people."""
    show_table(
        spoken["power"].split("|"),
        (
            (spoken["sees"].format(ratio=study.smallest_effect), f"{found.sees:.1%}"),
            (spoken["clears"].format(line=study.line), f"{found.clears:.1%}"),
        ),
        empty="",
    )
    typer.echo(
        spoken["needed"].format(
            arm=found.participants_per_arm,
            lost=study.dropout,
            wanted=found.wanted,
            needed=found.needed,
            formula=found.formula,
            binary=found.binary,
        )
    )
    if not found.enough:
        typer.echo(spoken["underpowered"])
