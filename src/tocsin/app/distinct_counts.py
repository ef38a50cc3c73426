"""Distinct counts over several nodes: what an operator agrees to, counts that this one proposes, and how they stand.

Consent is one operator's: for all counts of some kinds that a peer proposes, up to an epsilon and a day; or for one
count. A count begins when the operators of all its members agreed to it. What serves runs it (`distinct_running`).
docs/distinct.md.
"""

import os
from collections.abc import Iterable, Sequence

import msgspec

from tocsin.app.access import Access
from tocsin.app.count_ledger import CountLedger
from tocsin.app.counting import newest_week, require_week
from tocsin.app.distinct_record import DistinctRecord
from tocsin.app.distinct_running import MAX_OPEN, Running
from tocsin.app.match_results import one_of, purpose_of
from tocsin.kernel import BadInput, Caller, Clock, Conflict, NotAllowed, NotFound, PeerStatus, micros
from tocsin.kernel.counts import DISTINCT, DISTINCT_PURSE, Spend
from tocsin.kernel.distinct import LEAST_MEMBERS, MAX_POOL, MOST_MEMBERS, DistinctRoster
from tocsin.store.distinct_interface import DistinctCount, DistinctState, DistinctTerms, DistinctWhy
from tocsin.store.interface import Store
from tocsin.trust.seal import Entropy

MAX_DAYS = 366
"""Consent ends, and is given anew by a person who has seen what came of it."""

CAPACITY = 2_000
"""Entries of each member unless something else is said: at three members and epsilon 1, room for 1,600 inputs."""

SESSION_BYTES = 16
_DAY = 86_400_000_000


class Standing(msgspec.Struct, frozen=True):
    """What is agreed, counts (newest first), and thousandths of epsilon left of the week and of the node's life."""

    terms: tuple[DistinctTerms, ...]
    used: dict[str, int]
    """Of each peer's terms, what its counts have cost."""
    counts: tuple[DistinctCount, ...]
    week: str
    week_left: int
    life_left: int
    unsure: bool
    paid: tuple[Spend, ...]


