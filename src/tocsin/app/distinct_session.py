"""One count while it runs at this node: messages are taken as they come, and dealt with in the order of the protocol.

It lives in memory. `take` only keeps; `advance` computes, which takes up to a minute of a core. docs/distinct.md.
"""

import threading
from collections.abc import Callable
from hashlib import sha256
from typing import TypeVar

from tocsin.app.distinct_post import JOINED, OPENED, POOL, SENT
from tocsin.app.distinct_record import Broke
from tocsin.kernel import BadInput, Conflict, TocsinError, TooLarge
from tocsin.kernel.distinct import Distinct, DistinctRoster
from tocsin.store.distinct_interface import DistinctWhy
from tocsin.trust.distinct import Member, Turn
from tocsin.trust.distinct.messages import ENTRY_BYTES

T = TypeVar("T")

_HEAD_BYTES = 4_096
"""Of a message beside its points: keys, proofs, digests."""

Post = Callable[[str, str, bytes], None]
"""(to, kind, body)."""


class Session:
    """Several threads may call `take`, one `advance`."""

    def __init__(self, roster: DistinctRoster, me: str, member: Member, post: Post) -> None:
        self._order, self._me, self._member, self._post = roster.members, me, member, post
        self._most = roster.capacity * ENTRY_BYTES + _HEAD_BYTES
        self._lock = threading.Lock()
        self._first: dict[tuple[str, str], bytes] = {}
        self._waiting: dict[tuple[str, str], bytes] = {}
        self._has_sent = self._has_mixed = False
        self._to_all(JOINED, member.joined())

    @property
    def step(self) -> int:
        """How far it is: 1 to 5."""
        turn = self._member.turn
        return int(turn) + 1 + int(turn > Turn.MIX or self._has_mixed)

    @property
    def done(self) -> bool:
        return self._member.turn is Turn.DONE

    @property
    def waiting_for(self) -> tuple[str, ...]:
        """Whose message comes next. In the turns, who it is waited for may wait for others."""
        place = self._order.index(self._me)
        if self._member.turn is not Turn.MIX or (place == 0 and not self._has_mixed):
            return self._member.waiting
        return (self._order[-1] if self._has_mixed else self._order[place - 1],)

    def take(self, sender: str, kind: str, body: bytes) -> None:
        """Keep a member's message; the same again changes nothing. Raises BadInput, Conflict, TooLarge."""
        place = self._order.index(self._me)
        if kind == SENT and place != 0:
            raise BadInput("entries go to the first of the order")
        if kind == POOL and sender not in (self._order[-1], self._order[place - 1] if place else ""):
            raise BadInput("a pool comes from the member before this one, or from the last")
        if kind == SENT and len(body) > self._most:
            raise TooLarge("a member sends as many entries as was agreed")
        said = sha256(body).digest()
        with self._lock:
            before = self._first.get((kind, sender))
            if before is None:
                self._first[kind, sender] = said
                self._waiting[kind, sender] = body
            elif before != said:
                raise Conflict("you said two different things in one count")

    def advance(self) -> bool:
        """All that can be done now; whether anything was. Raises Broke."""
        any_done = False
        while self._step():
            any_done = True
        return any_done

    def counted(self) -> Distinct:
        """The numbers. Raises Broke where a value was sent too often."""
        try:
            return self._member.counted()
        except BadInput as error:
            raise Broke(DistinctWhy.REPEATED, "", error.message) from None

    def _step(self) -> bool:
        match self._member.turn:
            case Turn.JOIN:
                return self._hear_all(JOINED, self._member.hear_joined)
            case Turn.MIX:
                return self._mix()
            case Turn.OPEN:
                return self._hear_all(OPENED, self._member.hear_opened)
            case _:
                return False

    def _mix(self) -> bool:
        member, first = self._member, self._order[0]
        if not self._has_sent:
            self._has_sent, raw = True, member.sent()
            if self._me == first:
                member.hear_sent(self._me, raw)
            else:
                self._post(first, SENT, raw)
            return True
        if not self._has_mixed:
            if self._me != first:
                before = self._order[self._order.index(self._me) - 1]
                pool = self._popped(POOL, before)
                return pool is not None and self._pass_on(_held(before, lambda: member.mixed(pool)))
            if self._hear_all(SENT, member.hear_sent):
                return True
            return not member.waiting and self._pass_on(member.mixed())
        last = self._order[-1]
        whole = self._popped(POOL, last)
        if whole is None:
            return False
        _held(last, lambda: member.hear_pool(whole))
        self._to_all(OPENED, member.opened())
        return True

    def _pass_on(self, pool: bytes) -> bool:
        self._has_mixed = True
        if self._me == self._order[-1]:
            self._to_all(POOL, pool)
            with self._lock:
                self._waiting[POOL, self._me] = pool
        else:
            self._post(self._order[self._order.index(self._me) + 1], POOL, pool)
        return True

    def _hear_all(self, kind: str, hear: Callable[[str, bytes], None]) -> bool:
        """Every message of a kind that is here, from those who are waited for."""
        heard = False
        for sender in self._member.waiting:
            raw = self._popped(kind, sender)
            if raw is not None:
                _held(sender, lambda sender=sender, raw=raw: hear(sender, raw))  # type: ignore[misc]
                heard = True
        return heard

    def _popped(self, kind: str, sender: str) -> bytes | None:
        with self._lock:
            return self._waiting.pop((kind, sender), None)

    def _to_all(self, kind: str, body: bytes) -> None:
        for one in self._order:
            if one != self._me:
                self._post(one, kind, body)


def _held(sender: str, work: Callable[[], T]) -> T:
    """What a member's message leads to. Raises Broke naming the member."""
    try:
        return work()
    except TocsinError as error:
        raise Broke(DistinctWhy.BROKEN, sender, error.message) from None
