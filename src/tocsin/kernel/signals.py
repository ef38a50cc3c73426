"""Signal: what one detector says of one event."""

import msgspec


class Signal(msgspec.Struct, frozen=True):
    """`strength` is 0 to 1; `evidence` names the rule or phrase id that spoke, never the user's text."""

    detector: str
    version: str
    category: str
    strength: float
    evidence: str
