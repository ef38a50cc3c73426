"""Counts over several nodes in a serving process: peers' messages come in, and each count goes on as far as it goes.

Enters: proposals and messages of trusted peers. Leaves: messages to the members of a count, and its numbers here.
Refuses: strangers, a count with a node that is no trusted peer of this one, one that the budget does not hold. What is
paid is paid before noise is drawn. A count lives in memory: a restart ends it, and a new one costs anew.
"""

import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
import structlog

from tocsin.app.access import Access
from tocsin.app.count_ledger import CountLedger
from tocsin.app.counting import require_week
from tocsin.app.distinct_inputs import DistinctInputs
from tocsin.app.distinct_post import AGREED, ENDED, KINDS, PROPOSE, Mail, Outbox, Send
from tocsin.app.distinct_record import Broke, DistinctRecord, digest_of
from tocsin.app.match_results import one_of, purpose_of
from tocsin.app.noise import Noise, discrete_laplace, require_noise
from tocsin.kernel import (
    BadInput,
    Clock,
    Conflict,
    NotAllowed,
    PeerStatus,
    TocsinError,
    Unavailable,
    micros,
)
from tocsin.kernel.counts import DISTINCT, DISTINCT_PURSE
from tocsin.kernel.distinct import MOVES, DistinctRoster
from tocsin.store.distinct_interface import OPEN, DistinctCount, DistinctState, DistinctWhy
from tocsin.store.interface import Store
from tocsin.trust.seal import Entropy

if TYPE_CHECKING:
    from tocsin.app.distinct_session import Session

LEASE = "distinct"
LEASE_MICROS = 300_000_000
"""A turn at the largest pool takes a minute of a core, and some nodes have slow ones."""

MAX_BODY_BYTES = 2_564_096
"""`trust.distinct.messages.MAX_MESSAGE_BYTES`, said here so that the door loads no curve; a test holds them equal."""

MAX_OPEN, MAX_OPEN_A_PEER = 32, 8
"""Counts that are not over: more would only be read by nobody."""

MAX_RUNNING = 4
"""At once: each is work for a core, and holds up to 50 MB of messages."""

SILENCE_SECONDS = 1_800
"""Without any message that this node waits for: the largest pool takes a member less than a minute in its turn."""

OPEN_DAYS = 14
"""A proposal that not all have answered ends."""

_SECOND = 1_000_000
_log = structlog.get_logger("tocsin.distinct")


class _Live:
    def __init__(self, session: "Session", touched: int) -> None:
        self.session, self.touched = session, touched


