"""Another tool's report, as results of our own: counted anew, with lines and verdicts, beside what the tool says."""

from collections.abc import Iterable, Mapping
from hashlib import file_digest
from pathlib import Path
from typing import NamedTuple

from tocsin.evaluate.garak import ABSENT, TOOL, UNJUDGED, GarakReport
from tocsin.evaluate.pyrit import TOOL as PYRIT
from tocsin.evaluate.pyrit import PyritResults
from tocsin.evaluate.statistics import MAX_INVALID_SHARE, verdict
from tocsin.evaluate.tally import Tally
from tocsin.kernel.errors import BadInput
from tocsin.kernel.evaluations import Counts, EvaluationResult
from tocsin.store.pyrit import PyritDatabase

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
    report_of = Report(TOOL, report.version, report.digest, model_digest, given, invalid_limit)
    return tuple(
        report_of.result(report.model, task, tally, report.told.get(task))
        for task, tally in sorted(tallies.items())
    )


def import_pyrit(
    file: Path,
    lines: Mapping[str, float] | None = None,
    *,
    invalid_limit: float = MAX_INVALID_SHARE,
    model_digest: str = "",
) -> tuple[EvaluationResult, ...]:
    """The results of PyRIT's database, by model and task. `lines` name an attack, "attack/scorer" or EVERY.

    Raises BadInput for what is no database of a PyRIT that is known, and for a line without its attack; TooLarge.
    """
    given = dict(lines or {})
    tallies: dict[tuple[str, str], Tally] = {}
    try:
        with file.open("rb") as stream:
            digest = file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise BadInput(f"cannot read {file}: {error.strerror}") from None
    with PyritDatabase(file) as database:
        results = PyritResults(database)
        for key, sample in results.samples():
            tally = tallies.get(key)
            if tally is None:
                tally = tallies[key] = Tally()
            tally.add(sample)
    if not tallies:
        raise BadInput(f"{file} holds no attack: PyRIT keeps those of its executors, not single prompts")
    refuse_unknown(given, [task for _, task in tallies])
    report_of = Report(PYRIT, results.version, digest, model_digest, given, invalid_limit)
    told = results.told
    return tuple(
        report_of.result(model, task, tally, told[model, task])
        for (model, task), tally in sorted(tallies.items())
    )


class Report(NamedTuple):
    """What all results of a report share. `report` is its sha256, hex."""

    tool: str
    version: str
    report: str
    model_digest: str
    lines: Mapping[str, float]
    invalid_limit: float

    def result(self, model: str, task: str, tally: Tally, told: Counts | None = None) -> EvaluationResult:
        line = line_for(self.lines, task)
        counts, found = tally.counts, tally.rate
        return EvaluationResult(
            task=task,
            tool=self.tool,
            tool_version=self.version,
            model=model,
            model_digest=self.model_digest,
            report=self.report,
            counts=counts,
            rate=found,
            invalid_limit=self.invalid_limit,
            reasons=tally.reasons,
            languages=tally.languages,
            told=told,
            line=line,
            verdict=None if line is None else verdict(found, counts, line, self.invalid_limit),
        )


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
