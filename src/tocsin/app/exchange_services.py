"""Services between nodes: the exchange itself, groups, counts, matching and its pledges, the log.

How a service is added stands in `app.services`.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from tocsin.app.first_services import FirstServices

if TYPE_CHECKING:
    from tocsin.app.accountable import Accountable
    from tocsin.app.applicants import Applicants
    from tocsin.app.counting import Counting
    from tocsin.app.exchange import Exchange
    from tocsin.app.grouping import Grouping
    from tocsin.app.matching import Matching
    from tocsin.app.standing import Standing
    from tocsin.app.telemetry import Telemetry
    from tocsin.app.transparency_log import TransparencyLog


class ExchangeServices(FirstServices):
    """Each built when somebody first asks for it."""

    if TYPE_CHECKING:

        @cached_property
        def applicants(self) -> "Applicants": ...
        @cached_property
        def telemetry(self) -> "Telemetry": ...

    @cached_property
    def accountable(self) -> "Accountable":
        from tocsin.app.accountable import Accountable

        return Accountable(self.store, self.keys, self.access, self.transparency_log, self.clock)

    @cached_property
    def counting(self) -> "Counting":
        from tocsin.app.counting import Counting

        return Counting(self.store, self.keys, self.settings, self.access, self.clock)

    @cached_property
    def exchange(self) -> "Exchange":
        from tocsin.app.exchange import Exchange

        return Exchange(
            self.store, self.keys, self.settings, self.access, self.policies, self.telemetry, self.clock
        )

    @cached_property
    def groups(self) -> "Grouping":
        from tocsin.app.grouping import Grouping

        return Grouping(self.store, self.settings, self.access, self.policies, self.clock)

    @cached_property
    def matching(self) -> "Matching":
        from tocsin.app.matching import Matching

        return Matching(
            self.data,
            self.store,
            self.keys,
            self.access,
            self.exchange,
            self.clock,
            accountable=lambda: self.accountable,
            log_name_of=self.exchange.witnessing.origin_of,
            end_users=lambda *asked: self.applicants.into_session(*asked),
        )

    @cached_property
    def standing(self) -> "Standing":
        from tocsin.app.standing import Standing

        return Standing(self.store, self.exchange, self.access, self.clock)

    @cached_property
    def transparency_log(self) -> "TransparencyLog":
        from tocsin.app.transparency_log import TransparencyLog

        return TransparencyLog(self.store, self.access, self.keys, self.clock)
