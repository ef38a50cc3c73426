"""Our extensions about models: what was measured, which line was agreed on, what was decided.

A model, a test set and a protocol are named by digest: a peer that holds the same can tell, and nobody learns a
prompt, an answer or a weight from it.
"""

from typing import Annotated, ClassVar, Literal, get_args

import msgspec
from msgspec import UNSET, Meta, UnsetType

from tocsin.kernel import EvidenceStatus
from tocsin.wire.stix.extensions import Extension, Statement, Timestamp
from tocsin.wire.stix.kinds_actor import Basis
from tocsin.wire.stix.times import exact

MAX_LINES = 20
"""Red lines that one decision answers."""

MAX_TITLE_CHARS = 120
MAX_PARTIES = 64
"""Nodes that one red line asks to sign; a line for more is open to all."""

Digest = Annotated[
    str, Meta(pattern=r"^sha256:[0-9a-f]{64}$", description="SHA-256, as other implementations write it.")
]
_Domain = Literal["domain.cyber", "domain.disinformation", "domain.cbrn", "domain.autonomous-systems"]
Domain = Annotated[_Domain, Meta(description="Harm domain of the taxonomy.")]
DOMAINS: tuple[str, ...] = get_args(_Domain)
Subject = Literal["capability", "human-control", "nuclear-command", "oversight-evasion", "self-replication"]
SUBJECTS: tuple[str, ...] = get_args(Subject)
"""What a red line is about."""

Outgoing = Literal["open", "staged", "restricted", "withheld"]
DECISIONS: tuple[str, ...] = get_args(Outgoing)
"""How far a model goes out."""

ReleaseCondition = Literal[
    "identity-verification",
    "use-terms",
    "monitoring",
    "rate-limits",
    "no-fine-tuning",
    "api-only",
    "incident-reporting",
    "labelling",
]
CONDITIONS: tuple[str, ...] = get_args(ReleaseCondition)
"""What its release is bound to."""

