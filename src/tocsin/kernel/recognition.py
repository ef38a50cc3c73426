"""Recognition: what one node makes of another's evaluation."""

from enum import StrEnum

import msgspec

from tocsin.kernel.evaluations import Outcome, Rate


class RecognitionOutcome(StrEnum):
    ACCEPTED = "accepted"
    """By policy, on what the peer shows; nothing was run again."""
    REPRODUCED = "reproduced"
    """Run again on a subset that the peer could not know beforehand: sample for sample the same, within what repeats
    explain."""
    COMPATIBLE = "compatible"
    """The samples differ here and there; the rates do not."""
    CONTRADICTED = "contradicted"
    NOT_RECOGNISED = "not-recognised"
    """The policy wants something that was not shown: see the reasons."""
    INCONCLUSIVE = "inconclusive"


class SampleDisagreement(msgspec.Struct, frozen=True):
    """One sample on which two institutes differ. Digests only."""

    task: str
    sample: str
    theirs: Outcome
    ours: Outcome
    same_answer: bool
    """The model answered the same and the judges differ; otherwise the environment or the model differs."""


class Recognition(msgspec.Struct, frozen=True):
    """`reasons` are ids of sentences with what fills them, deciding first. `subset` names the committed draw."""

    evaluation: str
    theirs: str
    """Node that made the evaluation."""
    by: str
    at: int
    outcome: RecognitionOutcome
    reasons: tuple[tuple[str, dict[str, str | int | float]], ...]
    their_rate: Rate | None = None
    our_rate: Rate | None = None
    subset: str = ""
    disagreements: tuple[SampleDisagreement, ...] = ()
    statement: bytes = b""
