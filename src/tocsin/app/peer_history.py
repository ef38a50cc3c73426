"""What a peer says of its own keys, and what we make of it: followed, refused, or the end of trust."""

from typing import NoReturn

import msgspec

from tocsin.app.access import Access
from tocsin.app.peer_trust import PeerTrust
from tocsin.kernel import BadInput, Clock, KeyStatement, NotAllowed, Peer, PeerFault, PeerStatus, micros
from tocsin.store.interface import Store
from tocsin.trust.identity import PUBLIC_BYTES, fingerprint, node_id, stix_identity
from tocsin.trust.key_history import ForkedHistory, History, RolledBack, digest, keys_of, news
from tocsin.trust.words import all_spoken, spoken


class About(msgspec.Struct, frozen=True):
    """A node's public names, as `GET /v1/identity` gives them; `public_key` hexadecimal."""

    node_id: str
    public_key: str
    identity: str
    name: str = ""
    statements: tuple[KeyStatement, ...] = ()

    @property
    def fingerprint(self) -> str:
        return fingerprint(bytes.fromhex(self.public_key))

    @property
    def words(self) -> dict[str, str]:
        """Language → the key in words, to be read to each other; always made here, never taken from an answer."""
        return all_spoken(bytes.fromhex(self.public_key))


def read_about(body: bytes) -> tuple[About, History]:
    """A node's names, checked for agreement with each other. Raises BadInput.

    1. The chain of its keys holds. 2. It ends with the key shown. 3. Its identity and id come from the first.
    """
    try:
        about = msgspec.json.decode(body, type=About)
        public = bytes.fromhex(about.public_key)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise BadInput("did not answer as a Tocsin node does") from error
    history = keys_of(about.identity, about.statements)  # 1
    first = history.spans[0].key if history.spans else public
    if (
        len(public) != PUBLIC_BYTES or public.hex() != about.public_key or history.last not in (None, public)
    ):  # 2
        raise BadInput("gave names that are not those of its key")
    if (about.node_id, about.identity) != (node_id(first), stix_identity(first)):  # 3
        raise BadInput("gave names that are not those of its key")
    return about, history


class PeerHistory:
    """Follows peers' keys. What is found is kept and audited, before anything of the peer is believed."""

    def __init__(self, store: Store, access: Access, trust: PeerTrust, clock: Clock) -> None:
        self._store = store
        self._access = access
        self._trust = trust
        self._clock = clock

    def keep(self, about: About) -> None:
        """Keep the chain of a node whose key an operator has just compared."""
        for statement in about.statements:
            self._store.keys.add(statement, digest(statement), received=micros(self._clock()))

    def follow(self, peer: Peer, body: bytes) -> Peer:
        """The peer's row after what it says of its keys now. Raises PeerFault; NotAllowed when trust ends by it.

        1. Its names agree, and are of the identity that was pinned. 2. It shows no less than before, and nothing
        else: two histories are the end of trust. 3. The pinned key is the one it shows, or leads to it.
        4. A revocation of that key, or of one after it, is the end of trust as well.
        """
        try:
            about, history = read_about(body)  # 1
        except BadInput as error:
            raise PeerFault(peer.name, error.message) from error
        if about.identity != peer.identity:
            raise PeerFault(peer.name, "says that it is another node than the one whose key was compared")
        try:
            news(self._store.keys.statements(about.identity), about.statements)  # 2
        except ForkedHistory as fork:
            self.keep(about)
            self._end(peer, fork.since, "it showed two histories of its key")
        except RolledBack as error:
            raise PeerFault(peer.name, error.message) from error
        public = bytes.fromhex(about.public_key)
        keys = [span.key for span in history.spans] or [public]
        if peer.node_key not in keys:  # 3
            raise PeerFault(peer.name, "shows another key than the one that was compared, and no way from it")
        self.keep(about)
        for statement in about.statements[keys.index(peer.node_key) :]:  # 4
            if statement.since is not None:
                self._end(peer, statement.since, "it revoked its own key")
        return peer if public == peer.node_key else self._rotated(peer, public)

    def _rotated(self, peer: Peer, public: bytes) -> Peer:
        row = self._store.peers.get(peer.name) or peer
        if row.status is not PeerStatus.TRUSTED:
            return row
        row = msgspec.structs.replace(row, node_key=public)
        with self._store.together():
            self._store.peers.replace(row)
            self._access.audit(
                f"peer:{peer.name}",
                "peer.rotate",
                subject=peer.name,
                purpose="exchange",
                detail={"words": spoken(public)},
            )
        return row

    def _end(self, peer: Peer, since: int, why: str) -> NoReturn:
        self._trust.take_back(peer, since=since, reason=why, by=f"peer:{peer.name}")
        raise NotAllowed(
            f"peer {peer.name}: {why}; it is no longer trusted. Ask its operator, over another channel, for the words "
            f"of its key, then `tocsin peer trust {peer.name}`"
        )
