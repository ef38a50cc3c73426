"""What one text says by itself: signals, and a fingerprint to compare it by.

Enters: raw texts, in memory only. Leaves: signals that name a rule and never the text, and sketches.
Refuses: to keep anything, and to judge an account: that is `correlate`'s. To add a detector, see docs/phrases.md.
"""

from tocsin.screen.acts import Acts, load_aims
from tocsin.screen.agents import Misuse, ToolPolicies, load_tool_policies
from tocsin.screen.batch import FINDINGS, PREPARED, Detector, prepare
from tocsin.screen.evasion import Evasion
from tocsin.screen.phrases import PhraseSearch
from tocsin.screen.rules import RuleSearch
from tocsin.screen.service import DETECTORS, Screen, Screened

__all__ = [
    "DETECTORS",
    "FINDINGS",
    "PREPARED",
    "Acts",
    "Detector",
    "Evasion",
    "Misuse",
    "PhraseSearch",
    "RuleSearch",
    "Screen",
    "Screened",
    "ToolPolicies",
    "load_aims",
    "load_tool_policies",
    "prepare",
]
