"""The log that cannot be rewritten: entries get their places, this node signs how many there are, anybody checks.

Acts put their entries down in their own transactions (`log_entries`); here they get places, in batches, and the tree
is signed. A checkpoint is signed when the tree has grown and never on being asked, so that reading costs no write.
"""

from collections.abc import Iterator

from tocsin.app.access import Access
from tocsin.app.keyring import Keyring
from tocsin.kernel import Caller, Clock, Conflict, NotFound, micros
from tocsin.store.interface import Store
from tocsin.store.log_interface import KeptCheckpoint, LogEntry
from tocsin.trust.identity import NodeIdentity
from tocsin.trust.notes import sign
from tocsin.trust.tlog import HASH_BYTES, TILE_HEIGHT, TILE_WIDTH, Tree
from tocsin.wire.tlog import (
    COSIGNATURE,
    ED25519,
    Checkpoint,
    Note,
    NoteKey,
    Proof,
    Tile,
    bundle_bytes,
    note_bytes,
    parse_note,
    proof_bytes,
)
from tocsin.wire.tlog.opening import extra_of, kept_opening

READ = "audit.read"
MAX_SHOWN = 1_000
"""Entries that one question shows."""


def origin_of(node_id: str) -> str:
    """The name of a node's log, which outlives its keys: both come from the first one."""
    return f"tocsin/{node_id}"


class TransparencyLog:
    """This node's log."""

    def __init__(self, store: Store, access: Access, keys: Keyring, clock: Clock) -> None:
        self._store = store
        self._access = access
        self._keys = keys
        self._clock = clock

    @property
    def origin(self) -> str:
        return origin_of(self._keys.identity.node_id)

    def key(self) -> NoteKey:
        """The key that signs this node's checkpoints."""
        return NoteKey(self.origin, ED25519, self._keys.identity.public)

    def witness_key(self) -> NoteKey:
        """The key that cosigns peers' checkpoints: the same one, as another kind, so neither passes as the other."""
        return NoteKey(self.origin, COSIGNATURE, self._keys.identity.public)

    def tick(self) -> int:
        """Give places to what waits, and sign the tree if it grew; returns how many entries there are.

        Raises Conflict when the log was stopped.
        """
        while True:
            head = self._store.log.grow()
            if self._store.log.waiting() == 0 or head.size == 0:
                break
        self._sign()
        return self._store.log.head().size

    def checkpoint(self) -> KeptCheckpoint:
        """The newest that was signed. Raises NotFound before the first."""
        kept = self._store.log.checkpoint()
        if kept is None:
            raise NotFound("this log has no checkpoint yet: it is signed within seconds of the node's start")
        return kept

    def tile(self, tile: Tile) -> bytes:
        """A tile's hashes, or a bundle of entries, under the newest checkpoint. Raises NotFound."""
        size = self.checkpoint().size
        level = tile.level or 0
        there = (size >> TILE_HEIGHT * level) - tile.index * TILE_WIDTH
        if tile.width > there:
            raise NotFound("there is no such tile under this log's checkpoint")
        if tile.level is not None:
            return self._store.log.tile(tile.level, tile.index)[: tile.width * HASH_BYTES]
        found = self._store.log.entries(start=tile.index * TILE_WIDTH, limit=tile.width)
        return bundle_bytes([one.entry for one in found])

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """That the tree of `new` entries begins with that of `old`. Raises NotFound."""
        if not 0 <= old <= new <= self.checkpoint().size:
            raise NotFound("this log has no checkpoints of those sizes")
        return Tree(new, self._store.log.tile).consistency(old)

    def shown(
        self, by: Caller, *, start: int = 0, about: str = "", limit: int = MAX_SHOWN
    ) -> tuple[LogEntry, ...]:
        """Entries with what they commit to, for this node's own people. Raises NotAllowed."""
        self._access.require(by, READ)
        if about:
            return self._store.log.about(about, limit=min(limit, MAX_SHOWN))
        return self._store.log.entries(start=start, limit=min(limit, MAX_SHOWN))

    def prove(self, by: Caller, place: int, *, open_it: bool = False) -> bytes:
        """A proof file for one entry, under the newest checkpoint; with what it commits to only when asked.

        Raises NotAllowed, NotFound for a place that no checkpoint covers yet.
        """
        self._access.require(by, READ)
        kept = self.checkpoint()
        found = self._store.log.entries(start=place, limit=1)
        if not found or not 0 <= place < kept.size:
            raise NotFound(
                f"no signed checkpoint covers an entry {place}: `tocsin share log show` lists them"
            )
        said = kept_opening(found[0].opening) if open_it else found[0].entry
        hashes = Tree(kept.size, self._store.log.tile).inclusion(place)
        self._access.audit(
            by.user, "log.prove", subject=str(place), purpose="opened" if open_it else "closed"
        )
        return proof_bytes(Proof(place, hashes, kept.note, extra_of(said)))

    def prove_seen(self, place: int) -> bytes:
        """A proof with what the entry commits to, under the first checkpoint that a witness cosigned, for its date.

        Under the newest where no witness has. For services of this node, which look at who asks. Raises NotFound.
        """
        found = self._store.log.entries(start=place, limit=1)
        kept = self.checkpoint()
        if not found or place >= kept.size:
            raise NotFound("no signed checkpoint covers this entry yet: ask again in some seconds")
        kept = next(self._cosigned_over(place), kept)
        hashes = Tree(kept.size, self._store.log.tile).inclusion(place)
        return proof_bytes(Proof(place, hashes, kept.note, extra_of(kept_opening(found[0].opening))))

    def _cosigned_over(self, place: int) -> Iterator[KeptCheckpoint]:
        """Checkpoints that cover a place and that somebody besides this log signed, the shortest first."""
        while page := self._store.log.checkpoints_over(place):
            for kept in page:
                if any(one.name != self.origin for one in parse_note(kept.note).signatures):
                    yield kept
            place = page[-1].size

    def _sign(self) -> None:
        """One checkpoint for a size, in one transaction with the look at what was signed before."""
        identity: NodeIdentity = self._keys.identity
        with self._store.together():
            head = self._store.log.head()
            last = self._store.log.checkpoint()
            if last is not None and last.size > head.size:
                raise Conflict(
                    "a checkpoint was signed for more entries than there are: restore a newer backup"
                )
            before = parse_note(last.note).signatures if last and last.size == head.size else ()
            if any(one.by(self.key()) for one in before):
                return
            text = Checkpoint(self.origin, head.size, head.root).text
            note = note_bytes(
                Note(text, (sign(text, self.origin, identity), *before))
            )  # after a rotation, both
            self._store.log.put_checkpoint(KeptCheckpoint(head.size, micros(self._clock()), head.root, note))
