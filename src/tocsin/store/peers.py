"""The nodes that an operator named."""

import msgspec
import sqlalchemy as sa

from tocsin.kernel import NotFound, Peer
from tocsin.store.engine import Database
from tocsin.store.tables import peers

_ENCODER = msgspec.msgpack.Encoder()
_PEER = msgspec.msgpack.Decoder(Peer)


class SqlPeers:
    """Keeps interface.PeerStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, peer: Peer) -> None:
        with self._database.writing() as connection:
            connection.execute(sa.insert(peers).values(name=peer.name, body=_ENCODER.encode(peer)))

    def get(self, name: str) -> Peer | None:
        with self._database.reading() as connection:
            body = connection.execute(sa.select(peers.c.body).where(peers.c.name == name)).scalar()
        return _PEER.decode(body) if body is not None else None

    def list(self) -> tuple[Peer, ...]:
        with self._database.reading() as connection:
            bodies = connection.scalars(sa.select(peers.c.body).order_by(peers.c.name)).all()
        return tuple(map(_PEER.decode, bodies))

    def replace(self, peer: Peer) -> None:
        with self._database.writing() as connection:
            change = sa.update(peers).where(peers.c.name == peer.name).values(body=_ENCODER.encode(peer))
            if not connection.execute(change).rowcount:
                raise NotFound("there is no such peer")
