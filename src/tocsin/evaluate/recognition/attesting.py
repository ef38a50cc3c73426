"""A signed recognition: the outcome, and of a re-run everything that it was computed from, so that anybody computes it.

The predicate holds the recognition and, of a re-run, the messages' digests, both nonces, both sides' outcomes on the
drawn samples (digests of answers, no text) and our repeats. Who is contradicted can check that we committed first.
"""

from collections.abc import Mapping, Sequence

import msgspec

from tocsin.evaluate.plans.canonical import content
from tocsin.evaluate.recognition.comparing import Comparison, compare
from tocsin.evaluate.recognition.drawing import (
    joint_seed,
    nonce_commitment,
    outcomes_commitment,
    subset_digest,
)
from tocsin.evaluate.recognition.messages import (
    MAX_TEXT_CHARS,
    Challenge,
    Fault,
    ProtocolFault,
    Signed,
    opened_statement,
    sign,
)
from tocsin.evaluate.recognition.sizing import MAX_DRAWN
from tocsin.kernel import BadInput
from tocsin.kernel.evaluations import Counts, LineAnswer, Outcome, SampleOutcome
from tocsin.kernel.recognition import Recognition
from tocsin.trust.signing_keys import PrivateKey, PublicKey
from tocsin.wire.in_toto import Statement, Subject

PREDICATE = "urn:tocsin:attestation:recognition:1"

MAX_RUNS = 10
"""Of ours over one subset: the first is compared, the second says what repeats explain."""

MAX_REASONS = 200
"""Of one recognition; all sentences that there are together are a fifth of it."""

MAX_CLAIMED = 1_000_000_000
"""Samples of one sheet: far beyond what is run."""


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True):
    """One sample of one side."""

    id: str
    outcome: Outcome
    answer: str
    language: str = ""


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a re-run's outcome follows from. `challenge` is the message, the others digests; nonces and salt are hex."""

    challenge: Challenge
    challenge_id: str
    acceptance: str
    reveal: str
    opening: str
    theirs_nonce: str
    nonce: str
    salt: str
    outcomes: str
    """The commitment to our outcomes, as the reveal had it."""
    theirs: tuple[Row, ...]
    ours: tuple[tuple[Row, ...], ...]
    claimed: Counts | None = None
    lines: tuple[LineAnswer, ...] = ()


class _Predicate(msgspec.Struct, frozen=True, kw_only=True):
    recognition: Recognition
    evidence: Evidence | None = None


def rows(outcomes: Mapping[str, SampleOutcome]) -> tuple[Row, ...]:
    """Sorted by id."""
    return tuple(Row(name, one.outcome, one.answer, one.language) for name, one in sorted(outcomes.items()))


def from_rows(listed: Sequence[Row]) -> dict[str, SampleOutcome]:
    """By id. Raises BadInput for an id twice."""
    found = {
        one.id: SampleOutcome(one.id, "", one.outcome, language=one.language, answer=one.answer)
        for one in listed
    }
    if len(found) != len(listed):
        raise BadInput("the evidence names a sample twice")
    return found


def compared(evidence: Evidence) -> Comparison:
    """The outcome that the evidence gives. Raises BadInput for evidence that is not of one subset."""
    if len(evidence.theirs) > MAX_DRAWN or not 1 <= len(evidence.ours) <= MAX_RUNS:
        raise BadInput(f"evidence has {MAX_DRAWN} samples and {MAX_RUNS} runs at most, and one run at least")
    try:
        return compare(
            from_rows(evidence.theirs),
            [from_rows(run) for run in evidence.ours],
            task=evidence.challenge.sheet.rpartition("|")[0],
            margins=evidence.challenge.margins,
            claimed=evidence.claimed,
            lines=evidence.lines,
        )
    except ValueError as error:
        raise BadInput(f"the evidence cannot be compared: {error}") from None


def attest(recognition: Recognition, evidence: Evidence | None, key: PrivateKey) -> Signed:
    """The signed statement. Its subject is the evaluation."""
    bare = msgspec.structs.replace(recognition, statement=b"")
    predicate = {"recognition": content(bare)}
    if evidence is not None:
        predicate["evidence"] = msgspec.to_builtins(evidence)
    return sign(
        Statement((Subject("evaluation", {"sha256": recognition.evaluation}),), PREDICATE, predicate), key
    )


