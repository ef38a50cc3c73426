"""All our extensions, and on which STIX types each stands.

A report carries what has a date and rests on other objects (an evaluation, a decision); a course of action carries a
red line, because others endorse it by opinions; a grouping carries a cluster of accounts, because it blames nobody;
an attribution stands on the relationship `attributed-to` and not on what is attributed.
"""

from collections.abc import Mapping

from tocsin.wire.stix.extensions import (
    EXTENSIONS,
    CampaignExtension,
    DismissalExtension,
    Extension,
    FingerprintExtension,
    HandlingExtension,
    RuleExtension,
    SightingExtension,
    SignedFieldsExtension,
)
from tocsin.wire.stix.kinds_actor import (
    AccountClusterExtension,
    AttributionExtension,
    IntentAndEffectExtension,
)
from tocsin.wire.stix.kinds_model import (
    ModelEvaluationExtension,
    RedLineExtension,
    ReleaseDecisionExtension,
)
from tocsin.wire.stix.kinds_risk import EvidenceStatusExtension, RiskVectorExtension

KINDS: tuple[type[Extension], ...] = (
    *EXTENSIONS,
    AccountClusterExtension,
    AttributionExtension,
    EvidenceStatusExtension,
    IntentAndEffectExtension,
    ModelEvaluationExtension,
    RedLineExtension,
    ReleaseDecisionExtension,
    RiskVectorExtension,
    RuleExtension,
)
"""Each with a schema that every node serves."""

STANDS_ON: Mapping[type[Extension], frozenset[str] | None] = {
    FingerprintExtension: frozenset({"indicator"}),
    CampaignExtension: frozenset({"campaign"}),
    SightingExtension: frozenset({"sighting"}),
    DismissalExtension: frozenset({"indicator"}),
    AccountClusterExtension: frozenset({"grouping"}),
    AttributionExtension: frozenset({"relationship"}),
    EvidenceStatusExtension: None,
    IntentAndEffectExtension: frozenset({"campaign", "incident", "grouping"}),
    ModelEvaluationExtension: frozenset({"report"}),
    RedLineExtension: frozenset({"course-of-action"}),
    ReleaseDecisionExtension: frozenset({"report"}),
    RiskVectorExtension: None,
    RuleExtension: frozenset({"indicator"}),
    SignedFieldsExtension: None,
    HandlingExtension: None,
}
"""None for any type."""
