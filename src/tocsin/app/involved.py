"""Which accounts a warning speaks of, found anew from events that are still kept.

They are not kept with the warning: whoever was erased, or is past retention, is in no answer.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, cast

import numpy as np
import pyarrow as pa

from tocsin.app.keyring import Keyring
from tocsin.app.sketches import SketchReader
from tocsin.correlate.phrases import rule_key
from tocsin.kernel import BadInput, Warning, WarningKind
from tocsin.store.interface import Store
from tocsin.wire.sketch import decode_batch, similarities

MATCH = 0.3
"""Similarity to the warning's typical text from which an event is its own: two copies, each with a fifth of its words
changed, reach it; unrelated texts (.08) do once in a million."""

MAX_ACCOUNTS = 20_000
"""Of a larger warning the first by pseudonym are looked at: pseudonyms are keyed hashes, so that is a fair sample."""

WITHOUT_ACCOUNTS = {
    WarningKind.SESSION: "what builds up in one conversation reaches no profile: its reviewer reads the conversation",
    WarningKind.TREND: "a trend counts events and names no accounts: look at the warnings beneath it",
}


class Involved(NamedTuple):
    """Accounts and the ids of their events in the warning; how many accounts there are, and sketches opened."""

    accounts: frozenset[str]
    events: frozenset[str]
    all: int
    sketches: int


def involved(store: Store, keys: Keyring, warning: Warning) -> Involved:
    """Raises BadInput for a kind of warning whose accounts are not looked at."""
    if warning.kind in WITHOUT_ACCOUNTS:
        raise BadInput(WITHOUT_ACCOUNTS[warning.kind])
    opened = 0
    if warning.kind is WarningKind.PHRASE:
        pairs = list(_by_rule(store, warning))
    elif warning.signature is not None:
        found = _BySketch(store, keys, warning)
        pairs = list(found)
        opened = found.opened
    else:
        pairs = [(event.actor, event.id) for event in store.events.facts(warning.samples).values()]
    names = sorted({actor for actor, _ in pairs})
    chosen = frozenset(names[:MAX_ACCOUNTS])
    return Involved(
        accounts=chosen,
        events=frozenset(event for actor, event in pairs if actor in chosen),
        all=len(names),
        sketches=opened,
    )


def _spoken_of(store: Store, warning: Warning) -> Iterator[pa.RecordBatch]:
    return store.events.batches(since=warning.first_seen, until=warning.last_seen + 1)


def _by_rule(store: Store, warning: Warning) -> Iterator[tuple[str, str]]:
    """(actor, event) of events of which the warning's rule spoke."""
    for batch in _spoken_of(store, warning):
        said = cast("pa.ListArray[Any]", batch.column("signals"))
        heard = batch.filter(pa.array(said.value_lengths().to_numpy(zero_copy_only=False) > 0))
        for row in heard.select(["actor", "id", "signals"]).to_pylist():
            if any(
                rule_key(one["detector"], one["evidence"]) == warning.key
                and one["category"] == warning.category
                for one in row["signals"]
            ):
                yield row["actor"], row["id"]


class _BySketch:
    """(actor, event) of events whose text is like the warning's. Sketches are opened, texts are not."""

    def __init__(self, store: Store, keys: Keyring, warning: Warning) -> None:
        self._store = store
        self._keys = keys
        self._warning = warning
        self._reader: SketchReader | None = None

    @property
    def opened(self) -> int:
        return 0 if self._reader is None else self._reader.opened

    def __iter__(self) -> Iterator[tuple[str, str]]:
        for batch in _spoken_of(self._store, self._warning):
            seqs = batch.column("seq").to_numpy()
            if self._reader is None:
                self._reader = SketchReader(self._store.events, self._keys, int(seqs[0]) - 1)
            sketches = self._reader.upto(int(seqs[-1]))
            rows = [row for row, seq in enumerate(seqs.tolist()) if seq in sketches]
            if rows:
                yield from self._alike(batch, rows, [sketches[int(seqs[row])] for row in rows])

    def _alike(self, batch: pa.RecordBatch, rows: list[int], blobs: list[bytes]) -> Iterator[tuple[str, str]]:
        signatures = np.asfortranarray(decode_batch(blobs).signatures)
        assert self._warning.signature is not None
        close = similarities(signatures, self._warning.signature) >= MATCH
        actor, event = batch.column("actor"), batch.column("id")
        for at in np.flatnonzero(close).tolist():
            yield str(actor[rows[at]].as_py()), str(event[rows[at]].as_py())
