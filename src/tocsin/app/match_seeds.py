"""The secret of a week, from which the server's keys of that week come: drawn once, destroyed after it.

    STORE/match/EPOCH.key     32 bytes, wrapped by the key store's key and bound to the week's number

It lies in the key store, apart from the data and its backups, and in no copy of the key store either: a week whose
secret is lost gets another, and sessions that were under way are proposed anew.
"""

import os
from datetime import datetime, timedelta

from tocsin.app.key_store import KeyStore, shred
from tocsin.app.writing import sync_folder, write_once
from tocsin.kernel import Unavailable
from tocsin.kernel.limits import MAX_CLOCK_SKEW_SECONDS
from tocsin.trust.seal import KEY_BYTES, Entropy

FOLDER_NAME = "match"


class MatchSeeds:
    """Several processes may use one key store."""

    def __init__(self, key_store: KeyStore, entropy: Entropy = os.urandom) -> None:
        self._store = key_store
        self._folder = key_store.folder / FOLDER_NAME
        self._entropy = entropy

    def of(self, epoch: int) -> bytes:
        """The secret of a week, drawn if there is none. Raises Unavailable, SealBroken."""
        holder, file = self._store.holder, self._folder / f"{epoch}.key"
        if not file.exists():
            with self._store.alone():
                self._folder.mkdir(mode=0o700, exist_ok=True)
                write_once(file, holder.wrap(self._entropy(KEY_BYTES), _label(epoch)))
        try:
            return holder.unwrap(file.read_bytes(), _label(epoch))
        except OSError as error:
            raise Unavailable(
                "the week's secret for matching cannot be read: is the key store there?"
            ) from error

    def forget(self, now: datetime) -> int:
        """Destroy the secrets of weeks that are over for every clock; returns how many."""
        from tocsin.trust.matching import epoch_of

        if not self._folder.is_dir():
            return 0
        first = epoch_of(now - timedelta(seconds=MAX_CLOCK_SKEW_SECONDS))
        over = [one for one in self._folder.iterdir() if not one.stem.isdigit() or int(one.stem) < first]
        if over:
            with self._store.alone():
                for file in over:  # and what a killed writer left
                    shred(file, self._entropy)
                sync_folder(self._folder)
        return len(over)


def _label(epoch: int) -> str:
    return f"match-seed:{epoch}"
