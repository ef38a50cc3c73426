"""The API roots of TAXII, as data: which roots, and in them which collections, a caller finds.

A root is made for each caller by a function of `ROOT_MAKERS`; one that has nothing for a caller makes none, and then
neither discovery nor any path tells of it. To add roots (one for each trust group, say), write a function that gives
a `Root` to members and nothing to others, and list it there.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Protocol

import msgspec

from tocsin.app.node import Node
from tocsin.app.taxonomy_export import stix_bundle
from tocsin.kernel import TLP, Caller, NotAllowed, PeerStatus, Release, Role, highest, micros
from tocsin.store.interface import ReleaseFilter, TaxiiPage
from tocsin.wire import taxii
from tocsin.wire.stix import StixObject, canonical, marking, micros_of, parse, version_of, view
from tocsin.wire.stix.extensions import EXTENSIONS, author, definition

DISCOVERY = "/taxii2"
MAIN = "tocsin"

SHARED = taxii.Collection(
    id="5f8f1c0e-6f0b-5c5e-9f57-2f6f0a4d1a01",
    alias="shared",
    title="Released to you",
    description="Records that this node's gate released to the caller.",
    can_read=True,
    can_write=False,
    media_types=(taxii.STIX_MEDIA_TYPE,),
)
INBOX = taxii.Collection(
    id="5f8f1c0e-6f0b-5c5e-9f57-2f6f0a4d1a02",
    alias="inbox",
    title="Posted by you",
    description="Records that the caller gave to this node.",
    can_read=True,
    can_write=True,
    media_types=(taxii.STIX_MEDIA_TYPE,),
)
VOCABULARY = taxii.Collection(
    id="5f8f1c0e-6f0b-5c5e-9f57-2f6f0a4d1a03",
    alias="vocabulary",
    title="Taxonomy",
    description="Conduct, techniques and routes, with their crosswalks to other schemes, in English and Chinese.",
    can_read=True,
    can_write=False,
    media_types=(taxii.STIX_MEDIA_TYPE,),
)
DEFINITIONS = taxii.Collection(
    id="5f8f1c0e-6f0b-5c5e-9f57-2f6f0a4d1a04",
    alias="definitions",
    title="Extensions and markings",
    description="The extension definitions that Tocsin's records use, and TLP 2.0.",
    can_read=True,
    can_write=False,
    media_types=(taxii.STIX_MEDIA_TYPE,),
)


class Party:
    """A caller as this server sees them: whose view of the collections is theirs, and up to which marking."""

    def __init__(self, node: Node, caller: Caller, digest: str | None = None) -> None:
        self.node = node
        self.caller = caller
        self.digest = digest
        """What a signed request promised of its body."""
        self.peer = caller.peer
        """The peer whose view it is; None for this node's own people."""
        self.owner = f"peer:{caller.peer}" if caller.peer is not None else f"user:{caller.user}"
        """Under whose name posted objects and statuses are kept."""
        row = None if caller.peer is None else node.store.peers.get(caller.peer)
        self._row = row
        self._status = row.status_at(micros(node.clock())) if row else None

    @property
    def may_enter(self) -> bool:
        """Whether there is anything for this caller: a peer we no longer believe, or that is gone, has nothing."""
        if self.peer is None:
            return Role.PEER not in self.caller.roles
        return self._status in (PeerStatus.ADDED, PeerStatus.TRUSTED)

    @property
    def ceiling(self) -> TLP | None:
        """The most closed marking that this caller is shown; None: nothing, for a peer that is not trusted now.

        For a peer the highest under which something may go to it: by its own agreement, or in a group it is in.
        """
        if self.peer is None:
            return self.caller.ceiling
        if self._row is None or self._status is not PeerStatus.TRUSTED:
            return None
        return highest(self._row, self.node.store.groups.list())

    @property
    def sees_all(self) -> bool:
        """Whether nothing of this node is hidden from this caller."""
        return self.peer is None and self.caller.ceiling is TLP.RED


class Place(Protocol):
    """One collection as one caller finds it."""

    @property
    def collection(self) -> taxii.Collection: ...

    def page(self, wanted: ReleaseFilter) -> TaxiiPage:
        """One page of what this caller may see."""
        ...

    def note(self, page: TaxiiPage) -> None:
        """Objects are about to be sent."""
        ...

    def delete(self, record_id: str, versions: tuple[int, ...]) -> int:
        """Delete versions that the caller sees; returns how many. Raises NotAllowed before it looks at any."""
        ...


class Root(msgspec.Struct, frozen=True):
    """An API root as one caller finds it. `name` is its part of the path."""

    name: str
    title: str
    description: str
    places: tuple[Place, ...]

    @property
    def path(self) -> str:
        return f"{DISCOVERY}/{self.name}/"

    def place(self, name: str) -> Place | None:
        """The collection with this id or alias."""
        return next((one for one in self.places if name in (one.collection.id, one.collection.alias)), None)


def roots_for(party: Party) -> tuple[Root, ...]:
    """The roots that this caller may know of, the main one first."""
    return tuple(root for make in ROOT_MAKERS for root in make(party)) if party.may_enter else ()


