"""Records of a key that was revoked: kept and shown, and neither acted upon nor passed on.

A thief chooses the time that a record says it was written at, and cannot choose when we received it; a record that
has either of them after the revocation is marked (`Peer.suspect`). What came before stands.
"""

from collections.abc import Iterable

from tocsin.kernel import Origin, Peer, Record


class Suspects:
    """`record in suspects`: whether a record came from a revoked key since it was revoked."""

    def __init__(self, peers: Iterable[Peer]) -> None:
        doubted = [peer for peer in peers if peer.doubts]
        self._by_name = {peer.name: peer for peer in doubted}
        self._by_identity = {
            identity: peer for peer in doubted for identity in (peer.identity, *peer.former) if identity
        }

    def __contains__(self, record: Record) -> bool:
        if record.origin is Origin.OWN:
            return False
        giver, author = self._by_name.get(record.peer or ""), self._by_identity.get(record.author)
        return any(
            peer is not None and peer.suspect(version=record.version, added=record.added)
            for peer in (giver, author)
        )

    def without(self, records: Iterable[Record]) -> tuple[Record, ...]:
        """The records that are believed, in their order."""
        return tuple(record for record in records if record not in self)
