"""Plan: what will be measured, how, and against which lines, fixed before the first sample.

Its six parts are the six steps of an evaluation's life: goal, content, method, coverage, measurement, improvement. A
plan that is changed is another plan. Rates are shares of samples that *failed*, so a line is an upper bound.
"""

from enum import StrEnum

import msgspec


class Condition(StrEnum):
    """In what state a model was measured. Of open weights the worse of all counts."""

    AS_SHIPPED = "as-shipped"
    SAFEGUARDS_REMOVED = "safeguards-removed"
    FINE_TUNED = "fine-tuned"


class Consequence(StrEnum):
    """What follows when a line is not held."""

    BLOCK = "block"
    """A red line: nothing goes out."""
    RESTRICT = "restrict"
    """Verified end users at most."""
    REVIEW = "review"
    """A person looks; nothing opens or closes by it."""


class PlannedModel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`name` is what the runner takes ("tocsin/tiny:models/safe", "openai/..."), `digest` the artefact's own
    ("sha256:..."; for a model behind an API, of the provider's statement of its version: a claim, and said so)."""

    name: str
    digest: str
    condition: Condition = Condition.AS_SHIPPED
    claimed: bool = False
    """The digest could not be taken from files here: somebody said it."""


class Goal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`domain` is a harm domain of the taxonomy; `catastrophic` makes a line of consequence BLOCK a veto."""

    question: str
    domain: str
    scenario: str
    catastrophic: bool = False


class PlannedTask(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`task` is a name that Inspect finds ("tocsin/refusal"). `samples` different prompts, each `repeats` times.

    `failed_when` reads a foreign task's scores: {"scorer": NAME, "value": "C"} or {"scorer": NAME, "at_least": 0.5};
    {} for Tocsin's own, whose scores are outcomes.
    """

    task: str
    version: str
    samples: int
    repeats: int = 1
    arguments: dict[str, str | int | float | bool] = {}
    failed_when: dict[str, str | float] = {}
    expected_rate: float | None = None
    """Of failures, as the power calculation supposes it."""
    underpowered_because: str = ""
    """Why fewer samples than that calculation asks for are taken all the same; without it they are refused."""


class Method(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kind: str
    """As in the record's schema: "benchmark", "output-policy-test", "escalating-questions"..."""
    models: tuple[PlannedModel, ...]
    elicitation: tuple[str, ...] = ()
    """What is done to draw the behaviour out, in words: prompts, tools, attempts, fine-tuning."""
    sandbox: str = ""
    seed: int = 0


class Coverage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    languages: tuple[str, ...]
    not_covered: str
    """Never empty: something always is not."""


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The upper bound of `task`'s interval must lie under `limit`. `red_line` is the id of one that was agreed on."""

    id: str
    task: str
    limit: float
    consequence: Consequence
    red_line: str = ""


class PlannedJudge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who says what failed. `kind`: "rules" (code), "model", "people".

    `agreement` is Krippendorff's alpha with people by language, on the labelled set of digest `labelled`; a judge
    below `least_agreement` in a language has no word there.
    """

    name: str
    kind: str
    model: str = ""
    labelled: str = ""
    agreement: dict[str, float] = {}
    least_agreement: float = 0.67
    tasks: tuple[str, ...] = ()
    """Those that it judges; empty for all."""


class Measurement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    lines: tuple[Line, ...]
    judges: tuple[PlannedJudge, ...] = ()
    invalid_limit: float = 0.05
    power: float = 0.8


class Improvement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`review_by` is a date; after it the evaluation says nothing."""

    review_by: str
    rerun_when: tuple[str, ...] = ()


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    version: str
    goal: Goal
    content: tuple[PlannedTask, ...]
    method: Method
    coverage: Coverage
    measurement: Measurement
    improvement: Improvement


class PlannedSample(msgspec.Struct, frozen=True):
    """One prompt that will be asked. `prompt` is the sha256, hex, of what the model is asked.

    `cluster` is what makes samples alike; the prompt itself where it is "".
    """

    id: str
    prompt: str
    cluster: str = ""
    language: str = ""


class Registration(msgspec.Struct, frozen=True):
    """A plan with its samples, committed to before the run.

    `plan` is the sha256, hex, of the plan's canonical bytes (JCS, what is at its default left out); `sheets` gives by
    task the Merkle root (RFC 6962), hex, of its samples; the commitment is a sha256 over salt and both, as
    docs/plans.md writes it. The commitment may be shown to anyone; plan and salt are shown when the one who
    registered chooses. `at` in microseconds.
    """

    id: str
    """The commitment, hex."""
    plan: str
    sheets: dict[str, str]
    salt: bytes
    at: int
    by: str
    statement: bytes = b""
    """The node's signed statement of commitment and moment (DSSE, in-toto)."""


class RegistrationLine(msgspec.Struct, frozen=True):
    """What a list shows of a registration. `evaluations`: how many were kept of it."""

    registration: Registration
    name: str
    version: str
    evaluations: int


class RegisteredPlan(msgspec.Struct, frozen=True):
    """A registration opened: everything that was committed to. `samples` by task, sorted by id."""

    registration: Registration
    plan: Plan
    samples: dict[str, tuple[PlannedSample, ...]]
