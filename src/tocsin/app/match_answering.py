"""This node's side of sessions that peers begin: each is kept in memory from its proposal to its end.

Enters: an authenticated peer's messages as bytes. Leaves: the one answer to each. Refuses: peers without terms, more
sessions and points at once than the bounds, messages of another peer's session. What an operator took back ends a
session at its next message; one that falls silent ends after SILENCE_SECONDS. A restart ends all of them: what was
spent stays spent, and the client proposes anew.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from tocsin.app.match_consent import covers, require_as_agreed, wish_of
from tocsin.app.match_inputs import Gathered, found_in
from tocsin.app.match_pledges import MatchPledges, Said
from tocsin.app.match_record import Beginning, MatchRecord, SpentBy
from tocsin.app.match_seeds import MatchSeeds
from tocsin.kernel import (
    BadInput,
    Caller,
    Clock,
    Conflict,
    NotAllowed,
    NotFound,
    Peer,
    TocsinError,
    Unavailable,
    micros,
)
from tocsin.store.interface import Store
from tocsin.store.match_interface import MatchEnd, MatchRole, MatchWish
from tocsin.trust.seal import Entropy

if TYPE_CHECKING:
    from tocsin.trust.matching import Proposal, Server, Terms
    from tocsin.trust.matching.accountable import Offer

MAX_SESSIONS, MAX_SESSIONS_A_PEER = 8, 2
"""At once. A session is work for a core: more of them only make all of them late."""

MAX_POINTS_AT_ONCE = 2_500_000
"""Of all sessions, both sides' padded sizes: some 400 bytes each, so at most a gigabyte."""

MAX_WISHES = 16
"""Of one peer that wait for a yes: more than an operator would read."""

WISH_DAYS = 30
"""A wish that nobody answered goes."""

SILENCE_SECONDS = 900
"""A client that says nothing for so long has left; blinding a million inputs takes it a third of that."""

LEARNT_SECONDS = 24 * 3_600
"""What this side was told stays in memory so long, for its operator to look at; it is on no disk."""

MAX_ENDED = 64
"""Sessions that ended and are kept for a last message that comes again, and for what was told: the oldest goes."""

TURN_SECONDS = 10.0
"""How long a message waits for the one before it; half of a client's patience with one answer."""

_SECOND = 1_000_000


class _Live:
    """One session. `server` is None before it opened and after it ended; then `last` is what was said last."""

    def __init__(self, peer: str, now: int) -> None:
        self.peer = peer
        self.lock = threading.Lock()
        self.touched = now
        self.server: Server | None = None
        self.beginning: Beginning | None = None
        self.gathered: Gathered | None = None
        self.points = 0
        self.last = b"", b""
        self.offered = b"", b""
        """The client's offer of a pledged session, and this side's pledge for it."""
        self.said = Said()
        self.learnt: tuple[str, ...] = ()

    def ends(self, answered: tuple[bytes, bytes], learnt: tuple[str, ...]) -> None:
        """Keep the last answer and what was told; the rest goes."""
        self.last, self.learnt = answered, learnt
        self.server, self.gathered, self.points, self.said = None, None, 0, Said()

    def kept_until(self) -> int:
        """Microseconds."""
        return self.touched + (LEARNT_SECONDS if self.learnt else SILENCE_SECONDS) * _SECOND


