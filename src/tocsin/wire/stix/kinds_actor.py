"""Our extensions about conduct: how a cluster of accounts behaves, what was meant and what came of it, who it may be.

They say what was seen and how sure it is. None has a place for an account, a text, a name, a belief or a country.
"""

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from tocsin.kernel import EvidenceStatus
from tocsin.wire.stix.extensions import Bucket, Conduct, Extension, Statement
from tocsin.wire.stix.parts import Percent

MAX_ALTERNATIVES = 5
"""Other explanations that one attribution weighs; more are a report."""

Share = Annotated[
    Literal["unknown", "none", "few", "half", "most", "all"],
    Meta(
        description="Of the accounts: under 1 %, under 35 %, under 65 %, under 95 %, more. No count leaves."
    ),
]
Basis = Annotated[
    Statement, Meta(description="On what ground the author says so, without quoting or naming anybody.")
]
Confidence = Annotated[Percent, Meta(description="0 to 100, as STIX 2.1 appendix A.")]


class AccountClusterExtension(Extension, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """On a grouping: how accounts that do the same behave, in ranges, and which harmless reasons were weighed."""

    NAME: ClassVar[str] = "account-cluster"
    category: Conduct
    actors: Bucket
    events: Bucket
    span: Annotated[
        Literal["hours", "days", "weeks", "months"], Meta(description="From the first event to the last.")
    ]
    behaviours: Annotated[
        list[
            Literal[
                "near-duplicate-text",
                "reworded-text",
                "disguised-text",
                "same-target",
                "same-hours",
                "burst-of-creation",
                "repeated-refusals",
                "prompt-iteration",
                "split-task",
                "tool-abuse",
                "evasion-of-limits",
                "account-rotation",
            ]
        ],
        Meta(min_length=1, max_length=12, description="What the accounts have in common."),
    ]
    new_accounts: Share
    single_purpose: Annotated[Share, Meta(description="Accounts that do little else.")]
    flagged_before: Share
    shared_identifiers: Annotated[
        list[
            Literal[
                "payment", "wallet", "domain", "device", "address-prefix", "invitation", "email", "phone",
                "handle", "file-hash",
            ]
        ],
        Meta(max_length=10, description="Kinds of identifier that accounts share. Never a value."),
    ]  # fmt: skip
    harmless_reasons: Annotated[
        list[
            Literal[
                "viral-template",
                "client-boilerplate",
                "class-or-workplace",
                "shared-network",
                "assistive-tool",
                "organised-speech",
                "research-or-testing",
            ]
        ],
        Meta(min_length=1, max_length=7, description="Weighed and not found to explain it."),
    ]
    evidence_status: EvidenceStatus
    basis: Basis


class Intent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the conduct shows of purpose. It is never read off what came of it."""

    assessment: Literal["not-assessed", "unclear", "benign", "reckless", "malicious"]
    confidence: Confidence
    basis: Basis


class Effect(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came of it, or could, whatever was meant."""

    realised: Literal["potential", "attempted", "realised"]
    levels: Annotated[
        list[Literal["level.international", "level.national", "level.social", "level.individual"]],
        Meta(min_length=1, max_length=4),
    ]
    severity: Literal["none", "limited", "serious", "catastrophic"]
    reversible: Literal["yes", "with-effort", "no", "unknown"]
    confidence: Confidence
    basis: Basis


class IntentAndEffectExtension(Extension, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """On a campaign, incident or grouping: what was meant and what came of it, apart, each with its own ground."""

    NAME: ClassVar[str] = "intent-and-effect"
    intent: Intent
    effect: Effect


ActorForm = Literal[
    "unknown", "individual", "informal-group", "criminal-group", "company", "insider", "automated-system"
]
"""By form and nothing else (non-state does not mean malicious): a country or a belief is no form."""


class Alternative(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another explanation, how likely it is, and what would decide."""

    explanation: Literal[
        "another-actor",
        "false-flag",
        "shared-tooling",
        "coincidence",
        "harmless-use",
        "insufficient-data",
    ]
    form: ActorForm | UnsetType = UNSET
    confidence: Confidence
    would_decide: Annotated[
        Statement, Meta(description="What would tell this explanation from the leading one.")
    ]


class AttributionExtension(Extension, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """On a relationship `attributed-to`: how sure, on what kinds of ground, and what else it could be."""

    NAME: ClassVar[str] = "attribution"
    form: ActorForm
    capability: Literal["unknown", "novice", "skilled", "expert"]
    confidence: Confidence
    grounds: Annotated[
        list[
            Literal[
                "technique",
                "account-overlap",
                "infrastructure-overlap",
                "financial-trail",
                "admission",
                "report-of-another",
            ]
        ],
        Meta(min_length=1, max_length=6),
    ]
    alternatives: Annotated[
        list[Alternative] | Literal["none-considered"],
        Meta(description='Other explanations, or "none-considered" in so many words.'),
    ]
    automatic_action: Annotated[
        Literal["none"], Meta(description="Nothing may follow from an attribution without a person.")
    ] = "none"
    evidence_status: EvidenceStatus
    basis: Basis

    def __post_init__(self) -> None:
        if not isinstance(self.alternatives, str) and not 1 <= len(self.alternatives) <= MAX_ALTERNATIVES:
            raise ValueError(f"needs 1 to {MAX_ALTERNATIVES} alternatives, or none-considered")
