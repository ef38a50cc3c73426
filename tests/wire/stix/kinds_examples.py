"""One example object of each of our kinds, as a lab or an institute would write it. Harmless, invented."""

from typing import Any

from tocsin.kernel import TLP, EvidenceStatus
from tocsin.kernel.joint_cases import Invitation, JointRule
from tocsin.wire import stix
from tocsin.wire.stix.extensions import Extension, RuleExtension, attach
from tocsin.wire.stix.kinds_actor import (
    AccountClusterExtension,
    Alternative,
    AttributionExtension,
    Effect,
    Intent,
    IntentAndEffectExtension,
)
from tocsin.wire.stix.kinds_agreed import CommitmentExtension, RedLineStanceExtension, line_digest
from tocsin.wire.stix.kinds_counts import NoisyCell, NoisyCountExtension, count_note
from tocsin.wire.stix.kinds_joint import JointMessageExtension, case_digest, message_note
from tocsin.wire.stix.kinds_model import (
    LineAnswer,
    ModelEvaluationExtension,
    RedLineExtension,
    ReleaseDecisionExtension,
    Result,
)
from tocsin.wire.stix.kinds_risk import EvidenceStatusExtension, RiskVectorExtension

AUTHOR = stix.own_id("identity", "institute")
AT = "2026-03-01T09:00:00.000Z"
LATER = "2026-09-01T09:00:00.000Z"
MODEL = "sha256:" + "a1" * 32
PROTOCOL = "sha256:" + "b2" * 32
LINE = stix.own_id("course-of-action", "example-line")
EVALUATION = stix.own_id("report", "example-evaluation")
CAMPAIGN = stix.own_id("campaign", "example-campaign")
ACTOR = stix.own_id("threat-actor", "example-actor")
SEEN = EvidenceStatus.OBSERVED
TESTED = EvidenceStatus.TESTED

CLUSTER = AccountClusterExtension(
    category="fraud.scam",
    actors="10-24",
    events="100-499",
    span="days",
    behaviours=["near-duplicate-text", "burst-of-creation"],
    new_accounts="most",
    single_purpose="all",
    flagged_before="few",
    shared_identifiers=["invitation", "wallet"],
    harmless_reasons=["viral-template", "class-or-workplace"],
    evidence_status=SEEN,
    basis="Two reviewers read their own samples.",
)
RULE = RuleExtension(
    category="fraud.scam", evidence_status=TESTED, basis="Tried for a month on our own traffic."
)
ATTRIBUTION = AttributionExtension(
    form="informal-group",
    capability="novice",
    confidence=35,
    grounds=["account-overlap", "technique"],
    alternatives=[
        Alternative(
            explanation="shared-tooling",
            confidence=40,
            would_decide="The same tool on accounts without overlap.",
        ),
        Alternative(
            explanation="false-flag",
            form="individual",
            confidence=10,
            would_decide="Payments that lead elsewhere.",
        ),
    ],
    evidence_status=SEEN,
    basis="Overlap of invitations in two weeks.",
)
INTENT_AND_EFFECT = IntentAndEffectExtension(
    intent=Intent(assessment="unclear", confidence=20, basis="No statement of the accounts themselves."),
    effect=Effect(
        realised="attempted",
        levels=["level.individual"],
        severity="limited",
        reversible="with-effort",
        confidence=70,
        basis="Three reports of lost refunds.",
    ),
)
EVALUATION_RESULT = ModelEvaluationExtension(
    model=MODEL,
    protocol=PROTOCOL,
    domain="domain.cyber",
    condition="safeguards-removed",
    method="novice-trial",
    results=[
        Result(
            measure="task-success",
            rate=0.31,
            lower=0.22,
            upper=0.41,
            trials=120,
            baseline="search",
            baseline_rate=0.27,
        )
    ],
    capability="L",
    assessor="public-institute",
    signed_off=True,
    evaluated=AT,
    review_by=LATER,
    limits="English only; one hour for each trial.",
    evidence_status=TESTED,
    basis="Protocol fixed and logged before the trial.",
)
RED_LINE = RedLineExtension(
    subject="capability",
    domain="domain.cyber",
    condition="safeguards-removed",
    method="novice-trial",
    protocol=PROTOCOL,
    measure="task-success",
    crossed_when="at-least",
    threshold=0.6,
    in_force=AT,
    review_by=LATER,
    basis="Twice the rate of ordinary search.",
)
DECISION = ReleaseDecisionExtension(
    model=MODEL,
    decision="staged",
    access="research",
    conditions=["identity-verification", "monitoring"],
    red_lines=[LineAnswer(line=LINE, outcome="clear")],
    why_not_less="Uplift without safeguards was measured once only.",
    benefits="Defenders test with it from the first day.",
    approvals=2,
    decided=AT,
    review_by=LATER,
    basis="The evaluation that the report refers to.",
)
STANCE = RedLineStanceExtension(
    line=line_digest(RED_LINE), stance="object", reason="A tenth would be measured with fewer people."
)
PARTIES = ["sha256:" + "c3" * 32, "sha256:" + "d4" * 32]
INVITATION = Invitation(
    convener=PARTIES[0],
    rule=JointRule.UNANIMOUS,
    category="fraud.scam",
    purpose="Lottery letters on two platforms.",
    until="2026-09-01T00:00:00.000Z",
    nonce="0f" * 32,
)
JOINT_MESSAGE = JointMessageExtension(
    case=case_digest(INVITATION, PARTIES),
    party=PARTIES[0],
    parties=PARTIES,
    told=PARTIES,
    number=1,
    says=INVITATION,
)
COMMITMENT = CommitmentExtension(
    area="transparency",
    practice="Limits of each model are published with it.",
    evidence="https://institute.example/limits",
    since=AT,
    review_by=LATER,
)
COUNT = NoisyCountExtension(
    week="2026-W09",
    list_of="categories",
    unit="actor-week",
    mechanism="discrete-laplace",
    coverage=95,
    bound=3,
    epsilon=0.5,
    scale=6.0,
    half_width=18,
    counts=[NoisyCell(of="fraud.scam", value=41), NoisyCell(of="cyber.malware", value=-3)],
)
RISK = RiskVectorExtension(
    vector="TMR:1.0/U:L/S:H/A:M/C:N/G:M",
    contexts=["context.core-finance"],
    floor=False,
    evidence_status=SEEN,
    basis="Scale from two nodes.",
)
STATUS = EvidenceStatusExtension(
    evidence_status=TESTED,
    sources="several-independent",
    as_of=AT,
    would_refute="The same rate with search alone.",
    basis="Two institutes, two protocols.",
)
EXAMPLES: tuple[Extension, ...] = (
    CLUSTER,
    ATTRIBUTION,
    INTENT_AND_EFFECT,
    EVALUATION_RESULT,
    RED_LINE,
    DECISION,
    RISK,
    STATUS,
    RULE,
    STANCE,
    COMMITMENT,
    JOINT_MESSAGE,
    COUNT,
)


