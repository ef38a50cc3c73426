"""The screen: every detector over a batch of texts, and a sketch of each."""

from collections.abc import Callable, Sequence

import msgspec
import pyarrow as pa

from tocsin.kernel import EventLine, Kind, Signal
from tocsin.screen.agents import Egress, Injection, Marks, MemoryWrites
from tocsin.screen.batch import Detector, prepare, strings
from tocsin.screen.evasion import Evasion
from tocsin.screen.phrases import PhraseSearch
from tocsin.taxonomy.packs import Pack
from tocsin.wire.sketch import sketch_batch

CHUNK_TEXTS = 2_048
"""Texts prepared at once: memory stays flat whatever the batch."""


DETECTORS: tuple[Callable[[Sequence[Pack]], Detector], ...] = (
    PhraseSearch,
    lambda _packs: Evasion(),
    lambda _packs: Injection(),
    lambda _packs: Egress(),
    lambda _packs: MemoryWrites(),
    lambda _packs: Marks(),
)
"""Every detector of this node: what makes it from the packs. One more is one more row here."""


class Screened(msgspec.Struct, frozen=True, gc=False):
    """What one text says by itself. `sketch` is a blob of `wire.sketch`, None for short texts.

    `language` (BCP 47) is what was found in the text, None where it cannot be told.
    """

    signals: tuple[Signal, ...]
    sketch: bytes | None
    language: str | None = None
    act: Signal | None = None
    """What the message does to somebody, where it belongs to a conversation: no signal among the others."""


class Screen:
    """Runs the detectors of DETECTORS, and any that the caller adds."""

    def __init__(
        self, packs: Sequence[Pack], *, detectors: Sequence[Detector] = (), acts: Detector | None = None
    ) -> None:
        self._acts = acts
        self._detectors: tuple[Detector, ...] = (*(make(packs) for make in DETECTORS), *detectors)

    def __call__(self, lines: Sequence[EventLine]) -> tuple[Screened, ...]:
        """One Screened per line, in order."""
        found: list[Screened] = []
        for at in range(0, len(lines), CHUNK_TEXTS):
            found += self._chunk(lines[at : at + CHUNK_TEXTS])
        return tuple(found)

    def _chunk(self, lines: Sequence[EventLine]) -> list[Screened]:
        batch = prepare(lines)
        signals: dict[int, list[Signal]] = {}
        for detector in self._detectors:
            columns = detector(batch).to_pydict()
            for row, version, category, strength, evidence in zip(*columns.values(), strict=True):
                signals.setdefault(row, []).append(
                    Signal(detector.name, version, category, strength, evidence)
                )
        sketches = sketch_batch(strings(batch, "folded"))
        acts = self._acts_of(lines, batch)
        languages: list[str | None] = batch.column("language").to_pylist()
        return [
            Screened(tuple(signals.get(row, ())), sketch, language, acts.get(row))
            for row, (sketch, language) in enumerate(zip(sketches, languages, strict=True))
        ]

    def _acts_of(self, lines: Sequence[EventLine], batch: pa.RecordBatch) -> dict[int, Signal]:
        """By row; only what belongs to a conversation, and is no tool's, is looked at."""
        if self._acts is None:
            return {}
        rows = [
            row
            for row, line in enumerate(lines)
            if line.session is not None and line.kind is not Kind.TOOL_CALL
        ]
        if not rows:
            return {}
        part = batch if len(rows) == len(lines) else batch.take(pa.array(rows))
        columns = self._acts(part).to_pydict()
        return {
            rows[row]: Signal(self._acts.name, *said) for row, *said in zip(*columns.values(), strict=True)
        }
