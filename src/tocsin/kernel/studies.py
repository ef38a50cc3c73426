"""Study of uplift: whether a model helps a novice more than an ordinary search does, fixed before anybody takes part.

What is measured of a participant is a *level*: how many of the milestones, in their order, were reached (0 for none).
The effect is an odds ratio under proportional odds, treatment against control: above 1 the model helps.
"""

from enum import StrEnum

import msgspec

from tocsin.kernel.evaluations import LineVerdict
from tocsin.kernel.plans import PlannedModel


class ArmRole(StrEnum):
    """What an arm is for. Exactly one is the control and one the treatment; the verdict is about these two."""

    CONTROL = "control"
    TREATMENT = "treatment"
    OTHER = "other"


class Arm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`access` says in words what participants of this arm may use; `model` which model, where there is one."""

    name: str
    role: ArmRole
    access: str
    model: PlannedModel | None = None


class Milestone(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`reached_when` is the grader's rule, in words without a recipe; what is hazardous stays with its institute."""

    name: str
    reached_when: str


class StudyPrior(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of the log odds ratio: normal around 0 with deviation `sd`, and why. 0.7 says: 19 in 20 within 0.25 to 4."""

    sd: float
    why: str


class MissingRule(StrEnum):
    """What missing outcomes do to the verdict. Both bounds are shown in either case."""

    DECIDES = "decides"
    """A verdict stands only if it also stands at the worst and at the best case."""
    SHOWN = "shown"


class Combination(StrEnum):
    """One level from several graders'."""

    LOWEST = "lowest"
    MEDIAN = "median"
    """The lower of the middle two, where their number is even."""


class Grading(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Graders see codes of works alone. Below `least_agreement` (Krippendorff's alpha, ranks) there is no verdict."""

    graders: int = 2
    blinded: bool = True
    combine: Combination = Combination.LOWEST
    least_agreement: float = 0.67


class StudyAnalysis(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`method` is "proportional-odds" and nothing else yet. `adjust` puts strata into the model.

    `looks` are numbers of graded participants at which the data may be looked at, the last being all of them; each
    look is held to the level of 5 % divided by their number.
    """

    method: str = "proportional-odds"
    adjust: bool = True
    looks: tuple[int, ...] = ()
    missing: MissingRule = MissingRule.DECIDES
    missing_limit: float = 0.2


class Elicitation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every participant is given: the same in all arms but for the access."""

    hours: float
    attempts: int
    tools: tuple[str, ...] = ()
    training: str = ""
    rules: tuple[str, ...] = ()


class Study(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`expected` is how control participants are expected to spread over the levels, 0 first.

    `smallest_effect` and `line` are odds ratios over 1: the effect worth knowing of, and the one that must not be
    reached. `dropout` is the share expected to go missing. `underpowered_because` is empty, or why it starts all the
    same.
    """

    name: str
    version: str
    domain: str
    question: str
    not_covered: str
    arms: tuple[Arm, ...]
    milestones: tuple[Milestone, ...]
    strata: dict[str, tuple[str, ...]] = {}
    participants_per_arm: int
    expected: tuple[float, ...]
    dropout: float = 0.1
    smallest_effect: float
    line: float
    power: float = 0.8
    prior: StudyPrior
    analysis: StudyAnalysis = StudyAnalysis()
    grading: Grading = Grading()
    elicitation: Elicitation
    stopping: str
    block_sizes: tuple[int, ...] = (2, 3)
    """Places of each arm in a block; which of these sizes comes next is drawn too."""
    underpowered_because: str = ""

    @property
    def control(self) -> Arm:
        return next(arm for arm in self.arms if arm.role is ArmRole.CONTROL)

    @property
    def treatment(self) -> Arm:
        return next(arm for arm in self.arms if arm.role is ArmRole.TREATMENT)

    @property
    def levels(self) -> int:
        """Of an outcome: none of the milestones, and each of them."""
        return len(self.milestones) + 1

    @property
    def planned(self) -> int:
        """Participants in all."""
        return self.participants_per_arm * len(self.arms)

    @property
    def looks(self) -> tuple[int, ...]:
        """Numbers of graded participants at which the data may be looked at: one look at all, unless said otherwise."""
        return self.analysis.looks or (self.planned,)


class OddsRatio(msgspec.Struct, frozen=True):
    """An odds ratio and its interval at `confidence`. An end that the data do not bound is 0 or infinity (null in
    JSON).

    `log` and `error` are the estimate and its standard error on the scale of log odds. `p` is of the likelihood-ratio
    test against 1. `finite` is false when one arm lies wholly above the other: then the estimate has no number.
    """

    ratio: float
    low: float
    high: float
    confidence: float
    log: float
    error: float
    p: float
    finite: bool = True


class Proportionality(msgspec.Struct, frozen=True):
    """Whether one odds ratio speaks for all cuts between levels (Brant 1990). `p` is None when it cannot be tested.

    `cuts` are the odds ratios of "this milestone or more", milestone by milestone, None where a cut has none.
    """

    chi_squared: float | None
    degrees: int
    p: float | None
    cuts: tuple[float | None, ...]


class Posterior(msgspec.Struct, frozen=True):
    """Of the odds ratio, under the stated prior: median, central 95 %, and probabilities."""

    median: float
    low: float
    high: float
    above_one: float
    above_line: float


class StudyPower(msgspec.Struct, frozen=True):
    """Found by simulation before the study. `sees`: how often the interval lies above 1 when the odds ratio is the
    smallest effect; `clears`: how often it lies below the line when there is no uplift. `needed` is participants an arm
    for both, dropout included; `formula` is Whitehead's number for the first, as a check. `binary` is what two outcomes
    would take, reached the last milestone or not.
    """

    participants_per_arm: int
    sees: float
    clears: float
    wanted: float
    needed: int
    formula: int
    binary: int
    rounds: int

    @property
    def enough(self) -> bool:
        """Whether both questions are answered as often as was wanted."""
        return min(self.sees, self.clears) >= self.wanted


class StudyVerdict(msgspec.Struct, frozen=True):
    """What a look at a study found of treatment against control. `why` is in plain words."""

    verdict: LineVerdict
    why: str
    line: float
    effect: OddsRatio
    best: OddsRatio
    """Every missing outcome of the treatment arm at no milestone, of the control arm at the last."""
    worst: OddsRatio
    """The other way round."""
    posterior: Posterior
    proportionality: Proportionality


class Registered(msgspec.Struct, frozen=True, tag="registered"):
    """The first line of a study's ledger. `allocation` is the sha256, hex, of the seed that assigns participants, and
    is under the commitment, as the study's digest is.
    """

    commitment: str
    study: Study
    digest: str
    allocation: str
    power: StudyPower
    by: str
    statement: str = ""
    """The node's signed statement (DSSE, in-toto), where a node signed it."""


class Allocated(msgspec.Struct, frozen=True, tag="allocated"):
    """`participant` and `work` are pseudonyms under the study's key; graders see `work` alone."""

    participant: str
    work: str
    arm: str
    strata: dict[str, str]


class Elicited(msgspec.Struct, frozen=True, tag="elicited"):
    """One thing that a participant tried. `transcript` is the sha256, hex, of what was said; it is not kept here."""

    participant: str
    time: str
    tool: str
    attempt: int
    transcript: str
    note: str = ""


class Graded(msgspec.Struct, frozen=True, tag="graded"):
    """One grader's level of one work."""

    work: str
    grader: str
    level: int


class Missing(msgspec.Struct, frozen=True, tag="missing"):
    """A participant without an outcome: who left, withdrew, or was lost. What was graded of them no longer counts."""

    participant: str
    reason: str


class Looked(msgspec.Struct, frozen=True, tag="looked"):
    """The data were looked at. `data` is the sha256, hex, of the outcomes that were seen."""

    look: int
    data: str
    verdict: LineVerdict
    ended: str = ""
    """Why it was the last look before all had taken part, as the stopping rule says."""


Entry = Registered | Allocated | Elicited | Graded | Missing | Looked


class StudyLine(msgspec.Struct, frozen=True):
    """One line of a ledger. `before` is the sha256, hex, of the line before it, "" of the first. `at` in
    microseconds.
    """

    number: int
    before: str
    at: int
    entry: Entry


class Outcomes(msgspec.Struct, frozen=True):
    """What is known of the participants: one row each."""

    rows: tuple["OutcomeRow", ...]
    alpha: float | None
    """Of the graders, Krippendorff's, on ranks; None where it has no value."""


class OutcomeRow(msgspec.Struct, frozen=True):
    """`level` is None where there is none: `gone` says that there will be none."""

    participant: str
    arm: str
    strata: dict[str, str]
    level: int | None
    gone: bool = False


class StudyLook(msgspec.Struct, frozen=True):
    """One analysis, as registered. `arms` counts participants by level, `missing` those without one."""

    look: int
    looks: int
    found: StudyVerdict
    arms: dict[str, tuple[int, ...]]
    missing: dict[str, int]
    strata: dict[str, OddsRatio]
    """By "stratum=value", on its own; they decide nothing."""
    differ: float | None
    """The probability of strata that differ so much if one ratio held for all; None where it cannot be said."""
    others: dict[str, OddsRatio]
    """Other arms against the control; they decide nothing."""
    alpha: float | None
    data: str
    ended: str = ""
