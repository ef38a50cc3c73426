"""Whose word an evaluation is, and what that lets it do: whoever says that a model is safe must be known to say so.

What speaks against a model counts whoever brought it. What opens something is this node's own, or signed and looked at.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from tocsin.kernel.evaluations import Evaluation
from tocsin.kernel.recognition import Recognition, RecognitionOutcome


class Word(StrEnum):
    MEASURED_HERE = "measured-here"
    SIGNED = "signed"
    """By a key that the proposer believes; without a node nobody else is there to recognise it."""
    RECOGNISED = "recognised"
    """A peer's, which this node took by policy or ran again."""
    NOT_RECOGNISED = "not-recognised"
    """A peer's that nobody here has looked at, or that did not hold."""
    UNSIGNED = "unsigned"
    """The proposer's word alone, and said so aloud."""


CATASTROPHIC = "catastrophic"
"""Among the domains of unsigned evaluations: the subject of one is a catastrophe."""

_GOOD = frozenset({RecognitionOutcome.ACCEPTED, RecognitionOutcome.REPRODUCED, RecognitionOutcome.COMPATIBLE})

_FROM_THE_BEST = (
    RecognitionOutcome.REPRODUCED,
    RecognitionOutcome.COMPATIBLE,
    RecognitionOutcome.ACCEPTED,
    RecognitionOutcome.NOT_RECOGNISED,
    RecognitionOutcome.INCONCLUSIVE,
    RecognitionOutcome.CONTRADICTED,
)


def word_of(words: Mapping[str, Word], evaluation: Evaluation) -> Word:
    """As it was brought. What nobody brought is what the node itself holds."""
    return words.get(evaluation.id, Word.MEASURED_HERE)


def counts(words: Mapping[str, Word], evaluation: Evaluation) -> bool:
    """Whether it is evidence. What is not can close something and opens nothing."""
    return word_of(words, evaluation) is not Word.NOT_RECOGNISED


def recognised(recognitions: Sequence[Recognition], evaluation: str, by: str) -> bool:
    """Whether a node's own last word on a peer's evaluation is good, and it never found otherwise."""
    own = [one for one in recognitions if (one.evaluation, one.by) == (evaluation, by)]
    if any(one.outcome is RecognitionOutcome.CONTRADICTED for one in own):
        return False
    said = [one for one in own if one.outcome is not RecognitionOutcome.INCONCLUSIVE]
    return bool(said) and max(said, key=lambda one: one.at).outcome in _GOOD


def unsigned_domains(words: Mapping[str, Word], evaluations: Sequence[Evaluation]) -> tuple[str, ...]:
    """What the question calls `unsigned`: the domains of evaluations that nobody signed, sorted."""
    found = [one for one in evaluations if word_of(words, one) is Word.UNSIGNED]
    grave = {CATASTROPHIC} if any(one.catastrophic for one in found) else set()
    return tuple(sorted({one.domain for one in found} | grave))


def worst_word(recognitions: Sequence[Recognition]) -> str:
    """The worst that anybody found counts; "none" where nobody looked."""
    worst = max((one.outcome for one in recognitions), key=_FROM_THE_BEST.index, default=None)
    return worst.value if worst else "none"
