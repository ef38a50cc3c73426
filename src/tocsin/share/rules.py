"""Rules on their way out and in: which text may leave, and what an indicator holds that is one.

Enters: a rule and what its owner says of it; records of others. Leaves: records for the gate; shared rules, and why a
record is none. Refuses: a text that is not in its travelling form, so that nothing of its file but the rule can leave.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from tocsin.kernel import BadInput, EvidenceStatus, Record, Unavailable
from tocsin.wire.sigma import Rule, read_rule, travel_form
from tocsin.wire.stix import Indicator as StixIndicator
from tocsin.wire.stix import RuleExtension, extension_id, micros_of, parse, read, view

PATTERN_TYPE = "sigma"
MIN_BASIS_CHARS = 12
"""A basis is a sentence, not a full stop, as for fingerprints."""


class SharedRule(msgspec.Struct, frozen=True):
    """A rule that somebody shares. `until` in microseconds."""

    id: str
    author: str
    rule: Rule
    basis: str
    until: int | None


def rule_fits(value: Mapping[str, Any]) -> str | None:
    """None when an indicator's pattern is a rule that may leave, else the path of what may not."""
    held = value["extensions"].get(extension_id(RuleExtension), {})
    try:
        text = value["pattern"]
        rule = read_rule(text.encode(), "the pattern")
        if travel_form(text, value["id"].rpartition("--")[2]) != text:
            return "pattern"
    except (BadInput, Unavailable):
        return "pattern"
    return None if rule.category == held.get("category") else "extensions"


def is_rule(item: StixIndicator) -> bool:
    """Whether an indicator holds a Sigma rule and no STIX pattern."""
    return item.pattern_type == PATTERN_TYPE


def rule_in(record: Record) -> SharedRule | None:
    """The rule that a record holds; None for another record, and for one whose author took it back.

    1. It is a sound indicator with our extension. 2. The rule can be run here. 3. Rule and extension name the same
    conduct of the closed list. 4. It was tried, on a stated ground. Raises BadInput for what fails.
    """
    if record.type != "indicator":
        return None
    item = view(parse(record.stix))
    if not isinstance(item, StixIndicator) or not is_rule(item) or item.revoked is True:
        return None
    claim = read(item, RuleExtension)  # 1
    if claim is None:
        raise BadInput("it does not say of which conduct it is, and on what ground")
    rule = read_rule(item.pattern.encode(), "its rule")  # 2
    if rule.category != claim.category:  # 3
        raise BadInput("its rule names another conduct than its author states")
    if claim.evidence_status is EvidenceStatus.THEORETICAL or len(claim.basis.strip()) < MIN_BASIS_CHARS:  # 4
        raise BadInput("it was never tried, or its basis is not stated")
    until = None if isinstance(item.valid_until, msgspec.UnsetType) else micros_of(item.valid_until)
    return SharedRule(record.id, record.author, rule, claim.basis, until)
