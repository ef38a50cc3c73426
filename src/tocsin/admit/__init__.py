"""Who may use what: access decisions under a release decision, end users by evidence, compute, patrol.

Enters: a question of access with what is known of who asks. Leaves: yes or no, its reasons, what would change it, and
obligations. Refuses: whatever the release decision forbids, whoever asks; and who somebody is by birth as a criterion.

| file | what is in it |
|---|---|
| `applicants` | end users by evidence: results and digests, never the evidence |
| `asking` | a request and what the node knows, made into the one question that the policies are asked |
| `generating` | a release decision as Cedar: the one permit there is |
| `deciding` | the answer, with reasons, what would change it, and obligations |
| `control` | a person in the loop, as a record that is checked |
| `overlays` | what a law demands of who uses a model: data, off by default |
| `contradicting` | own rules that refuse all that a release decision leaves |
| `words` | sentences, in two languages |
| `patrol` | what a look at a submission found, by a closed list |
| `compute` | training compute as an interval, and what each regime makes of it |
| `diligence` | what a voluntary template asks of customers: ids and a digest, never an answer |
| `thresholds` | thresholds by regime and peaks of chips: data, with source and status |
"""

from tocsin.admit.asking import Known, question_of
from tocsin.admit.contradicting import contradictions
from tocsin.admit.deciding import Ruled, decide, without_release
from tocsin.admit.generating import FILE as GENERATED
from tocsin.admit.generating import acts_left, generated
from tocsin.admit.overlays import FOLDER as OVERLAYS_FOLDER
from tocsin.admit.overlays import AccessOverlay, load_access_overlays
from tocsin.admit.words import said

__all__ = [
    "GENERATED",
    "OVERLAYS_FOLDER",
    "AccessOverlay",
    "Known",
    "Ruled",
    "acts_left",
    "contradictions",
    "decide",
    "generated",
    "load_access_overlays",
    "question_of",
    "said",
    "without_release",
]
