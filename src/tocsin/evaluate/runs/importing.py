"""An Inspect log as a result: counted anew, with a line and a verdict. Needs nothing of Inspect."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from tocsin.evaluate.importing import Report, refuse_unknown
from tocsin.evaluate.runs.logs import Header, opened_log
from tocsin.evaluate.runs.outcomes import (
    OWN_SCORER,
    TOOL,
    FailedWhen,
    LogReading,
    failed_when,
    task_of_log,
    written_by_us,
)
from tocsin.evaluate.statistics import MAX_INVALID_SHARE
from tocsin.evaluate.tally import Tally
from tocsin.kernel.errors import BadInput
from tocsin.kernel.evaluations import EvaluationResult


def import_inspect(
    file: Path,
    lines: Mapping[str, float] | None = None,
    *,
    rule: Mapping[str, str | float] | None = None,
    invalid_limit: float = MAX_INVALID_SHARE,
    model_digest: str = "",
) -> tuple[EvaluationResult, ...]:
    """The result of one log; a line names its task or "*". `rule` says which score is a failure.

    Raises BadInput for what is no log of Inspect, for a foreign scorer without a rule and for a line of another task;
    TooLarge.
    """
    given = dict(lines or {})
    tally = Tally()
    with opened_log(file) as log:
        header, failing = log.header, failed_when(rule or {})
        _require_rule(header, failing)
        for sample in LogReading(log, failing).samples():
            tally.add(sample)
        digest = log.digest
    task = task_of_log(header)
    refuse_unknown(given, [task])
    if not tally.counts.counted + tally.counts.invalid:
        raise BadInput(f"{file} holds no sample and does not say which there should be")
    report = Report(
        TOOL,
        header.eval.packages.get("inspect_ai", ""),
        digest,
        model_digest or written_by_us(header).model_digest,
        given,
        invalid_limit,
    )
    return (report.result(header.eval.model, task, tally),)


def _require_rule(header: Header, rule: FailedWhen | None) -> None:
    """A scorer of others says "C" or 0.7: only a person knows which is the failure."""
    names = list(_scorers(header))
    if rule is None and names and OWN_SCORER not in names:
        raise BadInput(
            f"the log's scorers ({', '.join(names)}) do not say what a failure is: --failed-when {names[0]}=C"
            f" or --failed-when '{names[0]}>=0.5'"
        )
    if rule is not None and rule.scorer and names and rule.scorer not in names:
        raise BadInput(f"the log has no scorer {rule.scorer}; there are {', '.join(names)}")


def _scorers(header: Header) -> Iterator[str]:
    for scorer in header.eval.scorers or ():
        yield scorer.name.rpartition("/")[2][:80]
