"""The sandbox: invented worlds with known truth, and the counter that looks for raw values on a wire.

Enters: a seed and a present. Leaves: events of several nodes (as their sources would send them), beside
them the truth, and planted canaries; and counts of raw values in captured bytes. Refuses: real people,
hazardous text (the campaign is a harmless stand-in, a "lottery refund"), files and sockets.
"""

from tocsin.sandbox.leaks import Leak, LeakCounter
from tocsin.sandbox.scenario import (
    CAMPAIGN,
    DAYS,
    NODE_NAMES,
    Canary,
    Scenario,
    generate,
    to_json_line,
)

__all__ = [
    "CAMPAIGN",
    "DAYS",
    "NODE_NAMES",
    "Canary",
    "Leak",
    "LeakCounter",
    "Scenario",
    "generate",
    "to_json_line",
]
