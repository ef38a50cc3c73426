"""tocsin evaluation list, show, compare, attest, prove, verify: what runs of registered plans found."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from tocsin.cli.evaluation_plan import KeysOption, read_keys
from tocsin.cli.model_sign import write_whole
from tocsin.cli.opening import DataOption, JsonOption, opened
from tocsin.cli.output import plain, say, show_json, show_table, when

if TYPE_CHECKING:
    from tocsin.evaluate.plans.comparing import Comparison
    from tocsin.kernel.evaluations import Evaluation

IdArgument = Annotated[str, typer.Argument(help="The evaluation's id, or its first 8 characters or more.")]
OutOption = Annotated[Path, typer.Option("--out", help="Where to write it.")]
MAX_ROWS = 500


def list_evaluations(
    data: DataOption,
    model: Annotated[
        str | None, typer.Option("--model", help="Digest of the model as shipped, sha256:...")
    ] = None,
    plan: Annotated[str | None, typer.Option("--plan", help="The sha256 of a plan.")] = None,
    json: JsonOption = False,
) -> None:
    """Evaluations that were kept, newest first: every attempt."""
    with opened(data) as node:
        found = node.evaluations.listed(node.access.operator(), model_digest=model, plan=plan, limit=MAX_ROWS)
    if json:
        show_json({"evaluations": [document(one) for one in found]})
        return
    show_table(
        ("evaluation", "plan", "model", "attempt", "at", "lines"),
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
        empty="No evaluation is kept. A plan comes first: `tocsin evaluation plan register PLAN`.",
    )


def show(data: DataOption, evaluation: IdArgument, json: JsonOption = False) -> None:
    """One evaluation: each line's verdict, each task's rate with its interval, what was invalid, and its limits."""
    with opened(data) as node:
        found = node.evaluations.get(node.access.operator(), evaluation)
    if json:
        show_json(document(found))
    else:
        _tell(found)


def compare(
    data: DataOption,
    first: Annotated[str, typer.Argument(help="One evaluation.")],
    second: Annotated[str, typer.Argument(help="The other.")],
    json: JsonOption = False,
) -> None:
    """Set two evaluations against each other, sample by sample (McNemar's exact test, Holm over the tasks)."""
    with opened(data) as node:
        found = node.evaluations.compare(node.access.operator(), first, second)
    if json:
        show_json(found)
    else:
        _tell_compared(found)


def attest(data: DataOption, evaluation: IdArgument, out: OutOption, json: JsonOption = False) -> None:
    """Write the signed statement (in-toto, DSSE): lines, verdicts and intervals; no prompt, no answer, no user."""
    with opened(data) as node:
        content = node.evaluations.attestation(node.access.operator(), evaluation)
        public = node.evaluations.public_key().decode()
    write_whole(out, content)
    if json:
        show_json({"attestation": str(out), "public_key": public})
        return
    typer.echo(f"{out} is written. Whoever verifies needs this key, over another channel:\n{public.strip()}")


def prove(
    data: DataOption,
    evaluation: IdArgument,
    task: Annotated[str, typer.Option("--task", help="The task.")],
    sample: Annotated[str, typer.Option("--sample", help="The sample's id.")],
    out: OutOption,
    condition: Annotated[
        str, typer.Option("--condition", help="In which state the model was.")
    ] = "as-shipped",
) -> None:
    """Write a proof that one sample had its outcome, which shows no other sample."""
    with opened(data) as node:
        proof = node.evaluations.prove(node.access.operator(), evaluation, task, condition, sample)
    write_whole(out, msgspec.json.encode(proof))
    typer.echo(
        f"{out} is written: {proof.outcome.value}. `tocsin evaluation verify --proof {out}` checks it."
    )


def verify(
    file: Annotated[Path, typer.Argument(help="What `attest` wrote.")],
    key: KeysOption,
    proof: Annotated[
        Path | None, typer.Option("--proof", help="What `prove` wrote, to be checked against it.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Check a signed evaluation without a node: signature, id, subjects. Exit 1 when one does not hold."""
    from tocsin.assure.provenance.signed_files import read_bounded
    from tocsin.evaluate.plans.attesting import verify_evaluation
    from tocsin.evaluate.plans.proofs import MAX_PROOF_BYTES, proves, read_proof
    from tocsin.kernel import Conflict
    from tocsin.wire.dsse import MAX_ENVELOPE_BYTES

    found = verify_evaluation(read_bounded(file, MAX_ENVELOPE_BYTES), read_keys(key))
    shown = None if proof is None else read_proof(read_bounded(proof, MAX_PROOF_BYTES))
    if shown is not None and not proves(found, shown):
        raise Conflict(
            f"sample {shown.id[:100]} with this outcome is not among those of evaluation {found.id}"
        )
    if json:
        show_json({**document(found), "holds": True, "sample": shown})
        return
    _tell(found)
    typer.echo(plain(f"It holds: signed by {found.node}."))
    if shown is not None:
        typer.echo(
            plain(f"Sample {shown.id} of {shown.task} {shown.condition.value}: {shown.outcome.value}.")
        )


def document(found: "Evaluation") -> dict[str, Any]:
    """For programs, without the envelope (`attest` writes it)."""
    told: dict[str, Any] = msgspec.to_builtins(found)
    del told["statement"]
    return told


def _tell(found: "Evaluation") -> None:
    typer.echo(plain(f"{found.name} on {found.model}, {when(found.at)}"))
    for condition, digest in found.measured:
        typer.echo(plain(f"  {condition.value}: {digest}"))
    show_table(
        ("line", "task", "verdict", "worse condition", "why"),
        (
            (plain(line.line), plain(line.task), line.verdict.value, line.condition.value, plain(line.why))
            for line in found.lines
        ),
        empty="",
    )
    show_table(
        ("task", "condition", "failed (95 %)", "invalid", "reasons"),
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
        typer.echo(plain(f"test set of {task}: sha256:{root}"))
    typer.echo(plain(f"evaluation {found.id}\nregistration {found.registration}"))
    typer.echo(
        f"Attempt {found.attempt} of this registration; {found.earlier} kept before of this model and plan."
    )
    typer.echo(plain(f"{found.limits}\nReview by {found.review_by}"))


def _tell_compared(found: "Comparison") -> None:
    show_table(
        (
            "task",
            "condition",
            "only first failed",
            "only second",
            "difference (95 %)",
            "p (Holm)",
            "unpaired",
        ),
        (
            (
                one.task,
                one.condition.value,
                one.pairs.only_first,
                one.pairs.only_second,
                f"{one.pairs.difference:+.1%} ({one.pairs.low:+.1%} to {one.pairs.high:+.1%})",
                f"{one.adjusted:.4f}",
                one.pairs.unpaired,
            )
            for one in found.tasks
        ),
        empty="They have no task in common.",
    )
    for name, why in found.left_out:
        say(f"Not compared: {name}: {why}")
