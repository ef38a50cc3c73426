"""tocsin evaluation recognise, challenge, answer, draw, reveal, recognitions: a peer's word, taken or tried."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.model_sign import write_whole
from tocsin.cli.opening import DataOption, JsonOption, LanguageOption, opened
from tocsin.cli.output import chosen_language, complain, say, show_json, show_table, when
from tocsin.evaluate.files import read_file
from tocsin.kernel.errors import BadInput

if TYPE_CHECKING:
    from tocsin.kernel.evaluations import Run
    from tocsin.kernel.recognition import Recognition

MAX_MESSAGE_BYTES = 32 << 20
MAX_PLAN_BYTES = 256 << 20
"""A revealed plan lists every sample."""

MAX_RUN_BYTES = 256 << 20
LOG = ".eval"
SHOWN_SAMPLES = 20
"""Differing samples in a sentence for people; --json has all."""

FileArgument = Annotated[Path, typer.Argument(help="A signed file.")]
OutOption = Annotated[Path, typer.Option("--out", help="Where to write the message.")]
PlanOption = Annotated[
    Path | None, typer.Option("--plan", help="The revealed plan (`tocsin evaluation plan reveal`).")
]


def challenge(
    evaluation: FileArgument,
    plan: Annotated[Path, typer.Option("--plan", help="The revealed plan of that evaluation.")],
    data: DataOption,
    out: OutOption,
    sheet: Annotated[
        str, typer.Option("--sheet", help='"task|condition"; the only one, where there is one.')
    ] = "",
    samples: Annotated[int | None, typer.Option("--samples", help="How many to draw.")] = None,
    tell: Annotated[
        float | None,
        typer.Option("--tell", help="As many as tell this difference of rates, four times in five."),
    ] = None,
    margin: Annotated[float, typer.Option("--margin", help="Difference that is still the same.")] = 0.05,
    again: Annotated[
        str, typer.Option("--again", help="Why samples that were drawn before are drawn anew.")
    ] = "",
    json: JsonOption = False,
) -> None:
    """Begin to run a drawn subset of a peer's evaluation again: write the challenge that goes to it."""
    from tocsin.evaluate.recognition.comparing import Margins
    from tocsin.evaluate.recognition.sizing import samples_to_contradict

    if (samples is None) == (tell is None):
        raise BadInput("say how many samples, with --samples, or what they shall tell, with --tell")
    try:
        number = samples if samples is not None else samples_to_contradict(tell or 0.0, margin=margin)
    except ValueError as error:
        raise BadInput(f"--tell: {error}") from None
    given = read_file(evaluation, MAX_MESSAGE_BYTES)
    with opened(data) as node:
        draw = node.recognitions.challenge(
            node.access.operator(),
            given,
            read_file(plan, MAX_PLAN_BYTES),
            sheet=sheet or _only_sheet(given),
            samples=number,
            margins=Margins(margin=margin),
            again=again,
        )
    write_whole(out, draw.messages[0])
    told = {
        "draw": draw.id,
        "sheet": draw.sheet,
        "samples": number,
        "number": draw.number,
        "message": str(out),
    }
    _tell(
        told, f"{out} goes to {draw.node}: draw {draw.id[:12]}, number {draw.number}, {number} samples", json
    )


def answer(
    message: FileArgument,
    data: DataOption,
    out: OutOption,
    most: Annotated[int, typer.Option("--most", min=1, help="Outcomes that a challenge may draw.")] = 1_000,
    json: JsonOption = False,
) -> None:
    """Answer a challenge with our nonce, a reveal with the drawn outcomes. No text of any sample leaves."""
    given = read_file(message, MAX_MESSAGE_BYTES)
    with opened(data) as node:
        answered = node.recognitions.answer(node.access.operator(), given, most=most)
    write_whole(out, answered)
    _tell({"message": str(out)}, f"{out} goes back to the challenger", json)


def draw(
    acceptance: FileArgument,
    data: DataOption,
    out: Annotated[Path | None, typer.Option("--out", help="Write the ids there, one a line.")] = None,
    json: JsonOption = False,
) -> None:
    """Which samples are drawn, now that the other side's nonce is here: run these, twice where answers vary."""
    given = read_file(acceptance, MAX_MESSAGE_BYTES)
    with opened(data) as node:
        found, subset = node.recognitions.drawn(node.access.operator(), given)
    if out is not None:
        write_whole(out, "".join(f"{one}\n" for one in subset.ids).encode())
    if json:
        show_json(
            {
                "draw": found.id,
                "task": subset.task,
                "condition": subset.condition,
                "subset": subset.digest,
                "samples": subset.ids,
            }
        )
        return
    say(f"draw {found.id}: {len(subset.ids)} samples of {subset.task}, {subset.condition.value}")
    say(f"they are in {out}" if out else "\n".join(subset.ids))


