"""Private sums of evidence: what is counted for a key at one node, and who adds it up in a week. See docs/sums.md."""

from collections.abc import Iterable, Sequence
from enum import IntEnum
from hashlib import sha256
from typing import Annotated

import msgspec
from msgspec import Meta

from tocsin.kernel.errors import BadInput


class Component(IntEnum):
    """What is counted for one key at one node. One account adds at most one to each."""

    ACTORS = 0
    KNOWN = 1
    """Accounts whose date of making is known."""
    NEW = 2
    BUSY = 3
    """Accounts with enough events to say what share is this text."""
    DEVOTED = 4
    FLAGGED = 5
    EVADING = 6
    TOGETHER = 7
    """Accounts made in the same days as the first of their batch, that one not counted."""
    WITHIN = 8
    """Accounts that first wrote it in the same hour as the first of theirs, that one not counted."""
    PAYMENT = 9
    """From here: accounts with the one identifier of this type that most of them share."""
    DEVICE = 10
    EMAIL = 11
    INVITATION = 12
    DOMAIN = 13


COMPONENTS = len(Component)

KINDS_SHARED = ("payment", "device", "email", "invitation", "domain")
"""Types of identifiers, in the order of their components, as the scoring names them."""

MOST_ACTORS = 63
"""Accounts that one node says of a key: its clip. A node with more finds it alone, and a liar can say no more."""

KEYS_AN_ACTOR = 4
"""Keys of a look in which one account counts at one node, at most: with the looks a multiplier of every epsilon."""

LEAST_HOLDERS = 2
"""Nodes that raised a key before anything is said of it. With one, its sum would be that node's own counts."""

LEAST_PARTICIPANTS, MOST_PARTICIPANTS = 3, 32
"""Two nodes take the intersection of candidates (docs/matching.md). The study went to 20."""

MOST_LOOKS = 56
"""Sums in one epoch: one every three hours. Each is a sum of its own under the same tags, and spends anew."""

MOST_NOISE = 1_000
"""Scale of the noise that each aggregator adds to each count. At 56 it is an epsilon of 1 and nothing is found."""

BOX_BYTES = 32
MAX_NAME_CHARS = 128


