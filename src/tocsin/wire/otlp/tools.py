"""What a tool call brought back, and what an agent wrote into a memory: kept, within bounds, for the detectors.

Semantic conventions for GenAI, execute_tool and memory spans (`gen_ai.tool.*`, `gen_ai.memory.*`), and how OpenLLMetry
and OpenInference spell them.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from tocsin.kernel.events import TOOL_RESULT
from tocsin.wire.otlp.calls import Attributes

RESULT_NAMES = (TOOL_RESULT, "traceloop.entity.output", "output.value")
INPUT_NAMES = (
    "gen_ai.tool.call.arguments",
    "tool.parameters",
    "gen_ai.memory.records",
    "gen_ai.memory.query.text",
    "traceloop.entity.input",
    "input.value",
)
KEPT = (
    "gen_ai.operation.name",
    "gen_ai.tool.type",
    "gen_ai.tool.call.id",
    "gen_ai.agent.name",
    "gen_ai.agent.id",
    "gen_ai.memory.store.id",
    "gen_ai.memory.store.name",
)
MEMORY_WRITES = frozenset({"create_memory", "update_memory", "upsert_memory"})
MEMORY_READS = ("search_memory",)
TOOL_OPERATIONS = MEMORY_WRITES | {*MEMORY_READS, "execute_tool", "delete_memory"}
MEMORY_OPERATIONS = TOOL_OPERATIONS - {"execute_tool"}

MAX_RESULT_BYTES = 48 << 10
"""Of a result as JSON text: with it an event stays under MAX_ATTRIBUTES_BYTES, so that no long page costs the event."""

MAX_KEPT_CHARS = 256
HEAD_SHARE = 0.75
"""Of a longer result the beginning and the end are kept: what is meant for a model stands at either more often."""

_CUT = "\n[…]\n"
_ENCODE = msgspec.json.Encoder().encode


def is_tool_call(own: Attributes, *, model: str | None) -> bool:
    """Whether a span is a tool's or a memory's: by its operation, or a tool's name where no model is named."""
    operation = own.get("gen_ai.operation.name")
    if isinstance(operation, str) and operation in TOOL_OPERATIONS:
        return True
    return bool(own.get("gen_ai.tool.name")) and model is None


def memory_operation(own: Attributes) -> str | None:
    """What is done to a memory: it stands as the tool of a memory span, which has no other name."""
    operation = own.get("gen_ai.operation.name")
    return operation if isinstance(operation, str) and operation in MEMORY_OPERATIONS else None


def tool_text(own: Attributes) -> str:
    """The arguments of a tool call, or what is written into or asked of a memory; "" where it was not sent."""
    return next((_text(own[name]) for name in INPUT_NAMES if own.get(name) is not None), "")


def tool_attributes(own: Attributes) -> dict[str, Any]:
    """What is kept of a tool call beside its text: its result, and what names it."""
    kept: dict[str, Any] = {
        name: value[:MAX_KEPT_CHARS] for name in KEPT if isinstance(value := own.get(name), str) and value
    }
    result = next((_text(own[name]) for name in RESULT_NAMES if own.get(name) is not None), "")
    if not result and own.get("gen_ai.operation.name") in MEMORY_READS:
        result = _text(own.get("gen_ai.memory.records", ""))
    return kept | {TOOL_RESULT: shortened(result)} if result else kept


def brought(results: Sequence[str]) -> dict[str, Any]:
    """What is kept of a model call beside its text: the results that its history newly brings to the model."""
    found = "\n".join(results)
    return {TOOL_RESULT: shortened(found)} if found else {}


def shortened(text: str) -> str:
    """At most MAX_RESULT_BYTES of JSON text: beginning and end, with a mark between. NUL becomes U+FFFD."""
    text = text.replace("\x00", "\ufffd")
    kept, size = len(text), _size(text)
    cut = text
    while size > MAX_RESULT_BYTES:
        kept = int(kept * MAX_RESULT_BYTES / size * 0.95)
        head = int(kept * HEAD_SHARE)
        cut = text[:head] + _CUT + text[len(text) - (kept - head) :]
        size = _size(cut)
    return cut


def _size(text: str) -> int:
    try:
        return len(_ENCODE(text))
    except UnicodeEncodeError:  # a lone surrogate, which later becomes U+FFFD
        return 6 * len(text)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else _ENCODE(value).decode()
