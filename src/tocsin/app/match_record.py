"""Where a session of matching begins and ends, on either side: what it spends, and what the audit and the log say.

Nothing is computed with the other side before `begin` has returned: its points, its line in the audit with the digest
of its manifest, and that line's entry in the log are one transaction. The manifest is the proposal, so both nodes
commit to the same digest. Whatever must hold before a session begins stands in `before`.
"""

from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

import rfc8785

from tocsin.app.access import Access
from tocsin.kernel import Clock, Conflict, NotAllowed, Peer, micros
from tocsin.store.interface import Store
from tocsin.store.match_interface import MatchEnd, MatchRole

if TYPE_CHECKING:
    from tocsin.app.match_pledges import Pledges
    from tocsin.trust.matching import Inputs, Proposal


class Beginning(NamedTuple):
    """A session that is about to begin here. `peer` is the other side; `inputs` are this side's.

    `pledges` are both sides', where the session is pledged.
    """

    role: MatchRole
    peer: Peer
    who: str
    proposal: "Proposal"
    inputs: "Inputs"
    pledges: "Pledges | None" = None

    @property
    def session(self) -> str:
        return self.proposal.session.hex()

    @property
    def points(self) -> int:
        """The client's padded size: what is spent."""
        return self.proposal.points


Before = Callable[[Beginning], None]
"""Looks at a session before it begins, in its transaction; raises NotAllowed where it must not."""


class MatchRecord:
    """The beginnings and ends of sessions."""

    def __init__(self, store: Store, access: Access, clock: Clock) -> None:
        self._store = store
        self._access = access
        self._clock = clock
        self.before: list[Before] = [self._log_goes_on]

    def begin(self, one: Beginning, most: int, wish: str = "") -> None:
        """Spend a session's points and write it down; with a `wish`, by the yes to it, which is used up.

        Raises NotAllowed, Conflict; then nothing is spent.
        """
        with self._store.together():
            for look in self.before:
                look(one)
            if wish and not self._store.matches.use(wish, micros(self._clock())):
                raise NotAllowed("an operator here says yes to each session, and has not to this one")
            self._store.matches.spending(one.role, self._clock).begin(one.proposal, most)
            self._access.audit(
                one.who,
                "match.begin",
                subject=one.session,
                purpose=one.proposal.purpose,
                detail={
                    "peer": one.peer.name,
                    "role": one.role.value,
                    "kind": one.proposal.kind.value,
                    "question": one.proposal.question.value,
                    "reveal": one.proposal.reveal.value,
                    "epoch": one.proposal.epoch,
                    "points": one.points,
                    "manifest": manifest_digest(one.proposal),
                },
            )

    def end(self, one: Beginning, end: MatchEnd, found: int | None = None) -> None:
        """Note how a session ended; the first word counts."""
        self.end_of(one.session, one.who, end, found, manifest=manifest_digest(one.proposal))

    def end_of(
        self, session: str, who: str, end: MatchEnd, found: int | None = None, *, manifest: str = ""
    ) -> None:
        """The same, of a session that is known by its id alone."""
        detail: dict[str, str | int | float] = {"end": end.value}
        detail |= {"found": found} if found is not None else {}
        detail |= {"manifest": manifest} if manifest else {}
        with suppress(Conflict), self._store.together():
            self._store.matches.finish(session, end, found)
            self._access.audit(who, "match.end", subject=session, purpose="matching", detail=detail)

    def refuse(self, who: str, session: str, why: str) -> None:
        """What was refused before it began."""
        self._access.audit(
            who, "match.begin", subject=session, purpose="matching", outcome="refused", detail={"why": why}
        )

    def _log_goes_on(self, _: Beginning) -> None:
        """A log that peers found shorter than it was belongs to an older backup, and so does the week's budget."""
        if self._store.log.head().stopped:
            raise NotAllowed(
                "this node's log is stopped, so what was spent may be forgotten: `tocsin share log settle` first"
            )


class SpentBy:
    """Keeps trust.matching.Spending for one session."""

    def __init__(
        self,
        record: MatchRecord,
        begun: "Callable[[Proposal], Beginning]",
        *,
        first: "Callable[[Proposal], None] | None" = None,
        wish: str = "",
    ) -> None:
        """`first` is asked before anything is spent; `wish` is what an operator has allowed, where each is."""
        self._record = record
        self._begun = begun
        self._first = first
        self._wish = wish
        self.begun: Beginning | None = None
        """Set once it is on record. A pledged session is from the pledge on, and its proposal finds it there."""

    def begin(self, proposal: "Proposal", most: int) -> None:
        if self.begun is not None:
            if proposal != self.begun.proposal:
                raise NotAllowed("the proposal is another than the one pledged for")
            return
        if self._first:
            self._first(proposal)
        one = self._begun(proposal)
        self._record.begin(one, most, self._wish)
        self.begun = one


def manifest_digest(proposal: "Proposal") -> str:
    """SHA-256, hex, over JCS of the proposal: parties, kind, question, who learns it, purpose, week, time, size."""
    import msgspec

    said = msgspec.to_builtins(proposal, builtin_types=(bytes,))
    return sha256(rfc8785.dumps({**said, "session": proposal.session.hex()})).hexdigest()
