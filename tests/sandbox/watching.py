"""A node's eyes without the node: events screened and held in a window, as `app` does it, in memory."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
import pyarrow as pa

from tocsin.app.accept import event_of
from tocsin.correlate import Window
from tocsin.kernel import EventLine
from tocsin.screen import Screen
from tocsin.store.schemas import EVENT_SCHEMA
from tocsin.trust.pseudonyms import Pseudonyms


def window_of(lines: Sequence[EventLine], screen: Screen, *, key: bytes, now: datetime) -> Window:
    """A window that holds `lines` under one node's pseudonyms."""
    window = Window()
    window.append(*seen(lines, screen, key=key, now=now))
    return window


def seen(
    lines: Sequence[EventLine], screen: Screen, *, key: bytes, now: datetime, after: int = 0
) -> tuple[pa.RecordBatch, dict[int, bytes]]:
    """The events and the sketches of `lines` as a node would keep them, numbered behind `after`."""
    names = Pseudonyms(key)
    found = screen(lines)
    rows = [
        {
            "seq": seq,
            **msgspec.to_builtins(event_of(line, names, now, now.date().isoformat())),
            "signals": msgspec.to_builtins(one.signals),
        }
        for seq, (line, one) in enumerate(zip(lines, found, strict=True), after + 1)
    ]
    sketches = {seq: one.sketch for seq, one in enumerate(found, after + 1) if one.sketch is not None}
    return pa.RecordBatch.from_pylist(rows, schema=EVENT_SCHEMA), sketches
