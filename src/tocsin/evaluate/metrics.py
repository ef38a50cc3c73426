"""What Inspect shows beside a task of our own. Importing this imports Inspect."""

from inspect_ai.scorer import Metric, SampleScore, metric

from tocsin.kernel.evaluations import Outcome


@metric(name="failure_rate")
def failure_rate() -> Metric:
    """Failures among what could be judged; NaN where nothing could."""

    def rate(scores: list[SampleScore]) -> float:
        values = [score.score.value for score in scores]
        failed = values.count(Outcome.FAILED.value)
        counted = failed + values.count(Outcome.PASSED.value)
        return failed / counted if counted else float("nan")

    return rate


@metric(name="invalid_share")
def invalid_share() -> Metric:
    """What could not be judged, of all."""

    def share(scores: list[SampleScore]) -> float:
        values = [score.score.value for score in scores]
        return values.count(Outcome.INVALID.value) / len(values) if values else 1.0

    return share
