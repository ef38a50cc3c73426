"""How the service of counts over several nodes is put together from the others of a node."""

import os
from typing import TYPE_CHECKING

from tocsin.app.distinct_counts import DistinctCounts
from tocsin.app.distinct_inputs import DistinctInputs
from tocsin.app.distinct_post import DistinctLine
from tocsin.app.distinct_running import Running

if TYPE_CHECKING:
    from tocsin.app.services import Services


def distinct_counts_of(node: "Services") -> DistinctCounts:
    """Cheap: no curve is loaded before a count begins."""
    ledger = node.counting.ledger
    running = Running(
        node.store,
        node.access,
        ledger,
        DistinctInputs(node.store, node.keys, node.access, os.urandom),
        node.keys.identity.stix_identity,
        node.clock,
        DistinctLine(node.store, node.exchange).send,
    )
    return DistinctCounts(node.store, node.access, ledger, running, node.clock)
