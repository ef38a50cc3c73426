"""What the watch's window asks of the store: ids of few events, and sketches of likely pairs, opened one by one."""

from collections import OrderedDict
from collections.abc import Collection, Mapping

from tocsin.app.accept import print_label
from tocsin.app.keyring import Keyring
from tocsin.kernel import NotFound
from tocsin.store.interface import EventStore

MAX_NAMES = 100_000
"""Ids remembered, some 20 MB: a look asks for the keys and samples of all campaigns that have a name."""


class StoredPast:
    """Keeps `correlate.Past`. Opening a sketch is a machine purpose and shows no text."""

    def __init__(self, events: EventStore, keys: Keyring) -> None:
        self._events = events
        self._keys = keys
        self._names: OrderedDict[str, int] = OrderedDict()
        self.opened = 0
        """Sketches opened so far."""

    def ids(self, seqs: Collection[int]) -> Mapping[int, str]:
        return self._events.ids(seqs)

    def seqs(self, ids: Collection[str]) -> Mapping[str, int]:
        missing = [event_id for event_id in ids if event_id not in self._names]
        if missing:
            self._names.update(self._events.seqs(missing))
        known = {event_id: self._names[event_id] for event_id in ids if event_id in self._names}
        while len(self._names) > MAX_NAMES:
            self._names.popitem(last=False)
        return known

    def sketches(self, seqs: Collection[int]) -> Mapping[int, bytes]:
        found = {}
        for seq, (day, event_id, sealed) in self._events.sketches(seqs).items():
            try:
                found[seq] = self._keys.opened(day).open(sealed, print_label(event_id))
            except NotFound:
                continue  # the day's key was destroyed: its sketches died with it
        self.opened += len(found)
        return found
