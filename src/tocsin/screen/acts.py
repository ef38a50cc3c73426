"""Acts addressed to somebody: recruiting, inciting, instructing, planning. Docs: docs/sessions.md, with measured rates.

Enters: PREPARED rows of events that belong to a conversation. Leaves: findings of the category `act`, which go nowhere
but into the conversation's own short memory (`store.conversations`). Refuses: to see a harm in a view, in grief, in
reporting, satire, research or counter-speech, which it weighs down, and in an act without an aim.
"""

import re
from functools import cache
from importlib import resources
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tocsin.kernel import BadInput
from tocsin.kernel.events import ROLE
from tocsin.screen.anchored import Anchored, Entry
from tocsin.screen.batch import findings, strings

CATEGORY = "act"
WEIGHTS = {"recruit": 0.8, "incite": 0.7, "instruct": 0.5, "plan": 0.6}
"""Of a message by the heaviest of its acts: one message says one thing. Recipes instruct."""

HEDGE = 0.3
"""By this is what is left multiplied for each kind of hedge: two of them leave a tenth."""

LEAST = 0.05
FRAME = "frame"
"""Hedge of a message which says that what comes is somebody else's text, to be studied, labelled or translated."""

MAX_LOOKED_AT = 8_192
"""Characters of one message that are looked at: whoever plans writes less, and a pasted book costs no more."""

MAX_FILES, MAX_FILE_BYTES = 16, 64 << 10
MIN_AIM_CHARS = 3
_QUOTED = re.compile('[\\u201c\\u00ab\\u201e\\u300c"][^\\u201d\\u00bb\\u300d"]{8,}[\\u201d\\u00bb\\u300d"]')


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    kinds: dict[str, tuple[Entry, ...]]
    hedges: dict[str, tuple[Entry, ...]]
    frames: tuple[Entry, ...]
    aims: tuple[Entry, ...]


class Aims(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of an operator: folded words that say what acts would be for. Conduct, never who somebody is."""

    id: str
    aims: tuple[str, ...]


@cache
def _words() -> _Words:
    data = resources.files("tocsin.screen").joinpath("acts.yaml").read_bytes()
    return msgspec.yaml.decode(data, type=_Words)


def load_aims(folder: Path) -> tuple[str, ...]:
    """The aims of every `*.yaml` in a folder that may be missing. Raises BadInput naming a bad file."""
    files = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
    if len(files) > MAX_FILES:
        raise BadInput(f"{folder} holds more than {MAX_FILES} files; join some")
    found: list[str] = []
    for path in files:
        try:
            if path.stat().st_size > MAX_FILE_BYTES:
                raise BadInput(f"aims {path.name}: larger than {MAX_FILE_BYTES} bytes; name fewer")
            read = msgspec.yaml.decode(path.read_bytes(), type=Aims)
        except (msgspec.MsgspecError, OSError, UnicodeDecodeError, RecursionError) as error:
            raise BadInput(f"aims {path.name}: {error}; docs/sessions.md shows the form") from error
        short = next((aim for aim in read.aims if len(aim.strip()) < MIN_AIM_CHARS), None)
        if short is not None:
            raise BadInput(f"aims {path.name}: {short!r} is too short: it would stand in any text")
        found += read.aims
    return tuple(found)


class Acts:
    """Not a row of `screen.DETECTORS`: what it finds is kept apart from signals, or everybody would read it."""

    name = "acts"
    version = "2"

    def __init__(self, aims: tuple[str, ...] = ()) -> None:
        words = _words()
        own = (Entry(starts=aims, then=""),) if aims else ()
        self._anchored = Anchored(
            {
                **words.kinds,
                **{f"~{name}": entries for name, entries in words.hedges.items()},
                "!frame": words.frames,
                "!aim": (*words.aims, *own),
            }
        )

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """One finding per message with an act, or that frames what comes; evidence is `SIDE/ACTS/aim/HEDGES`, `-` for
        none.
        """
        rows: list[tuple[int, str, str, float, str]] = []
        folds, sides = batch.column("folded"), batch.column("attributes")
        for row, kinds in sorted(self._by_row(batch).items()):
            folded: str = folds[row].as_py()
            acts = sorted(kind for kind in kinds if kind[0] not in "~!")
            hedges = _hedges(kinds)
            if acts and _QUOTED.search(folded[:MAX_LOOKED_AT]):
                hedges.append("quoted")
            weight = max((WEIGHTS[act] for act in acts), default=0.0) * HEDGE ** len(hedges)
            # an aim that is only talked about is a view: it counts where the message also does something to somebody
            aim = "!aim" in kinds and bool(acts) and not hedges
            framing = {"!frame", "!aim"} <= kinds and (bool(hedges) or not acts)
            if framing:
                hedges.append(FRAME)
            elif weight < LEAST:
                continue
            side = _side(sides[row].as_py())
            said = "/".join((side, "+".join(acts) or "-", "aim" if aim else "-", "+".join(hedges) or "-"))
            rows.append((row, self.version, CATEGORY, min(1.0, round(weight, 3)), said))
        return findings(rows)

    def beside(self, batch: pa.RecordBatch) -> list[tuple[str, tuple[str, ...]]]:
        """Who spoke, and what speaks against taking it at its word, of each message, whether it acts or not.

        For what a guard flagged: quotation, report and counter-speech hedge a verdict as they hedge words.
        """
        found = []
        by_row = self._by_row(batch)
        forms = (strings(batch, "folded"), batch.column("attributes").to_pylist())
        for row, (folded, attributes) in enumerate(zip(*forms, strict=True)):
            hedges = _hedges(by_row.get(row, set()))
            if _QUOTED.search(folded[:MAX_LOOKED_AT]):
                hedges.append("quoted")
            found.append((_side(attributes), tuple(hedges)))
        return found

    def _by_row(self, batch: pa.RecordBatch) -> dict[int, set[str]]:
        """What stands in each text, in its folded form or a genuine one with accents; what has nothing is left out."""
        folded, genuine = batch.column("folded"), batch.column("genuine")
        found = {
            row: {hit.kind for hit in hits} for row, hits in self._anchored.by_row(folded, MAX_LOOKED_AT)
        }
        accents = pc.and_not(pc.not_equal(folded, genuine), pc.string_is_ascii(genuine))
        rows = np.flatnonzero(accents.to_numpy(zero_copy_only=False)).tolist()
        if rows:
            part = genuine.take(pa.array(rows))
            for at, hits in self._anchored.by_row(part, MAX_LOOKED_AT):
                found.setdefault(rows[at], set()).update(hit.kind for hit in hits)
        return {row: kinds for row, kinds in found.items() if kinds}


def _hedges(kinds: set[str]) -> list[str]:
    return sorted(kind[1:] for kind in kinds if kind[0] == "~")


def _side(attributes: str | None) -> str:
    return "model" if attributes and f'"{ROLE}":"assistant"' in attributes else "person"
