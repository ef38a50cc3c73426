"""How the service of private sums is put together from the others of a node."""

from typing import TYPE_CHECKING

from tocsin.app.sum_gathering import Gathering
from tocsin.app.sum_keys import SumKeys
from tocsin.app.sum_line import SumLine
from tocsin.app.sum_purse import SumPurse
from tocsin.app.sum_state import Desk
from tocsin.app.summing import Summing

if TYPE_CHECKING:
    from tocsin.app.services import Services


def summing_of(node: "Services") -> Summing:
    """Cheap: the watch is asked when there is something to raise."""
    me = node.keys.identity.stix_identity
    keys = SumKeys(node.keys.day_keys)
    gathering = Gathering(
        node.store, node.keys, node.access, node.exclusions, node.clock, lambda: node.watch.raisable()
    )

    def desk() -> Desk:
        return Desk(
            me,
            node.store.sums,
            keys,
            node.clock,
            gathering.gather,
            gathering.rang,
            gathering.note,
            SumPurse(node.counting.ledger, node.clock),
        )

    return Summing(
        node.store, node.access, keys, me, node.clock, desk, SumLine(node.store, node.exchange).send
    )
