"""Joint tests: one registered plan, several institutes, one analysis, and no item leaves anybody.

Enters: each institute's signed tallies. Leaves: a forest, a row an institute, and the pooled rate where pooling is
allowed. Refuses: to pool other plans, other versions, too many invalid samples, or institutes that differ too much.
"""

from tocsin.evaluate.joint.analysis import Forest, ForestRow, forests
from tocsin.evaluate.joint.lines import JointLine, worst
from tocsin.evaluate.joint.pooling import Pooled, pool
from tocsin.evaluate.joint.tallies import SheetTally, Tallies, tallies_of

__all__ = [
    "Forest",
    "ForestRow",
    "JointLine",
    "Pooled",
    "SheetTally",
    "Tallies",
    "forests",
    "pool",
    "tallies_of",
    "worst",
]
