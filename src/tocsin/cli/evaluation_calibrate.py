"""tocsin evaluation calibrate: a judge against people's labels, language by language. Needs no node."""

import os
from collections.abc import Mapping, Sequence
from math import floor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.opening import JsonOption, LanguageOption
from tocsin.cli.output import chosen_language, show_json, show_table
from tocsin.evaluate.files import read_file
from tocsin.kernel.errors import BadInput

if TYPE_CHECKING:
    from tocsin.evaluate.runs.calibration import Calibrated, Labelled, LabelledAnswer
    from tocsin.evaluate.statistics import Repeats
    from tocsin.kernel.evaluations import Outcome, Rate

MAX_QUESTION_BYTES = 64 << 10
"""A page of instructions for a judge is a tenth of it."""

SEED = 20_261_122
"""Of the resampling that gives alpha its interval: the same file and judge print the same."""


def calibrate(
    judge: Annotated[
        str, typer.Argument(help="A family (refusal), whose rules judge, or a model as Inspect names it.")
    ],
    labelled: Annotated[
        Path | None,
        typer.Option(
            "--labelled",
            help='JSON lines {"id", "prompt", "answer", "label", "language"}; a family\'s own labels otherwise.',
        ),
    ] = None,
    question: Annotated[
        Path | None, typer.Option("--question", help="What a model is asked, with {prompt} and {answer}.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Ask a model twice: what flips, and drift.")] = False,
    language: LanguageOption = "",
    json: JsonOption = False,
) -> None:
    """How far a judge agrees with people, by language; prints what goes into a plan's judges."""
    language = chosen_language(language)
    # numpy reads this when it is loaded: threads of its own would be of no use here
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    import numpy as np

    from tocsin.evaluate.runs.calibration import asked_again, calibrated, read_labelled

    if labelled is None:
        if question is not None or again:
            raise BadInput("rules are asked no question, and say the same each time: give --labelled FILE")
        known, own = _own_labels(judge)
        kind, rounds = "rules", [own]
    else:
        try:
            with labelled.open("rb") as stream:
                known = read_labelled(stream)
        except OSError as error:
            raise BadInput(f"cannot read {labelled}: {error.strerror}") from None
        kind, rounds = _said(judge, known.answers, question, again)
    found = calibrated(known.answers, rounds[0], np.random.default_rng(SEED))
    drift = asked_again(rounds) if len(rounds) > 1 else None
    planned: dict[str, object] = {
        "name": judge,
        "kind": kind,
        "model": judge if kind == "model" else "",
        "labelled": known.digest,
        "agreement": {
            one.language or "und": floor(one.alpha * 1000) / 1000 for one in found if one.alpha is not None
        },
    }
    if json:
        show_json({"judge": planned, "languages": found, "again": drift})
        return
    _show(found, planned, drift, language)


def _own_labels(judge: str) -> "tuple[Labelled, Mapping[str, Outcome]]":
    """The answers that come with a family, labelled by who wrote it, and what its judge says of each."""
    from tocsin.evaluate.families import families
    from tocsin.evaluate.families.calibrating import labelled_digest
    from tocsin.evaluate.runs.calibration import Labelled, LabelledAnswer
    from tocsin.kernel.evaluations import Outcome

    family = families().get(judge.removeprefix("tocsin/"))
    if family is None:
        raise BadInput(f"{judge} brings no labels: give answers that people labelled with --labelled FILE")
    # what people could not judge either is no measure of a judge
    ours = {
        str(number): one
        for number, one in enumerate(family.calibration)
        if one.outcome is not Outcome.INVALID
    }
    rows = tuple(
        LabelledAnswer(name, one.answer, one.outcome, language=family.item(one.item).language, item=one.item)
        for name, one in ours.items()
    )
    return Labelled(labelled_digest(family), rows), {
        name: family.tried(one).outcome for name, one in ours.items()
    }


def _said(
    judge: str, answers: "Sequence[LabelledAnswer]", question: Path | None, again: bool
) -> "tuple[str, list[Mapping[str, Outcome]]]":
    from tocsin.evaluate.families import families
    from tocsin.evaluate.runs.calibration import QUESTION, by_rules

    family = families().get(judge.removeprefix("tocsin/"))
    if family is not None:
        if question is not None or again:
            raise BadInput("rules are asked no question, and say the same each time")
        return "rules", [by_rules(family, answers)]
    if "/" not in judge:
        raise BadInput(
            f"{judge} is no family ({', '.join(families())}) and no model; a model is PROVIDER/NAME"
        )
    from tocsin.evaluate.runs.extra import require_inspect

    require_inspect()
    from tocsin.evaluate.runs.judging import by_model

    template = QUESTION
    if question is not None:
        try:
            template = read_file(question, MAX_QUESTION_BYTES).decode("utf-8")
        except UnicodeDecodeError:
            raise BadInput(f"{question} is not UTF-8: save it so") from None
    return "model", [by_model(judge, answers, template, seed) for seed in range(2 if again else 1)]


def _show(
    found: "Sequence[Calibrated]", planned: dict[str, object], drift: "Repeats | None", language: str
) -> None:
    words = _WORDS[language]
    show_table(
        words["columns"].split("|"),
        (
            (
                one.language or "und",
                one.answers,
                one.invalid,
                "-" if one.alpha is None else f"{one.alpha:.2f}",
                "-" if one.low is None or one.high is None else f"{one.low:.2f} - {one.high:.2f}",
                _share(one.caught),
                _share(one.alarmed),
            )
            for one in found
        ),
        empty="",
    )
    if drift is not None:
        only, other = drift.drift.only_first, drift.drift.only_second
        typer.echo(words["again"].format(flips=_share(drift.flips), only=only, other=other))
    import yaml

    typer.echo(words["plan"])
    typer.echo(yaml.safe_dump({"judges": [planned]}, sort_keys=False, allow_unicode=True))


def _share(rate: "Rate") -> str:
    return f"{rate.share:.0%} ({rate.low:.0%} - {rate.high:.0%}, {rate.counted})" if rate.counted else "-"


_WORDS = {
    "en": {
        "columns": "language|answers|invalid|alpha|95 %|failures caught|passes failed",
        "again": "Asked again: {flips} flipped; {only} to failed, {other} to passed.",
        "plan": "For the plan, under `measurement`:",
    },
    "zh": {
        "columns": "语言|回答|无效|alpha|95 %|识别出的失败|误判的通过",
        "again": "再次询问：{flips} 改变；{only} 个变为失败，{other} 个变为通过。",
        "plan": "写入计划的 `measurement`：",
    },
}
