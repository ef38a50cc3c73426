"""A key of each epoch of private sums, in the key store: what is sealed under it dies with it.

    STORE/sums/EPOCH.key         32 bytes, wrapped by the key store's own key
    STORE/sums/EPOCH.NAME.drawn  noise that was drawn for a look, sealed under it

It lies apart from the data and their backups, as day keys do: an older database put back opens nothing of an epoch that
is over, and brings no look back for which noise was drawn already.
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

    def keep_drawn(self, epoch: int, name: str, sealed: bytes) -> bytes:
        """What is kept under a name of an epoch that has a key: this, or what was kept before."""
        path = self._drawn(epoch, name)
        write_once(path, sealed)
        return path.read_bytes()

    def drawn(self, epoch: int, name: str) -> bytes | None:
        """What was kept under a name; None where nothing is."""
        try:
            return self._drawn(epoch, name).read_bytes()
        except FileNotFoundError:
            return None

    def destroy(self, epoch: int) -> None:
        """For good. Nothing happens when there is none."""
        path = self._file(epoch)
        for sealed in path.parent.glob(f"{epoch}.*.drawn"):
            sealed.unlink(missing_ok=True)  # it opens with the key alone
        if path.exists():
            shred(path, self._entropy)
            sync_folder(path.parent)

    def _drawn(self, epoch: int, name: str) -> Path:
        return self._store.folder / FOLDER / f"{epoch}.{name}.drawn"

    def _file(self, epoch: int) -> Path:
        return self._store.folder / FOLDER / f"{epoch}.key"


def _label(epoch: int) -> str:
    return f"sums:{epoch}"
