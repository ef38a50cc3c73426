"""The key of an epoch: what all know of it, and the share of it that one node has."""

from hashlib import sha256
from typing import Annotated

import msgspec
from msgspec import Meta

from tocsin.kernel import BadInput
from tocsin.kernel.sums import MOST_PARTICIPANTS, SumRoster
from tocsin.trust import ristretto
from tocsin.trust.oprf import KeyPair
from tocsin.trust.summing.messages import LABEL, Digest, Name, Point, Scalar
from tocsin.trust.summing.sharing import committed


class GroupKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Public: the key of a roster, each participant's part of it in the order of the roster, and who serves."""

    roster: Digest
    public: Point
    shares: Annotated[tuple[Point, ...], Meta(max_length=MOST_PARTICIPANTS)]
    servers: Annotated[tuple[Name, ...], Meta(max_length=MOST_PARTICIPANTS)]
    """Participants who dealt rightly and confirmed."""

    @property
    def context(self) -> bytes:
        """32 bytes that every value of the epoch is hashed with."""
        return sha256(LABEL + b"/context" + self.roster + self.public).digest()


class KeyShare(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Secret: one node's share. It is kept sealed until its epoch ends, and destroyed then."""

    group: GroupKey
    index: Annotated[int, Meta(ge=1, le=MOST_PARTICIPANTS)]
    secret: Scalar

    @property
    def pair(self) -> KeyPair:
        return KeyPair(self.secret, self.group.shares[self.index - 1])

    def __repr__(self) -> str:
        return f"KeyShare(index={self.index})"


def group_key(roster: SumRoster, commitments: list[bytes], servers: tuple[str, ...]) -> GroupKey:
    """The key of the sum of all dealers' commitments. Raises BadInput."""
    places = range(1, len(roster.names) + 1)
    shares = tuple(committed(commitments, place) for place in places)
    return GroupKey(roster.digest, ristretto.checked_point(commitments[0]), shares, servers)


def require_group(group: GroupKey, roster: SumRoster) -> None:
    """That a key is of this roster. Raises BadInput."""
    if group.roster != roster.digest or len(group.shares) != len(roster.names):
        raise BadInput("the key of tags belongs to another roster; make one for this epoch")


def write_share(share: KeyShare) -> bytes:
    """A share as it is kept. Secret."""
    return msgspec.msgpack.encode(share)


def read_share(raw: bytes) -> KeyShare:
    """What `write_share` wrote. Raises BadInput."""
    try:
        share = msgspec.msgpack.decode(raw, type=KeyShare)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadInput("what was kept as a share of a key is none") from None
    if share.index > len(share.group.shares) or ristretto.multiply_base(
        ristretto.checked_scalar(share.secret)
    ) != ristretto.checked_point(share.group.shares[share.index - 1]):
        raise BadInput("a kept share does not belong to its key")
    return share
