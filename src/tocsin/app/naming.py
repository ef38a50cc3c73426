"""What an author is called here: as this node's own people call the peer, else as the author calls itself."""

from tocsin.app.neighbourhood import name_of
from tocsin.store.interface import Store


def called(store: Store, author: str) -> str:
    """A name for a STIX identity; the identity itself where nobody has one for it.

    A peer's local name comes first: what a record says of its author's name is only what that author says.
    """
    named = next((peer.name for peer in store.peers.list() if author and peer.identity == author), "")
    if named:
        return named
    kept = store.records.get(author) if author else None
    return (name_of(kept) if kept else "") or author
