"""The steps of a re-run, each a function of values: what a side may say next, and what it believes of the other.

    challenger                                answering side, whose signed evaluation commits to every outcome
    1 challenge: commitment to a nonce   ->
                                         <-   2 acceptance: its nonce
      the subset is drawn; it is run here
    3 reveal: nonce, commitment to what
      was found                          ->
                                         <-   4 opening: exactly those outcomes, with proofs
      compared, and signed with both sides' outcomes

Three messages would not do: without the commitment in 1 the answering side fits its nonce to a subset that suits it,
without 2 the challenger does. Our outcomes are committed to in 3, before 4 is seen: nobody adapts to the other.
"""

from collections.abc import Mapping, Sequence

import msgspec

from tocsin.evaluate.plans.judging import as_counted
from tocsin.evaluate.plans.proofs import outcome_line
from tocsin.evaluate.plans.sheets import sample_id
from tocsin.evaluate.recognition.drawing import (
    draw,
    joint_seed,
    nonce_commitment,
    population,
    subset_digest,
)
from tocsin.evaluate.recognition.messages import (
    Acceptance,
    Challenge,
    Fault,
    OpenedSample,
    Opening,
    ProtocolFault,
    Reveal,
)
from tocsin.kernel import BadInput
from tocsin.kernel.evaluations import Evaluation, KeptEvaluation, Run, SampleOutcome
from tocsin.kernel.plans import Condition, RegisteredPlan
from tocsin.trust import merkle


class Subset(msgspec.Struct, frozen=True):
    """Ids of a task under a condition, sorted, and the digest that names the draw."""

    task: str
    condition: Condition
    ids: tuple[str, ...]
    digest: str


def split_sheet(sheet: str) -> tuple[str, Condition]:
    """Task and condition of "task|condition". Raises BadInput."""
    task, _, condition = sheet.rpartition("|")
    try:
        return task, Condition(condition)
    except ValueError:
        raise BadInput(f'a sheet is "task|condition", not {sheet[:100]!r}') from None


def check_challenge(
    challenge: Challenge, evaluation: Evaluation, registered: RegisteredPlan, *, drawn_before: Sequence[str]
) -> None:
    """What the answering side asks of a challenge before it gives its nonce. `drawn_before` are challenges of this
    sheet by this challenger, in their order. Raises ProtocolFault, BadInput.
    """
    if challenge.evaluation != evaluation.id:
        raise ProtocolFault(Fault.OTHER_EVALUATION, "that evaluation is not kept here")
    if challenge.to != evaluation.node:
        raise ProtocolFault(Fault.NOT_FOR_US, f"it is for {challenge.to[:64]}")
    if challenge.sheet not in evaluation.sheets:
        known = ", ".join(sorted(evaluation.sheets))
        raise BadInput(f"the evaluation has no sheet {challenge.sheet[:100]!r}; there are {known[:500]}")
    missing = [one for one in drawn_before if one not in challenge.earlier]
    if missing:
        raise ProtocolFault(
            Fault.HIDDEN_DRAW, f"the challenge does not name the draw {missing[0]} that was begun before"
        )
    ids = population(registered, split_sheet(challenge.sheet)[0])
    if challenge.samples > len(ids):
        raise BadInput(f"{challenge.samples} samples of {len(ids)} cannot be drawn")


def subset(
    challenge: Challenge, digest: str, registered: RegisteredPlan, *, theirs: str, nonce: str
) -> Subset:
    """The drawn samples, as both sides compute them. `theirs` is the answering side's nonce, the other ours."""
    task, condition = split_sheet(challenge.sheet)
    seed = joint_seed(digest, bytes.fromhex(theirs), bytes.fromhex(nonce))
    ids = draw(population(registered, task), seed, challenge.samples)
    return Subset(task, condition, ids, subset_digest(seed, ids))


def rerun(
    run: Run, drawn: Subset, evaluation: Evaluation, registered: RegisteredPlan
) -> dict[str, SampleOutcome]:
    """Our outcomes on the drawn samples, when the run is what their evaluation says it ran. Raises ProtocolFault."""
    version = next(one.version for one in registered.plan.content if one.task == drawn.task)
    repeats = next(one.repeats for one in registered.plan.content if one.task == drawn.task)
    model = next((digest for condition, digest in evaluation.measured if condition is drawn.condition), "")
    wanted = {"task": drawn.task, "version": version, "condition": drawn.condition.value, "model": model}
    had = {
        "task": run.task,
        "version": run.task_version,
        "condition": run.condition.value,
        "model": run.model_digest,
    }
    for name, value in wanted.items():
        if had[name] != value:
            raise ProtocolFault(
                Fault.OTHER_RUN, f"{name} is {had[name][:100]!r}; the evaluation's is {value!r}"
            )
    prompts = {one.id: one.prompt for one in registered.samples[drawn.task]}
    found = {one.id: one for one in run.samples}
    for name in drawn.ids:
        if name not in found:
            raise ProtocolFault(Fault.OTHER_RUN, f"the drawn sample {name[:100]} was not run")
        if found[name].prompt != prompts[sample_id(name, repeats)]:
            raise ProtocolFault(
                Fault.OTHER_RUN, f"sample {name[:100]} was asked something else than registered"
            )
    # theirs were counted so: a judge without a word in a language has none here either
    counted = as_counted(registered, drawn.task, (found[name] for name in drawn.ids))
    return {one.id: one for one in counted}


