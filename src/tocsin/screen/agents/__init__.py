"""What single tool calls of agents say. Docs: docs/agents.md, with measured rates.

Enters: PREPARED batches. Leaves: findings under names that begin with `agent.`, which note no account and ring by
nothing but `correlate.Agents`. Refuses: to look at any other row, so that it costs nothing where no agent works.
"""

from tocsin.screen.agents.egress import Egress
from tocsin.screen.agents.injection import Injection
from tocsin.screen.agents.marks import Marks
from tocsin.screen.agents.memory import MemoryWrites
from tocsin.screen.agents.misuse import Misuse
from tocsin.screen.agents.policies import ToolPolicies, load_tool_policies

__all__ = ["Egress", "Injection", "Marks", "MemoryWrites", "Misuse", "ToolPolicies", "load_tool_policies"]
