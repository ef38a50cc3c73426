"""Sealed sketches, opened in the order of the events they belong to."""

from collections.abc import Iterator

from tocsin.app.accept import print_label
from tocsin.app.keyring import Keyring
from tocsin.kernel import NotFound
from tocsin.store.interface import EventStore
from tocsin.trust.seal import Seal


class SketchReader:
    """Reads forward beside a reading of events, so that neither is held whole in memory."""

    def __init__(self, events: EventStore, keys: Keyring, after: int) -> None:
        self._batches = events.fingerprints(after=after)
        self._keys = keys
        self._waiting: dict[int, bytes] = {}
        self._read_to = after
        self.opened = 0
        """Sketches opened so far, for the audit."""

    def upto(self, seq: int) -> dict[int, bytes]:
        """Event seq → sketch, for those up to and with `seq` that were not given before."""
        while self._read_to < seq:
            batch = next(self._batches, None)
            if batch is None:
                break
            rows = zip(
                *(batch.column(name).to_pylist() for name in ("seq", "id", "seal_day", "fingerprint")),
                strict=True,
            )
            self._waiting.update(self._open(rows))
            self._read_to = batch.column("seq")[-1].as_py()
        given = {at: sketch for at, sketch in self._waiting.items() if at <= seq}
        self._waiting = {at: sketch for at, sketch in self._waiting.items() if at > seq}
        self.opened += len(given)
        return given

    def _open(self, rows: Iterator[tuple[int, str, str, bytes]]) -> Iterator[tuple[int, bytes]]:
        seals: dict[str, Seal | None] = {}  # of this batch alone: a day may be destroyed before the next
        for seq, event_id, day, sealed in rows:
            if day not in seals:
                seals[day] = self._seal(day)
            seal = seals[day]
            if seal is not None:
                yield seq, seal.open(sealed, print_label(event_id))

    def _seal(self, day: str) -> Seal | None:
        try:
            return self._keys.opened(day)
        except NotFound:
            return None  # the day's key was destroyed: its sketches died with it
