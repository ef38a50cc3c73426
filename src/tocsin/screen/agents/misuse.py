"""Tool calls outside what the operator declared for the tool (DATA/tools/*.yaml)."""

import pyarrow as pa

from tocsin.screen.agents.calls import tool_calls
from tocsin.screen.agents.policies import ToolPolicies
from tocsin.screen.batch import findings

STRENGTH = 0.8
NOTE = 0.2
"""A tool that nobody declared may be new, and may be a mistake."""


class Misuse:
    """Says nothing where nothing is declared: what is right for a tool only its operator knows."""

    name = "agent.misuse"
    version = "1"
    category = "agent.tool-misuse"

    def __init__(self, policies: ToolPolicies) -> None:
        self._policies = policies

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """One finding per rule that a call breaks; evidence is `POLICY/TOOL/ARGUMENT/RULE`."""
        if not self._policies:
            return findings([])
        return findings(
            [
                (
                    call.row,
                    self.version,
                    self.category,
                    NOTE if broken.rule == "undeclared" else STRENGTH,
                    broken.evidence,
                )
                for call in tool_calls(batch)
                for broken in self._policies.outside(call.source, call.tool, call.arguments)
            ]
        )
