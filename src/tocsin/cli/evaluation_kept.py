"""tocsin evaluation list, show, compare, attest, prove, verify: what runs of registered plans found."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from tocsin.cli.evaluation_plan import KeysOption, read_keys
from tocsin.cli.evaluation_words import words
from tocsin.cli.model_sign import write_whole
from tocsin.cli.opening import DataOption, JsonOption, SentencesOption, opened
from tocsin.cli.output import plain, say, show_json, show_table, when

if TYPE_CHECKING:
    from tocsin.evaluate.plans.comparing import Comparison
    from tocsin.kernel.evaluations import Evaluation

IdArgument = Annotated[str, typer.Argument(help="The evaluation's id, or how it begins (8 characters).")]
OutOption = Annotated[Path, typer.Option("--out", help="Where to write it.")]
MAX_ROWS = 500


def list_evaluations(
    data: DataOption,
    model: Annotated[
        str | None, typer.Option("--model", help="Digest of the model as shipped, sha256:...")
    ] = None,
    plan: Annotated[str | None, typer.Option("--plan", help="The sha256 of a plan.")] = None,
    language: SentencesOption = "",
    json: JsonOption = False,
) -> None:
    """Evaluations that were kept, newest first: every attempt."""
    spoken = words(language)
    with opened(data) as node:
        found = node.evaluations.listed(node.access.operator(), model_digest=model, plan=plan, limit=MAX_ROWS)
    if json:
        show_json({"evaluations": [document(one) for one in found]})
        return
    show_table(
        spoken["evaluations"].split("|"),
        (
            (
                one.id[:16],
                one.name,
                one.model,
                one.attempt,
                when(one.at),
                ", ".join(f"{line.line} {line.verdict.value}" for line in one.lines),
            )
            for one in found
        ),
        empty=spoken["no-evaluations"],
    )


def show(
    data: DataOption, evaluation: IdArgument, language: SentencesOption = "", json: JsonOption = False
) -> None:
    """One evaluation: each line's verdict, each task's rate with its interval, what was invalid, and its limits."""
    spoken = words(language)
    with opened(data) as node:
        found = node.evaluations.get(node.access.operator(), evaluation)
    if json:
        show_json(document(found))
    else:
        _tell(found, spoken)


def compare(
    data: DataOption,
    first: Annotated[str, typer.Argument(help="One evaluation: its id, or how it begins.")],
    second: Annotated[str, typer.Argument(help="The other, likewise.")],
    language: SentencesOption = "",
    json: JsonOption = False,
) -> None:
    """Set two evaluations against each other, sample by sample (McNemar's exact test, Holm over the tasks)."""
    spoken = words(language)
    with opened(data) as node:
        found = node.evaluations.compare(node.access.operator(), first, second)
    if json:
        show_json(found)
    else:
        _tell_compared(found, spoken)


def attest(
    data: DataOption,
    evaluation: IdArgument,
    out: OutOption,
    language: SentencesOption = "",
    json: JsonOption = False,
) -> None:
    """Write the signed statement (in-toto, DSSE): lines, verdicts and intervals; no prompt, no answer, no user."""
    spoken = words(language)
    with opened(data) as node:
        content = node.evaluations.attestation(node.access.operator(), evaluation)
        public = node.evaluations.public_key().decode()
    write_whole(out, content)
    if json:
        show_json({"attestation": str(out), "public_key": public})
        return
    typer.echo(f"{spoken['written'].format(out=out)}\n{public.strip()}")


def prove(
    data: DataOption,
    evaluation: IdArgument,
    task: Annotated[str, typer.Option("--task", help="The task.")],
    sample: Annotated[str, typer.Option("--sample", help="The sample's id.")],
    out: OutOption,
    condition: Annotated[
        str, typer.Option("--condition", help="In which state the model was.")
    ] = "as-shipped",
    language: SentencesOption = "",
) -> None:
    """Write a proof that one sample had its outcome, which shows no other sample."""
    spoken = words(language)
    with opened(data) as node:
        proof = node.evaluations.prove(node.access.operator(), evaluation, task, condition, sample)
    write_whole(out, msgspec.json.encode(proof))
    typer.echo(spoken["proof"].format(out=out, outcome=proof.outcome.value))


def verify(
    file: Annotated[Path, typer.Argument(help="What `attest` wrote.")],
    key: KeysOption,
    proof: Annotated[
        Path | None, typer.Option("--proof", help="What `prove` wrote, to be checked against it.")
    ] = None,
    language: SentencesOption = "",
    json: JsonOption = False,
) -> None:
    """Check a signed evaluation without a node: signature, id, subjects. Exit 1 when one does not hold."""
    from tocsin.assure.provenance.signed_files import read_bounded
    from tocsin.evaluate.plans.attesting import verify_evaluation
    from tocsin.evaluate.plans.proofs import MAX_PROOF_BYTES, proves, read_proof
    from tocsin.kernel import Conflict
    from tocsin.wire.dsse import MAX_ENVELOPE_BYTES

    spoken = words(language)
    found = verify_evaluation(read_bounded(file, MAX_ENVELOPE_BYTES), read_keys(key))
    shown = None if proof is None else read_proof(read_bounded(proof, MAX_PROOF_BYTES))
    if shown is not None and not proves(found, shown):
        raise Conflict(
            f"sample {shown.id[:100]} with this outcome is not among those of evaluation {found.id}"
        )
    if json:
        show_json({**document(found), "holds": True, "sample": shown})
        return
    _tell(found, spoken)
    typer.echo(plain(spoken["holds"].format(node=found.node)))
    if shown is not None:
        told = {"id": shown.id, "task": shown.task, "condition": shown.condition.value}
        typer.echo(plain(spoken["sample"].format(**told, outcome=shown.outcome.value)))


def document(found: "Evaluation") -> dict[str, Any]:
    """For programs, without the envelope (`attest` writes it)."""
    told: dict[str, Any] = msgspec.to_builtins(found)
    del told["statement"]
    return told


def _tell(found: "Evaluation", spoken: dict[str, str]) -> None:
    typer.echo(plain(spoken["evaluation"].format(name=found.name, model=found.model, at=when(found.at))))
    for condition, digest in found.measured:
        typer.echo(plain(f"  {condition.value}: {digest}"))
    show_table(
        spoken["answers"].split("|"),
        (
            (plain(line.line), plain(line.task), line.verdict.value, line.condition.value, plain(line.why))
            for line in found.lines
        ),
        empty="",
    )
    show_table(
        spoken["results"].split("|"),
        (
            (
                plain(one.task),
                one.condition.value if one.condition else "-",
                f"{one.rate.failed}/{one.rate.counted} ({one.rate.low:.1%} - {one.rate.high:.1%})",
                one.counts.invalid,
                plain(", ".join(f"{reason} {number}" for reason, number in one.reasons.items())),
            )
            for one in found.results
        ),
        empty="",
    )
    for task, root in found.tests.items():
        typer.echo(plain(spoken["test-set"].format(task=task, root=root)))
    typer.echo(plain(spoken["ids"].format(id=found.id, registration=found.registration)))
    typer.echo(spoken["attempt"].format(attempt=found.attempt, earlier=found.earlier))
    typer.echo(plain(spoken["review"].format(limits=found.limits, day=found.review_by)))


def _tell_compared(found: "Comparison", spoken: dict[str, str]) -> None:
    show_table(
        spoken["compared"].split("|"),
        (
            (
                one.task,
                one.condition.value,
                one.pairs.only_first,
                one.pairs.only_second,
                spoken["to"].format(share=one.pairs.difference, low=one.pairs.low, high=one.pairs.high),
                f"{one.adjusted:.4f}",
                one.pairs.unpaired,
            )
            for one in found.tasks
        ),
        empty=spoken["nothing-common"],
    )
    for name, why in found.left_out:
        say(spoken["left-out"].format(name=name, why=why))
