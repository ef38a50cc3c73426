"""STIX patterns: text to a frozen tree, once, and back to one canonical text.

Enters: the text of a `pattern` whose `pattern_type` is `stix`. Leaves: a `Pattern`, or a `PatternError` that says at
which character and what was expected, quoting nothing. Refuses: what the grammar of STIX 2.1 section 9 does not
allow, and anything over a bound. Why a parser of our own: docs/adr/0006.
"""

from tocsin.wire.stix.patterns.parsing import (
    MAX_DEPTH,
    MAX_OBSERVATIONS,
    MAX_PATTERN_CHARS,
    PatternError,
    parse_pattern,
    why_not_pattern,
)
from tocsin.wire.stix.patterns.tree import (
    Combined,
    Comparison,
    Constant,
    ConstantKind,
    Exists,
    Expression,
    Index,
    Joined,
    Observation,
    Path,
    Pattern,
    Qualified,
    Repeats,
    StartStop,
    Within,
)
from tocsin.wire.stix.patterns.writing import pattern_text

__all__ = [
    "MAX_DEPTH",
    "MAX_OBSERVATIONS",
    "MAX_PATTERN_CHARS",
    "Combined",
    "Comparison",
    "Constant",
    "ConstantKind",
    "Exists",
    "Expression",
    "Index",
    "Joined",
    "Observation",
    "Path",
    "Pattern",
    "PatternError",
    "Qualified",
    "Repeats",
    "StartStop",
    "Within",
    "parse_pattern",
    "pattern_text",
    "why_not_pattern",
]
