"""Plans: fixed before the run, committed to, and then binding.

Enters: a plan file, samples by digest, runs. Leaves: a registration that anybody can check later, an evaluation,
proofs. Refuses: a plan that could not decide anything, and a run that is not what was registered, naming what changed.

| file | what |
|---|---|
| `reading`, `template` | a plan file, and an empty one |
| `checking`, `words` | what must be in it; which judge has a word where |
| `sheets` | samples before they are taken |
| `canonical`, `commitment`, `registration` | digests, the commitment, its opening |
| `deviations`, `judging` | a run held to its plan |
| `proofs`, `attesting`, `comparing` | one sample shown, the whole signed, two set against each other |

Import from these files: those that count load numpy, those that only check do not.
"""