class Answering:
    """Sessions of one serving process. Several threads may call it."""

    def __init__(
        self,
        store: Store,
        record: MatchRecord,
        seeds: MatchSeeds,
        clock: Clock,
        *,
        me: Callable[[], str],
        gather: "Callable[[Proposal], Gathered]",
        pledges: MatchPledges,
        entropy: Entropy = os.urandom,
    ) -> None:
        """`me` gives this node's identity; `gather` its own set for a session."""
        self._store = store
        self._record = record
        self._seeds = seeds
        self._clock = clock
        self._me = me
        self._gather = gather
        self._pledges = pledges
        self._entropy = entropy
        self._live: dict[str, _Live] = {}
        self._turn = threading.Lock()

    def ask(self, peer: Peer, raw: bytes) -> bool:
        """Whether the session of this proposal may begin now; False where it waits for an operator's yes.

        Nothing is spent. Raises NotAllowed, BadInput, Conflict.
        """
        proposal, terms = self._proposed(peer, raw)
        if terms.standing or self._allowed(wish_of(proposal, 0)):
            return True
        wish = wish_of(proposal, micros(self._clock()))
        if not self._store.matches.wish(wish, MAX_WISHES):
            raise NotAllowed(f"{MAX_WISHES} sessions of yours wait for a yes here: ask this node's operator")
        return False

    def pledge(self, by: Caller, peer: Peer, session: str, raw: bytes) -> bytes:
        """This side's signed pledge for the client's; from here on the session is on record, and its points spent.

        The same offer again gets the same pledge. Raises as `answer` does.
        """
        from tocsin.trust.matching.accountable import decode_offer

        live = self._session(peer, session)
        with self._alone(live):
            live.touched = micros(self._clock())
            if raw and raw == live.offered[0]:
                return live.offered[1]
            if live.beginning is not None:
                raise Conflict("this session has begun, or was pledged before: propose a new one")
            answer = self._open(by, peer, session, raw, live, lambda: decode_offer(raw))
            live.offered = raw, answer
            return answer

    def answer(self, by: Caller, peer: Peer, session: str, raw: bytes) -> bytes:
        """The answer to the client's next message. Raises NotAllowed, BadInput, Conflict, NotFound, Unavailable."""
        live = self._session(peer, session)
        with self._alone(live):
            live.touched = micros(self._clock())
            if live.beginning is None:
                return self._open(by, peer, session, raw, live)
            return self._next(by, session, raw, live, live.beginning)

    def sweep(self) -> int:
        """End the sessions that fell silent; returns how many."""
        now = micros(self._clock())
        with self._turn:
            silent = {
                name: live
                for name, live in self._live.items()
                if live.kept_until() < now and not live.lock.locked()
            }
            for name in silent:
                del self._live[name]
        for live in silent.values():
            if live.beginning is not None and live.server is not None:
                self._record.end(live.beginning, MatchEnd.LEFT)
        return len(silent)

    def learnt(self, session: str) -> tuple[str, ...]:
        """This side's values, or warnings, that a client showed to have as well. Raises NotFound."""
        with self._turn:
            live = self._live.get(session)
        if live is None or not live.learnt:
            raise NotFound(
                "nothing is kept of what was found in this session: it was told in counts, or long ago"
            )
        return live.learnt

    @property
    def sessions(self) -> frozenset[str]:
        """Those in memory."""
        with self._turn:
            return frozenset(self._live)

    def _session(self, peer: Peer, session: str) -> _Live:
        with self._turn:
            live = self._live.get(session)
            if live is None:
                under_way = [
                    one for one in self._live.values() if one.server is not None or one.beginning is None
                ]
                if (
                    len(under_way) >= MAX_SESSIONS
                    or sum(one.peer == peer.name for one in under_way) >= MAX_SESSIONS_A_PEER
                ):
                    raise Unavailable("as many sessions as this node holds are under way; try again later")
                live = self._live[session] = _Live(peer.name, micros(self._clock()))
        if live.peer != peer.name:
            raise _unknown()
        return live

    @contextmanager
    def _alone(self, live: _Live) -> Iterator[None]:
        if not live.lock.acquire(timeout=TURN_SECONDS):
            raise Unavailable("the answer to the message before is still being computed; send it again soon")
        try:
            yield
        finally:
            live.lock.release()

    def _open(
        self,
        by: Caller,
        peer: Peer,
        session: str,
        raw: bytes,
        live: _Live,
        offered: "Callable[[], Offer] | None" = None,
    ) -> bytes:
        """1. It is a proposal within the terms, pledged or not as they ask. 2. It is new, within the week's budget and
        these bounds, and allowed. 3. This side's set is gathered. 4. The session is on record, and answered."""
        who = f"peer:{peer.name}"
        try:
            offer = offered() if offered else None
            proposal, terms = self._proposed(peer, offer.proposal if offer else raw)  # 1
            if proposal.session.hex() != session:
                raise BadInput("the proposal names another session than its address")
            require_as_agreed(terms, pledged=offer is not None)
            wish = "" if terms.standing else wish_of(proposal, 0).id
            self._require_room(peer, proposal, terms)  # 2
            answer = self._opened(by, peer, proposal, terms, wish, raw, offer, live)  # 3, 4
        except TocsinError as error:
            with self._turn:
                self._live.pop(session, None)
            if not isinstance(error, NotFound | Unavailable):
                self._record.refuse(who, session[:32], error.message)
            raise
        return answer

    def _opened(
        self,
        by: Caller,
        peer: Peer,
        proposal: "Proposal",
        terms: "Terms",
        wish: str,
        raw: bytes,
        offer: "Offer | None",
        live: _Live,
    ) -> bytes:
        from tocsin.trust.matching import Server, most_points

        gathered, seed = self._gather(proposal), self._seeds.of(proposal.epoch)
        gathered = self._pledges.fitting(gathered) if terms.pledged else gathered
        inputs = gathered.inputs
        beginning = Beginning(MatchRole.ANSWERED, peer, f"peer:{peer.name}", proposal, inputs)
        if offer is not None:
            with self._store.together():  # what a client pledges for costs it its points
                beginning = self._pledges.answered(by, beginning, offer.pledge, seed)
                self._record.begin(beginning, most_points(terms, proposal.kind), wish)
        spending = SpentBy(self._record, lambda _: beginning, wish=wish)
        spending.begun = beginning if beginning.pledges else None
        live.points = proposal.points + len(inputs.values)
        server = Server(
            self._me(),
            peer.identity or "",
            inputs,
            terms=terms,
            spending=spending,
            seed=seed,
            clock=self._clock,
            entropy=self._entropy,
            workers=os.cpu_count() or 1,
            layout=beginning.pledges.ours.laid.places if beginning.pledges else None,
        )
        answer = beginning.pledges.ours.note if beginning.pledges else server.answer(raw)
        live.server, live.beginning, live.gathered = server, beginning, gathered
        with self._turn:  # one that waited behind a refusal was forgotten with it
            self._live[beginning.session] = live
        if not beginning.pledges:
            self._prepare_beside(live, server)
        return answer

    def _prepare_beside(self, live: _Live, server: "Server") -> None:
        """Compute the tags of a larger set while the client is blinding."""
        from tocsin.trust.matching.sizes import CHUNK

        if live.gathered is not None and len(live.gathered.inputs.values) > CHUNK:
            threading.Thread(target=self._prepare, args=(live, server), daemon=True).start()

    def _prepare(self, live: _Live, server: "Server") -> None:
        with suppress(TocsinError), self._alone(live):
            server.prepare()

    def _next(self, by: Caller, session: str, raw: bytes, live: _Live, beginning: Beginning) -> bytes:
        server = live.server
        if server is None:
            if raw == live.last[0]:
                return live.last[1]
            raise NotAllowed("this session came to its end; propose a new one")
        still = self._covered(beginning)
        if not still:
            server.withdraw()
        try:
            answer = server.answer(raw)
        except TocsinError:
            with self._turn:
                self._live.pop(session, None)
            self._record.end(beginning, MatchEnd.REFUSED if still else MatchEnd.WITHDRAWN)
            raise
        if beginning.pledges:
            if live.said.add(raw, answer):
                self._pledges.keep(by, beginning.pledges, live.said)
            if len(live.said.pairs) == 1:
                self._prepare_beside(live, server)
        if server.over:
            told, found = server.learnt, live.gathered
            assert found is not None
            names = tuple(found_in(beginning.proposal.kind, told.values, found.sources))
            number = told.number if told.number is not None else len(names)
            learns = beginning.proposal.reveal.value == "both"
            live.ends((raw, answer), names)
            self._drop_oldest()
            self._record.end(beginning, MatchEnd.DONE, number if learns else None)
        return answer

    def _drop_oldest(self) -> None:
        with self._turn:
            ended = sorted(
                (live.touched, name)
                for name, live in self._live.items()
                if live.server is None and live.beginning is not None
            )
            for _, name in ended[:-MAX_ENDED]:
                del self._live[name]

    def _proposed(self, peer: Peer, raw: bytes) -> "tuple[Proposal, Terms]":
        from tocsin.trust.matching import Proposal
        from tocsin.trust.matching.messages import decode
        from tocsin.trust.matching.terms import require

        proposal = decode(raw)
        if not isinstance(proposal, Proposal):
            raise _unknown()
        terms = self._store.matches.agreed(peer.identity or "")
        require(terms, proposal, self._me(), peer.identity or "", self._clock())
        assert terms is not None
        return proposal, terms

    def _require_room(self, peer: Peer, proposal: "Proposal", terms: "Terms") -> None:
        from tocsin.trust.matching import most_points

        matches = self._store.matches
        if matches.session(proposal.session.hex()) is not None:
            raise Conflict("this session was held before; propose a new one")
        spent = matches.spent(
            peer.identity or "", MatchRole.ANSWERED, proposal.kind.value, proposal.epoch
        )  # looked at before anything sealed is opened; what counts is the record's own comparison
        if spent + proposal.points > most_points(terms, proposal.kind):
            raise NotAllowed(
                "this session would go beyond the week's budget; wait for the next week, or match fewer"
            )
        with self._turn:
            at_once = sum(one.points for one in self._live.values())
        if at_once + 2 * proposal.points > MAX_POINTS_AT_ONCE:
            raise Unavailable("as many points as this node holds are under way; try again later")
        if not terms.standing and not self._allowed(wish_of(proposal, 0)):
            raise NotAllowed("an operator here says yes to each session, and has not to this one")

    def _allowed(self, wish: MatchWish) -> bool:
        now = micros(self._clock())
        return any(
            one.id == wish.id and one.allowed_by and one.until > now for one in self._store.matches.wishes()
        )

    def _covered(self, beginning: Beginning) -> bool:
        proposal = beginning.proposal
        return covers(self._store.matches.agreed(beginning.peer.identity or ""), proposal)


def _unknown() -> NotFound:
    return NotFound(
        "there is no such session here: it ended, or this node was started anew; propose a new one"
    )
