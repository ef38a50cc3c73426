"""What this node knows of others' keys, when it takes in what they signed: who was compared, and what a chain said."""

from tocsin.kernel import BadInput, PeerStatus
from tocsin.store.interface import Store
from tocsin.trust.key_history import History, keys_of, valid_key


class KnownKeys:
    """The keys of authors as they are known at `now` (microseconds). One for each page, or post, that is taken in."""

    def __init__(self, store: Store, now: int) -> None:
        self._store = store
        self.confirmed = frozenset(
            peer.node_key
            for peer in store.peers.list()
            if peer.node_key is not None and peer.status_at(now) is PeerStatus.TRUSTED
        )
        """Keys that an operator compared, of peers that are trusted."""
        self._histories: dict[str, History | None] = {}

    def refuse(self, author: str, key: bytes, version: int) -> str | None:
        """Why a signature of `key` in this author's name does not count here, None when it does.

        A key that was retired or revoked speaks for nothing that is dated after its time. Who holds such a key can
        still write an earlier time: what came in a doubtful time is marked beside this (`share.suspects`).
        """
        history = self._history(author)
        if history is None or valid_key(history, key, version):
            return None
        return "was signed with a key that did not speak for its author then"

    def _history(self, author: str) -> History | None:
        if author not in self._histories:
            said = self._store.keys.statements(author)
            try:
                self._histories[author] = keys_of(author, said, confirmed=self.confirmed) if said else None
            except BadInput:  # two histories are kept: nothing that is said with either counts
                self._histories[author] = History(author)
        return self._histories[author]
