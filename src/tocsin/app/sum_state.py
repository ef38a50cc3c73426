"""How far one node is in one epoch of private sums: what is kept of it, and what of that is sealed."""

import os
from collections.abc import Callable, Sequence
from hashlib import sha256

import msgspec
import structlog

from tocsin.app.noise import laplace_of_scale
from tocsin.app.sum_keys import SumKeys
from tocsin.app.sum_purse import SumPurse
from tocsin.correlate.summed import Candidate
from tocsin.kernel import Clock, NotFound, micros
from tocsin.kernel.sums import Held, SumMember, SumRoster
from tocsin.store.sum_interface import SumAgreement, SumStore
from tocsin.trust.boxes import Box, new_secret
from tocsin.trust.seal import Entropy

WEEK_MICROS = 7 * 86_400_000_000
"""An epoch, as `trust.matching.terms.epoch_of` counts them."""

_SECRET = "how far this node is in sums"


class Asked(msgspec.Struct, frozen=True):
    """What this node submitted at a look: `keys` in the order of its entries, and whose candidate each is."""

    keys: tuple[bytes, ...]
    owners: dict[bytes, int]
    candidates: tuple[Candidate, ...]


class Gathered(msgspec.Struct, frozen=True):
    """What this node would submit now, by key."""

    held: dict[bytes, Held]
    owners: dict[bytes, int]
    candidates: tuple[Candidate, ...]


class Secrets(msgspec.Struct):
    """What is sealed under the epoch's key: this node's box, its share, outputs of its values, what it submitted."""

    box: bytes
    share: bytes = b""
    outputs: dict[bytes, bytes] = {}
    submitted: dict[int, Asked] = {}


class Progress(msgspec.Struct):
    """What anybody may know who reads the database: `boxes` are public halves by node."""

    agreement: SumAgreement
    attempt: int = 0
    boxes: dict[str, bytes] = {}
    roster: SumRoster | None = None
    made: int = 0
    """When the key was made; 0 before."""
    looked: list[int] = []
    """Looks at which this node submitted."""
    bits: dict[int, dict[str, bytes]] = {}
    scored: list[int] = []
    """As an aggregator: looks that are done."""
    unpaid: list[int] = []
    """Looks at which this node did not submit: its budget did not hold them."""


class _Kept(msgspec.Struct):
    progress: Progress
    sealed: bytes


class Desk(msgspec.Struct, frozen=True):
    """What an epoch needs of its node. `gather` and `rang` are the node's own business, `me` its STIX identity.

    `note` writes a line of the audit, which the log commits to: (act, subject, detail).
    """

    me: str
    store: SumStore
    keys: SumKeys
    clock: Clock
    gather: Callable[[], Gathered | None]
    rang: Callable[[SumRoster, int, Asked, frozenset[bytes]], None]
    note: Callable[[str, str, dict[str, str | int | float]], None]
    purse: SumPurse
    entropy: Entropy = os.urandom
    draw: Callable[[int, int], Sequence[int]] = laplace_of_scale
    """(how many, scale): discrete Laplace noise."""

    @property
    def now(self) -> int:
        return micros(self.clock())

    def post(self, epoch: int, to: str, kind: str, body: bytes) -> None:
        self.store.post(epoch, to, kind, body, self.now)

    def load(self, epoch: int) -> tuple[Progress, Secrets] | None:
        """What was kept of an epoch; None where nothing is, or its key is gone."""
        raw = self.store.state(epoch)
        if raw is None:
            return None
        kept = msgspec.msgpack.decode(raw, type=_Kept)
        try:
            plain = self.keys.opened(epoch).open(kept.sealed, _SECRET)
        except NotFound:
            return None
        return kept.progress, msgspec.msgpack.decode(plain, type=Secrets)

    def save(self, epoch: int, progress: Progress, secrets: Secrets) -> None:
        sealed = self.keys.made(epoch).close(msgspec.msgpack.encode(secrets), _SECRET)
        self.store.keep(epoch, msgspec.msgpack.encode(_Kept(progress, sealed)))

    def fresh_box(self) -> bytes:
        return new_secret(self.entropy)


def members(agreement: SumAgreement) -> tuple[str, ...]:
    """Every node of an agreement, once."""
    return tuple(sorted({*agreement.participants, *agreement.aggregators}))


def digest_of(agreement: SumAgreement) -> bytes:
    """32 bytes that are the same at nodes whose operators agreed to the same."""
    return sha256(b"tocsin/sums/1/agreement" + msgspec.msgpack.encode(agreement.terms)).digest()


def roster_of(progress: Progress, epoch: int) -> SumRoster:
    """The roster once every node's box is known. Raises BadInput."""
    agreed = progress.agreement
    one, other = (SumMember(name, progress.boxes[name]) for name in agreed.aggregators)
    return SumRoster(
        epoch=epoch,
        attempt=progress.attempt,
        participants=tuple(SumMember(name, progress.boxes[name]) for name in sorted(agreed.participants)),
        aggregators=(one, other),
        threshold=len(agreed.participants) // 2 + 1,
        holders=agreed.holders,
        looks=agreed.looks,
        noise=agreed.noise,
        ring_at=agreed.ring_at,
    )


def look_at(roster: SumRoster, now: int) -> int:
    """The number of the look whose time is now. An epoch's looks divide it evenly, so every node's clock says which."""
    return (now - roster.epoch * WEEK_MICROS) * roster.looks // WEEK_MICROS


def ending(roster: SumRoster, look: int, now: int) -> bool:
    """Whether the last quarter of a look's time has come: who has not been asked submits by itself."""
    begins = roster.epoch * WEEK_MICROS + look * WEEK_MICROS // roster.looks
    return 4 * (now - begins) >= 3 * WEEK_MICROS // roster.looks


def box_of(secrets: Secrets) -> Box:
    return Box(secrets.box)


log = structlog.get_logger("tocsin.sums")
