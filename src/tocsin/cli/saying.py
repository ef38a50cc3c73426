"""tocsin evaluation say, model say-decision: what was measured and decided here, as records for peers."""

from typing import Annotated

import typer

from tocsin.cli.callers import SpeakerOption
from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import show_json

BasisOption = Annotated[str, typer.Option("--basis", help="On what ground; peers read it.")]


def say(
    data: DataOption,
    evaluation: Annotated[str, typer.Argument(help="The evaluation's id, or how it begins.")],
    method: Annotated[
        str, typer.Option("--method", help="benchmark, agentic-task, output-policy-test, novice-trial...")
    ],
    capability: Annotated[str, typer.Option("--capability", help="N, L, M or H: what it adds to an attack.")],
    basis: BasisOption,
    measure: Annotated[
        str, typer.Option("--measure", help="task-success, compliance or detection-bypass.")
    ] = "compliance",
    assessor: Annotated[
        str, typer.Option("--assessor", help="developer, or an independent one.")
    ] = "developer",
    signed_off: Annotated[
        bool, typer.Option("--signed-off", help="Somebody who answers for it signed it off.")
    ] = False,
    user: SpeakerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Say an evaluation of this node to peers: rates and digests, a report for each condition; no prompt, no answer."""
    from tocsin.share.describe_models import Reading

    reading = Reading(
        method=method,
        measure=measure,
        capability=capability,
        assessor=assessor,
        basis=basis,
        signed_off=signed_off,
    )
    with opened(data) as node:
        by = node.access.operator(user)
        made = node.model_records.say_evaluation(by, node.evaluations.get(by, evaluation), reading)
    _tell([one.id for one in made], json)


def say_decision(
    data: DataOption,
    decision: Annotated[str, typer.Argument(help="The decision's id, or how it begins.")],
    basis: BasisOption,
    rests_on: Annotated[
        list[str] | None,
        typer.Option("--rests-on", help="A report's id; otherwise all of this node's on these bytes."),
    ] = None,
    user: SpeakerOption = "admin",
    json: JsonOption = False,
) -> None:
    """Say a decision in force to peers: how far, why no less, where it stood to red lines; who approved stays here."""
    with opened(data) as node:
        by = node.access.operator(user)
        found = node.releases.get(by, decision)
        made = node.model_records.say_decision(by, found, basis=basis, evaluations=rests_on or None)
    _tell([made.id], json)


def _tell(reports: list[str], json: bool) -> None:
    if json:
        show_json({"reports": reports})
    else:
        typer.echo(f"Kept as {', '.join(reports)}. Next: tocsin share preview --peer NAME")
