"""Recognition: what one node makes of another's evaluation."""

from enum import StrEnum

import msgspec

from tocsin.kernel.evaluations import Outcome, Rate, SampleOutcome


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
    sheet: str = ""
    """"task|condition" of what was run again; "" for a recognition by policy."""
    draw: int = 0
    """The how manieth draw of that sheet; 0 for a recognition by policy."""


class DrawState(StrEnum):
    """Where a re-run stands. The first three are the challenger's, the others of the side that answers."""

    CHALLENGED = "challenged"
    DRAWN = "drawn"
    """Their nonce is here, so the subset is known; nothing is revealed yet."""
    REVEALED = "revealed"
    CLOSED = "closed"
    """Compared, or given up: either way a recognition says so."""
    ACCEPTED = "accepted"
    OPENED = "opened"


class Draw(msgspec.Struct, frozen=True):
    """One draw, as one of its sides keeps it. `id` is the challenge's digest. Nothing of it is ever deleted: who draws
    again until a subset suits leaves a row for each.

    `number` counts the draws that this challenger made of this sheet. `messages` are the signed envelopes in their
    order, ours and theirs; `faults` (moment, name) what the other side signed that was refused. The challenger keeps
    besides: `nonce` and `salt`, its secrets until they are revealed; the evaluation and its plan as it was given them
    (`shown`, `plan`); its `runs` over the drawn samples.
    """

    id: str
    challenger: str
    node: str
    """Whose evaluation it is."""
    evaluation: str
    sheet: str
    number: int
    at: int
    state: DrawState
    messages: tuple[bytes, ...]
    nonce: bytes = b""
    salt: bytes = b""
    shown: bytes = b""
    plan: bytes = b""
    runs: tuple[tuple[SampleOutcome, ...], ...] = ()
    faults: tuple[tuple[int, str], ...] = ()
