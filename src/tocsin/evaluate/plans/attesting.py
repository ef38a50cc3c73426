"""A signed evaluation: an in-toto statement about the models' digests that anybody with the key can check, offline.

The predicate is the evaluation itself (lines, verdicts, intervals, invalid counts, agreement, roots of the samples'
outcomes), so that its id is computed again from what was signed. No prompt and no answer is in it, and no user.
"""

from collections.abc import Sequence

import msgspec

from tocsin.evaluate.plans.canonical import content, evaluation_id
from tocsin.kernel.errors import BadInput, Conflict
from tocsin.kernel.evaluations import Evaluation
from tocsin.trust.signing_keys import PublicKey, signed_by
from tocsin.wire.dsse import IN_TOTO_TYPE, parse_envelope
from tocsin.wire.in_toto import Statement, Subject, parse_statement

PREDICATE = "urn:tocsin:attestation:evaluation:1"


def evaluation_statement(evaluation: Evaluation) -> Statement:
    """What a node signs: its subjects are the artefacts that were measured, named by their condition."""
    return Statement(
        subjects=tuple(
            Subject(condition.value, {"sha256": digest.removeprefix("sha256:")})
            for condition, digest in evaluation.measured
        ),
        predicate_type=PREDICATE,
        predicate=content(msgspec.structs.replace(evaluation, statement=b"", by="")),
    )


def verify_evaluation(envelope: bytes, keys: Sequence[PublicKey]) -> Evaluation:
    """The evaluation that one of these keys signed, with the envelope as its statement.

    1. the envelope is bounded, and one of the keys signed it
    2. the statement is about an evaluation of this version
    3. the evaluation's id is that of its content
    4. the subjects are the digests that it says were measured

    Raises BadInput for what is no such envelope, TooLarge, and Conflict when a check fails.
    """
    found = parse_envelope(envelope)  # 1
    if found.payload_type != IN_TOTO_TYPE or not any(signed_by(found, key) for key in keys):
        raise Conflict(
            "it is signed by none of the keys that were given: ask for the node's key, by another way"
        )
    statement = parse_statement(found.payload)
    if statement.predicate_type != PREDICATE:  # 2
        raise BadInput(f"the statement is {statement.predicate_type[:100]}; {PREDICATE} is read")
    try:
        evaluation = msgspec.convert(statement.predicate, Evaluation)
    except msgspec.ValidationError as error:
        raise BadInput(f"the statement holds no evaluation: {error}") from None
    if evaluation.statement or evaluation_id(evaluation) != evaluation.id:  # 3
        raise Conflict("the evaluation's id is not that of its content: it was changed before it was signed")
    if statement.subjects != evaluation_statement(evaluation).subjects:  # 4
        raise Conflict("the statement is about other artefacts than the evaluation says were measured")
    return msgspec.structs.replace(evaluation, statement=envelope)
