"""Signal: what one detector says of one event."""

import msgspec

AGENT_DETECTORS = "agent."
"""How the names of detectors begin that speak of what an agent's tools did: it says nothing of whose agent it was, so
no account is noted for it, and no rule rings by it alone (`correlate.Agents` weighs it).
"""


class Signal(msgspec.Struct, frozen=True, gc=False):
    """`strength` is 0 to 1; `evidence` names the rule or phrase id that spoke, never the user's text."""

    detector: str
    version: str
    category: str
    strength: float
    evidence: str
