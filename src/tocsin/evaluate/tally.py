"""Samples of one task, counted as they pass by: what a rate needs of them, and no more."""

from collections import Counter
from hashlib import blake2b

from tocsin.evaluate.statistics import MAX_INVALID_SHARE, clustered_rate, verdict
from tocsin.kernel.errors import TooLarge
from tocsin.kernel.evaluations import Counts, EvaluationResult, Outcome, Rate, Run, SampleOutcome

MAX_CLUSTERS = 2_000_000
"""Of one task: each takes some 150 bytes here. The largest published sets of prompts are a hundredth of that."""

MAX_LANGUAGES = 500
"""Codes in one task; there are fewer in use in any set. More is a file that was made to fill memory."""

_KEY_BYTES = 12
"""Of a cluster's digest: among two million the chance that two fall together is 10^-17."""


class Tally:
    """Counts of one task. Memory grows with clusters, not with samples or their texts."""

    def __init__(self) -> None:
        self._outcomes: Counter[Outcome] = Counter()
        self._reasons: Counter[str] = Counter()
        self._languages: dict[str, Counter[Outcome]] = {}
        self._clusters: dict[bytes, tuple[int, int]] = {}

    def add(self, sample: SampleOutcome) -> None:
        """One sample more. Raises TooLarge over MAX_CLUSTERS or MAX_LANGUAGES."""
        self._outcomes[sample.outcome] += 1
        spoken = self._languages.get(sample.language)
        if spoken is None:
            if len(self._languages) >= MAX_LANGUAGES:
                raise TooLarge(f"samples in more than {MAX_LANGUAGES} languages; check the field")
            spoken = self._languages[sample.language] = Counter()
        spoken[sample.outcome] += 1
        if sample.outcome is Outcome.INVALID:
            self._reasons[sample.reason] += 1
            return
        key = blake2b(sample.cluster.encode("utf-8", "replace"), digest_size=_KEY_BYTES).digest()
        failed, counted = self._clusters.get(key, (0, 0))
        if not counted and len(self._clusters) >= MAX_CLUSTERS:
            raise TooLarge(f"more than {MAX_CLUSTERS:,} clusters in one task; split the report")
        self._clusters[key] = (failed + (sample.outcome is Outcome.FAILED), counted + 1)

    def missing(self, samples: int, reason: str) -> None:
        """Samples that should be there and are not: invalid, for nobody can say how they went."""
        self._outcomes[Outcome.INVALID] += samples
        self._reasons[reason] += samples

    @property
    def counts(self) -> Counts:
        """So far."""
        return _counts(self._outcomes)

    @property
    def rate(self) -> Rate:
        """So far, by clusters."""
        return clustered_rate(self._clusters.values())

    @property
    def reasons(self) -> dict[str, int]:
        """Why samples are invalid, most frequent first."""
        return dict(self._reasons.most_common())

    @property
    def languages(self) -> dict[str, Counts]:
        """Counts by language."""
        return {language: _counts(counted) for language, counted in sorted(self._languages.items())}


def _counts(outcomes: Counter[Outcome]) -> Counts:
    return Counts(outcomes[Outcome.PASSED], outcomes[Outcome.FAILED], outcomes[Outcome.INVALID])


def result_of_run(
    run: Run, invalid_limit: float = MAX_INVALID_SHARE, line: float | None = None
) -> EvaluationResult:
    """What a run counts, and its verdict where there is a line. Raises TooLarge."""
    tally = Tally()
    for sample in run.samples:
        tally.add(sample)
    return EvaluationResult(
        task=run.task,
        tool=run.tool,
        tool_version=run.tool_version,
        model=run.model,
        model_digest=run.model_digest,
        report=run.log,
        counts=tally.counts,
        rate=tally.rate,
        invalid_limit=invalid_limit,
        reasons=tally.reasons,
        languages=tally.languages,
        line=line,
        verdict=None if line is None else verdict(tally.rate, tally.counts, line, invalid_limit),
        condition=run.condition,
    )