class Running:
    """Several threads may call `take`; one process, by its lease, calls `tick`."""

    def __init__(
        self,
        store: Store,
        access: Access,
        ledger: CountLedger,
        inputs: DistinctInputs,
        me: str,
        clock: Clock,
        send: Send,
        entropy: Entropy = os.urandom,
        noise: Noise | None = None,
    ) -> None:
        """`me` is this node's STIX identity, `send` reaches another node. A node never gives `noise`: a test does."""
        self._store, self._ledger, self._inputs, self.me = store, ledger, inputs, me
        self._clock, self._entropy, self._noise = clock, entropy, noise
        self._record = DistinctRecord(store, access, clock)
        self._outbox = Outbox(send, clock)
        self._lock, self._work = threading.RLock(), threading.Lock()
        self._live: dict[str, _Live] = {}
        self._open: set[str] = set()
        """Counts that were not over when this process looked last."""
        self._told: set[str] = set()
        """Of these, those whose proposal, or this node's yes, is on its way or there."""
        self._holder = f"{os.getpid()}.{entropy(4).hex()}"

    def require_noise(self) -> None:
        """Raises Unavailable where no noise can be drawn."""
        if self._noise is None:
            require_noise()

    def covered(self, peer: str, roster: DistinctRoster) -> bool:
        """Whether what is agreed with a peer holds a count that it would propose."""
        now = micros(self._clock())
        for terms in self._store.distinct.agreed():
            if terms.peer == peer and now < terms.until and roster.kind in terms.kinds:
                return self._store.distinct.cost(peer, terms.at) + roster.cost <= terms.cost
        return False

    def take(self, sender: str, session: str, kind: str, body: bytes) -> None:
        """A message of another node, named by its STIX identity as its signature proved.

        Raises NotAllowed, Unavailable for what comes too early, BadInput, Conflict.
        """
        if kind not in KINDS or len(body) > MAX_BODY_BYTES:
            raise BadInput(f"a message of a count is one of {', '.join(KINDS)}")
        self._require_trusted(sender)
        with self._lock:
            if kind == PROPOSE:
                self._proposed(sender, session, body)
                return
            count = self._store.distinct.count(session)
            if count is None and kind == AGREED:
                raise Unavailable("this count has not been proposed here yet: send it again")
            if count is None or sender not in count.roster.members:
                raise NotAllowed("there is no such count with you here")
            if kind in (AGREED, ENDED):
                self._hear(count, sender, kind, body)
            elif count.state is DistinctState.ENDED:
                raise NotAllowed("this count ended here")
            elif session in self._live:
                self._live[session].session.take(sender, kind, body)
            elif count.state is not DistinctState.DONE:
                raise Unavailable("this count has not begun here yet: send it again")

    def tick(self) -> None:
        """Go on with every count as far as it goes, and send what waits."""
        now = micros(self._clock())
        with self._work:
            if not self._store.jobs.lease(LEASE, self._holder, now=now, ttl=LEASE_MICROS):
                return
            for count in self._look(now):
                self._begin(count)
            for session in list(self._live):
                self._advance(session)
            for mail, why in self._outbox.deliver(self._is_open):
                self._refused(mail, why)

    def release(self) -> None:
        """Give the lease back, so that another process need not wait."""
        self._store.jobs.release_lease(LEASE, self._holder)

    def _look(self, now: int) -> list[DistinctCount]:
        """What was begun, allowed, ended or forgotten since the last look; returns the counts that can begin.

        1. What the command line ended is told. 2. What ran in a process that is no more ends. 3. What nobody answered
        ends. 4. A proposal, or a yes, is told once. 5. What all agreed to begins.
        """
        with self._lock:
            known = {one.session: one for one in self._store.distinct.counts(open_only=True, limit=MAX_OPEN)}
            for session in self._open - known.keys():  # 1
                self._forget(session)
                self._tell_end(self._record.count(session))
            self._open |= known.keys()
            ready = []
            for session, one in known.items():
                if one.state is DistinctState.RUNNING and session not in self._live:  # 2
                    self._end(session, DistinctWhy.RESTARTED, self.me, "this node was started anew")
                elif (
                    one.state is not DistinctState.RUNNING and one.at < now - OPEN_DAYS * 86_400 * _SECOND
                ):  # 3
                    missing = next((name for name in one.roster.members if name not in one.agreed), "")
                    self._end(session, DistinctWhy.EXPIRED, missing, f"not all agreed in {OPEN_DAYS} days")
                elif one.state is DistinctState.AGREED:
                    if session not in self._told:  # 4
                        self._tell(one)
                    if set(one.agreed) == set(one.roster.members):  # 5
                        ready.append(one)
            return ready[: MAX_RUNNING - len(self._live)]

    def _begin(self, count: DistinctCount) -> None:
        """1. Inputs are gathered. 2. It is paid: on disk in two places. 3. Noise is drawn. 4. It is on record."""
        from tocsin.app.distinct_session import Session
        from tocsin.trust.distinct import Member

        roster, session = count.roster, count.session
        try:
            self.require_noise()
            counted = self._inputs.of(roster)  # 1
            with self._ledger.alone():
                spend = self._ledger.pay(roster.week, DISTINCT, roster.cost, self._clock())  # 2
                nothing = [0] * len(roster.members)
                noise = (self._noise or discrete_laplace)(nothing, MOVES, roster.cost)  # 3
        except Conflict as error:
            self._end(session, DistinctWhy.BUDGET, self.me, error.message)
            return
        except TocsinError as error:
            self._end(session, DistinctWhy.FAULT, self.me, error.message)
            return
        member = Member(roster, self.me, counted.values, noise, self._entropy, os.cpu_count() or 1)
        with self._lock:
            if self._record.begin(session, spend.name, len(counted.values), counted.left_out):  # 4
                running = Session(roster, self.me, member, self._posting(session))
                self._live[session] = _Live(running, micros(self._clock()))

    def _advance(self, session: str) -> None:
        live = self._live.get(session)
        if live is None:
            return
        running, now = live.session, micros(self._clock())
        before = running.step
        try:
            moved = running.advance()
            if running.done:
                self._record.done(session, running.counted())
                with self._lock:
                    self._forget(session)
                return
        except Broke as broke:
            self._end(session, broke.why, broke.who, broke.said)
            return
        except TocsinError as error:
            self._end(session, DistinctWhy.FAULT, self.me, error.message)
            return
        if running.step != before:
            self._record.stepped(session, running.step)
        if moved:
            live.touched = now
        elif now - live.touched > SILENCE_SECONDS * _SECOND:
            minutes = SILENCE_SECONDS // 60
            who = running.waiting_for[0]
            self._end(session, DistinctWhy.LEFT, who, f"nothing came for {minutes} minutes")

    def _proposed(self, sender: str, session: str, body: bytes) -> None:
        """1. It is a roster of this session with both in it. 2. Each member is trusted here. 3. It can be held: kind,
        purpose, week, noise, budget. 4. There is room. 5. It is kept, agreed to where terms hold it."""
        roster = read_roster(body)
        if roster.session.hex() != session or not {sender, self.me} <= set(roster.members):  # 1
            raise BadInput("a proposal names its session, who proposes and who is asked")
        known = self._store.distinct.count(session)
        if known is not None:
            if known.roster != roster or known.proposer != sender:
                raise Conflict("another count of this session was proposed before")
            return
        for one in roster.members:  # 2
            if one != self.me:
                self._require_trusted(one)
        require_held(roster, self._clock)  # 3
        self.require_noise()
        if self._ledger.unsure or self._ledger.left(roster.week, DISTINCT_PURSE) < roster.cost:
            raise NotAllowed("this node's budget does not hold this count")
        waiting = self._store.distinct.counts(open_only=True, limit=MAX_OPEN)  # 4
        of_sender = sum(one.proposer == sender for one in waiting)
        if len(waiting) >= MAX_OPEN or of_sender >= MAX_OPEN_A_PEER:
            raise NotAllowed("as many counts as this node keeps are not over yet: end some first")
        standing = self.covered(sender, roster)  # 5
        count = DistinctCount(
            session=session,
            roster=roster,
            proposer=sender,
            at=micros(self._clock()),
            state=DistinctState.AGREED if standing else DistinctState.WAITING,
            agreed=(sender, self.me) if standing else (sender,),
        )
        self._record.propose(count, f"peer:{self._called(sender)}")
        self._open.add(session)

    def _hear(self, count: DistinctCount, sender: str, kind: str, body: bytes) -> None:
        """A member's yes, or that it ended the count."""
        digest = digest_of(count.roster)
        if not body.startswith(digest):
            raise Conflict("another count of this session was proposed here")
        if kind == AGREED:
            if count.state in OPEN:
                self._record.hear_yes(count.session, sender)
            return
        said = body[len(digest) :].decode("ascii", "replace")
        why = DistinctWhy(said) if said in {one.value for one in DistinctWhy} else DistinctWhy.FAULT
        self._forget(count.session)
        self._record.end(count.session, why, "", "", by=f"peer:{self._called(sender)}", told_by=sender)

    def _refused(self, mail: Mail, why: TocsinError) -> None:
        """A member does not take what it was sent: the count ends here, and the others are told."""
        _log.warning("distinct.refused", to=mail.to, kind=mail.kind, reason=why.message)
        self._end(mail.session, DistinctWhy.REFUSED, mail.to, why.message)

    def _end(self, session: str, why: DistinctWhy, who: str, said: str) -> None:
        with self._lock:
            self._forget(session)
            if self._record.end(session, why, who, said):
                self._tell_end(self._record.count(session))

    def _forget(self, session: str) -> None:
        self._live.pop(session, None)
        self._open.discard(session)
        self._told.discard(session)

    def _tell(self, count: DistinctCount) -> None:
        """The proposal, or that this node agreed."""
        ours, post = count.proposer == self.me, self._posting(count.session)
        body = msgspec.msgpack.encode(count.roster) if ours else digest_of(count.roster)
        for one in count.roster.members:
            if one != self.me:
                post(one, PROPOSE if ours else AGREED, body)
        self._told.add(count.session)

    def _tell_end(self, count: DistinctCount) -> None:
        if count.state is DistinctState.DONE:
            return
        post = self._posting(count.session)
        for one in count.roster.members:
            if one != self.me:
                post(one, ENDED, digest_of(count.roster) + count.why.encode())

    def _posting(self, session: str) -> Callable[[str, str, bytes], None]:
        def post(to: str, kind: str, body: bytes) -> None:
            self._outbox.post(Mail(to, session, kind, body))

        return post

    def _is_open(self, mail: Mail) -> bool:
        """Whether a message is still worth sending: of a count that ended here, only that it did."""
        count = self._store.distinct.count(mail.session)
        return count is not None and (mail.kind == ENDED or count.state is not DistinctState.ENDED)

    def _require_trusted(self, identity: str) -> None:
        now = micros(self._clock())
        for peer in self._store.peers.list():
            if peer.identity == identity and peer.status_at(now) is PeerStatus.TRUSTED:
                return
        raise NotAllowed("every member of a count is a trusted peer of this node; not all are")

    def _called(self, identity: str) -> str:
        return next((one.name for one in self._store.peers.list() if one.identity == identity), identity)


def read_roster(raw: bytes) -> DistinctRoster:
    """A proposal as a peer sends it. Raises BadInput."""
    try:
        roster = msgspec.msgpack.decode(raw, type=DistinctRoster)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadInput("this is no proposal of a count, format 1") from None
    if msgspec.msgpack.encode(roster) != raw:
        raise BadInput("a proposal of a count is not in its one spelling")
    return roster


def require_held(roster: DistinctRoster, clock: Clock) -> None:
    """That a node can hold this count: a kind, a purpose in one line, a week that is over. Raises BadInput."""
    from tocsin.trust.matching import MatchKind

    one_of(MatchKind, roster.kind)
    if purpose_of(roster.purpose) != roster.purpose:
        raise BadInput("the purpose of a count is one line of plain words")
    require_week(roster.week, clock())