def reveal(
    draw_id: Annotated[str, typer.Argument(metavar="DRAW", help="The draw's id.")],
    data: DataOption,
    out: OutOption,
    run: Annotated[
        list[Path] | None,
        typer.Option(
            "--run",
            help="A run of the drawn samples: Inspect's log (.eval), or JSON; of two the second repeats.",
        ),
    ] = None,
    kept: Annotated[
        list[str] | None, typer.Option("--kept", help="An evaluation of ours under the same plan, by its id.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Commit to what our runs found and reveal our nonce: after this they open, and neither can change anything."""
    from tocsin.app.evaluation_reruns import run_of_log

    with opened(data) as node:
        by = node.access.operator()
        runs = [
            run_of_log(node.recognitions, by, draw_id, one) if one.suffix == LOG else _run(one)
            for one in run or ()
        ]
        runs += [
            node.recognitions.kept_run(by, draw_id, node.evaluations.get(by, one).id) for one in kept or ()
        ]
        found = node.recognitions.reveal(by, draw_id, runs)
    write_whole(out, found.messages[-1])
    _tell({"draw": found.id, "message": str(out)}, f"{out} goes to {found.node}", json)


def recognise(
    file: Annotated[Path | None, typer.Argument(help="An opening, an evaluation, or a recognition.")] = None,
    *,
    data: DataOption,
    plan: PlanOption = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write the signed recognition there.")] = None,
    give_up: Annotated[str, typer.Option("--give-up", help="Close this draw; nobody answers any more.")] = "",
    language: LanguageOption = "",
    json: JsonOption = False,
) -> None:
    """What we make of it: an evaluation by policy, an opening by comparison, another's recognition computed again.

    Exit 0 accepted, reproduced or compatible; 1 contradicted or not recognised; 3 inconclusive.
    """
    from tocsin.kernel.recognition import RecognitionOutcome

    spoken = chosen_language(language)
    if (file is None) == (not give_up):
        raise BadInput("name a file, or a draw with --give-up")
    with opened(data) as node:
        by, recognitions = node.access.operator(), node.recognitions
        if file is None:
            found = recognitions.give_up(by, give_up)
        else:
            given = read_file(file, MAX_MESSAGE_BYTES)
            shown = None if plan is None else read_file(plan, MAX_PLAN_BYTES)
            found = recognitions.take(by, given, shown)
    if out is not None:
        write_whole(out, found.statement)
    if json:
        show_json(_document(found, spoken))
    else:
        _show(found, spoken)
    good = (RecognitionOutcome.ACCEPTED, RecognitionOutcome.REPRODUCED, RecognitionOutcome.COMPATIBLE)
    if found.outcome not in good:
        raise typer.Exit(3 if found.outcome is RecognitionOutcome.INCONCLUSIVE else 1)


def recognitions(
    data: DataOption,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1_000, help="Recognitions shown.")] = 100,
    language: LanguageOption = "",
    json: JsonOption = False,
) -> None:
    """What this node made of peers' evaluations, newest first, and every draw that was ever begun."""
    spoken = chosen_language(language)
    with opened(data) as node:
        by = node.access.operator()
        listed = node.recognitions.listed(by, limit=limit)
        draws = node.recognitions.draws(by)
    if json:
        show_json(
            {
                "recognitions": [_document(one, spoken) for _, one in listed],
                "draws": [
                    {
                        "id": one.id,
                        "challenger": one.challenger,
                        "node": one.node,
                        "evaluation": one.evaluation,
                        "sheet": one.sheet,
                        "number": one.number,
                        "at": when(one.at),
                        "state": one.state,
                        "faults": [fault for _, fault in one.faults],
                    }
                    for one in draws
                ],
            }
        )
        return
    show_table(
        ("at", "of", "evaluation", "outcome", "draw", "why"),
        (
            (
                when(one.at),
                one.theirs,
                one.evaluation[:12],
                one.outcome.value,
                one.draw or "-",
                _why(one, spoken),
            )
            for _, one in listed
        ),
        empty="Nothing was recognised here.",
    )
    show_table(
        ("draw", "at", "challenger", "of", "sheet", "number", "state", "refused"),
        (
            (
                one.id[:12],
                when(one.at),
                one.challenger,
                one.node,
                one.sheet,
                one.number,
                one.state.value,
                " ".join(fault for _, fault in one.faults) or "-",
            )
            for one in draws
        ),
        empty="Nothing was drawn.",
    )


def _document(found: "Recognition", language: str) -> dict[str, object]:
    return {
        "evaluation": found.evaluation,
        "theirs": found.theirs,
        "by": found.by,
        "at": when(found.at),
        "outcome": found.outcome,
        "sheet": found.sheet,
        "draw": found.draw,
        "subset": found.subset,
        "reasons": [
            {"code": code, "values": values, "text": _sentence(code, values, language)}
            for code, values in found.reasons
        ],
        "their_rate": found.their_rate,
        "our_rate": found.our_rate,
        "disagreements": found.disagreements,
    }


def _show(found: "Recognition", language: str) -> None:
    say(f"{found.outcome.value}: evaluation {found.evaluation[:12]} of {found.theirs}")
    for code, values in found.reasons:
        say(f"  {_sentence(code, values, language)}")
    for one in found.disagreements[:SHOWN_SAMPLES]:
        same = "same answer" if one.same_answer else "another answer"
        say(f"  {one.sample}: {one.theirs.value} there, {one.ours.value} here, {same}")
    if len(found.disagreements) > SHOWN_SAMPLES:
        complain(f"{len(found.disagreements) - SHOWN_SAMPLES} samples more differ: --json lists them")


def _why(found: "Recognition", language: str) -> str:
    return _sentence(*found.reasons[0], language) if found.reasons else ""


def _sentence(code: str, values: dict[str, str | int | float], language: str) -> str:
    from tocsin.kernel import Reason
    from tocsin.taxonomy.messages import sentence

    return sentence(Reason(code, values), language)


def _tell(document: dict[str, object], said: str, json: bool) -> None:
    if json:
        show_json(document)
    else:
        typer.echo(said)


def _only_sheet(evaluation: bytes) -> str:
    from tocsin.evaluate.recognition.showing import said

    sheets = sorted(said(evaluation).sheets)
    if len(sheets) != 1:
        raise BadInput(f"say which with --sheet: {', '.join(sheets)}")
    return sheets[0]


def _run(file: Path) -> "Run":
    import msgspec

    from tocsin.kernel.evaluations import Run

    try:
        return msgspec.json.decode(read_file(file, MAX_RUN_BYTES), type=Run)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(f"{file} is not a run: {error}") from None
