"""The rows of a batch that are tool calls, or bring a tool's result; every other row is passed over unread."""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tocsin.kernel.events import TOOL_RESULT, Kind


class _Attributes(msgspec.Struct, frozen=True, rename=lambda name: name.replace("__", ".")):
    gen_ai__tool__call__result: object = None
    gen_ai__operation__name: object = None
    tocsin__origin: object = None


_DECODE = msgspec.json.Decoder(_Attributes).decode
_NOTHING = _Attributes()
_ENCODE = msgspec.json.Encoder().encode


class ToolCall(NamedTuple):
    """One tool call. `arguments` as they came, `folded` for comparing words; `origin` says whence they were taken."""

    row: int
    source: str
    tool: str
    arguments: str
    folded: str
    repairs: int
    operation: str
    origin: str


class ToolResult(NamedTuple):
    """What a tool brought back, as it came."""

    row: int
    tool: str
    text: str


def tool_calls(batch: pa.RecordBatch) -> Iterator[ToolCall]:
    """The tool calls of a PREPARED batch."""
    mask = pc.equal(batch.column("kind"), pa.scalar(Kind.TOOL_CALL.value)).to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(mask).tolist()
    if not rows:
        return
    part = batch if len(rows) == batch.num_rows else batch.take(pa.array(rows))
    names = ("source", "tool", "arguments", "folded", "repairs", "attributes")
    for row, source, tool, arguments, folded, repairs, attributes in zip(
        rows, *(part.column(name).to_pylist() for name in names), strict=True
    ):
        said = _read(attributes)
        yield ToolCall(
            row=row,
            source=source,
            tool=tool or "",
            arguments=arguments or "",
            folded=folded,
            repairs=repairs,
            operation=_word(said.gen_ai__operation__name),
            origin=_word(said.tocsin__origin),
        )


def tool_results(batch: pa.RecordBatch) -> Iterator[ToolResult]:
    """What tools brought back, in tool calls and in the model calls that were given it."""
    column = batch.column("attributes")
    if column.null_count == len(column):
        return
    for row, attributes in enumerate(column.to_pylist()):
        if attributes is not None and TOOL_RESULT in attributes:
            result = _read(attributes).gen_ai__tool__call__result
            if result is not None:
                text = result if isinstance(result, str) else _ENCODE(result).decode()
                yield ToolResult(row, batch.column("tool")[row].as_py() or "", text)


def _read(attributes: str | None) -> _Attributes:
    if attributes is None:
        return _NOTHING
    try:
        return _DECODE(attributes)
    except msgspec.MsgspecError:  # half of a surrogate pair, written as such
        return _NOTHING


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""