def _common(identifier: str) -> dict[str, Any]:
    return {
        "id": identifier,
        "created": AT,
        "modified": AT,
        "created_by_ref": AUTHOR,
        "object_marking_refs": [stix.marking_id(TLP.GREEN)],
    }


OBJECTS: tuple[stix.StixObject, ...] = (
    stix.Grouping(
        **_common(stix.own_id("grouping", "example-cluster")),
        context="suspicious-activity",
        object_refs=[CAMPAIGN],
        extensions=attach(CLUSTER, INTENT_AND_EFFECT, RISK),
    ),
    stix.Relationship(
        **_common(stix.own_id("relationship", "example-attribution")),
        relationship_type="attributed-to",
        source_ref=CAMPAIGN,
        target_ref=ACTOR,
        extensions=attach(ATTRIBUTION),
    ),
    stix.Report(
        **_common(EVALUATION),
        name="Evaluation of a model",
        published=AT,
        object_refs=[stix.own_id("software", "example-model")],
        extensions=attach(EVALUATION_RESULT, STATUS),
    ),
    stix.Indicator(
        **_common(stix.own_id("indicator", "example-rule")),
        name="A rule",
        description="An example.",
        indicator_types=["malicious-activity"],
        pattern="title: an example",
        pattern_type="sigma",
        valid_from=AT,
        extensions=attach(RULE),
    ),
    stix.CourseOfAction(**_common(LINE), name="A red line for cyber uplift", extensions=attach(RED_LINE)),
    stix.Opinion(
        **_common(stix.own_id("opinion", "example-stance")),
        opinion="strongly-disagree",
        object_refs=[LINE],
        extensions=attach(STANCE),
    ),
    stix.Note(
        **_common(stix.own_id("note", "example-commitment")),
        content="Commitment: transparency",
        object_refs=[AUTHOR],
        extensions=attach(COMMITMENT),
    ),
    stix.Note(
        **_common(message_note(AUTHOR, JOINT_MESSAGE)),
        content="Joint case: invitation",
        object_refs=[AUTHOR],
        extensions=attach(JOINT_MESSAGE),
    ),
    stix.Note(
        **_common(count_note(AUTHOR, "2026-W09", "categories")),
        content="Noisy count: categories",
        object_refs=[AUTHOR],
        extensions=attach(COUNT),
    ),
    stix.Report(
        **_common(stix.own_id("report", "example-decision")),
        name="Release decision",
        published=AT,
        object_refs=[EVALUATION, LINE],
        extensions=attach(DECISION),
    ),
)
