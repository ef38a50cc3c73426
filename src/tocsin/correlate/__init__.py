"""What events say together: campaigns, phrases heard, and what a peer's indicator means here.

Enters: events as Arrow batches, sketches, indicators, dismissals, and the present. Leaves: warnings with their
reasons. Refuses: to take repetition for guilt, and a stranger's fingerprint for evidence. See docs/warnings.md.
"""

from tocsin.correlate.agents import Agents
from tocsin.correlate.campaigns import find_campaigns
from tocsin.correlate.dismissals import Dismisser, Voices, heard_again, voices
from tocsin.correlate.exclusions import Exclusions
from tocsin.correlate.look_back import LookBackResult, Outcome, look_back, what_is_left
from tocsin.correlate.lookout import Lookout, Renewed
from tocsin.correlate.phrases import find_phrases
from tocsin.correlate.rules import Armed, RuleWatch, asked, rule_of
from tocsin.correlate.settings import DEFAULT_SETTINGS, CampaignSettings
from tocsin.correlate.window import Window

__all__ = [
    "DEFAULT_SETTINGS",
    "Agents",
    "Armed",
    "CampaignSettings",
    "Dismisser",
    "Exclusions",
    "LookBackResult",
    "Lookout",
    "Outcome",
    "Renewed",
    "RuleWatch",
    "Voices",
    "Window",
    "asked",
    "find_campaigns",
    "find_phrases",
    "heard_again",
    "look_back",
    "rule_of",
    "voices",
    "what_is_left",
]
