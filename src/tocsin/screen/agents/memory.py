"""Writes into a memory or a knowledge base that hold instructions, or what a tool brought."""

import re

import pyarrow as pa

from tocsin.screen.agents.calls import ToolCall, tool_calls
from tocsin.screen.agents.instructions import FOUND, WEIGHTS, instructions_in_folded
from tocsin.screen.batch import findings

WRITES = frozenset({"create_memory", "update_memory", "upsert_memory"})
FROM_TOOL = "tool"
FROM_TOOL_STRENGTH = 0.4
"""That a tool's words are kept is no harm yet: a note, which weighs once they instruct."""

_MEMORY_TOOL = re.compile(
    r"memor(?:y|ies|ize)|remember|(?:add|upsert|index|insert|store|save|write)_(?:to_)?(?:doc|note|fact|record|knowledge|vector|embedding)"
    r"|(?:knowledge|vector)\w*_(?:add|upsert|insert|write|store)",
    re.IGNORECASE,
)
_READING = re.compile(
    r"(?:^|_)(?:search|get|read|list|query|recall|load|retrieve|delete)(?:_|$)", re.IGNORECASE
)


class MemoryWrites:
    """What an agent keeps is read again as its own: an order that lies there is followed later, by nobody's word."""

    name = "agent.memory"
    version = "1"
    category = "agent.memory-poisoning"

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Evidence is `instructions/KINDS`, `from-tool`, or both."""
        rows: list[tuple[int, str, str, float, str]] = []
        for call in tool_calls(batch):
            if not writes_memory(call):
                continue
            said = instructions_in_folded(call.folded, call.repairs)
            from_tool = call.origin == FROM_TOOL
            strength = said.strength + FROM_TOOL_STRENGTH * from_tool
            if said.strength >= FOUND or (from_tool and said.strength >= WEIGHTS["persist"]):
                kinds = "+".join(said.kinds)
                rows.append(self._row(call, min(1.0, strength), f"instructions/{kinds}", from_tool))
            elif from_tool:
                rows.append(self._row(call, FROM_TOOL_STRENGTH, "", from_tool))
        return findings(rows)

    def _row(
        self, call: ToolCall, strength: float, evidence: str, from_tool: bool
    ) -> tuple[int, str, str, float, str]:
        whole = "/".join(part for part in (evidence, "from-tool" if from_tool else "") if part)
        return call.row, self.version, self.category, round(strength, 2), whole


def writes_memory(call: ToolCall) -> bool:
    """Whether a call keeps something for later, by its operation or by its tool's name."""
    if call.operation in WRITES:
        return True
    return _MEMORY_TOOL.search(call.tool) is not None and _READING.search(call.tool) is None
