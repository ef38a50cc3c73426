"""What the window does not hold in memory, by the number (seq) under which an event was kept."""

from collections.abc import Collection, Iterable, Mapping
from typing import Protocol


class Past(Protocol):
    """Where ids and sketches lie. A window asks for few: the events of a warning, the texts of a likely pair."""

    def ids(self, seqs: Collection[int]) -> Mapping[int, str]:
        """Seq → event id, for the events that are kept."""
        ...

    def seqs(self, ids: Collection[str]) -> Mapping[str, int]:
        """Event id → seq, for the events that are kept."""
        ...

    def sketches(self, seqs: Collection[int]) -> Mapping[int, bytes]:
        """Seq → sketch (`wire.sketch`), for those that can still be opened."""
        ...


class Remembered:
    """A past in memory: for a window without a store."""

    def __init__(self) -> None:
        self._ids: dict[int, str] = {}
        self._seqs: dict[str, int] = {}
        self._sketches: dict[int, bytes] = {}

    def take(self, events: Iterable[tuple[int, str]], sketches: Mapping[int, bytes]) -> None:
        """Remember (seq, id) of events, and sketches by seq."""
        for seq, event_id in events:
            self._ids[seq] = event_id
            self._seqs[event_id] = seq
        self._sketches.update(sketches)

    def forget(self, seqs: Iterable[int]) -> None:
        """Events that left the window."""
        for seq in seqs:
            self._seqs.pop(self._ids.pop(seq, ""), None)
            self._sketches.pop(seq, None)

    def forget_sketches(self, seqs: Iterable[int]) -> None:
        """Sketches whose day's key was destroyed; the events stay."""
        for seq in seqs:
            self._sketches.pop(seq, None)

    def ids(self, seqs: Collection[int]) -> Mapping[int, str]:
        return {seq: self._ids[seq] for seq in seqs if seq in self._ids}

    def seqs(self, ids: Collection[str]) -> Mapping[str, int]:
        return {event_id: self._seqs[event_id] for event_id in ids if event_id in self._seqs}

    def sketches(self, seqs: Collection[int]) -> Mapping[int, bytes]:
        return {seq: self._sketches[seq] for seq in seqs if seq in self._sketches}
