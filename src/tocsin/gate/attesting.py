"""A decision as a signed statement, and its verification on another node: bytes in, accepted or refused with reasons.

Enters: an envelope, keys that are believed, the files. Leaves: `Accepted` or `Refused`. Refuses: by default. No I/O.
The statement names nobody: how many approved is in it, who did stays at the node.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from tocsin.gate.deciding import CLOSED_OFFERS
from tocsin.gate.evidence import PEOPLE
from tocsin.gate.words import said
from tocsin.kernel import BadInput, at_micros
from tocsin.kernel.limits import MAX_CLOCK_SKEW_SECONDS
from tocsin.kernel.release import (
    DECISION_PREDICATE,
    OPENNESS,
    Exemption,
    Ground,
    GroundKind,
    ReleaseDecision,
    Tier,
)
from tocsin.trust.release_policy import ReleasePolicies, ReleaseQuestion
from tocsin.trust.signing_keys import PublicKey, key_id, signed_by
from tocsin.wire.dsse import IN_TOTO_TYPE, Envelope
from tocsin.wire.in_toto import Statement, Subject, parse_statement

EXEMPTION_PREDICATE = "urn:tocsin:attestation:release-exemption:1"

MAX_GROUNDS = 200


class AttestedGround(msgspec.Struct, frozen=True):
    rule: str
    kind: GroundKind
    most: Tier
    evidence: str


class AttestedDecision(msgspec.Struct, frozen=True):
    """The predicate. `allows` says of each tier whether it may go out at it: what a rule in signers.yaml asks for."""

    decision: str
    artefact: str
    name: str
    tier: Tier
    wanted: Tier
    closed: bool
    allows: dict[str, bool]
    conditions: tuple[str, ...]
    grounds: tuple[AttestedGround, ...]
    why_not_less: str
    policies: str
    asked: dict[str, str | int | tuple[str, ...]]
    jurisdictions: tuple[str, ...]
    overlays: tuple[str, ...]
    exemptions: tuple[str, ...]
    red_lines: dict[str, str]
    decided: datetime
    review_by: date
    expires: date
    approvals: int


class Accepted(msgspec.Struct, frozen=True, tag="accepted", tag_field="verdict"):
    """A decision in force, by a key that is believed. `asked_again`: our policies are the same, and say the same."""

    decision: AttestedDecision
    key: str
    asked_again: bool
    files: bool
    """The files themselves were compared; otherwise it speaks of the digest in it."""


class Refused(msgspec.Struct, frozen=True, tag="refused", tag_field="verdict"):
    """It does not count. `reasons` are ids of sentences ("answer...")."""

    reasons: tuple[str, ...]
    decision: AttestedDecision | None = None


def statement_of(decision: ReleaseDecision, files: Mapping[str, str]) -> Statement:
    """What is signed of a decision: over the artefact's own digest, and each of its files (sha256 by path)."""
    predicate = AttestedDecision(
        decision=decision.id,
        artefact=decision.artefact,
        name=decision.name,
        tier=decision.tier,
        wanted=decision.wanted,
        closed=decision.closed,
        allows=_allows(decision.tier),
        conditions=decision.conditions,
        grounds=tuple(_attested(one) for one in decision.grounds[:MAX_GROUNDS]),
        why_not_less=decision.why_not_less,
        policies=decision.policies,
        asked=decision.asked,
        jurisdictions=decision.jurisdictions,
        overlays=tuple(sorted({one.partition("/")[0] for one in decision.conditions if "/" in one})),
        exemptions=tuple(one.evidence for one in decision.grounds if one.kind is GroundKind.EXEMPTION),
        red_lines=decision.red_lines,
        decided=at_micros(decision.at),
        review_by=date.fromisoformat(decision.review_by),
        expires=date.fromisoformat(decision.expires),
        approvals=len(decision.approvals),
    )
    whole = Subject(decision.name, {"sha256": decision.artefact})
    each = [Subject(path, {"sha256": digest}) for path, digest in sorted(files.items())]
    return Statement((whole, *each), DECISION_PREDICATE, msgspec.to_builtins(predicate))


