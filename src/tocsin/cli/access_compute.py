"""tocsin access compute: how much computation trained a model, beside the thresholds of several regimes."""

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli.callers import TokenOption, opened_by
from tocsin.cli.opening import DataOption, JsonOption, LanguageOption
from tocsin.cli.output import chosen_language, say, show_json, show_table
from tocsin.kernel import BadInput

if TYPE_CHECKING:
    from tocsin.admit.compute import Answer, Range, Stage
    from tocsin.admit.thresholds import Packs, Regime

app = typer.Typer(
    help="Training compute beside thresholds, and records of customers. Nothing of it is on by itself.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

FolderOption = Annotated[
    Path | None, typer.Option("--data", help="A node's folder: its own thresholds in compute/ count too.")
]
SOURCE = "SOURCE"


@app.command()
def estimate(
    parameters: Annotated[str, typer.Option(help="Those active in a token: 70B, 65B..75B.")] = "",
    tokens: Annotated[str, typer.Option(help="All that were seen, repeated ones too: 15T.")] = "",
    chips: Annotated[str, typer.Option(help="How many: 16384.")] = "",
    chip: Annotated[str, typer.Option(help="One of `tocsin access compute chips`.")] = "",
    precision: Annotated[str, typer.Option(help="What was trained in: bf16, fp8.")] = "bf16",
    peak: Annotated[str, typer.Option(help="Instead of --chip, dense: 989TFLOPS.")] = "",
    utilisation: Annotated[str, typer.Option(help="Of the peak: 35%..45%.")] = "",
    time: Annotated[str, typer.Option(help="54d, 1300h or 4.6e6s.")] = "",
    operations: Annotated[str, typer.Option(help="Where somebody stated them: 3e24..5e24.")] = "",
    fine_tuning_tokens: Annotated[
        str, typer.Option(help="Tokens of fine-tuning, of the same parameters.")
    ] = "",
    fine_tuning: Annotated[str, typer.Option(help="Operations of fine-tuning: 1e23.")] = "",
    data: FolderOption = None,
    language: LanguageOption = "",
    json: JsonOption = False,
) -> None:
    """Estimate training compute as an interval, and say what each regime makes of it: above, below, not decided."""
    from tocsin.admit.compute import StageKind, Unit, Way, answers, by_hardware, by_size, read_amount

    packs = _packs(data)
    ways: dict[Way, Range] = {}
    if parameters and tokens:
        ways[Way.SIZE] = by_size(read_amount(parameters, Unit.PARAMETERS), read_amount(tokens, Unit.TOKENS))
    elif tokens or (parameters and not fine_tuning_tokens):
        raise BadInput("6ND takes both --parameters and --tokens")
    if chips or time or utilisation:
        if not (chips and time and utilisation and bool(chip) != bool(peak)):
            raise BadInput("hardware takes --chips, --time, --utilisation, and --chip or --peak")
        ways[Way.HARDWARE] = by_hardware(
            read_amount(chips, Unit.CHIPS),
            _peak(packs, chip, precision) if chip else read_amount(peak, Unit.PEAK),
            read_amount(utilisation, Unit.UTILISATION),
            read_amount(time, Unit.TIME),
        )
    if operations:
        ways[Way.STATED] = read_amount(operations, Unit.OPERATIONS)
    if not ways:
        raise BadInput("say how it was trained: --parameters and --tokens, --chips ..., or --operations")
    stages = [_stage(StageKind.TRAINING, ways)]
    later: dict[Way, Range] = {}
    if fine_tuning_tokens:
        if not parameters:
            raise BadInput("--fine-tuning-tokens takes --parameters; or give --fine-tuning in operations")
        sizes = read_amount(parameters, Unit.PARAMETERS), read_amount(fine_tuning_tokens, Unit.TOKENS)
        later[Way.SIZE] = by_size(*sizes)
    if fine_tuning:
        later[Way.STATED] = read_amount(fine_tuning, Unit.OPERATIONS)
    if later:
        stages.append(_stage(StageKind.FINE_TUNING, later))
    found = answers(stages, packs.regimes)
    if json:
        show_json({"stages": [_stage_row(one) for one in stages], "regimes": [_row(one) for one in found]})
        return
    _tell(stages, found, chosen_language(language))


@app.command()
def regimes(data: FolderOption = None, language: LanguageOption = "", json: JsonOption = False) -> None:
    """List the thresholds: source, status, how far each is confirmed, and whether fine-tuning counts."""
    packs = _packs(data)
    if json:
        show_json({"regimes": packs.regimes})
        return
    chosen = chosen_language(language)
    show_table(
        ("regime", "where", "operations", "status", "from", "fine-tuning", "what", "source"),
        (
            (
                one.id,
                one.jurisdiction,
                f"{one.reached.value} {one.operations:.0e}",
                f"{one.status.value} ({one.confirmed.value})",
                one.applies_from or "-",
                f"{one.fine_tuning.value} ({one.fine_tuning_confirmed.value})",
                one.title.text(chosen),
                f"{one.source} {one.article}".strip(),
            )
            for one in packs.regimes
        ),
        empty="There are no thresholds.",
    )


@app.command()
def chips(data: FolderOption = None, json: JsonOption = False) -> None:
    """List chips and their dense peaks by precision, with their source."""
    packs = _packs(data)
    if json:
        show_json({"chips": packs.chips})
        return
    show_table(
        ("chip", "maker", "peaks, TFLOPS", "source"),
        (
            (
                one.id,
                one.maker,
                ", ".join(f"{name} {peak / 1e12:g}" for name, peak in one.peak.items()),
                f"{one.source} ({one.confirmed.value})",
            )
            for one in packs.chips
        ),
        empty="There are no chips.",
    )


@app.command()
def rule(
    source: Annotated[str, typer.Argument(help="The source of events that speaks of jobs.")],
) -> None:
    """Print a Sigma rule, many accounts and one workload: off until `tocsin watch rules import` and `enable`."""
    if not source.replace("-", "").replace("_", "").isalnum() or not source.isascii():
        raise BadInput("a source is named by letters, digits, - and _")
    text = resources.files("tocsin.admit").joinpath("shared_workload.yml").read_text("utf-8")
    typer.echo(text.replace(f"source: {SOURCE}", f"source: {source}"), nl=False)


@app.command()
def templates(language: LanguageOption = "", json: JsonOption = False) -> None:
    """List the templates of customer due diligence and what each asks; none is a duty."""
    from tocsin.admit.diligence import templates as listed

    if json:
        show_json({"templates": listed()})
        return
    chosen = chosen_language(language)
    for one in listed():
        say(f"{one.id} ({one.status.value}): {one.title.text(chosen)}. {one.source}")
        for question in one.questions:
            say(f"  {question.id}{'' if question.required else ' (if known)'}: {question.says.text(chosen)}")


@app.command()
def record(
    data: DataOption,
    customer: Annotated[str, typer.Argument(help="A pseudonym of your own.")],
    answers: Annotated[Path, typer.Argument(help="A file: question to answer. It is read and not kept.")],
    template: Annotated[
        str, typer.Option(help="One of `tocsin access compute templates`.")
    ] = "use-of-compute",
    token: TokenOption = "",
    json: JsonOption = False,
) -> None:
    """Record which questions a customer answered, and a digest; off by default. Exit 1 when some are missing."""
    from tocsin.admit.diligence import MAX_ANSWERS_BYTES, read_answers

    if not answers.is_file():
        raise BadInput(f"there is no file {answers.name[:100]}")
    with answers.open("rb") as stream:
        given = read_answers(stream.read(MAX_ANSWERS_BYTES + 1))
    with opened_by(data, token) as (node, by):
        made, salt = node.diligence.record(by, customer, template, given)
    if json:
        show_json({"record": made, "complete": made.complete, "salt": salt})
    else:
        missing = f"; missing: {', '.join(made.missing)}" if made.missing else ""
        say(f"{len(made.answered)} answered{missing}")
        say(f"digest {made.digest}; keep the salt with the answers, it is shown once: {salt}")
    if not made.complete:
        raise typer.Exit(1)


def _packs(data: Path | None) -> "Packs":
    from tocsin.admit.thresholds import FOLDER, load_packs

    return load_packs(data / FOLDER if data else None)


def _peak(packs: "Packs", chip: str, precision: str) -> "Range":
    from tocsin.admit.compute import Range

    peak = packs.peak(chip, precision)
    return Range(peak, peak)


def _stage(kind: Any, ways: Any) -> "Stage":
    from tocsin.admit.compute import Stage

    return Stage(kind, ways)


def _stage_row(one: "Stage") -> dict[str, Any]:
    return {"kind": one.kind, "ways": one.ways, "operations": one.operations, "agree": one.agree}


def _row(one: "Answer") -> dict[str, Any]:
    regime = one.regime
    return {
        "regime": regime.id,
        "jurisdiction": regime.jurisdiction,
        "answer": one.standing,
        "why": one.why,
        "threshold": regime.operations,
        "operations": one.operations,
        "fine_tuning": regime.fine_tuning,
        "status": regime.status,
        "confirmed": regime.confirmed,
        "applies_from": regime.applies_from,
        "source": regime.source,
    }


def _tell(stages: "list[Stage]", found: "tuple[Answer, ...]", language: str) -> None:
    for stage in stages:
        for way, one in stage.ways.items():
            say(f"{stage.kind.value}, by {way.value}: {_said(one)} operations")
        if not stage.agree:
            say(f"{stage.kind.value}: the ways do not overlap, so one of the inputs is wrong")
    show_table(
        ("regime", "where", "answer", "held against it", "threshold", "status"),
        (
            (
                one.regime.title.text(language),
                one.regime.jurisdiction,
                one.standing.value + (f" ({one.why.value})" if one.why else ""),
                _said(one.operations),
                f"{one.regime.operations:.0e}",
                _status(one.regime),
            )
            for one in found
        ),
        empty="There are no thresholds.",
    )
    say(
        "The interval holds what the inputs leave open. That 6ND is rough, and what a law means, it does not."
    )


def _status(regime: "Regime") -> str:
    since = f" from {regime.applies_from}" if regime.applies_from else ""
    return f"{regime.status.value}{since}; known: {regime.confirmed.value}"


def _said(one: "Range") -> str:
    low, high = f"{one.low:.3g}", f"{one.high:.3g}"
    return low if low == high else f"{low} to {high}"
