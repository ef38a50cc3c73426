"""tocsin evaluation plan: a plan before its run. template, check and verify need no node."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli.evaluation_words import words
from tocsin.cli.model_sign import write_whole
from tocsin.cli.opening import DataOption, JsonOption, SentencesOption, opened
from tocsin.cli.output import plain, show_json, show_table, when
from tocsin.kernel.errors import BadInput

if TYPE_CHECKING:
    from tocsin.kernel.plans import Plan, PlannedSample, RegisteredPlan, Registration
    from tocsin.trust.signing_keys import PublicKey

app = typer.Typer(help="Plans: fixed before the run, and then binding.", no_args_is_help=True)

PlanArgument = Annotated[Path, typer.Argument(help="The plan, YAML.")]
IdArgument = Annotated[str, typer.Argument(help="The registration's id, or how it begins (8 characters).")]
KeysOption = Annotated[
    list[Path], typer.Option("--key", help="Public key in PEM of who must have signed; may be repeated.")
]
MAX_ROWS = 500


@app.command("template")
def template(
    out: Annotated[
        Path | None, typer.Option("--out", help="Where to write it; standard output otherwise.")
    ] = None,
) -> None:
    """Print an empty plan with a comment on each field."""
    from tocsin.evaluate.plans.template import template as text

    if out is None:
        typer.echo(text(), nl=False)
        return
    if out.exists():
        raise BadInput(f"{out} exists: name another file")
    write_whole(out, text().encode())


@app.command("check")
def check(file: PlanArgument, language: SentencesOption = "", json: JsonOption = False) -> None:
    """Say what stands against registering a plan, and what should be known. Exit 1 when something does."""
    from tocsin.evaluate.plans.canonical import plan_digest
    from tocsin.evaluate.plans.checking import check_plan
    from tocsin.kernel import system_clock

    spoken, plan = words(language), read(file)
    found = check_plan(plan, today=system_clock().date())
    if json:
        show_json({"plan": plan_digest(plan), "problems": rows(found.problems), "notes": rows(found.notes)})
    else:
        for field, sentence in found.problems:
            typer.echo(f"{field}: {sentence}")
        for field, sentence in found.notes:
            typer.echo(spoken["note"].format(field=field, sentence=sentence))
        if not found.problems:
            told = {"name": plan.name, "version": plan.version, "digest": plan_digest(plan)}
            typer.echo(spoken["can-register"].format(**told))
    if found.problems:
        raise typer.Exit(1)


@app.command("register")
def register(
    data: DataOption,
    file: PlanArgument,
    sheet: Annotated[
        list[str] | None,
        typer.Option(
            "--sheet",
            help='TASK=FILE, JSON lines {"id", "prompt" (sha256), "cluster", "language"}; one a task. '
            "Without it, what Inspect says that the plan will ask.",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where to write the signed statement, to give away today.")
    ] = None,
    language: SentencesOption = "",
    json: JsonOption = False,
) -> None:
    """Commit to a plan and the samples of its tasks. Runs that differ from it are refused from now on."""
    spoken = words(language)
    plan = read(file)
    given = dict(_sheet(text) for text in sheet or ())
    with opened(data) as node:
        node.evaluations.check(plan).require()
        sheets = given or _own_sheets(plan)
        made = node.evaluations.register(node.access.operator(), plan, sheets)
        notes = node.evaluations.check(plan).notes
    if out is not None:
        write_whole(out, made.statement)
    if json:
        show_json({**registration_row(made), "notes": rows(notes)})
        return
    for field, sentence in notes:
        typer.echo(spoken["note"].format(field=field, sentence=sentence))
    typer.echo(spoken["registered"].format(name=plan.name, version=plan.version, id=made.id))
    if out is not None:
        typer.echo(spoken["statement"].format(out=out))


@app.command("list")
def list_plans(
    data: DataOption,
    plan: Annotated[str | None, typer.Option("--plan", help="The sha256 of a plan.")] = None,
    language: SentencesOption = "",
    json: JsonOption = False,
) -> None:
    """Registered plans, newest first, with how many evaluations were kept of each."""
    spoken = words(language)
    with opened(data) as node:
        lines = node.evaluations.registrations(node.access.operator(), plan=plan, limit=MAX_ROWS)
    if json:
        show_json(
            {
                "registrations": [
                    {
                        **registration_row(line.registration),
                        "name": line.name,
                        "version": line.version,
                        "evaluations": line.evaluations,
                    }
                    for line in lines
                ]
            }
        )
        return
    show_table(
        spoken["plans"].split("|"),
        (
            (line.registration.id[:16], line.name, line.version, when(line.registration.at), line.evaluations)
            for line in lines
        ),
        empty=spoken["no-plans"],
    )


@app.command("show")
def show(
    data: DataOption, registration: IdArgument, language: SentencesOption = "", json: JsonOption = False
) -> None:
    """One registered plan, with its samples counted. The salt is not shown."""
    from tocsin.evaluate.plans.canonical import content

    spoken = words(language)
    with opened(data) as node:
        kept = node.evaluations.registered(node.access.operator(), registration)
    if json:
        show_json(
            {
                **registration_row(kept.registration),
                "content": content(kept.plan),
                "samples": {task: len(listed) for task, listed in kept.samples.items()},
            }
        )
        return
    _tell(kept, spoken)


@app.command("reveal")
def reveal(
    data: DataOption,
    registration: IdArgument,
    out: Annotated[Path, typer.Option("--out", help="Where to write plan, salt, samples and statement.")],
    language: SentencesOption = "",
    json: JsonOption = False,
) -> None:
    """Write what lets anybody check a registration. Whoever has it can read the plan and try guesses of prompts."""
    spoken = words(language)
    with opened(data) as node:
        content = node.evaluations.reveal(node.access.operator(), registration)
        public = node.evaluations.public_key()
    write_whole(out, content)
    if json:
        show_json({"revealed": str(out), "bytes": len(content), "public_key": public.decode()})
        return
    typer.echo(spoken["written"].format(out=out))
    typer.echo(public.decode().strip())


@app.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(help="What `reveal` wrote.")],
    key: KeysOption,
    language: SentencesOption = "",
    json: JsonOption = False,
) -> None:
    """Check a revealed registration without a node: commitment, signature, moment. Exit 1 when one does not hold."""
    from tocsin.assure.provenance.signed_files import read_bounded
    from tocsin.evaluate.plans.registration import MAX_REVEALED_BYTES, open_revealed

    spoken = words(language)
    found = open_revealed(read_bounded(file, MAX_REVEALED_BYTES), read_keys(key))
    if json:
        show_json({**registration_row(found.registered.registration), "node": found.node, "holds": True})
        return
    _tell(found.registered, spoken)
    typer.echo(spoken["plan-holds"].format(node=plain(found.node)))


def read(file: Path) -> "Plan":
    """The plan of a file. Raises BadInput, TooLarge."""
    from tocsin.assure.provenance.signed_files import read_bounded
    from tocsin.evaluate.plans.reading import MAX_PLAN_BYTES, read_plan

    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy reads this when it is loaded
    return read_plan(read_bounded(file, MAX_PLAN_BYTES))


def read_keys(files: Sequence[Path]) -> "list[PublicKey]":
    """Public keys in PEM. Raises BadInput."""
    from tocsin.assure.provenance.signed_files import read_bounded
    from tocsin.trust.signing_keys import MAX_PEM_BYTES, read_public

    return [read_public(read_bounded(file, MAX_PEM_BYTES)) for file in files]


def _sheet(text: str) -> "tuple[str, tuple[PlannedSample, ...]]":
    from tocsin.evaluate.plans.sheets import read_sheet

    task, equals, name = text.partition("=")
    if not (task and equals and name):
        raise BadInput(f"--sheet {text}: write TASK=FILE, as in tocsin/refusal=refusal.jsonl")
    try:
        with Path(name).open("rb") as stream:
            return task, read_sheet(stream, f"the sheet {name}")
    except OSError as error:
        raise BadInput(f"cannot read {name}: {error.strerror}") from None


def _own_sheets(plan: "Plan") -> "dict[str, list[PlannedSample]]":
    """What the plan will ask, where Inspect is here to say so; else nothing, and the node says what is lacking."""
    from tocsin.evaluate.runs.extra import inspect_is_here

    if not inspect_is_here():
        return {}
    # numpy reads this when it is loaded: threads of its own would be of no use here
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from tocsin.app.evaluation_runs import sheets_of

    return sheets_of(plan)


def rows(told: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    """Problems or notes, for programs."""
    return [{"field": field, "sentence": sentence} for field, sentence in told]


def registration_row(made: "Registration") -> dict[str, Any]:
    """All but the salt, which opens the commitment."""
    return {
        "registration": made.id,
        "plan": made.plan,
        "sheets": made.sheets,
        "at": when(made.at),
        "by": made.by,
    }


def _tell(kept: "RegisteredPlan", spoken: dict[str, str]) -> None:
    plan, made = kept.plan, kept.registration
    told = {"name": plain(plan.name), "version": plain(plan.version), "at": when(made.at)}
    typer.echo(spoken["plan"].format(**told, id=made.id, plan=made.plan))
    typer.echo(plain(plan.goal.question))
    show_table(
        spoken["tasks"].split("|"),
        ((plain(task.task), plain(task.version), task.samples, task.repeats) for task in plan.content),
        empty="",
    )
    show_table(
        spoken["lines"].split("|"),
        (
            (plain(line.id), plain(line.task), f"{line.limit:.2%}", line.consequence.value)
            for line in plan.measurement.lines
        ),
        empty="",
    )
    for model in plan.method.models:
        claimed = spoken["claimed"] if model.claimed else ""
        typer.echo(f"{model.condition.value}: {plain(model.name)} {plain(model.digest)}{claimed}")
    limits = plain(plan.coverage.not_covered.strip())
    typer.echo(spoken["limits"].format(limits=limits, day=plain(plan.improvement.review_by)))