class _Shared:
    """What the gate released: to this peer, or, for this node's people, to anybody."""

    collection = SHARED

    def __init__(self, party: Party) -> None:
        self._party = party
        self._releases = party.node.store.releases

    def page(self, wanted: ReleaseFilter) -> TaxiiPage:
        ceiling = self._party.ceiling
        if ceiling is None:
            return TaxiiPage((), more=False)
        return self._releases.page(self._party.peer, wanted, ceiling=ceiling)

    def note(self, page: TaxiiPage) -> None:
        """Count what a peer fetched."""
        peer = self._party.peer
        if peer is not None and page.rows:
            size = sum([len(row.stix) for row in page.rows])
            at = micros(self._party.node.clock())
            self._releases.note_fetch(peer, objects=len(page.rows), size=size, at=at)

    def delete(self, record_id: str, versions: tuple[int, ...]) -> int:
        _require_withdraw(self._party)
        return self._releases.withdraw(record_id, versions)


def shared_with(party: Party) -> Place:
    """What was released to a caller, for those who are let in."""
    return _Shared(party)


class _Inbox:
    """What this peer posted, or, for this node's people, what anybody did."""

    collection = INBOX

    def __init__(self, party: Party) -> None:
        self._party = party
        self._inbox = party.node.store.inbox

    def page(self, wanted: ReleaseFilter) -> TaxiiPage:
        if self._party.peer is not None:  # a poster may see what it posted, whatever its ceiling is now
            return self._inbox.page(self._party.owner, wanted)
        return self._inbox.page(None, wanted, ceiling=self._party.caller.ceiling)

    def note(self, page: TaxiiPage) -> None:
        """What the caller itself posted is not counted."""

    def delete(self, record_id: str, versions: tuple[int, ...]) -> int:
        party = self._party
        everybody = party.node.access.may(party.caller, "taxii.withdraw")
        return self._inbox.delete(record_id, versions, owner=None if everybody else party.owner)


class Fixed:
    """Objects that are part of this program: the same for every caller, and never changed here."""

    def __init__(self, collection: taxii.Collection, rows: Callable[[], Sequence[Release]]) -> None:
        self.collection = collection
        self._rows = rows

    def page(self, wanted: ReleaseFilter) -> TaxiiPage:
        """Each object has one version, so it is the first and the last."""
        dates = {name for name in wanted.versions or () if isinstance(name, int)}
        only_dates = bool(dates) and len(dates) == len(wanted.versions or ())
        found = [
            row
            for row in self._rows()
            if row.added > (wanted.added_after or 0)
            and (not wanted.ids or row.id in wanted.ids)
            and (not wanted.types or row.type in wanted.types)
            and (not wanted.spec_versions or row.spec_version in wanted.spec_versions)
            and (not only_dates or row.version in dates)
        ]
        return TaxiiPage(tuple(found[: wanted.limit]), more=len(found) > wanted.limit)

    def note(self, page: TaxiiPage) -> None:
        """Everybody may have them."""

    def delete(self, record_id: str, versions: tuple[int, ...]) -> int:
        raise NotAllowed("these objects are part of the program; nobody deletes them")


def _require_withdraw(party: Party) -> None:
    if party.peer is not None or not party.node.access.may(party.caller, "taxii.withdraw"):
        raise NotAllowed("only this node's admin withdraws what was released")


def _main(party: Party) -> Iterator[Root]:
    yield Root(
        name=MAIN,
        title=party.node.settings.name,
        description="What this node released to you, and what you gave to it.",
        places=(_Shared(party), _Inbox(party)),
    )


def _taxonomy(_: Party) -> Iterator[Root]:
    yield Root(
        name="taxonomy",
        title="The shared language",
        description="Taxonomy, crosswalks, extension definitions and markings. Read only.",
        places=(
            Fixed(VOCABULARY, _vocabulary),
            Fixed(DEFINITIONS, _definitions),
        ),
    )


@cache
def _vocabulary() -> tuple[Release, ...]:
    bundle = msgspec.json.decode(stix_bundle(), type=dict[str, msgspec.Raw])
    return _constant([bytes(one) for one in msgspec.json.decode(bundle["objects"], type=list[msgspec.Raw])])


@cache
def _definitions() -> tuple[Release, ...]:
    items: list[StixObject] = [*map(marking, TLP), author(), *map(definition, EXTENSIONS)]
    return _constant([canonical(item) for item in items])


def _constant(objects: Sequence[bytes]) -> tuple[Release, ...]:
    """Rows for constant bytes. Each is added a microsecond after the one before, from the oldest on."""
    items = sorted(((parse(data), data) for data in objects), key=lambda pair: version_of(pair[0]) or "")
    rows, moment = [], 0
    for seq, (item, data) in enumerate(items, 1):
        version = micros_of(version_of(item) or "1970-01-01T00:00:00Z")
        moment = max(version, moment + 1)
        seen = view(item)
        rows.append(Release(seq, "", seen.id, seen.type, version, moment, data, "", tlp=TLP.CLEAR))
    return tuple(rows)


ROOT_MAKERS: list[Callable[[Party], Iterator[Root]]] = [_main, _taxonomy]
"""Every root there is. A maker gives a caller the roots that are for them, and none tells of the others'."""
