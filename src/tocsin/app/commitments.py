"""Commitments: what an organisation says it does in six areas, with evidence and a date; ours and those of peers.

Each is a record, a note of its own author: signed, shared through the gate, received from peers and shown as theirs.
"""

from collections.abc import Iterator

import msgspec

from tocsin.app.access import Access
from tocsin.app.keyring import Keyring
from tocsin.app.naming import called
from tocsin.app.settings import Settings
from tocsin.app.signing import signed
from tocsin.cases import mask
from tocsin.kernel import BadInput, Caller, Clock, NotFound, Origin, Record, TocsinError, micros
from tocsin.kernel.red_lines import Commitment
from tocsin.share import introduction
from tocsin.share.describe_agreed import Speaker, commitment_in, describe_commitment
from tocsin.store.interface import Store
from tocsin.wire.stix.kinds_agreed import AREAS

MAX_OF_AUTHOR = 60
"""Commitments of one author that are listed, the first ones: ten in each area."""

_PAGE = 1_000


class Disclosed(msgspec.Struct, frozen=True):
    """A commitment and whose it is. `given_by` is the peer or file it came from, empty for what is ours."""

    commitment: Commitment
    author: str
    given_by: str
    signed: bool
    overdue: bool


class Commitments:
    """Every look needs `redline.read`, every word `redline.manage` and leaves a trace."""

    def __init__(self, store: Store, keys: Keyring, settings: Settings, access: Access, clock: Clock) -> None:
        self._store = store
        self._keys = keys
        self._own = keys.identity.stix_identity
        self._settings = settings
        self._access = access
        self._clock = clock

    def add(self, by: Caller, commitment: Commitment) -> Record:
        """Say what this organisation does; the same `id` again is a new version, with newer evidence or a later review.

        It leaves only through the gate. Raises NotAllowed, and BadInput naming what does not fit the schema.
        """
        self._access.require(by, "redline.manage")
        if commitment.area not in AREAS:
            raise BadInput(f"an area is one of: {', '.join(AREAS)}")
        if mask(commitment.practice) != commitment.practice:
            raise BadInput("the practice names somebody or an address: say what is done, and where to look")
        now = self._clock()
        voice = Speaker(author=self._own, tlp=self._settings.tlp, now=now, before=self._store.records.get)
        introduced = introduction(
            author=self._own,
            name=self._settings.name,
            now=now,
            identity=self._store.records.get(self._own),
        )
        records = signed((*introduced, *describe_commitment(commitment, voice)), self._keys)
        with self._store.together():
            self._store.records.put(records)
            self._access.audit(by.user, "commitment.add", subject=records[-1].id, purpose=commitment.area)
        return records[-1]

    def listed(self, by: Caller) -> tuple[Disclosed, ...]:
        """Ours, then others', by area. Raises NotAllowed."""
        self._access.require(by, "redline.read")
        now = micros(self._clock())
        found: list[Disclosed] = []
        of_author: dict[str, int] = {}
        for record in self._notes():
            try:
                commitment = commitment_in(record)
            except TocsinError:
                continue  # a note whose extension breaks its schema says nothing
            if commitment is None:
                continue
            of_author[record.author] = of_author.get(record.author, 0) + 1
            if record.origin is not Origin.OWN and of_author[record.author] > MAX_OF_AUTHOR:
                continue
            found.append(
                Disclosed(
                    commitment=commitment,
                    author=called(self._store, record.author),
                    given_by="" if record.origin is Origin.OWN else record.peer or record.origin.value,
                    signed=record.root is not None,
                    overdue=commitment.review_by <= now,
                )
            )
        return tuple(
            sorted(
                found,
                key=lambda one: (bool(one.given_by), one.author, AREAS.index(one.commitment.area)),
            )
        )

    def show(self, by: Caller, record_id: str) -> Disclosed:
        """One of them. Raises NotAllowed, NotFound."""
        found = next((one for one in self.listed(by) if one.commitment.id == record_id), None)
        if found is None:
            raise NotFound("there is no such commitment: `tocsin commitment list` shows those there are")
        return found

    def _notes(self) -> Iterator[Record]:
        after = 0
        while page := self._store.records.list(types=("note",), after=after, limit=_PAGE):
            yield from page
            after = page[-1].added
