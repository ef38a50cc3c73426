"""Gate: how far a model may go out.

Enters: evaluations, inspections, red lines, the context of use. Leaves: a decision with its rule, its evidence and what
would change it. Refuses: to open anything for want of evidence.

| file | what is in it |
|---|---|
| `evidence` | what is brought, turned into the one question that the policies are asked (`trust.release_policy`) |
| `red_lines` | clear, crossed, not measured |
| `overlays` | what jurisdictions demand besides, as data |
| `deciding` | the decision, with every ground |
| `changing` | what would change it, by asking again |
| `whose` | whose word an evaluation is, and what that lets it do |
| `words`, `telling` | its sentences, in two languages; a decision said in them |
"""

from tocsin.gate.deciding import (
    Asked,
    decide,
    decision_id,
    given,
    question_of,
    standing_in_the_way,
    undecided,
)
from tocsin.gate.evidence import Brought, plain_digest
from tocsin.gate.overlays import Overlay, chosen, load_overlays, packaged_overlays
from tocsin.gate.telling import ground_said, less_said, tier_said, ways_said
from tocsin.gate.whose import Word
from tocsin.gate.words import said

__all__ = [
    "Asked",
    "Brought",
    "Overlay",
    "Word",
    "chosen",
    "decide",
    "decision_id",
    "given",
    "ground_said",
    "less_said",
    "load_overlays",
    "packaged_overlays",
    "plain_digest",
    "question_of",
    "said",
    "standing_in_the_way",
    "tier_said",
    "undecided",
    "ways_said",
]
