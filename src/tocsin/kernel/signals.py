"""Signal: what one detector says of one event."""

from hashlib import blake2b

import msgspec

AGENT_DETECTORS = "agent."
"""How the names of detectors begin that speak of what an agent's tools did: it says nothing of whose agent it was, so
no account is noted for it, and no rule rings by it alone (`correlate.Agents` weighs it).
"""

MARK = "mark"
"""The category of what weighs nothing and accuses nobody: it means something only in a row (`correlate.Agents`)."""

ASKED, NAMED, USED = "asks/", "named/", "uses/"
"""How the evidence of marks begins that follow a name through a session: a tool's result brought it (then tenths of the
strength with which it asks for something, `/`, and its mark), a person named it, a call took it up.
"""

HANDS_OVER = "hands-over"
"""Mark of a person's words that ask for something to be done, not told."""

READS = r"(?:^|[_.-])(?:fetch|get|read|open|browse|search|find|list|look|query|download|view|visit|crawl|check|show)"
"""Begins a part of a tool's name that reads and hands nothing over (a regular expression, case ignored)."""


def short_mark(name: str) -> str:
    """16 bits that tell equal names of one session apart from others: too little to find a name by."""
    return blake2b(name.encode("utf-8", "replace"), digest_size=2).hexdigest()


class Signal(msgspec.Struct, frozen=True, gc=False):
    """`strength` is 0 to 1; `evidence` names the rule or phrase id that spoke, never the user's text."""

    detector: str
    version: str
    category: str
    strength: float
    evidence: str
