"""What a store promises of evaluations: registered plans, and what runs of them found. A part of `interface`.

Nothing here is ever replaced. Times in microseconds.
"""

from typing import Protocol

from tocsin.kernel.evaluations import Evaluation, KeptEvaluation, Run
from tocsin.kernel.plans import RegisteredPlan, RegistrationLine

MAX_RUN_BYTES = 256 << 20
"""One run as kept: half a million samples."""


class EvaluationPlanStore(Protocol):
    """Plans as they were registered, with salt, samples and statement."""

    def keep(self, registered: RegisteredPlan) -> None:
        """Add it. Raises Conflict when this commitment is kept already, TooLarge."""
        ...

    def get(self, registration: str) -> RegisteredPlan | None: ...
    def listed(
        self, *, plan: str | None = None, before: str | None = None, limit: int = 100
    ) -> tuple[RegistrationLine, ...]:
        """Newest first. `plan` is a plan's digest, `before` the id of the last of the page before."""
        ...

    def matching(self, start: str, *, limit: int = 2) -> tuple[str, ...]:
        """Ids that begin so."""
        ...


class EvaluationStore(Protocol):
    """Evaluations with their runs."""

    def attempts(self, registration: str) -> int:
        """How many are kept of a registration. Writers queue here: the next one's number stays free in `together`."""
        ...

    def keep(self, kept: KeptEvaluation, *, runs: str) -> None:
        """Add it. `runs` is the digest of its runs. Raises Conflict for an attempt or runs that are kept, TooLarge."""
        ...

    def of_runs(self, registration: str, runs: str) -> Evaluation | None:
        """The one that was judged from exactly these runs."""
        ...

    def get(self, evaluation: str) -> Evaluation | None: ...
    def runs(self, evaluation: str) -> tuple[Run, ...]:
        """In the order in which they were kept; empty for an evaluation that is not."""
        ...

    def count(self, *, name: str, model_digest: str) -> int:
        """How many are kept of a model under plans of this name."""
        ...

    def listed(
        self,
        *,
        model_digest: str | None = None,
        plan: str | None = None,
        registration: str | None = None,
        before: str | None = None,
        limit: int = 100,
    ) -> tuple[Evaluation, ...]:
        """Newest first. `before` is the id of the last of the page before."""
        ...

    def matching(self, start: str, *, limit: int = 2) -> tuple[str, ...]:
        """Ids that begin so."""
        ...


class EvaluationStores(Protocol):
    """The facets of a store that this page names."""

    @property
    def evaluation_plans(self) -> EvaluationPlanStore: ...
    @property
    def evaluations(self) -> EvaluationStore: ...
