"""A key of each epoch of private sums, in the key store: what is sealed under it dies with it.

    STORE/sums/EPOCH.key   32 bytes, wrapped by the key store's own key

It lies apart from the data and their backups, as day keys do: an older database put back opens nothing of an epoch that
is over.
"""

import os
from pathlib import Path

from tocsin.app.key_store import KeyStore, shred
from tocsin.app.writing import sync_folder, write_once
from tocsin.kernel import NotFound
from tocsin.trust.seal import KEY_BYTES, Entropy, Seal

FOLDER = "sums"


class SumKeys:
    """Makes, opens and destroys them."""

    def __init__(self, store: KeyStore, entropy: Entropy = os.urandom) -> None:
        self._store = store
        self._entropy = entropy

    def made(self, epoch: int) -> Seal:
        """The seal of an epoch, made if there is none. Two processes that race agree on one key."""
        path = self._file(epoch)
        if not path.exists():
            if not self._store.exists:
                self._store.create()
            path.parent.mkdir(mode=0o700, exist_ok=True)
            write_once(path, self._store.holder.wrap(self._entropy(KEY_BYTES), _label(epoch)))
        return self.opened(epoch)

    def opened(self, epoch: int) -> Seal:
        """The seal of an epoch that has one. Raises NotFound, Unavailable, SealBroken."""
        try:
            wrapped = self._file(epoch).read_bytes()
        except FileNotFoundError:
            raise NotFound(f"the key of week {epoch} of sums was destroyed, or never made") from None
        return Seal(self._store.holder.unwrap(wrapped, _label(epoch)), self._entropy)

    def destroy(self, epoch: int) -> None:
        """For good. Nothing happens when there is none."""
        path = self._file(epoch)
        if path.exists():
            shred(path, self._entropy)
            sync_folder(path.parent)

    def _file(self, epoch: int) -> Path:
        return self._store.folder / FOLDER / f"{epoch}.key"


def _label(epoch: int) -> str:
    return f"sums:{epoch}"
