"""Keys of cases: one each, from which its seal is made; whoever may open the case has a copy, and nobody else.

A case of an open queue has its key wrapped for this node, which opens it for people who may read words of cases. A case
of a restricted queue has its key sealed to each member's own key, and no copy for the node: whoever holds the whole
folder and this program still cannot open it. Until members have keys, it waits sealed to the node, and that is told.

A key destroyed is the case erased, wherever its ciphertext is (docs/restricted-cases.md says what backups keep).
"""

import os
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

from tocsin.app.access import Access
from tocsin.app.keyring import Keyring
from tocsin.app.member_keys import MemberKeys, a_person, fingerprint
from tocsin.kernel import BadInput, Caller, Clock, NotAllowed, NotFound, micros
from tocsin.kernel.cases import Queue
from tocsin.store import Store
from tocsin.store.case_key_interface import NODE, CaseLock, KeyCopy, MemberKey, QueueKey
from tocsin.trust.boxes import Box, seal_to
from tocsin.trust.day_keys import What, case_ticket
from tocsin.trust.seal import KEY_BYTES, Entropy, Seal

if TYPE_CHECKING:
    from tocsin.app.queues import Queues

WORDS, MANAGE = "case.words", "case.manage"
HAND_OVER, GIVE, REMOVE = "case.member.hand-over", "case.member.give", "case.member.remove"

MIN_MEMBERS = 2
"""Keys of a restricted queue: with one, a forgotten passphrase would be the end of every case in it."""

WAITING = "node-waiting"
"""Holder of a copy that the node keeps of a restricted case, until there are members to give it to."""

UNLOCK_FIRST = "your key is not open: open it with your passphrase, then try again"
GIVE_FIRST = "your key is not among those that open this: another member gives it to you"
NEEDS_TWO = (
    "{queue} needs two members with keys: name them in the queue; each runs `tocsin case member add-key`"
)


class Shut(StrEnum):
    """Why a case does not open."""

    LOCKED = "locked"
    """The person's own key is not open, or they have none."""
    NOT_GIVEN = "not-given"
    """Their key is not among those that open it."""
    ERASED = "erased"


