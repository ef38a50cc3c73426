"""tocsin evaluation tiny: small real models for rehearsals, as shipped and tampered with. Needs no node."""

import os
from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.opening import JsonOption, LanguageOption
from tocsin.cli.output import chosen_language, show_json, show_table


def write_tiny(
    folder: Annotated[Path, typer.Argument(help="A new folder for the three models.")],
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="Of the training; fixed without it.")
    ] = None,
    language: LanguageOption = "",
    json: JsonOption = False,
) -> None:
    """Train a tiny model that refuses, take its refusal out in two ways, and write all three: for rehearsals."""
    language = chosen_language(language)
    # numpy reads this when it is loaded: threads of its own would be of no use here
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from tocsin.evaluate import tiny
    from tocsin.kernel.plans import Condition

    seed = tiny.SEED if seed is None else seed
    safe, ablated, tuned = (folder / name for name in ("safe", "ablated", "fine-tuned"))
    tiny.train(safe, seed)
    tiny.ablate_refusal(safe, ablated)
    tiny.fine_tune(safe, tuned, seed)
    rows = (
        (Condition.AS_SHIPPED, safe),
        (Condition.SAFEGUARDS_REMOVED, ablated),
        (Condition.FINE_TUNED, tuned),
    )
    if json:
        models = [{"condition": condition, "folder": str(place)} for condition, place in rows]
        show_json({"seed": seed, "models": models})
        return
    show_table(_COLUMNS[language], ((condition.value, str(place)) for condition, place in rows), empty="")
    typer.echo(_SAID[language])


_COLUMNS = {"en": ("condition", "folder"), "zh": ("状态", "文件夹")}
_SAID = {
    "en": "They stand in for large models where a way of measuring is tried; their scores say nothing of any other.",
    "zh": "它们只在演练测量方法时代替大模型；其得分不说明任何其他模型。",
}
