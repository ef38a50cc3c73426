"""The store's facets of exchange: peers and what goes between nodes."""

from functools import cached_property
from typing import TYPE_CHECKING

from tocsin.store.facets import Facets

if TYPE_CHECKING:
    from tocsin.store.accountable import SqlAccountable
    from tocsin.store.approvals import SqlApprovals
    from tocsin.store.counts import SqlCounts
    from tocsin.store.distinct import SqlDistinct
    from tocsin.store.groups import SqlGroups
    from tocsin.store.inbox import SqlInbox
    from tocsin.store.keys import SqlKeys
    from tocsin.store.log import SqlLog
    from tocsin.store.matches import SqlMatches
    from tocsin.store.outbox import SqlOutbox
    from tocsin.store.peers import SqlPeers
    from tocsin.store.recalls import SqlRecalls
    from tocsin.store.releases import SqlReleases
    from tocsin.store.sums import SqlSums


class ExchangeFacets(Facets):
    """A facet is made, and its file imported, when it is first asked for."""

    @cached_property
    def releases(self) -> "SqlReleases":
        from tocsin.store.releases import SqlReleases

        return SqlReleases(self._database)

    @cached_property
    def inbox(self) -> "SqlInbox":
        from tocsin.store.inbox import SqlInbox

        return SqlInbox(self._database)

    @cached_property
    def peers(self) -> "SqlPeers":
        from tocsin.store.peers import SqlPeers

        return SqlPeers(self._database)

    @cached_property
    def groups(self) -> "SqlGroups":
        from tocsin.store.groups import SqlGroups

        return SqlGroups(self._database)

    @cached_property
    def keys(self) -> "SqlKeys":
        from tocsin.store.keys import SqlKeys

        return SqlKeys(self._database)

    @cached_property
    def recalls(self) -> "SqlRecalls":
        from tocsin.store.recalls import SqlRecalls

        return SqlRecalls(self._database)

    @cached_property
    def approvals(self) -> "SqlApprovals":
        from tocsin.store.approvals import SqlApprovals

        return SqlApprovals(self._database)

    @cached_property
    def log(self) -> "SqlLog":
        from tocsin.store.log import SqlLog

        return SqlLog(self._database)

    @cached_property
    def outbox(self) -> "SqlOutbox":
        from tocsin.store.outbox import SqlOutbox

        return SqlOutbox(self._database)

    @cached_property
    def accountable(self) -> "SqlAccountable":
        from tocsin.store.accountable import SqlAccountable

        return SqlAccountable(self._database)

    @cached_property
    def matches(self) -> "SqlMatches":
        from tocsin.store.matches import SqlMatches

        return SqlMatches(self._database)

    @cached_property
    def distinct(self) -> "SqlDistinct":
        from tocsin.store.distinct import SqlDistinct

        return SqlDistinct(self._database)

    @cached_property
    def sums(self) -> "SqlSums":
        from tocsin.store.sums import SqlSums

        return SqlSums(self._database)

    @cached_property
    def counts(self) -> "SqlCounts":
        from tocsin.store.counts import SqlCounts

        return SqlCounts(self._database)
