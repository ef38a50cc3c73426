"""This node's own key: rotated by itself, or revoked when it was stolen. Safe against kill -9 at any point.

1. The new secret is on disk beside the old one. 2. The statement, signed by both, is kept: from here on the change is
made. 3. The new secret takes the old one's place. Whoever opens the folder next finishes 3 if 2 was done.
"""

import os

from tocsin.app.access import Access
from tocsin.app.keyring import Keyring
from tocsin.kernel import BadInput, Caller, Clock, Conflict, KeyStatement, micros
from tocsin.store.interface import Store
from tocsin.trust.key_history import MAX_STATEMENTS, digest, state
from tocsin.trust.words import spoken

LEASE = "identity-key"
LEASE_MICROS = 60_000_000
MAX_REASON_CHARS = 300


class OwnKeys:
    """Every act here needs `peer.manage` and leaves a trace."""

    def __init__(self, store: Store, keys: Keyring, access: Access, clock: Clock) -> None:
        self._store = store
        self._keys = keys
        self._access = access
        self._clock = clock

    def history(self) -> tuple[KeyStatement, ...]:
        """What this node's keys said of their successors, for anybody to check."""
        return self._store.keys.statements(self._keys.identity.stix_identity)

    def settle(self) -> None:
        """Finish a change that was stated and not finished."""
        following, said = self._keys.following, self.history()
        if following is not None and said and said[-1].new == following.public.hex():
            self._keys.adopt_next()

    def rotate(self, by: Caller) -> KeyStatement:
        """Change the key while it is ours alone. Peers follow by themselves. Raises NotAllowed, Conflict."""
        self._access.require(by, "peer.manage")
        return self._change(by, "key.rotate", None, "")

    def revoke(self, by: Caller, *, since: int, reason: str) -> KeyStatement:
        """The key is in other hands, `since` a moment (microseconds): say so, and begin with a new one.

        Peers stop believing the old key as soon as they ask; each operator has to compare the new one's words.
        """
        self._access.require(by, "peer.manage")
        if not reason.strip() or len(reason) > MAX_REASON_CHARS:
            raise BadInput(f"say why, in at most {MAX_REASON_CHARS} characters")
        if since > micros(self._clock()):
            raise BadInput("a key cannot be revoked from a later day on: name when it went")
        return self._change(by, "key.revoke", since, reason)

    def _change(self, by: Caller, act: str, since: int | None, reason: str) -> KeyStatement:
        holder, now = f"{os.getpid()}.{os.urandom(4).hex()}", micros(self._clock())
        if not self._store.jobs.lease(LEASE, holder, now=now, ttl=LEASE_MICROS):
            raise Conflict("another command is changing this node's key: try again in a minute")
        try:
            self.settle()
            said = self.history()
            if len(said) >= MAX_STATEMENTS:
                raise Conflict("this key history is as long as peers take: make a new node")
            old, new = self._keys.identity, self._keys.prepare_next()  # 1
            at = max(now, said[-1].at + 1) if said else now
            statement = state(old, new, seq=len(said) + 1, at=at, since=since)
            with self._store.together():  # 2
                self._store.keys.add(statement, digest(statement), received=now)
                self._access.audit(
                    by.user,
                    act,
                    subject=old.node_id,
                    purpose=reason or "rotation",
                    detail={"old": spoken(old.public), "new": spoken(new.public)},
                )
            self._keys.adopt_next()  # 3
        finally:
            self._store.jobs.release_lease(LEASE, holder)
        return statement
