"""Another tool's report, as results of our own: counted anew, with lines and verdicts, beside what the tool says."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from tocsin.evaluate.garak import ABSENT, TOOL, UNJUDGED, GarakReport
from tocsin.evaluate.statistics import MAX_INVALID_SHARE, verdict
from tocsin.evaluate.tally import Tally
from tocsin.kernel.errors import BadInput
from tocsin.kernel.evaluations import EvaluationResult

EVERY = "*"
"""A line for each probe that has none of its own."""


def import_garak(
    file: Path,
    lines: Mapping[str, float] | None = None,
    *,
    invalid_limit: float = MAX_INVALID_SHARE,
    model_digest: str = "",
) -> tuple[EvaluationResult, ...]:
    """The results of a report, by task. `lines` name a probe, "probe/detector" or EVERY, and a rate of failures.

    Raises BadInput for what is no report of garak, and for a line whose probe the report does not hold; TooLarge.
    """
    given = dict(lines or {})
    tallies: dict[str, Tally] = {}
    try:
        with file.open("rb") as stream:
            report = GarakReport(stream)
            for task, sample in report.samples():
                tally = tallies.get(task)
                if tally is None:
                    tally = tallies[task] = Tally()
                tally.add(sample)
    except OSError as error:
        raise BadInput(f"cannot read {file}: {error.strerror}") from None
    for task, told in report.told.items():
        tally = tallies.setdefault(task, Tally())
        # garak's line speaks of judged attempts alone
        held = tally.counts.counted + tally.counts.invalid - tally.reasons.get(UNJUDGED, 0)
        lacking = told.counted + told.invalid - held
        if lacking > 0:
            tally.missing(lacking, ABSENT)
    if not tallies:
        raise BadInput(f"{file} holds no attempt: give the file that garak names *.report.jsonl")
    refuse_unknown(given, tallies)
    results = []
    for task, tally in sorted(tallies.items()):
        line = line_for(given, task)
        counts, found = tally.counts, tally.rate
        results.append(
            EvaluationResult(
                task=task,
                tool=TOOL,
                tool_version=report.version,
                model=report.model,
                model_digest=model_digest,
                report=report.digest,
                counts=counts,
                rate=found,
                invalid_limit=invalid_limit,
                reasons=tally.reasons,
                languages=tally.languages,
                told=report.told.get(task),
                line=line,
                verdict=None if line is None else verdict(found, counts, line, invalid_limit),
            )
        )
    return tuple(results)


def line_for(lines: Mapping[str, float], task: str) -> float | None:
    """A task's line: its own, that of what stands before its first slash, or EVERY's."""
    for name in (task, task.partition("/")[0], EVERY):
        if name in lines:
            return lines[name]
    return None


def refuse_unknown(lines: Mapping[str, float], tasks: Iterable[str]) -> None:
    """Raises BadInput for a line that no task answers: a gate that nothing passes through is no gate."""
    known = {name for task in tasks for name in (task, task.partition("/")[0])}
    for name in lines:
        if name != EVERY and name not in known:
            raise BadInput(f"no task {name} in the report; there are {', '.join(sorted(known)[:20])}")
