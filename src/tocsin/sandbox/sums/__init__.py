"""Invented worlds of many nodes, as counts: what a sum of evidence over nodes is judged on.

Enters: a setting and a seed. Leaves: for each repeated text at each node, day by day, how many accounts have which
trait. Refuses: events, texts, people, and any judgement: who scores these counts is elsewhere (`benchmarks.sums`).
"""

from tocsin.kernel.sums import COMPONENTS, KINDS_SHARED, Component
from tocsin.sandbox.sums.kinds import BENIGN, Crowd
from tocsin.sandbox.sums.worlds import DAYS, Setting, World, world

__all__ = [
    "BENIGN",
    "COMPONENTS",
    "DAYS",
    "KINDS_SHARED",
    "Component",
    "Crowd",
    "Setting",
    "World",
    "world",
]
