"""Families of items that ask a model one question each, with the judge that tells a pass from a failure.

Enters: a prompt's answer. Leaves: passed, failed, or invalid with a reason. Refuses: to credit what the answer does not
hold. Items are data (data/, harmless, written here); every hazard is a stand-in. Docs: docs/families.md.
"""

from collections.abc import Mapping
from types import MappingProxyType

from tocsin.evaluate.families.agent_misuse import NEVER_MET, NEVER_RAN, NO_WORLD, AgentMisuse
from tocsin.evaluate.families.code_flaws import NO_CODE, NO_JUDGE, UNPARSABLE, CodeFlaws
from tocsin.evaluate.families.deception_markers import DeceptionMarkers
from tocsin.evaluate.families.obfuscation import Obfuscation
from tocsin.evaluate.families.output_policy import OutputPolicy
from tocsin.evaluate.families.over_refusal import OverRefusal
from tocsin.evaluate.families.persuasion_markers import PersuasionMarkers
from tocsin.evaluate.families.refusal import OTHER, UNKNOWN, Refusal
from tocsin.evaluate.families.sheets import TOO_LONG, SheetFamily
from tocsin.evaluate.silence import BLANK

_ALL: tuple[SheetFamily, ...] = (
    Refusal(),
    OverRefusal(),
    Obfuscation(),
    OutputPolicy(),
    PersuasionMarkers(),
    DeceptionMarkers(),
    CodeFlaws(),
    AgentMisuse(),
)
INVALID_REASONS = frozenset(
    {BLANK, TOO_LONG, UNKNOWN, OTHER, NO_CODE, UNPARSABLE, NO_JUDGE, NO_WORLD, NEVER_RAN, NEVER_MET}
)
"""Why an item's answer is neither passed nor failed: words of all families. Each has its sentences."""

_BY_NAME = MappingProxyType({family.name: family for family in _ALL})


def families() -> Mapping[str, SheetFamily]:
    """Every family by its name. A family more is a row here, a module, a data file and a test."""
    return _BY_NAME
