"""What a peer shows of an evaluation, checked: its signature by the key the policy names, and its plan's registration.

Enters: the signed evaluation and the revealed plan, as files. Leaves: `Shown`. Refuses: bytes that are neither; a check
that fails is no fault here but a reason of the policy.
"""

import msgspec

from tocsin.evaluate.plans.attesting import PREDICATE, verify_evaluation
from tocsin.evaluate.plans.registration import open_revealed
from tocsin.evaluate.recognition.policy import Policy, Shown
from tocsin.kernel import BadInput, Conflict
from tocsin.kernel.evaluations import Evaluation
from tocsin.kernel.plans import RegisteredPlan
from tocsin.wire.dsse import parse_envelope
from tocsin.wire.in_toto import parse_statement


def shown(evaluation: bytes, revealed: bytes | None, policy: Policy) -> tuple[Shown, RegisteredPlan | None]:
    """Everything that could be checked. The plan is believed when

    1. plan, samples and salt are those of the commitment, which the same node signed at a moment of its own;
    2. the evaluation names that registration, that plan, and the roots of its test sets where it names any;
    3. that moment lies before the evaluation's. That it lies before the first sample is the node's word, as long as no
       log but its own holds it.

    Raises BadInput, TooLarge for what is no evaluation, or no revealed plan.
    """
    claimed = said(evaluation)
    key = policy.keys.get(claimed.node)
    if key is None:
        return Shown(claimed), None
    try:
        known = verify_evaluation(evaluation, [key])
    except Conflict:
        return Shown(claimed), None
    if revealed is None:
        return Shown(known, signed=True), None
    try:
        opened = open_revealed(revealed, [key])
    except Conflict:
        return Shown(known, signed=True), None
    kept = opened.registered.registration
    named = (known.registration, known.plan, known.node)
    other_tests = known.tests and known.tests != kept.sheets
    if (kept.id, kept.plan, opened.node) != named or other_tests or kept.at >= known.at:
        return Shown(known, signed=True), None
    return Shown(known, opened.registered.plan, signed=True, registered=True), opened.registered


def said(envelope: bytes) -> Evaluation:
    """What a file claims, whoever signed it. Raises BadInput, TooLarge."""
    statement = parse_statement(parse_envelope(envelope).payload)
    if statement.predicate_type != PREDICATE:
        raise BadInput(f"the statement is {statement.predicate_type[:100]}; {PREDICATE} is read")
    try:
        return msgspec.convert(statement.predicate, Evaluation)
    except msgspec.ValidationError as error:
        raise BadInput(f"the statement holds no evaluation: {error}") from None
