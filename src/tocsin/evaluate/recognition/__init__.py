"""Recognition: what one institute makes of another's evaluation.

Enters: an evaluation that a peer signed, what it shows besides, and where the policy wants it a run of our own over
samples that neither side could choose. Leaves: a `Recognition` with its reasons. Refuses: what no policy admits,
openings that are not what was committed to, and a second draw that does not say that it is one. docs/recognition.md
has the protocol and its threat model; the protocol is ours and unaudited.
"""

from tocsin.evaluate.recognition.comparing import Comparison, Margins, compare
from tocsin.evaluate.recognition.policy import Policy, RecognitionRule, Shown, judge, read_policy

__all__ = ["Comparison", "Margins", "Policy", "RecognitionRule", "Shown", "compare", "judge", "read_policy"]
