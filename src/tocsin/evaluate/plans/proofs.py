"""One sample's outcome, shown to belong to an evaluation without showing the others.

A leaf is "id outcome answer" (answer: sha256, hex, or nothing); leaves are sorted as bytes, hashed as in RFC 6962.
Neighbours' hashes can be tried by guessing: an id that is known with no answer behind it is no secret.
"""

from collections.abc import Iterable

import msgspec

from tocsin.kernel.errors import BadInput, NotFound
from tocsin.kernel.evaluations import Evaluation, Outcome, Run, SampleOutcome
from tocsin.kernel.plans import Condition
from tocsin.trust import merkle

MAX_PROOF_BYTES = 16 << 10
"""64 hashes in hex, and names."""


class SampleProof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That this sample had this outcome. `path` are the hashes beside its way to the root, hex, from below."""

    evaluation: str
    task: str
    condition: Condition
    id: str
    outcome: Outcome
    answer: str
    index: int
    size: int
    path: tuple[str, ...]


def outcome_line(identity: str, outcome: Outcome, answer: str) -> bytes:
    """A leaf. The last two words have no spaces, so that no two samples have one line."""
    return f"{identity} {outcome.value} {answer}".encode()


def outcomes_root(samples: Iterable[SampleOutcome]) -> str:
    """Hex."""
    return merkle.root(_lines(samples)).hex()


def prove(evaluation: Evaluation, run: Run, identity: str) -> SampleProof:
    """Of one sample of a kept run. Raises NotFound."""
    sample = next((one for one in run.samples if one.id == identity), None)
    if sample is None:
        raise NotFound(f"there is no sample {identity[:100]} in this run")
    lines = _lines(run.samples)
    index = lines.index(outcome_line(sample.id, sample.outcome, sample.answer))
    beside = merkle.path(lines, index)
    return SampleProof(
        evaluation=evaluation.id,
        task=run.task,
        condition=run.condition,
        id=sample.id,
        outcome=sample.outcome,
        answer=sample.answer,
        index=index,
        size=len(lines),
        path=tuple(one.hex() for one in beside),
    )


def proves(evaluation: Evaluation, proof: SampleProof) -> bool:
    """Whether the evaluation, which somebody has verified, holds exactly this outcome of this sample."""
    root = evaluation.sheets.get(f"{proof.task}|{proof.condition.value}")
    if root is None or proof.evaluation != evaluation.id:
        return False
    try:
        expected, beside = bytes.fromhex(root), [bytes.fromhex(one) for one in proof.path]
        line = outcome_line(proof.id, proof.outcome, proof.answer)
    except ValueError:  # no hex, or half of a character
        return False
    return merkle.holds(expected, line, proof.index, proof.size, beside)


def read_proof(data: bytes) -> SampleProof:
    """A proof from JSON. Raises BadInput."""
    if len(data) > MAX_PROOF_BYTES:
        raise BadInput(f"a proof has at most {MAX_PROOF_BYTES} bytes")
    try:
        return msgspec.json.decode(data, type=SampleProof)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(f"this is not a proof of a sample: {error}") from None


def _lines(samples: Iterable[SampleOutcome]) -> list[bytes]:
    return sorted(outcome_line(one.id, one.outcome, one.answer) for one in samples)
