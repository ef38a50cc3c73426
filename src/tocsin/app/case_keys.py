"""Keys of cases: one each, from which its seal is made; whoever may open the case has a copy, and nobody else.

A case of an open queue has its key wrapped for this node, which opens it for people who may read words of cases. A case
of a restricted queue has its key sealed to each member's own key, and no copy for the node: whoever holds the whole
folder and this program still cannot open it. Until members have keys, it waits sealed to the node, and that is told.

A key destroyed is the case erased, wherever its ciphertext is (docs/restricted-cases.md says what backups keep).
"""

import os

from tocsin.app.access import Access
from tocsin.app.keyring import Keyring
from tocsin.kernel import Caller, Clock, NotFound, micros
from tocsin.kernel.cases import Queue
from tocsin.store import Store
from tocsin.store.case_key_interface import NODE, CaseLock, KeyCopy
from tocsin.trust.boxes import Box, seal_to
from tocsin.trust.day_keys import What, case_ticket
from tocsin.trust.seal import KEY_BYTES, Entropy, Seal

WORDS = "case.words"

WAITING = "node-waiting"
"""Holder of a copy that the node keeps of a restricted case, until there are members to give it to."""


class CaseKeys:
    """Makes, opens, moves and destroys keys of cases."""

    def __init__(
        self, store: Store, access: Access, keys: Keyring, clock: Clock, entropy: Entropy = os.urandom
    ) -> None:
        self._store = store
        self._access = access
        self._keys = keys
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

        Raises NotAllowed for who may read no words of any case, before anything is looked up; NotFound for a case that
        this person may not know of, the same as for none.
        """
        self._access.require(by, WORDS)
        return Seal(self._key(by, case_id), self._entropy)

    def for_node(self, case_id: str) -> Seal:
        """The seal of a case of an open queue, for what the node does by itself. Raises NotFound."""
        copy = self._store.case_keys.copy(case_id, (NODE,))
        if copy is None:
            raise NotFound(missing(case_id))
        return Seal(self._keys.unwrapped_by_node(case_id, copy.wrapped), self._entropy)

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

    def _key(self, by: Caller, case_id: str) -> bytes:
        # The same statements are issued for a case that this caller may not know of as for none.
        copy = self._store.case_keys.copy(case_id, (NODE,))
        if copy is None:
            raise NotFound(missing(case_id))
        return self._keys.unwrapped_by_node(case_id, copy.wrapped)

    def _copies(self, case_id: str, queue: Queue, key: bytes, now: int) -> list[KeyCopy]:
        holder = WAITING if queue.restricted else NODE
        return [KeyCopy(case_id, holder, now, self._keys.wrapped_for_node(case_id, key))]


def label(case_id: str, what: str) -> str:
    """What binds a ciphertext to its place in a case."""
    return f"case/{case_id}/{what}"


def missing(case_id: str) -> str:
    """The one answer for a case that is not there and for one that somebody may not know of."""
    return f"there is no case {case_id}: `tocsin case list` shows those that you work on"