def exemption_statement(exemption: Exemption) -> Statement:
    """What is signed of a rule set aside; who signed it stays at the node, as with decisions."""
    predicate: dict[str, Any] = {
        "exemption": exemption.id,
        "rule": exemption.rule,
        "reason": exemption.reason,
        "from": at_micros(exemption.at).isoformat(),
        "until": at_micros(exemption.until).isoformat(),
        "signed": len(set(exemption.by)),
    }
    return Statement((Subject("artefact", {"sha256": exemption.artefact}),), EXEMPTION_PREDICATE, predicate)


def read_decision(statement: Statement) -> AttestedDecision:
    """The predicate of a statement. Raises BadInput when it is not a release decision."""
    if statement.predicate_type != DECISION_PREDICATE:
        raise BadInput(f"the statement is {statement.predicate_type[:80]!r}; {DECISION_PREDICATE} is read")
    try:
        decision = msgspec.convert(statement.predicate, AttestedDecision)
    except msgspec.ValidationError as error:
        raise BadInput(f"the statement is not a release decision: {error}") from None
    if decision.decided.tzinfo is None:
        raise BadInput("the statement is not a release decision: its time has no zone")
    return decision


def verify(
    envelope: Envelope,
    keys: Sequence[PublicKey],
    *,
    at: datetime,
    files: Mapping[str, str] | None = None,
    whole: str = "",
    policies: ReleasePolicies | None = None,
) -> Accepted | Refused:
    """Judge a signed decision as of `at`. `files` are sha256 by path, and `whole` the digest of them together.

    1. One of `keys` made the signature. 2. It is a decision that says what its own parts say. 3. It is of these bytes:
    all of them and no more. 4. Two people approved it, and its days are not over. 5. Where our policies are those
    that decided, they say the same of the same question.

    Raises BadInput when the payload is no release decision.
    """
    key = next((one for one in keys if signed_by(envelope, one)), None)
    if key is None:
        return Refused(("answer.unknown-key",))  # 1
    if envelope.payload_type != IN_TOTO_TYPE:
        raise BadInput(f"the envelope carries {envelope.payload_type[:60]!r}, not {IN_TOTO_TYPE}")
    statement = parse_statement(envelope.payload)
    decision = read_decision(statement)
    reasons = [*_itself(statement, decision)]  # 2
    if files is not None and not _of(statement, decision, files, whole):
        reasons.append("answer.other-bytes")  # 3
    if decision.approvals < PEOPLE:
        reasons.append("answer.not-approved")  # 4
    if at.date() >= decision.expires:
        reasons.append("answer.expired")
    if (decision.decided - at).total_seconds() > MAX_CLOCK_SKEW_SECONDS:
        reasons.append("answer.not-yet")
    asked_again = policies is not None and policies.digest == decision.policies
    if asked_again and policies is not None and not _same(decision, policies):
        reasons.append("answer.not-what-policies-say")  # 5
    if reasons:
        return Refused(tuple(reasons), decision)
    return Accepted(decision, key_id(key), asked_again, files is not None)


def why(reason: str, language: str = "en") -> str:
    """A reason's sentence."""
    return said(reason, language=language)


def _attested(ground: Ground) -> AttestedGround:
    return AttestedGround(ground.rule, ground.kind, ground.most, ground.evidence)


def _allows(tier: Tier) -> dict[str, bool]:
    return {one.value: OPENNESS.index(one) <= OPENNESS.index(tier) for one in OPENNESS[1:]}


def _itself(statement: Statement, decision: AttestedDecision) -> list[str]:
    about = {one.digest.get("sha256", "") for one in statement.subjects}
    if decision.allows != _allows(decision.tier) or decision.artefact not in about:
        return ["answer.at-odds"]
    return []


def _of(statement: Statement, decision: AttestedDecision, files: Mapping[str, str], whole: str) -> bool:
    if whole == decision.artefact:
        return True
    named = {one.name: one.digest.get("sha256", "") for one in statement.subjects[1:]}
    return bool(named) and named == dict(files)


def _same(decision: AttestedDecision, policies: ReleasePolicies) -> bool:
    try:
        question = msgspec.convert(msgspec.to_builtins(decision.asked), ReleaseQuestion)
    except msgspec.ValidationError:
        return False
    most = policies.how_far(question).tier
    offered = CLOSED_OFFERS if decision.closed else OPENNESS
    return decision.tier is min(most, offered[-1], key=OPENNESS.index)