def verify_recognition(envelope: bytes, key: PublicKey) -> tuple[Recognition, Evidence | None]:
    """A recognition that this key signed, and that follows from its evidence. Without the peer's proofs.

    1. signed, of this kind, about this evaluation; 2. the nonce and our outcomes are those that were committed to in
    the challenge and the reveal; 3. the subset is the one that the nonces name; 4. the outcome, its reasons, both
    rates and the samples that differ are what both sides' outcomes give.

    That their outcomes are those of the signed evaluation is shown by the opening, whose digest is named. Raises
    BadInput, TooLarge, ProtocolFault.
    """
    statement, _ = opened_statement(envelope, key)  # 1
    recognition, evidence = recognition_of(statement)
    return msgspec.structs.replace(recognition, statement=envelope), evidence


def recognition_of(statement: Statement) -> tuple[Recognition, Evidence | None]:
    """What a statement says, when it follows from its evidence. Raises BadInput, ProtocolFault."""
    if statement.predicate_type != PREDICATE:
        raise ProtocolFault(
            Fault.OTHER_MESSAGE, f"{statement.predicate_type[:100]} where {PREDICATE} is read"
        )
    try:
        said = msgspec.convert(statement.predicate, _Predicate)
    except msgspec.ValidationError as error:
        raise BadInput(f"the recognition cannot be read: {error}") from None
    recognition, evidence = said.recognition, said.evidence
    if [one.digest for one in statement.subjects] != [{"sha256": recognition.evaluation}]:
        raise BadInput("the recognition is about another evaluation than it is signed over")
    if len(recognition.reasons) > MAX_REASONS:
        raise BadInput(f"a recognition has {MAX_REASONS} reasons at most")
    if evidence is not None:
        _check_evidence(recognition, evidence)
    elif recognition.disagreements or recognition.subset or recognition.their_rate or recognition.our_rate:
        raise BadInput("the recognition says what was found in a re-run, and shows no evidence of one")
    return recognition, evidence


def _check_evidence(recognition: Recognition, evidence: Evidence) -> None:
    challenge = evidence.challenge
    if max(map(len, (evidence.theirs_nonce, evidence.nonce, evidence.salt))) > MAX_TEXT_CHARS:
        raise BadInput("a nonce is 32 bytes, in hexadecimal")
    claimed = evidence.claimed
    if claimed and not all(
        0 <= one <= MAX_CLAIMED for one in (claimed.passed, claimed.failed, claimed.invalid)
    ):
        raise BadInput(f"claimed counts are 0 to {MAX_CLAIMED:,}")
    found = compared(evidence)
    try:
        nonce, salt = bytes.fromhex(evidence.nonce), bytes.fromhex(evidence.salt)
        seed = joint_seed(evidence.challenge_id, bytes.fromhex(evidence.theirs_nonce), nonce)
        committed = outcomes_commitment(salt, [from_rows(run).values() for run in evidence.ours])
    except ValueError:
        raise BadInput("the evidence has a nonce, a salt or a digest that is not hexadecimal") from None
    if nonce_commitment(nonce) != challenge.commitment:  # 2
        raise ProtocolFault(Fault.OTHER_NONCE, "the nonce is not the one that was committed to")
    if committed != evidence.outcomes:
        raise ProtocolFault(Fault.NOT_COMMITTED, "the outcomes here are not those that were committed to")
    if recognition.subset != subset_digest(seed, sorted(one.id for one in evidence.theirs)):  # 3
        raise ProtocolFault(Fault.OTHER_SAMPLES, "the subset is not the one that the nonces give")
    told = recognition.reasons[: len(found.reasons)]
    said = (recognition.evaluation, recognition.sheet, recognition.outcome, recognition.disagreements)
    rates = (recognition.their_rate, recognition.our_rate)
    if (said, rates) != (
        (challenge.evaluation, challenge.sheet, found.outcome, found.differing),
        (found.theirs, found.ours),
    ) or told != found.reasons:  # 4
        raise ProtocolFault(Fault.NOT_COMMITTED, "the outcome is not what the samples of both sides give")