class CaseKeys:
    """Makes, opens, moves and destroys keys of cases."""

    def __init__(
        self,
        store: Store,
        access: Access,
        keys: Keyring,
        queues: Callable[[], "Queues"],
        members: MemberKeys,
        clock: Clock,
        entropy: Entropy = os.urandom,
    ) -> None:
        self._store = store
        self._access = access
        self._keys = keys
        self._queues = queues
        self._members = members
        self._clock = clock
        self._entropy = entropy

    def make(self, case_id: str, queue: Queue) -> Seal:
        """A new key for a new case, wrapped for those who may open it; inside `store.together()`. Raises Conflict."""
        key, now = self._entropy(KEY_BYTES), micros(self._clock())
        copies = self._copies(case_id, queue, key, now)
        self._store.case_keys.begin(CaseLock(case_id, queue.id, Box.of_key(key).public, now), copies)
        return Seal(key, self._entropy)

    def opened(self, by: Caller, case_id: str) -> Seal:
        """The seal of a case, for a person who may read it.

        Raises NotAllowed for who may read no words of any case, before anything is looked up, and for a member whose
        key is not open; NotFound for a case that this person may not know of, the same as for none.
        """
        self._access.require(by, WORDS)
        return Seal(self._key(by, case_id), self._entropy)

    def for_node(self, case_id: str) -> Seal:
        """The seal of a case of an open queue, for what the node does by itself. Raises NotFound."""
        lock = self._store.case_keys.lock(case_id)
        wrapped = {one.holder: one.wrapped for one in self._store.case_keys.copies(case_id)}.get(NODE)
        if lock is None or wrapped is None or self._queues().get(lock.queue).restricted:
            raise NotFound(missing(case_id))
        return Seal(self._keys.unwrapped_by_node(case_id, wrapped), self._entropy)

    def waits(self, case_id: str) -> bool:
        """Whether this node still has a copy of a restricted case's key: told to who sees the case, and loudly."""
        return any(copy.holder == WAITING for copy in self._store.case_keys.copies(case_id))

    def shut(self, by: Caller, case_id: str) -> Shut | None:
        """Why a case that this person may know of does not open for them now; None when it does.

        Raises NotAllowed for who may read no words of any case.
        """
        self._access.require(by, WORDS)
        try:
            self._key(by, case_id)
        except NotFound:
            return Shut.ERASED
        except NotAllowed:
            return Shut.LOCKED if self._members.held(by) is None else Shut.NOT_GIVEN
        return None

    def rewrap(self, by: Caller, case_id: str, queue: Queue) -> None:
        """Keep a case's key for another queue from now on; inside `store.together()`. Raises as `opened`.

        A member takes a case out of a restricted queue; who puts one in needs no key of their own. What was copied of
        the database before stays as it was sealed then.
        """
        self._access.require(by, WORDS)
        key, now = self._key(by, case_id), micros(self._clock())
        self._store.case_keys.replace(case_id, queue.id, self._copies(case_id, queue, key, now))

    def leave(self, case_id: str, plain: bytes, what: str) -> bytes:
        """`plain` sealed so that only who opens the case reads it: for words that come later, from outside.

        Needs no copy of the key, so the node does it for restricted cases too. Raises NotFound.
        """
        lock = self._store.case_keys.lock(case_id)
        if lock is None:
            raise NotFound(missing(case_id))
        return seal_to(lock.public, plain, label(case_id, what))

    def left(self, by: Caller, case_id: str, sealed: bytes, what: str) -> bytes:
        """What was left for a case. Raises as `opened`, and SealBroken."""
        self._access.require(by, WORDS)
        return Box.of_key(self._key(by, case_id)).open(sealed, label(case_id, what))

    def destroy(self, case_id: str) -> bool:
        """Destroy a case's key for good; whether it had one. Not inside `store.together()`.

        The line in the key store's log comes first: older data that are put back lose the key again at the next start.
        """
        ours = self._keys.day_keys
        if not ours.exists:
            ours.create()
        with ours.alone():
            if self._store.case_keys.lock(case_id) is None:
                return False
            ours.append([(What.CASE, case_ticket(ours.holder, case_id))], micros(self._clock()))
            with self._store.together():
                self._store.case_keys.destroy(case_id)
                self._store.gone.add(ours.log()[len(self._store.gone.list()) :])
        return True

    def unlock(self, by: Caller, passphrase: str) -> int:
        """Open one's own key for this process, until the moment returned. Raises as `MemberKeys.check`."""
        return self._members.unlock(by, passphrase)

    def lock(self, by: Caller) -> None:
        """Forget one's own open key now."""
        self._members.lock(by)

    def holders(self, queue: Queue) -> tuple[MemberKey, ...]:
        """Keys that a restricted queue's cases are sealed to: let in by a member, of people who are members still."""
        let_in = {one.member_key for one in self._store.case_keys.admitted(queue.id)}
        return tuple(
            one for one in self._store.case_keys.members() if one.id in let_in and one.user in queue.members
        )

    def hand_over(self, by: Caller, queue_id: str) -> int:
        """Seal to its members what waits at this node for a restricted queue, and destroy the node's copies; how many.

        The first time, every member's key that is there is let in, two at least. Raises BadInput, NotAllowed, NotFound.
        """
        queue, _ = self._of_member(by, queue_id)
        with self._store.together():
            if not self._store.case_keys.admitted(queue.id):
                founding = [one for one in self._store.case_keys.members() if one.user in queue.members]
                if len(founding) < MIN_MEMBERS:
                    raise BadInput(NEEDS_TWO.format(queue=queue.id))
                now = micros(self._clock())
                self._store.case_keys.admit([QueueKey(queue.id, one.id, now, by.user) for one in founding])
            moved = self._seal_waiting(queue)
            self._audit(by, HAND_OVER, queue)
        return moved

    def give(self, by: Caller, queue_id: str, name: str, passphrase: str | None = None) -> int:
        """Let another member's key in, with every case so far; how many. By a member whose key is in, and open.

        A `passphrase` opens it for this once, where no session keeps it open. Raises BadInput, NotAllowed, NotFound.
        """
        queue, own = self._of_member(by, queue_id)
        held = self._members.held(by) if passphrase is None else self._members.check(by, passphrase)
        if held is None:
            raise NotAllowed(UNLOCK_FIRST)
        if own.id not in {one.id for one in self.holders(queue)}:
            raise NotAllowed("your own key is not let in yet: another member gives you the cases first")
        user = self._access.named(name)
        theirs = self._store.case_keys.members(user.id)
        if user.id not in queue.members or not theirs:
            raise BadInput(
                f"{name} is no member of {queue.id} with a key: name them in the queue, then `add-key`"
            )
        now = micros(self._clock())
        with self._store.together():
            self._store.case_keys.admit([QueueKey(queue.id, theirs[-1].id, now, by.user)])
            copies = []
            for lock in self._store.case_keys.locks(queue.id):
                mine = self._store.case_keys.copy(lock.case, (own.id,))
                if mine is not None:
                    key = held.box.open(mine.wrapped, _copy_label(lock.case, own.id))
                    copies.append(_sealed(lock.case, theirs[-1], key, now))
            self._store.case_keys.add(copies)
            moved = len(copies) + self._seal_waiting(queue)
            self._audit(by, GIVE, queue, name)
        return moved

    def remove(self, by: Caller, name: str) -> None:
        """End somebody's key: who leaves does it, or whoever says who is in queues. Raises BadInput, NotFound.

        What they read they may have kept, and a copy of the database with it: nothing here takes that back.
        """
        user = self._access.named(name)
        if user.id != by.user:
            self._access.require(by, MANAGE)
        keys = self._store.case_keys.members(user.id)
        if not keys:
            raise NotFound(f"{name} has no key")
        for queue in self._queues().all():
            holders = self.holders(queue)
            # said of the queue and never of its cases: who asks may not know whether there are any
            if len(holders) == 1 and holders[0].user == user.id:
                raise BadInput(
                    f"{name} is the last whose key opens {queue.id}: another member is given it first"
                )
        with self._store.together():
            for key in keys:
                self._store.case_keys.end_member(key.id, micros(self._clock()))
                self._members.forget(key.id)
            self._access.audit(by.user, REMOVE, subject=name, purpose="")

    def _key(self, by: Caller, case_id: str) -> bytes:
        # The same statements are issued for a case that this caller may not know of as for none.
        lock = self._store.case_keys.lock(case_id)
        copies = {one.holder: one.wrapped for one in self._store.case_keys.copies(case_id)}
        if lock is None or lock.queue not in self._queues().visible_to(by):
            raise NotFound(missing(case_id))
        held = self._members.held(by)
        if held is not None and held.key.id in copies:
            return held.box.open(copies[held.key.id], _copy_label(case_id, held.key.id))
        for holder in (NODE, WAITING):
            if holder in copies:
                return self._keys.unwrapped_by_node(case_id, copies[holder])
        raise NotAllowed(UNLOCK_FIRST if held is None else GIVE_FIRST)

    def _copies(self, case_id: str, queue: Queue, key: bytes, now: int) -> list[KeyCopy]:
        if queue.restricted:
            holders = self.holders(queue)
            if len(holders) >= MIN_MEMBERS:
                return [_sealed(case_id, one, key, now) for one in holders]
        wrapped = self._keys.wrapped_for_node(case_id, key)
        return [KeyCopy(case_id, WAITING if queue.restricted else NODE, now, wrapped)]

    def _seal_waiting(self, queue: Queue) -> int:
        """Cases of a restricted queue of which this node has a copy, to the members that there are."""
        if len(self.holders(queue)) < MIN_MEMBERS:
            raise BadInput(NEEDS_TWO.format(queue=queue.id))
        moved, now = 0, micros(self._clock())
        for lock in self._store.case_keys.locks(queue.id):
            copy = self._store.case_keys.copy(lock.case, (WAITING, NODE))
            if copy is not None:
                key = self._keys.unwrapped_by_node(lock.case, copy.wrapped)
                self._store.case_keys.replace(lock.case, queue.id, self._copies(lock.case, queue, key, now))
                moved += 1
        return moved

    def _of_member(self, by: Caller, queue_id: str) -> tuple[Queue, MemberKey]:
        """A restricted queue and the key of its member who asks."""
        a_person(by)
        queue = self._queues().get(queue_id)
        if not queue.restricted:
            raise BadInput(f"{queue_id} is an open queue: it has no members")
        keys = self._store.case_keys.members(by.user)
        if by.user not in queue.members or not keys:
            raise NotAllowed(f"this is for members of {queue_id} who have a key")
        return queue, keys[-1]

    def _audit(self, by: Caller, act: str, queue: Queue, name: str = "") -> None:
        """Whose keys open the queue from now on; never how many cases there are."""
        keys = " ".join(fingerprint(one) for one in self.holders(queue))
        self._access.audit(by.user, act, subject=name or queue.id, purpose=queue.id, detail={"keys": keys})


def _sealed(case_id: str, member: MemberKey, key: bytes, now: int) -> KeyCopy:
    return KeyCopy(case_id, member.id, now, seal_to(member.public, key, _copy_label(case_id, member.id)))


def _copy_label(case_id: str, key_id: str) -> str:
    return f"case-key/{case_id}/{key_id}"


def label(case_id: str, what: str) -> str:
    """What binds a ciphertext to its place in a case."""
    return f"case/{case_id}/{what}"


def missing(case_id: str) -> str:
    """The one answer for a case that is not there and for one that somebody may not know of."""
    return f"there is no case {case_id}: `tocsin case list` shows those that you work on"
