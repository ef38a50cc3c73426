"""What every detector takes and gives: Arrow record batches, so that one process or Spark runs the same code."""

import json
from collections.abc import Sequence
from typing import Any, Protocol, cast

import msgspec
import pyarrow as pa

from tocsin.kernel import EventLine, Kind
from tocsin.screen.language import language_of
from tocsin.wire.fold import forms

_PREPARED: list[tuple[str, pa.DataType]] = [
    ("folded", pa.string()),
    ("genuine", pa.string()),
    ("repairs", pa.int32()),
    ("lang", pa.string()),
    ("kind", pa.string()),
    ("source", pa.string()),
    ("model", pa.string()),
    ("tool", pa.string()),
    ("attributes", pa.string()),
    ("language", pa.string()),
    ("arguments", pa.string()),
]
PREPARED = pa.schema(_PREPARED)
"""One row an event. `repairs` counts the words that folding found in disguise; `lang` is what the source said,
`language` what was found in the text, null where it cannot be told; `attributes` is a JSON object, null where there
are none; `arguments` is the text of a tool call as it came, null for all else: a secret is told by its letters' case.
Nothing in it tells one account from another: a detector of single events cannot judge people.
"""

_FINDINGS: list[tuple[str, pa.DataType]] = [
    ("row", pa.int32()),
    ("version", pa.string()),
    ("category", pa.string()),
    ("strength", pa.float64()),
    ("evidence", pa.string()),
]
FINDINGS = pa.schema(_FINDINGS)
"""What a detector says of rows of the batch it was given. `evidence` names a rule, never quotes the text."""


_ENCODE = msgspec.json.Encoder().encode


class Detector(Protocol):
    """A pure function over a PREPARED batch; equal batches give equal FINDINGS, rows are independent."""

    @property
    def name(self) -> str:
        """Stable; it becomes `Signal.detector`."""
        ...

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch: ...


def prepare(lines: Sequence[EventLine]) -> pa.RecordBatch:
    """The PREPARED batch of raw lines. Lone surrogates become U+FFFD: Arrow holds valid UTF-8 only."""
    clean = [line.text if line.text.isascii() else _valid(line.text) for line in lines]
    both = [forms(text) for text in clean]
    folded = [entry.text for entry, _ in both]
    columns: list[pa.Array[Any]] = [
        pa.array(folded, pa.string()),
        pa.array([plain for _, plain in both], pa.string()),
        pa.array([entry.repairs for entry, _ in both], pa.int32()),
        pa.array([line.lang for line in lines], pa.string()),
        pa.array([line.kind.value for line in lines], pa.string()),
        pa.array([line.source for line in lines], pa.string()),
        pa.array([line.model for line in lines], pa.string()),
        pa.array([line.tool for line in lines], pa.string()),
        pa.array([_json(line.attributes) if line.attributes else None for line in lines], pa.string()),
        pa.array(list(map(language_of, folded)), pa.string()),
        pa.array(
            [text if line.kind is Kind.TOOL_CALL else None for line, text in zip(lines, clean, strict=True)],
            pa.string(),
        ),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=PREPARED)


def _json(attributes: dict[str, Any]) -> str:
    try:
        return _ENCODE(attributes).decode()
    except UnicodeEncodeError:  # a lone surrogate in a value
        return _valid(json.dumps(attributes, ensure_ascii=False))


def _valid(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def findings(rows: Sequence[tuple[int, str, str, float, str]]) -> pa.RecordBatch:
    """A FINDINGS batch from (row, version, category, strength, evidence)."""
    columns = zip(*rows, strict=True) if rows else ((),) * len(FINDINGS)
    arrays: list[pa.Array[Any]] = [
        pa.array(values, field.type) for values, field in zip(columns, FINDINGS, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=FINDINGS)


def strings(batch: pa.RecordBatch, name: str) -> list[str]:
    """A column of PREPARED that is never null."""
    return cast("list[str]", batch.column(name).to_pylist())
