"""Trust groups: made, joined, left, closed; and releases to every member, each through the gate."""

from collections.abc import Callable, Sequence

import msgspec

from tocsin.app.access import Access
from tocsin.app.settings import Settings
from tocsin.kernel import (
    TLP,
    BadInput,
    Caller,
    Clock,
    Conflict,
    Group,
    Manifest,
    NotFound,
    Peer,
    TocsinError,
    micros,
)
from tocsin.share import Gate
from tocsin.store.interface import Store
from tocsin.trust.policy import Policies

MAX_GROUP_NAME_CHARS = 64
MAX_WORDS_CHARS = 4_000
"""What is agreed is a page, not a contract."""

MAX_MEMBERS = 500


class Shared(msgspec.Struct, frozen=True):
    """What would go, or went, to one member: its manifest, or why nothing did."""

    peer: str
    manifest: Manifest | None = None
    error: str | None = None


class Grouping:
    """Every act here needs a role and leaves a trace. Nothing of a group goes to anybody, members included."""

    def __init__(
        self, store: Store, settings: Settings, access: Access, policies: Policies, clock: Clock
    ) -> None:
        self._store = store
        self._settings = settings
        self._access = access
        self._clock = clock
        self._gate = Gate(policies)

    def add(
        self, by: Caller, name: str, *, title: str, purpose: str, ceiling: TLP, agreed: str = ""
    ) -> Group:
        """A new group without members. Raises BadInput, Conflict, NotAllowed."""
        self._access.require(by, "peer.manage")
        if not (name.isprintable() and 0 < len(name) <= MAX_GROUP_NAME_CHARS and not set(name) & set(' :/"')):
            raise BadInput(
                f"a group's name has 1 to {MAX_GROUP_NAME_CHARS} characters and no space, colon, slash"
            )
        if not purpose.strip():
            raise BadInput("name the purpose that the group agreed on")
        if max(len(title), len(purpose), len(agreed)) > MAX_WORDS_CHARS:
            raise BadInput(f"say what is agreed in at most {MAX_WORDS_CHARS} characters")
        if ceiling is TLP.RED:
            raise BadInput("TLP:RED is for individual people: no machine shares it, in a group neither")
        group = Group(
            name=name,
            title=title.strip() or name,
            purpose=purpose.strip(),
            ceiling=ceiling,
            agreed=agreed.strip(),
            created=micros(self._clock()),
        )
        self._store.groups.add(group)
        self._told(by, "group.add", name, {"ceiling": ceiling.value, "purpose": group.purpose})
        return group

    def join(self, by: Caller, name: str, peer: str) -> Group:
        """Take a peer of this node into a group. Raises NotFound, Conflict."""
        self._access.require(by, "peer.manage")
        group = self.group(name)
        if self._store.peers.get(peer) is None:
            raise NotFound(f"there is no peer {peer[:64]}: `tocsin peer add` names one")
        if group.closed is not None:
            raise Conflict(f"group {name} is closed")
        if peer in group.members:
            return group
        if len(group.members) >= MAX_MEMBERS:
            raise BadInput(f"a group has at most {MAX_MEMBERS} members")
        return self._changed(by, "group.join", group, tuple(sorted({*group.members, peer})), peer)

    def leave(self, by: Caller, name: str, peer: str) -> Group:
        """Nothing more is shared in the group with this peer. What it has, it has. Raises NotFound."""
        self._access.require(by, "peer.manage")
        group = self.group(name)
        if peer not in group.members:
            raise NotFound(f"{peer[:64]} is not in group {name}")
        left = tuple(member for member in group.members if member != peer)
        return self._changed(by, "group.leave", group, left, peer)

    def close(self, by: Caller, name: str) -> Group:
        """Nothing more is shared in the group."""
        self._access.require(by, "peer.manage")
        group = self.group(name)
        if group.closed is None:
            group = msgspec.structs.replace(group, closed=micros(self._clock()))
            self._store.groups.replace(group)
            self._told(by, "group.close", name, {})
        return group

    def group(self, name: str) -> Group:
        """The group of this name. Raises NotFound."""
        group = self._store.groups.get(name)
        if group is None:
            raise NotFound(f"there is no group {name[:MAX_GROUP_NAME_CHARS]}: `tocsin group list` shows them")
        return group

    def preview(self, by: Caller, name: str) -> tuple[Shared, ...]:
        """What would leave to each member. Nothing leaves."""
        self._access.require(by, "share.preview")
        group = self.group(name)
        return tuple(
            self._one(peer, lambda peer: self._preview(peer, group)) for peer in self._members(group)
        )

    def publish(self, by: Caller, name: str, digests: dict[str, str] | None = None) -> tuple[Shared, ...]:
        """Release to every member, each through the gate by itself: all of a member's manifest, or nothing of it.

        `digests` are those of a preview, member → digest; a member without one, or with another, gets nothing.
        """
        self._access.require(by, "share.publish")
        group = self.group(name)
        if digests is not None and (strange := set(digests) - set(group.members)):
            raise BadInput(f"not in group {name}: {', '.join(sorted(strange))[:200]}")

        def release(peer: Peer) -> Manifest:
            def logged(manifest: Manifest) -> None:
                self._access.audit(
                    by.user,
                    "share.publish",
                    subject=peer.name,
                    purpose=group.purpose,
                    detail={"manifest": manifest.digest, "records": len(manifest.released), "group": name},
                )

            if digests is not None and peer.name not in digests:
                raise Conflict("it was not in the preview: look at it again")
            return self._gate.publish(
                self._store,
                peer,
                group.purpose,
                by=by.user,
                expected=None if digests is None else digests[peer.name],
                now=self._clock(),
                sighting_delay_seconds=self._settings.sighting_delay_seconds,
                group=group,
                two_person_from=self._settings.two_person_from,
                beside=logged,
            )

        return tuple(self._one(peer, release) for peer in self._members(group))

    def _preview(self, peer: Peer, group: Group) -> Manifest:
        return self._gate.preview(
            self._store,
            peer,
            group.purpose,
            now=self._clock(),
            sighting_delay_seconds=self._settings.sighting_delay_seconds,
            group=group,
        ).manifest

    def _members(self, group: Group) -> Sequence[Peer]:
        found = (self._store.peers.get(name) for name in group.members)
        return [peer for peer in found if peer is not None]

    @staticmethod
    def _one(peer: Peer, work: Callable[[Peer], Manifest]) -> Shared:
        try:
            return Shared(peer=peer.name, manifest=work(peer))
        except TocsinError as error:  # one member's trouble keeps nothing from the others
            return Shared(peer=peer.name, error=error.message)

    def _changed(self, by: Caller, act: str, group: Group, members: tuple[str, ...], peer: str) -> Group:
        group = msgspec.structs.replace(group, members=members)
        self._store.groups.replace(group)
        self._told(by, act, group.name, {"peer": peer})
        return group

    def _told(self, by: Caller, act: str, name: str, detail: dict[str, str | int | float]) -> None:
        self._access.audit(by.user, act, subject=name, purpose="exchange", detail=detail)