class DistinctCounts:
    """The service. `running` is what a serving process does."""

    def __init__(
        self,
        store: Store,
        access: Access,
        ledger: CountLedger,
        running: Running,
        clock: Clock,
        entropy: Entropy = os.urandom,
    ) -> None:
        self._store, self._access, self._ledger = store, access, ledger
        self._clock, self._entropy = clock, entropy
        self._record = DistinctRecord(store, access, clock)
        self.running = running
        self.tick, self.take, self.release = running.tick, running.take, running.release

    @property
    def me(self) -> str:
        return self.running.me

    def agree(
        self, by: Caller, peer_name: str, *, kinds: Iterable[str], epsilon: float, days: int
    ) -> DistinctTerms:
        """Consent to counts that a peer proposes, in place of what was agreed with it.

        They may cost `epsilon` in all. Raises NotAllowed, NotFound, BadInput.
        """
        from tocsin.trust.matching import MatchKind

        self._access.require(by, "sum.agree")
        now = micros(self._clock())
        terms = DistinctTerms(
            peer=self._identity(peer_name),
            kinds=tuple(sorted({one_of(MatchKind, one).value for one in kinds})),
            cost=round(epsilon * 1_000),
            until=now + days * _DAY,
            by=by.user,
            at=now,
        )
        if not terms.kinds:
            raise BadInput("name at least one kind that may be counted")
        if not 0 < terms.cost <= DISTINCT_PURSE.life:
            raise BadInput(f"an epsilon above 0, up to {DISTINCT_PURSE.life / 1_000:g}")
        if not 1 <= days <= MAX_DAYS:
            raise BadInput(f"agree for 1 to {MAX_DAYS} days")
        with self._store.together():
            self._store.distinct.agree(terms)
            self._access.audit(
                by.user,
                "distinct.agree",
                subject=peer_name,
                purpose="distinct counts",
                detail={"kinds": " ".join(terms.kinds), "epsilon": epsilon, "until": terms.until},
            )
        return terms

    def withdraw(self, by: Caller, peer_name: str) -> int:
        """Take consent back; counts that the peer proposed and that are not done end. Returns how many.

        Raises NotAllowed, NotFound.
        """
        self._access.require(by, "sum.agree")
        peer = self._store.peers.get(peer_name)
        with self._store.together():
            if peer is None or not self._store.distinct.withdraw(peer.identity or ""):
                raise NotFound(f"nothing is agreed with {peer_name[:64]}: `tocsin share distinct show`")
            self._access.audit(by.user, "distinct.withdraw", subject=peer_name, purpose="distinct counts")
        return sum(
            self._end(by, one.session)
            for one in self._store.distinct.counts(open_only=True)
            if one.proposer == peer.identity
        )

    def allow(self, by: Caller, session: str) -> DistinctCount:
        """A yes to one count that waits for it. Raises NotAllowed, NotFound, Conflict."""
        self._access.require(by, "sum.agree")
        self._require_budget(self._record.count(session).roster)
        return self._record.allow(session, self.me, by.user)

    def decline(self, by: Caller, session: str) -> None:
        """End one count, whoever proposed it and wherever it is. Raises NotAllowed, NotFound, Conflict."""
        self._access.require(by, "sum.agree")
        if self._record.count(session).state is DistinctState.DONE or not self._end(by, session):
            raise Conflict("this count is over")

    def propose(
        self,
        by: Caller,
        peer_names: Sequence[str],
        *,
        kind: str,
        purpose: str,
        epsilon: float,
        week: str = "",
        capacity: int = 0,
    ) -> DistinctCount:
        """A count with these peers, in this order after this node, for the serving process to hold.

        Who may run and not agree needs what was agreed with every one of them. Raises NotAllowed, NotFound, BadInput,
        Conflict for a budget that is spent.
        """
        from tocsin.trust.matching import MatchKind

        self._access.require(by, "sum.run")
        now = micros(self._clock())
        week = week or newest_week(self._clock())
        require_week(week, self._clock())
        members = (self.me, *(self._identity(name) for name in peer_names))
        if not LEAST_MEMBERS <= len(members) <= MOST_MEMBERS:
            raise BadInput(
                f"{LEAST_MEMBERS} to {MOST_MEMBERS} nodes count together; two alone take `tocsin share match run"
                " --question how-many`"
            )
        roster = DistinctRoster(
            session=self._entropy(SESSION_BYTES),
            kind=one_of(MatchKind, kind).value,
            purpose=purpose_of(purpose),
            members=members,
            capacity=capacity or min(CAPACITY, MAX_POOL // len(members)),
            cost=_cost(epsilon),
            week=week,
        )
        if not self._access.may(by, "sum.agree"):
            for name, one in zip(peer_names, members[1:], strict=True):
                if not self.running.covered(one, roster):
                    raise NotAllowed(
                        f"what this node's operator agreed to with {name} holds no such count: they propose it"
                    )
        self._require_budget(roster)
        self.running.require_noise()
        if len(self._store.distinct.counts(open_only=True, limit=MAX_OPEN)) >= MAX_OPEN:
            raise Conflict(
                f"{MAX_OPEN} counts are not over yet: end some with `tocsin share distinct withdraw`"
            )
        count = DistinctCount(
            session=roster.session.hex(),
            roster=roster,
            proposer=self.me,
            at=now,
            state=DistinctState.AGREED,
            agreed=(self.me,),
        )
        self._record.propose(count, by.user)
        return count

    def count(self, by: Caller, session: str) -> DistinctCount:
        """One count. Raises NotAllowed, NotFound."""
        self._access.require(by, "sum.read")
        return self._record.count(session)

    def proposed(self, by: Caller, session: str) -> DistinctCount:
        """The same, for who proposed it and watches. Raises NotAllowed, NotFound."""
        self._access.require(by, "sum.run")
        return self._record.count(session)

    def standing(self, by: Caller, limit: int = 100) -> Standing:
        """How everything stands. Raises NotAllowed, and Unavailable while the ledger is away."""
        self._access.require(by, "sum.read")
        week, store = newest_week(self._clock()), self._store.distinct
        terms = store.agreed()
        return Standing(
            terms=terms,
            used={one.peer: store.cost(one.peer, one.at) for one in terms},
            counts=store.counts(limit=limit),
            week=week,
            week_left=self._ledger.left(week, DISTINCT_PURSE),
            life_left=self._ledger.left(purse=DISTINCT_PURSE),
            unsure=self._ledger.unsure,
            paid=tuple(one for one in self._ledger.paid() if one.list == DISTINCT),
        )

    def _end(self, by: Caller, session: str) -> bool:
        return self._record.end(session, DistinctWhy.WITHDRAWN, self.me, "", by=by.user)

    def _require_budget(self, roster: DistinctRoster) -> None:
        left = self._ledger.left(roster.week, DISTINCT_PURSE)
        if left < roster.cost:
            raise Conflict(
                f"{left / 1_000:g} of epsilon is left for {roster.week}, and this count costs"
                f" {roster.cost / 1_000:g}: count another week, or at a smaller epsilon"
            )

    def _identity(self, name: str) -> str:
        peer = self._store.peers.get(name)
        if peer is None:
            raise NotFound(f"there is no peer {name[:64]}: `tocsin peer list` shows them")
        if peer.identity is None or peer.status_at(micros(self._clock())) is not PeerStatus.TRUSTED:
            raise NotAllowed(f"peer {name} is not trusted: compare its key with its operator first")
        return peer.identity


def _cost(epsilon: float) -> int:
    from tocsin.kernel.distinct import MAX_COST, MIN_COST

    cost = round(epsilon * 1_000)
    if not MIN_COST <= cost <= MAX_COST:
        raise BadInput(f"an epsilon of {MIN_COST / 1_000:g} to {MAX_COST / 1_000:g}")
    return cost
