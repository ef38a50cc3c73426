"""Members' keys: who works in a restricted queue has a key pair whose private half opens with a passphrase alone.

Enters: a person, what they typed. Leaves: the open half, in this process's memory, for UNLOCK_MINUTES. Refuses: the
command line's own user, machines, and whoever guessed MAX_WRONG times. A passphrase is neither kept nor logged; Python
does not promise to overwrite it in memory, so a process that is dumped while somebody works shows it.
"""

import hashlib
import os
import threading

import msgspec

from tocsin.app.access import Access
from tocsin.kernel import (
    Caller,
    Clock,
    Conflict,
    Means,
    NotAllowed,
    NotFound,
    Role,
    Unavailable,
    micros,
)
from tocsin.store import Store
from tocsin.store.case_key_interface import MemberKey
from tocsin.trust import locked_keys
from tocsin.trust.boxes import Box, new_secret
from tocsin.trust.seal import Entropy, SealBroken

UNLOCK_MINUTES = 20
"""How long a key stays open without being asked for again: a case's reading, and not an afternoon away."""
MAX_WRONG, WRONG_MINUTES = 5, 15
"""Passphrases that are wrong, and for how long they count: 480 guesses a day at most."""
HASHING_SECONDS = 2.0
"""A passphrase waits this long for its turn: one at a time keeps a flood of guesses at 64 MiB."""
ID_BYTES = 8
FINGERPRINT_CHARS = 32
"""128 bits: nobody makes a second key with it."""

ADD, UNLOCK, CHANGE = "case.member.add-key", "case.member.unlock", "case.member.passphrase"
_MINUTE = 60_000_000


class Held(msgspec.Struct, frozen=True):
    """A member's key that is open in this process."""

    key: MemberKey
    box: Box
    until: int


class MemberKeys:
    """Makes members' keys, and holds the ones that are open."""

    def __init__(self, store: Store, access: Access, clock: Clock, entropy: Entropy = os.urandom) -> None:
        self._store = store
        self._access = access
        self._clock = clock
        self._entropy = entropy
        self._open: dict[str, Held] = {}
        self._hashing = threading.BoundedSemaphore(1)

    def add(self, by: Caller, passphrase: str) -> MemberKey:
        """A key for the person who asks. Raises BadInput, Conflict when they have one."""
        a_person(by)
        if self._store.case_keys.members(by.user):
            raise Conflict("you have a key: change its passphrase, or have it removed before a new one")
        secret, key_id = new_secret(self._entropy), f"mk_{self._entropy(ID_BYTES).hex()}"
        locked = locked_keys.lock(secret, passphrase, _label(key_id, by.user), self._entropy)
        made = MemberKey(key_id, by.user, micros(self._clock()), Box(secret).public, locked)
        self._store.case_keys.add_member(made)
        self._access.audit(by.user, ADD, subject=by.name, purpose=fingerprint(made))
        return made

    def change_passphrase(self, by: Caller, old: str, new: str) -> None:
        """Another passphrase for one's own key; every process has to open it anew. Raises as `check`, and BadInput."""
        locked_keys.check(new)
        held = self.check(by, old)
        secret = locked_keys.unlock(held.key.sealed, old, _label(held.key.id, by.user))
        locked = locked_keys.lock(secret, new, _label(held.key.id, by.user), self._entropy)
        self._store.case_keys.relock_member(held.key.id, locked)
        self._open.pop(by.user, None)
        self._access.audit(by.user, CHANGE, subject=by.name, purpose=fingerprint(held.key))

    def check(self, by: Caller, passphrase: str) -> Held:
        """One's key, opened and not kept open. Raises NotFound without one, NotAllowed for a wrong passphrase."""
        a_person(by)
        keys = self._store.case_keys.members(by.user)
        if not keys:
            raise NotFound("you have no key yet: `tocsin case member add-key --token -` makes one")
        if not self._hashing.acquire(timeout=HASHING_SECONDS):
            raise Unavailable("others are opening their keys; try again")
        try:
            self._within(by)
            try:
                secret = locked_keys.unlock(keys[-1].sealed, passphrase, _label(keys[-1].id, by.user))
            except SealBroken:
                self._access.audit(by.user, UNLOCK, subject=by.name, purpose="", outcome="refused")
                raise NotAllowed("this passphrase does not open your key") from None
        finally:
            self._hashing.release()
        self._access.audit(by.user, UNLOCK, subject=by.name, purpose="")
        return Held(keys[-1], Box(secret), micros(self._clock()) + UNLOCK_MINUTES * _MINUTE)

    def unlock(self, by: Caller, passphrase: str) -> int:
        """Open one's key for this process, from a session of the console; until when. Raises as `check`."""
        if not by.present:
            raise NotAllowed("a key is opened in the console, by whoever sits there")
        held = self.check(by, passphrase)
        self._open[by.user] = held
        return held.until

    def lock(self, by: Caller) -> None:
        """Forget one's open key now. Nothing happens without one."""
        self._open.pop(by.user, None)

    def held(self, by: Caller) -> Held | None:
        """The person's open key, while it is open. A command line's or a token's caller has none."""
        held = self._open.get(by.user) if by.present else None
        if held is not None and held.until <= micros(self._clock()):
            self._open.pop(by.user, None)
            return None
        return held

    def forget(self, key_id: str) -> None:
        """A key that ended is open no longer."""
        for user, held in list(self._open.items()):
            if held.key.id == key_id:
                self._open.pop(user, None)

    def _within(self, by: Caller) -> None:
        since = micros(self._clock()) - WRONG_MINUTES * _MINUTE
        rows = self._store.audit.read(who=by.user, act=UNLOCK, since=since)
        if sum(row.outcome == "refused" for row in rows) >= MAX_WRONG:
            raise NotAllowed(f"{MAX_WRONG} wrong passphrases: wait {WRONG_MINUTES} minutes")


def fingerprint(key: MemberKey) -> str:
    """What two people compare to know that a key is the one that its owner made."""
    return hashlib.sha256(key.public).hexdigest()[:FINGERPRINT_CHARS]


def a_person(by: Caller) -> None:
    """Raises NotAllowed for the command line's own user, for the node, and for machines."""
    if by.means in (Means.OPERATOR, Means.STANDING) or by.has(Role.PEER, Role.SOURCE):
        raise NotAllowed("a person does this, in the console or with a token of their own")


def _label(key_id: str, user: str) -> str:
    return f"member/{key_id}/{user}"