def check_reveal(
    reveal: Reveal, challenge: Challenge, challenge_id: str, acceptance: Acceptance, acceptance_id: str
) -> None:
    """Before anything is opened: this reveal goes with that challenge and our nonce. Raises ProtocolFault."""
    _same_draw(
        reveal.challenge, challenge_id, reveal.evaluation, challenge.evaluation, reveal.by, challenge.by
    )
    if (reveal.acceptance, acceptance.challenge) != (acceptance_id, challenge_id):
        raise ProtocolFault(Fault.REPLAYED, "the reveal answers another acceptance")
    if nonce_commitment(bytes.fromhex(reveal.nonce)) != challenge.commitment:
        raise ProtocolFault(Fault.OTHER_NONCE, "the revealed nonce is not the one that was committed to")


def opened(drawn: Subset, kept: KeptEvaluation, registered: RegisteredPlan) -> tuple[OpenedSample, ...]:
    """The drawn samples of our own kept evaluation, each with its path."""
    run = next(one for one in kept.runs if (one.task, one.condition) == (drawn.task, drawn.condition))
    outcomes = {one.id: one for one in run.samples}
    ids = population(registered, drawn.task)
    lines = [outcome_line(one, outcomes[one].outcome, outcomes[one].answer) for one in ids]
    places = {name: place for place, name in enumerate(ids)}
    paths = merkle.paths(lines, [places[name] for name in drawn.ids])
    return tuple(
        OpenedSample(name, outcomes[name].outcome, outcomes[name].answer, tuple(one.hex() for one in path))
        for name, path in zip(drawn.ids, paths, strict=True)
    )


def check_acceptance(acceptance: Acceptance, challenge: Challenge, challenge_id: str) -> None:
    """Raises ProtocolFault unless it accepts this challenge, by the node that was challenged."""
    _same_draw(
        acceptance.challenge,
        challenge_id,
        acceptance.evaluation,
        challenge.evaluation,
        acceptance.by,
        challenge.to,
    )


def check_opening(
    opening: Opening,
    reveal_id: str,
    challenge: Challenge,
    challenge_id: str,
    drawn: Subset,
    evaluation: Evaluation,
    registered: RegisteredPlan,
) -> dict[str, SampleOutcome]:
    """Their outcomes on the drawn samples, believed. Raises ProtocolFault.

    1. It opens this reveal of this challenge, by the node that was challenged. 2. No sample twice, none that was not
    drawn. 3. None is omitted. 4. Each lies at its own place under the root that the evaluation signed.
    """
    _same_draw(
        opening.challenge, challenge_id, opening.evaluation, challenge.evaluation, opening.by, challenge.to
    )
    if opening.reveal != reveal_id:  # 1
        raise ProtocolFault(Fault.REPLAYED, "the opening answers another reveal")
    given = {one.id: one for one in opening.samples}
    strange = sorted(given.keys() - set(drawn.ids))
    if strange or len(given) != len(opening.samples):  # 2
        raise ProtocolFault(
            Fault.OTHER_SAMPLES, f"{(strange or ['one sample twice'])[0][:100]} was not drawn"
        )
    lacking = sorted(set(drawn.ids) - given.keys())
    if lacking:  # 3
        raise ProtocolFault(Fault.OMITTED, f"{len(lacking)} drawn samples are not opened, {lacking[0]} first")
    root = bytes.fromhex(evaluation.sheets[challenge.sheet])
    ids = population(registered, drawn.task)
    places = {name: place for place, name in enumerate(ids)}
    for name in drawn.ids:  # 4
        one = given[name]
        beside = [bytes.fromhex(value) for value in one.path]
        line = outcome_line(one.id, one.outcome, one.answer)
        if not merkle.holds(root, line, places[name], len(ids), beside):
            raise ProtocolFault(
                Fault.NOT_COMMITTED, f"sample {name[:100]} is not what the evaluation committed to"
            )
    clusters = clusters_of(registered, drawn.task)
    return {
        name: SampleOutcome(
            id=name, cluster=clusters[name], outcome=given[name].outcome, answer=given[name].answer
        )
        for name in drawn.ids
    }


def clusters_of(registered: RegisteredPlan, task: str) -> Mapping[str, str]:
    """Cluster by outcome id."""
    repeats = next(one.repeats for one in registered.plan.content if one.task == task)
    clusters = {one.id: one.cluster or one.prompt for one in registered.samples[task]}
    return {name: clusters[sample_id(name, repeats)] for name in population(registered, task)}


def _same_draw(
    challenge: str, challenge_id: str, evaluation: str, own_evaluation: str, by: str, wanted: str
) -> None:
    if challenge != challenge_id:
        raise ProtocolFault(Fault.REPLAYED, "it belongs to another challenge")
    if evaluation != own_evaluation:
        raise ProtocolFault(Fault.OTHER_EVALUATION, "it is about another evaluation than the challenge")
    if by != wanted:
        raise ProtocolFault(Fault.NOT_FOR_US, f"it is of {by[:64]}, where {wanted[:64]} has the turn")
