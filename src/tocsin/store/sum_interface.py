"""What a store promises of private sums: agreements, epochs, mail, spends and answers. A part of `interface`.

No key, no tag and no count of another node is kept in the open: what is secret in an epoch's state is sealed by whoever
keeps it, and messages are boxes for somebody else.
"""

from typing import Protocol

import msgspec


class SumAgreement(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator agreed to. Nodes are named by their STIX identities, which are the same everywhere.

    Two agreements are one when everything but who agreed and when is the same: `terms` says so. Times in microseconds.
    """

    participants: tuple[str, ...]
    aggregators: tuple[str, str]
    holders: int
    looks: int
    noise: int
    ring_at: int
    until: int
    by: str = ""
    at: int = 0
    withdrawn: int = 0

    @property
    def terms(self) -> "SumAgreement":
        """Without who agreed and when."""
        return msgspec.structs.replace(self, by="", at=0, withdrawn=0)


class SumMail(msgspec.Struct, frozen=True):
    """A message to one node, by its STIX identity. `sent` is 0 before it was taken, and the body empty after."""

    seq: int
    epoch: int
    peer: str
    kind: str
    size: int
    at: int
    due: int
    sent: int
    body: bytes


class SumHeard(msgspec.Struct, frozen=True):
    """What somebody gave for one look of a roster (its digest in hexadecimal)."""

    epoch: int
    roster: str
    look: int
    kind: str
    sender: str
    at: int
    body: bytes


class SumAnswer(msgspec.Struct, frozen=True):
    """One look, as this node saw it: keys that it raised, of how many candidates, and the warnings that rang.

    `answered` is when both aggregators had said it, 0 before.
    """

    epoch: int
    look: int
    at: int
    keys: int
    candidates: int
    warnings: tuple[str, ...] = ()
    answered: int = 0


class SumStore(Protocol):
    """One node's part in private sums."""

    def agree(self, agreement: SumAgreement) -> None:
        """Keep consent, instead of any that stood before."""
        ...

    def agreed(self) -> SumAgreement | None:
        """The agreement that stands; None where there is none."""
        ...

    def agreements(self) -> tuple[SumAgreement, ...]:
        """All there ever were, the newest first."""
        ...

    def withdraw(self, at: int) -> bool:
        """Take consent back; False where there was none."""
        ...

    def keep(self, epoch: int, body: bytes) -> None:
        """How far an epoch is, instead of what was kept of it."""
        ...

    def state(self, epoch: int) -> bytes | None: ...

    def epochs(self) -> tuple[int, ...]:
        """Those of which something is kept, the newest first."""
        ...

    def post(self, epoch: int, peer: str, kind: str, body: bytes, at: int) -> None:
        """Something to send to a node, as soon as it can be."""
        ...

    def due(self, now: int, limit: int = 100) -> tuple[SumMail, ...]:
        """What is to be sent now, the oldest first."""
        ...

    def later(self, seq: int, due: int) -> None:
        """It could not be sent: again then."""
        ...

    def hurry(self, peer: str, due: int) -> None:
        """A node is there: what waits for it is due then, if not before."""
        ...

    def sent(self, seq: int, at: int) -> None:
        """It was taken; its body is forgotten."""
        ...

    def mail(self, *, limit: int = 100) -> tuple[SumMail, ...]:
        """What was sent or waits, the newest first."""
        ...

    def hear(self, heard: SumHeard) -> bool:
        """Keep what was given for a look; False where the same sender gave something of the kind before."""
        ...

    def heard(self, epoch: int) -> tuple[SumHeard, ...]:
        """What was given in an epoch, the oldest first."""
        ...

    def spend(self, asker: str, epoch: int, serial: bytes, part: int, points: int, most: int) -> None:
        """Keeps `trust.summing.TagSpending`: one durable transaction before anything is evaluated.

        Raises Conflict for a part of a serial that was there before, NotAllowed beyond `most`.
        """
        ...

    def spent(self, epoch: int) -> dict[str, int]:
        """Points evaluated in an epoch, by asker."""
        ...

    def answer(self, answer: SumAnswer) -> None:
        """Keep what came of a look, instead of what was kept of it."""
        ...

    def answers(self, *, limit: int = 100) -> tuple[SumAnswer, ...]:
        """The newest first."""
        ...

    def close_epoch(self, epoch: int) -> None:
        """Forget what was given and what waits in an epoch, and how far it was; what left and what came of it stays."""
        ...


class SumStores(Protocol):
    """What of one node's memory is about private sums."""

    @property
    def sums(self) -> SumStore: ...
