"""What a store promises of cases' keys and of those who hold copies of them. A part of `interface`.

Nothing here opens anything: the store has wrapped keys and public halves. Times in microseconds.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec

NODE = "node"
"""The holder that is this node itself; every other holder is the id of a member's key."""


class CaseLock(msgspec.Struct, frozen=True):
    """A case that has a key: for which queue it is kept, and the public half by which something is left for it."""

    case: str
    queue: str
    public: bytes
    at: int


class KeyCopy(msgspec.Struct, frozen=True):
    """A case's key, wrapped for one holder."""

    case: str
    holder: str
    at: int
    wrapped: bytes


class MemberKey(msgspec.Struct, frozen=True):
    """A member's key pair: `sealed` is the private half under a passphrase. `ended` counts no more."""

    id: str
    user: str
    at: int
    public: bytes
    sealed: bytes
    ended: int | None = None


class QueueKey(msgspec.Struct, frozen=True):
    """A member's key that a restricted queue's cases are sealed to. `by` let it in."""

    queue: str
    member_key: str
    at: int
    by: str


class CaseKeyStore(Protocol):
    """Locks of cases, copies of their keys, and members' keys."""

    def begin(self, lock: CaseLock, copies: Sequence[KeyCopy]) -> None:
        """Keep a case's first copies. Raises Conflict when the case has a key."""
        ...

    def lock(self, case: str) -> CaseLock | None: ...
    def locks(self, queue: str) -> tuple[CaseLock, ...]:
        """Cases kept for a queue, by id."""
        ...

    def copy(self, case: str, holders: Sequence[str]) -> KeyCopy | None:
        """The copy of the first of these holders that has one."""
        ...

    def copies(self, case: str) -> tuple[KeyCopy, ...]:
        """Every copy of a case's key, by holder."""
        ...

    def held_by(self, holder: str) -> tuple[KeyCopy, ...]:
        """Every copy that one holder has, by case."""
        ...

    def replace(self, case: str, queue: str, copies: Sequence[KeyCopy]) -> None:
        """These copies and no others, kept for this queue. Raises NotFound when the case has no key."""
        ...

    def add(self, copies: Sequence[KeyCopy]) -> None:
        """More copies; one that its holder has already is passed over."""
        ...

    def destroy(self, case: str) -> bool:
        """Delete the lock and every copy; whether there were any."""
        ...

    def cases(self) -> tuple[str, ...]:
        """Every case that has a key, by id."""
        ...

    def add_member(self, member: MemberKey) -> None: ...

    def members(self, user: str | None = None) -> tuple[MemberKey, ...]:
        """Keys that have not ended, oldest first; of one user if asked."""
        ...

    def relock_member(self, key_id: str, sealed: bytes) -> None:
        """The private half under another passphrase. Raises NotFound."""
        ...

    def admit(self, keys: Sequence[QueueKey]) -> None:
        """Seal a queue's cases to these too from now on; one that is in already stays as it is."""
        ...

    def admitted(self, queue: str) -> tuple[QueueKey, ...]:
        """Oldest first."""
        ...

    def leave(self, queue: str, key_id: str) -> int:
        """Take a key out of a queue, with its copies of the queue's cases; returns how many copies."""
        ...

    def end_member(self, key_id: str, at: int) -> int:
        """End a member's key: its private half, its places in queues and its copies go; returns how many copies."""
        ...


class CaseKeyStores(Protocol):
    """The facets of a store that this page names."""

    @property
    def case_keys(self) -> CaseKeyStore: ...
