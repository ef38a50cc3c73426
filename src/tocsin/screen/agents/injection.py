"""Instructions to the model in what a tool brought back: a page, a mail, a record that somebody else wrote."""

import pyarrow as pa

from tocsin.kernel.signals import ASKED, MARK, short_mark
from tocsin.screen.agents.asking import asked_in
from tocsin.screen.agents.calls import tool_results
from tocsin.screen.agents.instructions import FOUND, instructions_of
from tocsin.screen.batch import findings
from tocsin.wire.fold import fold_counting


class Injection:
    """Speaks of results only: what a person tells their own agent is theirs to say."""

    name = "agent.injection"
    version = "2"
    category = "technique.requirement-hijack"

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """One finding per result that speaks to a model; the evidence names the kinds, weightiest first. And marks of
        the addresses, accounts and tools that a result names: `asks/TENTHS/XXXX`, with the strength it asks by.
        """
        rows: list[tuple[int, str, str, float, str]] = []
        for row, _, text in tool_results(batch):
            folded, repairs = fold_counting(text)
            said = instructions_of(text, folded, repairs)
            if said.strength >= FOUND:
                rows.append((row, self.version, self.category, said.strength, "+".join(said.kinds)))
            rows += [
                (row, self.version, MARK, 0.0, f"{ASKED}{round(strength * 10)}/{short_mark(name)}")
                for name, strength in asked_in(text, folded).items()
            ]
        return findings(rows)
