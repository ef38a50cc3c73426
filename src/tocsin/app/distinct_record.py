"""Where a count over several nodes stands at this node: each step is kept, with its line in the audit and the log.

Each line names the digest of the roster, which is the same at every member, so that all commit to the same count.
"""

from collections.abc import Callable

import msgspec

from tocsin.app.access import Access
from tocsin.kernel import Clock, Conflict, NotFound, micros
from tocsin.kernel.distinct import Distinct, DistinctRoster
from tocsin.store.distinct_interface import OPEN, DistinctCount, DistinctState, DistinctWhy
from tocsin.store.interface import Store

Told = dict[str, str | int | float]


def digest_of(roster: DistinctRoster) -> bytes:
    """32 bytes that are the same at every member."""
    from tocsin.trust.distinct.messages import digest_of

    return digest_of(roster)


class Broke(Exception):
    """A count cannot go on. `who` is the node whose message did not hold; empty where nobody can be named."""

    def __init__(self, why: DistinctWhy, who: str, said: str) -> None:
        super().__init__(said)
        self.why, self.who, self.said = why, who, said


class DistinctRecord:
    """Counts and the steps they make. Each is one transaction."""

    def __init__(self, store: Store, access: Access, clock: Clock) -> None:
        self._store, self._access, self._clock = store, access, clock

    def count(self, session: str) -> DistinctCount:
        """Raises NotFound."""
        found = self._store.distinct.count(session)
        if found is None:
            raise NotFound("there is no such count here: `tocsin share distinct show` lists them")
        return found

    def propose(self, count: DistinctCount, who: str) -> None:
        """A new count, ours or a peer's. Raises Conflict where its session is known."""
        with self._store.together():
            if not self._store.distinct.propose(count):
                raise Conflict("a count of this session was proposed before")
            roster = count.roster
            self._audit(
                who,
                "distinct.propose",
                count,
                {
                    "kind": roster.kind,
                    "week": roster.week,
                    "members": len(roster.members),
                    "capacity": roster.capacity,
                    "epsilon": roster.cost / 1_000,
                    "state": count.state.value,
                },
            )

    def allow(self, session: str, me: str, who: str) -> DistinctCount:
        """An operator's yes. Raises NotFound, and Conflict for one that waits for none."""

        def agreed(count: DistinctCount) -> DistinctCount:
            if count.state is not DistinctState.WAITING:
                raise Conflict(f"this count waits for no yes here: it is {count.state.value}")
            return msgspec.structs.replace(count, state=DistinctState.AGREED, agreed=(*count.agreed, me))

        return self.change(session, agreed, who, "distinct.allow")

    def begin(self, session: str, spend: str, counted: int, left_out: int) -> bool:
        """It is paid, and begins; False where it ended meanwhile."""
        now = micros(self._clock())

        def begun(count: DistinctCount) -> DistinctCount:
            if count.state is not DistinctState.AGREED:
                raise Conflict("it ended meanwhile")
            return msgspec.structs.replace(
                count,
                state=DistinctState.RUNNING,
                step=1,
                begun=now,
                spend=spend,
                counted=counted,
                left_out=left_out,
            )

        try:
            self.change(session, begun, "node", "distinct.begin", {"spend": spend})
        except Conflict:
            return False
        return True

    def done(self, session: str, result: Distinct) -> None:
        """It has its numbers."""
        now = micros(self._clock())

        def done(count: DistinctCount) -> DistinctCount:
            return msgspec.structs.replace(count, state=DistinctState.DONE, step=5, ended=now, result=result)

        self.change(session, done, "node", "distinct.end", {"end": "done", "inputs": result.inputs})

    def end(
        self, session: str, why: DistinctWhy, who: str, said: str, *, by: str = "node", told_by: str = ""
    ) -> bool:
        """It ended without numbers; False where it was over before. `told_by` is a member whose word it is."""
        now = micros(self._clock())

        def ended(count: DistinctCount) -> DistinctCount:
            if count.state not in OPEN:
                raise Conflict("it had ended")
            return msgspec.structs.replace(
                count,
                state=DistinctState.ENDED,
                ended=now,
                why=why.value,
                who=who,
                said=said,
                told_by=told_by,
            )

        try:
            self.change(session, ended, by, "distinct.end", {"end": why.value, "member": who or told_by})
        except Conflict:
            return False
        return True

    def hear_yes(self, session: str, member: str) -> None:
        """A member's operator agreed."""

        def heard(count: DistinctCount) -> DistinctCount:
            known = member in count.agreed
            return count if known else msgspec.structs.replace(count, agreed=(*count.agreed, member))

        self.change(session, heard)

    def stepped(self, session: str, step: int) -> None:
        """How far it is, for whoever watches."""
        self.change(session, lambda count: msgspec.structs.replace(count, step=step))

    def change(
        self,
        session: str,
        made: Callable[[DistinctCount], DistinctCount],
        who: str = "",
        act: str = "",
        detail: Told | None = None,
    ) -> DistinctCount:
        """Keep what is made of a count, and with an act its line. Raises NotFound, Conflict."""
        with self._store.together():
            before = self.count(session)
            after = made(before)
            if not self._store.distinct.change(after, before.state):
                raise Conflict("this count changed meanwhile: look at it again")
            if act:
                self._audit(who, act, after, detail or {})
        return after

    def _audit(self, who: str, act: str, count: DistinctCount, detail: Told) -> None:
        told: Told = {"roster": digest_of(count.roster).hex()}
        self._access.audit(
            who, act, subject=count.session, purpose=count.roster.purpose, detail=told | detail
        )