Rate = Annotated[float, Meta(ge=0.0, le=1.0)]
Method = Literal[
    "benchmark",
    "agentic-task",
    "expert-red-team",
    "novice-trial",
    "escalating-questions",
    "output-policy-test",
]
METHODS: tuple[str, ...] = get_args(Method)
_Condition = Literal["as-shipped", "safeguards-removed", "fine-tuned"]
Condition = Annotated[
    _Condition, Meta(description="Open weights are measured stripped and fine-tuned too; the worse counts.")
]
CONDITIONS_MEASURED: tuple[str, ...] = get_args(_Condition)
Measure = Literal["task-success", "compliance", "refusal", "detection-bypass"]
MEASURES: tuple[str, ...] = get_args(Measure)
RedLineId = Annotated[str, Meta(pattern=r"^course-of-action--[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class Result(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rate with its 95 % interval, and the same rate without the model where that was measured."""

    measure: Measure
    rate: Rate
    lower: Rate
    upper: Rate
    trials: Annotated[int, Meta(ge=1, le=10_000_000)]
    baseline: Annotated[
        Literal["none", "search", "expert", "previous-model"],
        Meta(description="What uplift is measured against; ordinary search where it can be."),
    ]
    baseline_rate: Rate | UnsetType = UNSET

    def __post_init__(self) -> None:
        if not self.lower <= self.rate <= self.upper:
            raise ValueError("the rate lies outside its interval")
        if (self.baseline == "none") != (self.baseline_rate is UNSET):
            raise ValueError("a baseline and its rate stand together")


class ModelEvaluationExtension(Extension, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """On a report: what a model did in one evaluation for misuse, how it was measured, and how far that holds."""

    NAME: ClassVar[str] = "model-evaluation"
    model: Digest
    protocol: Annotated[Digest, Meta(description="Of the protocol with its test set; neither leaves.")]
    domain: Domain
    condition: Condition
    method: Method
    results: Annotated[list[Result], Meta(min_length=1, max_length=20)]
    capability: Annotated[
        Literal["N", "L", "M", "H"], Meta(description="None, low, medium, high, as in a risk vector.")
    ]
    assessor: Literal["developer", "independent", "public-institute"]
    signed_off: Annotated[bool, Meta(description="An outside expert of the domain agrees with the reading.")]
    evaluated: Timestamp
    review_by: Annotated[Timestamp, Meta(description="From then on it says nothing.")]
    limits: Annotated[Statement, Meta(description="What was not covered.")]
    evidence_status: EvidenceStatus
    basis: Basis

    def __post_init__(self) -> None:
        _in_order(self.evaluated, self.review_by)


class RedLineExtension(Extension, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """On a course of action: a measurable line fixed beforehand. Others endorse it by an opinion on the object."""

    NAME: ClassVar[str] = "red-line"
    subject: Subject
    domain: Domain
    condition: Condition
    method: Method
    protocol: Digest
    measure: Measure
    crossed_when: Literal["at-least", "at-most"]
    threshold: Rate
    consequence: Annotated[
        Literal["block"],
        Meta(description="A line that does not block is a threshold for review, and no red line."),
    ] = "block"
    in_force: Timestamp
    review_by: Timestamp
    basis: Basis
    title: Annotated[str, Meta(min_length=1, max_length=MAX_TITLE_CHARS)] | UnsetType = UNSET
    statement: (
        Annotated[Statement, Meta(description="The line in words: what no model that goes out may do.")]
        | UnsetType
    ) = UNSET
    evidence_needed: (
        Annotated[Statement, Meta(description="What must be shown for it to count as clear.")] | UnsetType
    ) = UNSET
    scope: (
        Annotated[
            Literal["bilateral", "group", "open"],
            Meta(description="Between two, among those named, or for whoever signs; open where absent."),
        ]
        | UnsetType
    ) = UNSET
    parties: (
        Annotated[
            list[Digest],
            Meta(
                min_length=1,
                max_length=MAX_PARTIES,
                description="First keys of those asked to sign, ascending.",
            ),
        ]
        | UnsetType
    ) = UNSET
    supersedes: (
        Annotated[RedLineId, Meta(description="An earlier line that this one tightens.")] | UnsetType
    ) = UNSET

    def __post_init__(self) -> None:
        _in_order(self.in_force, self.review_by)
        if self.parties is not UNSET and self.parties != sorted(set(self.parties)):
            raise ValueError("the parties do not ascend")


class LineAnswer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a model stands to one red line, by the evaluation with the worse outcome."""

    line: RedLineId
    outcome: Literal["clear", "crossed", "not-measured"]


class ReleaseDecisionExtension(Extension, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """On a report that refers to evaluations and red lines: how far a model goes out, and why no less will do."""

    NAME: ClassVar[str] = "release-decision"
    model: Digest
    decision: Outgoing
    access: Literal["none", "research", "limited", "broad"]
    conditions: Annotated[list[ReleaseCondition], Meta(max_length=8)]
    red_lines: Annotated[list[LineAnswer], Meta(max_length=MAX_LINES)]
    why_not_less: Annotated[Statement, Meta(description="Why the next lesser control would not do.")]
    benefits: Annotated[Statement, Meta(description="What use is lost or kept by it; closed releases too.")]
    approvals: Annotated[int, Meta(ge=2, le=20, description="Distinct people who approved.")]
    decided: Timestamp
    review_by: Timestamp
    basis: Basis

    def __post_init__(self) -> None:
        _in_order(self.decided, self.review_by)
        if any(answer.outcome == "crossed" for answer in self.red_lines) and self.decision != "withheld":
            raise ValueError("a crossed red line blocks the release")
        if (self.decision == "withheld") != (self.access == "none"):
            raise ValueError("what is withheld has no access, and only that")


def _in_order(first: str, second: str) -> None:
    if exact(first) >= exact(second):
        raise ValueError("the review does not come after")
