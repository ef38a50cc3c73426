"""Instructions to the model in what a tool brought back: a page, a mail, a record that somebody else wrote."""

import pyarrow as pa

from tocsin.screen.agents.calls import tool_results
from tocsin.screen.agents.instructions import FOUND, instructions_in
from tocsin.screen.batch import findings


class Injection:
    """Speaks of results only: what a person tells their own agent is theirs to say."""

    name = "agent.injection"
    version = "1"
    category = "technique.requirement-hijack"

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """One finding per result that speaks to a model; the evidence names the kinds, weightiest first."""
        rows: list[tuple[int, str, str, float, str]] = []
        for row, _, text in tool_results(batch):
            said = instructions_in(text)
            if said.strength >= FOUND:
                rows.append((row, self.version, self.category, said.strength, "+".join(said.kinds)))
        return findings(rows)
