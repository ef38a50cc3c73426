"""Sums of evidence over nodes, and no node's own: threshold tags, shares to two aggregators, one bit. Unaudited.

Enters: a roster, a node's counts by key, the other nodes' messages as bytes, each with the name of who sent it (the
signed exchange says so). Leaves: messages as bytes, and for each key that a node raised whether its sum rings.
Refuses: other rosters and epochs, points that are no elements, shares and proofs that do not hold, sizes that lie,
what was sent before. No sockets, no files, no store.

1. `KeyMaking`, once an epoch: participants make a key that none of them has. 2. `Tagging` asks, `Evaluator` answers:
a node learns the tags of its keys and nobody learns the keys. 3. `submit`: counts in shares, one box for each
aggregator. 4. `Aggregator`, at the two: shares are added by tag, exchanged as sums, scored. 5. `rung`: a raiser reads
its bits.

Protocol, proof sketch, what each party learns and what is not prevented: docs/sums.md.
"""

from tocsin.trust.summing.accounting import epsilon, least_scale, look_cost
from tocsin.trust.summing.aggregating import Aggregator, Noise, Rings
from tocsin.trust.summing.evaluating import Evaluator, TagSpending
from tocsin.trust.summing.keys import GroupKey, KeyShare, read_share, write_share
from tocsin.trust.summing.making import KeyMaking, Step
from tocsin.trust.summing.reading import Heard, rung
from tocsin.trust.summing.submitting import Submitted, submit, value_of, values_of
from tocsin.trust.summing.tagging import Tagging

__all__ = [
    "Aggregator",
    "Evaluator",
    "GroupKey",
    "Heard",
    "KeyMaking",
    "KeyShare",
    "Noise",
    "Rings",
    "Step",
    "Submitted",
    "TagSpending",
    "Tagging",
    "epsilon",
    "least_scale",
    "look_cost",
    "read_share",
    "rung",
    "submit",
    "value_of",
    "values_of",
    "write_share",
]
