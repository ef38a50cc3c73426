"""What looks at sums with noise spend: paid by each participant, out of its own ledger, before a submission leaves.

The ledger is that of counts (`count_ledger`), with a purse of its own. A week of sums begins on a Thursday (epochs
count from 1970); it is paid in the ISO week that holds that Thursday, so that each has exactly one.
"""

from datetime import UTC, datetime, timedelta

from tocsin.app.count_ledger import CountLedger
from tocsin.kernel import Clock
from tocsin.kernel.counts import SUMS, SUMS_PURSE, week_of
from tocsin.trust.summing import look_cost

_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)


class SumPurse:
    """Thousandths of epsilon. Without noise nothing is accounted, and nothing paid."""

    def __init__(self, ledger: CountLedger, clock: Clock) -> None:
        self._ledger, self._clock = ledger, clock

    def week_left(self, epoch: int) -> int:
        """For looks of this week. Raises Unavailable when the key store is away."""
        return self._ledger.left(_week(epoch), SUMS_PURSE)

    def life_left(self) -> int:
        """Over the node's life. Raises Unavailable when the key store is away."""
        return self._ledger.left(purse=SUMS_PURSE)

    def require(self, epoch: int, noise: int) -> None:
        """That one more look is held, before any work is done for it. Raises Conflict, Unavailable."""
        if noise:
            self._ledger.require(_week(epoch), SUMS, look_cost(noise))

    def pay(self, epoch: int, noise: int) -> str:
        """One look, for good; returns the payment's name, "" without noise. Raises Conflict, Unavailable."""
        if not noise:
            return ""
        with self._ledger.alone():
            return self._ledger.pay(_week(epoch), SUMS, look_cost(noise), self._clock()).name


def _week(epoch: int) -> str:
    return week_of(_BEGIN + timedelta(weeks=epoch))