class CountVector(msgspec.Struct, frozen=True):
    """The counts of one key at one node, in the order of `Component`. Raises BadInput for counts that none can be."""

    counts: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.counts) != COMPONENTS:
            raise BadInput(f"a vector has {COMPONENTS} counts")
        actors = self.counts[Component.ACTORS]
        if min(self.counts) < 0 or max(self.counts) > actors:
            raise BadInput("no count is below zero, and none is greater than that of the accounts")

    def clipped(self) -> "CountVector":
        """At most MOST_ACTORS accounts, the rest in proportion, rounded down.

        In proportion, because cutting each count by itself would make a crowd of a thousand, a tenth of it new, one
        in which all are new. One account more or less still moves each count by one at most.
        """
        actors = self.counts[Component.ACTORS]
        if actors <= MOST_ACTORS:
            return self
        return CountVector(tuple(one * MOST_ACTORS // actors for one in self.counts))


class Held(msgspec.Struct, frozen=True):
    """What a node has of a key: its counts, and for each of KINDS_SHARED the identifier that most accounts share.

    Identifiers are values as `trust.summing.value_of` writes them, b"" for none. Counts of nodes add up where
    enough of them have the same identifier; the largest such sum goes into the score.
    """

    counts: CountVector
    identifiers: tuple[bytes, ...] = (b"",) * len(KINDS_SHARED)

    def __post_init__(self) -> None:
        if len(self.identifiers) != len(KINDS_SHARED):
            raise BadInput(f"a key has {len(KINDS_SHARED)} types of identifiers, each with one or none")


def total(vectors: Iterable[CountVector]) -> CountVector:
    """Their sum."""
    return CountVector(tuple(map(sum, zip(*(one.counts for one in vectors), strict=True))))


def mended(counts: Sequence[int]) -> CountVector:
    """The vector nearest to a noisy sum: nothing below zero, nothing above the accounts."""
    actors = max(counts[Component.ACTORS], 0)
    return CountVector(tuple(min(max(one, 0), actors) for one in counts))


class SumMember(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A node of a roster: its identity, and the public half of a box that it made for this roster alone."""

    name: Annotated[str, Meta(min_length=1, max_length=MAX_NAME_CHARS)]
    box: Annotated[bytes, Meta(min_length=BOX_BYTES, max_length=BOX_BYTES)]


class SumRoster(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who sums in one epoch, and by which rules; fixed before the first key is made. Raises BadInput.

    `threshold` participants evaluate a key together, more than half of them. `holders` nodes have raised a key before
    it is summed. `noise` is the scale of the discrete Laplace noise that each of the two aggregators adds to each
    count, 0 for none. `ring_at` is the score above which a sum rings, in thousandths. `attempt` counts key makings
    of the epoch, from 0: one that failed is begun again under another roster.
    """

    format: Annotated[int, Meta(ge=1, le=1)] = 1
    epoch: Annotated[int, Meta(ge=0, le=100_000)]
    attempt: Annotated[int, Meta(ge=0, le=1_000)] = 0
    participants: Annotated[
        tuple[SumMember, ...], Meta(min_length=LEAST_PARTICIPANTS, max_length=MOST_PARTICIPANTS)
    ]
    aggregators: tuple[SumMember, SumMember]
    threshold: Annotated[int, Meta(ge=1, le=MOST_PARTICIPANTS)]
    holders: Annotated[int, Meta(ge=LEAST_HOLDERS, le=MOST_PARTICIPANTS)] = LEAST_HOLDERS
    looks: Annotated[int, Meta(ge=1, le=MOST_LOOKS)] = 7
    noise: Annotated[int, Meta(ge=0, le=MOST_NOISE)] = 0
    ring_at: Annotated[int, Meta(ge=0, le=1_000_000)]

    def __post_init__(self) -> None:
        names = self.names
        if not LEAST_PARTICIPANTS <= len(names) <= MOST_PARTICIPANTS or list(names) != sorted(set(names)):
            raise BadInput(
                f"a roster has from {LEAST_PARTICIPANTS} to {MOST_PARTICIPANTS} different participants, by name; two"
                " nodes alone match candidates instead (`tocsin share match`)"
            )
        if not len(names) < 2 * self.threshold <= 2 * len(names):
            raise BadInput("more than half of the participants evaluate together, and at most all of them")
        if self.aggregators[0].name == self.aggregators[1].name:
            raise BadInput("there are two aggregators, and they are different nodes")
        if not LEAST_HOLDERS <= self.holders <= len(names):
            raise BadInput(f"a sum has at least {LEAST_HOLDERS} holders, and no more than there are nodes")

    @property
    def names(self) -> tuple[str, ...]:
        """Of the participants, in the order of their shares."""
        return tuple(one.name for one in self.participants)

    @property
    def digest(self) -> bytes:
        """32 bytes that every message of the epoch names."""
        return sha256(b"tocsin/sums/1/roster" + msgspec.msgpack.encode(self)).digest()

    def index(self, name: str) -> int:
        """The place of a participant's share, from 1. Raises BadInput for a name that is none."""
        try:
            return self.names.index(name) + 1
        except ValueError:
            raise BadInput("this node is no participant of the epoch; joiners wait for the next") from None

    def place(self, aggregator: str) -> int:
        """0 or 1. Raises BadInput for a name that is no aggregator."""
        for place, one in enumerate(self.aggregators):
            if one.name == aggregator:
                return place
        raise BadInput("this node is no aggregator of the epoch")

    @property
    def holders_who_add(self) -> tuple[str, ...]:
        """Aggregators that are participants too: of a key that they hold they learn the others' sum by subtraction."""
        return tuple(one.name for one in self.aggregators if one.name in self.names)
