"""Sigma rules and correlations: YAML in, a small typed tree out. pySigma parses, this room decides what is taken.

Enters: the bytes of one rule, ours or a stranger's. Leaves: a frozen `Rule` whose fields are on the allow-list and
whose every value is plain data. Refuses, naming the field: what this node does not run exactly as it is written.
pySigma is the extra `rules`, imported when the first rule is read. Docs: docs/rules.md.
"""

from tocsin.wire.sigma.fields import Field, Place, field_of
from tocsin.wire.sigma.parsing import MAX_RULE_BYTES, read_rule
from tocsin.wire.sigma.travelling import travel_form
from tocsin.wire.sigma.tree import (
    DETECTOR,
    And,
    Base,
    Compare,
    Correlation,
    CorrelationKind,
    Exists,
    Is,
    Like,
    Node,
    Not,
    Or,
    Regex,
    Rule,
    Wild,
    leaves,
)

__all__ = [
    "DETECTOR",
    "MAX_RULE_BYTES",
    "And",
    "Base",
    "Compare",
    "Correlation",
    "CorrelationKind",
    "Exists",
    "Field",
    "Is",
    "Like",
    "Node",
    "Not",
    "Or",
    "Place",
    "Regex",
    "Rule",
    "Wild",
    "field_of",
    "leaves",
    "read_rule",
    "travel_form",
]
