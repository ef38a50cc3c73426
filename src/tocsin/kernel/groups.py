"""Group: peers that agreed among themselves what they share, and how closed it may be."""

from collections.abc import Iterable

import msgspec

from tocsin.kernel.peers import Peer
from tocsin.kernel.records import TLP


class Group(msgspec.Struct, frozen=True):
    """`members` are names of peers of this node; `agreed` says in the group's own words what was agreed.

    This node's own list: no answer, count, page or error of it goes to anybody (docs/sharing.md). `ceiling` is the
    most closed marking that may be shared in it, for `purpose` and no other.
    """

    name: str
    title: str
    purpose: str
    ceiling: TLP
    members: tuple[str, ...] = ()
    agreed: str = ""
    created: int = 0
    closed: int | None = None
    """When sharing in it ended, microseconds."""

    def open_to(self, peer: str) -> bool:
        """Whether something may be shared in it with this peer."""
        return self.closed is None and peer in self.members


class Terms(msgspec.Struct, frozen=True):
    """Under what something may go to a peer: no more closed than `ceiling`, for one of `purposes`.

    `group` is the group in which it goes; None by the peer's own agreement with us.
    """

    ceiling: TLP
    purposes: tuple[str, ...]
    group: str | None = None


def terms(peer: Peer, groups: Iterable[Group], purpose: str) -> Terms | None:
    """Under what something may go to `peer` for `purpose`; None when nobody agreed to that.

    1. The peer's own agreement with us, when it has the purpose. 2. Otherwise a group of that purpose that the peer
    is in; of several the strictest, since nobody said which one is meant.
    """
    if purpose in peer.purposes:  # 1
        return Terms(ceiling=peer.ceiling, purposes=peer.purposes)
    found = [terms_in(peer, group) for group in groups if group.purpose == purpose]
    return min(
        (one for one in found if one), key=lambda one: (one.ceiling.rank, one.group), default=None
    )  # 2


def highest(peer: Peer, groups: Iterable[Group]) -> TLP:
    """The most closed marking under which anything may go to `peer` now, by its own agreement or in any group."""
    shared = (group.ceiling for group in groups if group.open_to(peer.name))
    return max((peer.ceiling, *shared), key=lambda tlp: tlp.rank)


def terms_in(peer: Peer, group: Group) -> Terms | None:
    """Under what something may go to `peer` in this very group, whatever was agreed with it otherwise."""
    if not group.open_to(peer.name):
        return None
    return Terms(ceiling=group.ceiling, purposes=(group.purpose,), group=group.name)
