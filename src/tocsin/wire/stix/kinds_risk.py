"""Our extensions about a claim, on any object: how much is at stake, and how far it has come."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from tocsin.kernel import EvidenceStatus
from tocsin.wire.stix.extensions import Extension, Statement, Timestamp
from tocsin.wire.stix.kinds_actor import Basis


class RiskVectorExtension(Extension, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """On any object: the five dimensions of risk, the contexts that weigh more, and whether the outcome has a floor."""

    NAME: ClassVar[str] = "risk-vector"
    vector: Annotated[
        str,
        Meta(
            pattern=r"^TMR:1\.0/U:[NLMH]/S:[NLMH]/A:[NLMH]/C:[NLMH]/G:[NLMH]$",
            description="Uplift, scale, attribution, coupling, gaps (docs/warnings.md).",
        ),
    ]
    contexts: Annotated[
        list[
            Literal[
                "context.critical-infrastructure",
                "context.core-finance",
                "context.government",
                "context.health",
                "context.pathogen-design",
                "context.lab-workflow",
            ]
        ],
        Meta(max_length=6, description="High-risk contexts of the taxonomy."),
    ]
    floor: Annotated[
        bool, Meta(description="A catastrophic outcome is possible: its severity is never averaged away.")
    ]
    evidence_status: EvidenceStatus
    basis: Basis


class EvidenceStatusExtension(Extension, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """On any object: theoretical, tested or observed, who else says so, and what would refute it."""

    NAME: ClassVar[str] = "evidence-status"
    evidence_status: EvidenceStatus
    sources: Annotated[
        Literal["one", "several-dependent", "several-independent"],
        Meta(description="Reports that repeat one report are dependent."),
    ]
    as_of: Timestamp
    would_refute: Annotated[Statement, Meta(description="What, if it were seen, would show the claim wrong.")]
    basis: Basis
