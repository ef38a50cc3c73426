"""All our extensions, and on which STIX types each stands.

A report carries what has a date and rests on other objects (an evaluation, a decision); a course of action carries a
red line, because others endorse it by opinions; a note carries a commitment, which claims nothing of anybody else, a
message of a joint case or a noisy count, which stand for themselves; a grouping carries a cluster of accounts, because
it blames nobody; an attribution stands on the relationship `attributed-to` and not on what is attributed.
"""

from collections.abc import Mapping
from typing import Any

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
    extension_id,
)
from tocsin.wire.stix.kinds_actor import (
    AccountClusterExtension,
    AttributionExtension,
    IntentAndEffectExtension,
)
from tocsin.wire.stix.kinds_agreed import CommitmentExtension, RedLineStanceExtension
from tocsin.wire.stix.kinds_counts import NoisyCountExtension
from tocsin.wire.stix.kinds_joint import JointMessageExtension
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
    CommitmentExtension,
    EvidenceStatusExtension,
    IntentAndEffectExtension,
    JointMessageExtension,
    ModelEvaluationExtension,
    NoisyCountExtension,
    RedLineExtension,
    RedLineStanceExtension,
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
    CommitmentExtension: frozenset({"note"}),
    EvidenceStatusExtension: None,
    IntentAndEffectExtension: frozenset({"campaign", "incident", "grouping"}),
    JointMessageExtension: frozenset({"note"}),
    ModelEvaluationExtension: frozenset({"report"}),
    NoisyCountExtension: frozenset({"note"}),
    RedLineExtension: frozenset({"course-of-action"}),
    RedLineStanceExtension: frozenset({"opinion"}),
    ReleaseDecisionExtension: frozenset({"report"}),
    RiskVectorExtension: None,
    RuleExtension: frozenset({"indicator"}),
    SignedFieldsExtension: None,
    HandlingExtension: None,
}
"""None for any type."""

MODEL_KINDS: tuple[type[Extension], ...] = (
    CommitmentExtension,
    ModelEvaluationExtension,
    RedLineExtension,
    RedLineStanceExtension,
    ReleaseDecisionExtension,
)
"""Those that speak of models and of what was agreed about them: of no conduct, so no category of conduct says it."""

TYPED_KINDS: tuple[type[Extension], ...] = (*MODEL_KINDS, JointMessageExtension, NoisyCountExtension)
"""Those that the policies are told of by name. A message of a joint case says of which conduct in its invitation; a
noisy count is of every conduct on the list at once."""

_KIND_NAMES = {extension_id(kind): kind.NAME for kind in TYPED_KINDS}


def kind_of(value: Mapping[str, Any]) -> str:
    """The name of the TYPED_KINDS extension that an object carries; empty for none, and for two of them."""
    extensions = value.get("extensions")
    if not isinstance(extensions, dict):
        return ""
    found = [_KIND_NAMES[one] for one in extensions if one in _KIND_NAMES]
    return found[0] if len(found) == 1 else ""
