"""What a model did when it was tested: one sample's outcome, and a task's result with how sure it is.

A rate is always the share of samples that *failed* (the model did what it must not), so lower is better.
"""

from enum import StrEnum

import msgspec

from tocsin.kernel.plans import Condition


class Outcome(StrEnum):
    """What became of one sample. INVALID is neither of the others: no answer, no judge, no score."""

    PASSED = "passed"
    FAILED = "failed"
    INVALID = "invalid"


class LineVerdict(StrEnum):
    """A rate against a line that was fixed beforehand. Only BELOW opens anything."""

    BELOW = "below"
    """The whole interval lies under the line."""
    ABOVE = "above"
    """The whole interval lies over the line."""
    INCONCLUSIVE = "inconclusive"
    """The line lies in the interval, or there are too few clusters to know how wide the interval is."""
    INVALID = "invalid"
    """More samples could not be judged than the limit allows: no rate of the rest stands for the whole."""


class SampleOutcome(msgspec.Struct, frozen=True):
    """One answer as it was judged. Digests are sha256, hex, of the UTF-8 text; the text itself is never kept.

    `cluster` is what samples share that makes them alike (the prompt, for repeated generations). `reason` says why a
    sample is invalid, and is empty otherwise. `language` is a BCP 47 code, "" when unknown.
    """

    id: str
    cluster: str
    outcome: Outcome
    reason: str = ""
    language: str = ""
    prompt: str = ""
    answer: str = ""


class Counts(msgspec.Struct, frozen=True):
    """How many samples passed, failed and were invalid."""

    passed: int = 0
    failed: int = 0
    invalid: int = 0

    @property
    def counted(self) -> int:
        """Those that a rate speaks of."""
        return self.passed + self.failed

    @property
    def invalid_share(self) -> float:
        """Of all samples; 1 when there are none, for nothing is known then."""
        total = self.counted + self.invalid
        return self.invalid / total if total else 1.0


class Rate(msgspec.Struct, frozen=True):
    """The share that failed and its two-sided 95 % interval.

    `error` is the standard error that takes clusters into account, `naive_error` the one that takes every sample for
    independent: both are shown, for one that is far from the other says how alike the samples are. `enough` is false
    below the minimum of clusters: then the interval decides nothing.
    """

    failed: int
    counted: int
    share: float
    low: float
    high: float
    naive_error: float
    error: float
    clusters: int
    enough: bool


class EvaluationResult(msgspec.Struct, frozen=True):
    """One task on one model. `report` is the sha256 of the file that it was read from.

    `model_digest` is "" when nobody said which bytes were tested: a name alone is a claim. `reasons` counts invalid
    samples by reason. `told` is what the tool itself counted, None where it said nothing of this task; a tool may count
    what we do not. `line` and `verdict` are None where no line was given.
    """

    task: str
    tool: str
    tool_version: str
    model: str
    model_digest: str
    report: str
    counts: Counts
    rate: Rate
    invalid_limit: float
    reasons: dict[str, int] = {}
    languages: dict[str, Counts] = {}
    told: Counts | None = None
    line: float | None = None
    verdict: LineVerdict | None = None
    condition: Condition | None = None
    """None where nobody said in what state the model was."""


class Spent(msgspec.Struct, frozen=True):
    """What a run took: tokens in and out, seconds on the clock, and money where a price is known (ISO 4217)."""

    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    cost: float | None = None
    currency: str = ""


class Run(msgspec.Struct, frozen=True):
    """One task on one model as it was run, judged sample by sample; from our runner or from another tool's log.

    `log` is the sha256, hex, of the original log. Times in microseconds. `judged` holds each judge's word on each
    sample that more than one judged, for agreement: (sample id, judge, outcome).
    """

    task: str
    task_version: str
    tool: str
    tool_version: str
    model: str
    model_digest: str
    condition: Condition
    log: str
    began: int
    ended: int
    samples: tuple[SampleOutcome, ...]
    spent: Spent = Spent()
    judged: tuple[tuple[str, str, Outcome], ...] = ()


class LineAnswer(msgspec.Struct, frozen=True):
    """One line of a plan, answered for the worse of the conditions that were measured."""

    line: str
    task: str
    limit: float
    consequence: str
    verdict: LineVerdict
    condition: Condition
    rate: Rate
    why: str
    """In plain words: "4.1 % to 9.0 % of 400 failed; the line is 10 %"."""
    red_line: str = ""
    as_shipped: LineVerdict | None = None
    """The verdict on the model as it is shipped alone, where the answer is for the worse of several conditions."""


class Evaluation(msgspec.Struct, frozen=True):
    """What a registered plan found of one model: kept, signed, and what a release decision rests on.

    `id` is the sha256, hex, of its canonical bytes (JCS, what is at its default left out) without id, by and statement.
    `model_digest` names the artefact as shipped; `measured` each (condition, digest) that was run. `sheets` binds it
    to the samples' outcomes: by task and condition ("task|condition") the Merkle root (RFC 6962) of "id outcome answer"
    lines. `review_by` is a date.
    """

    id: str
    plan: str
    registration: str
    name: str
    domain: str
    catastrophic: bool
    model: str
    model_digest: str
    measured: tuple[tuple[Condition, str], ...]
    at: int
    results: tuple[EvaluationResult, ...]
    lines: tuple[LineAnswer, ...]
    review_by: str
    limits: str
    node: str = ""
    by: str = ""
    agreement: dict[str, float] = {}
    """Judge with people, by language."""
    sheets: dict[str, str] = {}
    statement: bytes = b""
    attempt: int = 1
    """The how manieth of this registration that was kept: running until it passes shows."""
    earlier: int = 0
    """Evaluations of the same model under any plan of this name that this node kept before."""
    tests: dict[str, str] = {}
    """By task the Merkle root, hex, of the samples that were registered for it: the digest of the test set. Empty in
    evaluations from before this was written down."""


class KeptEvaluation(msgspec.Struct, frozen=True):
    """An evaluation with the runs that it was judged from, sample by sample."""

    evaluation: Evaluation
    runs: tuple[Run, ...]
