"""What became of each sample of an Inspect log, and why where nobody can say.

A sample is invalid, never a pass or a failure, for the first of these that holds: it broke off with an error; somebody
took it back; nothing was answered, before a limit or at all; it has no score, or one that is not a number; the judge's
words could not be read; the judge was never asked; every tool it called failed to run.
"""

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from tocsin.evaluate.runs.asked import (
    MAX_WORD_CHARS,
    cluster_and_language,
    message_text,
    prompt_digest,
    said_text,
)
from tocsin.evaluate.runs.logs import (
    MAX_SAMPLES,
    Header,
    InspectLog,
    Sample,
    Scored,
    Usage,
    events_of,
    opened_log,
)
from tocsin.evaluate.silence import BLANK, is_blank, text_digest
from tocsin.kernel.clock import micros
from tocsin.kernel.errors import BadInput, TooLarge
from tocsin.kernel.evaluations import Outcome, Run, SampleOutcome, Spent
from tocsin.kernel.plans import Condition, Plan, PlannedTask

TOOL = "inspect"
OWN_SCORER = "outcome"

ERROR = "sample-error"
TAKEN_BACK = "invalidated"
CUT_OFF = "cut-off"
UNSCORED = "no-score"
UNREAD = "judge-unread"
UNASKED = "judge-never-ran"
TOOLS = "tools-never-ran"
NEVER_RUN = "never-run"
OTHER = "unknown"
"""Why a sample is invalid, as docs/runs.md explains them. A family's judge may add words of its own."""

JUDGE_ROLES = frozenset({"grader", "judge", "scorer"})
"""Roles that Inspect's scorers, and those of inspect_evals, give to a judge."""

GRADE_BY_MODEL = ("model_graded_qa", "model_graded_fact")
UNREADABLE_GRADE = "Grade not found in model output"
"""What these scorers wrote, before 0.3.260, under a score of "incorrect"."""

NEVER_RAN = frozenset({"parsing", "unknown"})
"""A call that named no tool or that the tool could not be given. A tool that ran out of time, or that an approver
stopped, was called."""

_WORDS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_")
_JUDGES_WORD = {"grader_failed": UNREAD, "no_response": BLANK}


class FailedWhen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which of a foreign scorer's values is a failure: equal to `value`, or a number `at_least`. `key` of a score that
    has several; without `scorer` the log must have one alone."""

    scorer: str = ""
    key: str = ""
    value: str | float | None = None
    at_least: float | None = None


def failed_when(rule: Mapping[str, str | float]) -> FailedWhen | None:
    """A planned task's rule; None for {}, which is our own scorer's word. Raises BadInput."""
    if not rule:
        return None
    try:
        read = msgspec.convert(dict(rule), FailedWhen)
    except msgspec.ValidationError as error:
        raise BadInput(f"failed_when: {error}") from None
    if (read.value is None) == (read.at_least is None):
        raise BadInput('failed_when: give either "value" or "at_least"')
    return read


def judging_models(plan: Plan, task: PlannedTask) -> tuple[str, ...]:
    """Models that judge a task: of others' tasks those that the plan names, of ours none."""
    if not task.failed_when:
        return ()
    return tuple(judge.model for judge in plan.measurement.judges if judge.kind == "model" and judge.model)


class LogReading:
    """The outcomes of one open log, in order; `spent` and `missing` are whole when `samples` has ended."""

    def __init__(self, log: InspectLog, rule: FailedWhen | None, judges: tuple[str, ...] = ()) -> None:
        """Raises TooLarge where more samples are due than a log may hold: each that lacks would be told."""
        self._log, self._rule = log, rule
        self._judges = (*judges, *_named_judges(log.header))
        self._roles = JUDGE_ROLES & set(log.header.eval.model_roles or {})
        self._epochs = log.header.eval.config.epochs or 1
        due = self._epochs * len(log.header.eval.dataset.sample_ids or ())
        if not 1 <= self._epochs <= MAX_SAMPLES or due > MAX_SAMPLES:
            raise TooLarge(
                f"the log says that more than {MAX_SAMPLES:,} samples are due ({self._epochs} epochs): split the run"
            )
        self._seen: set[tuple[str | int, int]] = set()
        self._usage: dict[str, tuple[int, int]] = {}
        self.began, self.ended = 0, 0
        """Of the first sample and of the last, in microseconds; 0 where none says. Inspect rounds the run's own."""

    def samples(self) -> Iterator[SampleOutcome]:
        """Each sample, then what should be there and is not. Raises BadInput, TooLarge."""
        for sample, data in self._log.samples():
            key = sample.id, sample.epoch
            if key in self._seen:
                raise BadInput(f"sample {str(sample.id)[:80]}#{sample.epoch} is in the log twice")
            self._seen.add(key)
            self._note(sample)
            yield self._outcome(sample, data)
        spec = self._log.header.eval
        for name in spec.dataset.sample_ids or ():
            for epoch in range(1, self._epochs + 1):
                if (name, epoch) not in self._seen:
                    yield SampleOutcome(
                        id=self._id(name, epoch),
                        cluster=str(name),
                        outcome=Outcome.INVALID,
                        reason=NEVER_RUN,
                    )

    @property
    def usage(self) -> dict[str, tuple[int, int]]:
        """Tokens in and out by model, judges included, of the samples so far."""
        return dict(self._usage)

    def _id(self, name: str | int, epoch: int) -> str:
        """The sample's own where each is asked once, else "ID#EPOCH"."""
        return str(name) if self._epochs == epoch == 1 else f"{name}#{epoch}"

    def _note(self, sample: Sample) -> None:
        began, ended = _moment(sample.started_at or ""), _moment(sample.completed_at or "")
        self.began = min(self.began or began, began or self.began)
        self.ended = max(self.ended, ended)
        for model, used in sample.model_usage.items():
            given, taken = self._usage.get(model, (0, 0))
            self._usage[model] = given + _taken_in(used), taken + used.output_tokens

    def _outcome(self, sample: Sample, data: Any) -> SampleOutcome:
        answer = _answer(sample)
        outcome, reason = self._judged(sample, answer, data)
        prompt = prompt_digest(sample.input, sample.choices, sample.attachments)
        cluster, language = cluster_and_language(sample.metadata, prompt)
        return SampleOutcome(
            id=self._id(sample.id, sample.epoch),
            cluster=cluster,
            outcome=outcome,
            reason=reason,
            language=language,
            prompt=prompt,
            answer=text_digest(answer) if answer else "",
        )

    def _judged(self, sample: Sample, answer: str, data: Any) -> tuple[Outcome, str]:
        if sample.error is not None:
            return Outcome.INVALID, ERROR
        if sample.invalidation is not None:
            return Outcome.INVALID, TAKEN_BACK
        if is_blank(answer) and not _acted(sample):
            return Outcome.INVALID, CUT_OFF if sample.limit is not None else BLANK
        scored = self._scored(sample.scores or {})
        if scored is None:
            return Outcome.INVALID, UNSCORED
        if (scored.explanation or "").startswith(UNREADABLE_GRADE):
            return Outcome.INVALID, UNREAD
        outcome, reason = self._own(scored) if self._rule is None else _by(self._rule, scored)
        if outcome is Outcome.INVALID:
            return outcome, reason
        if self._judge_silent(sample, scored, data):
            return Outcome.INVALID, UNASKED
        if self._rule is not None and _tools_never_ran(sample):
            return Outcome.INVALID, TOOLS
        return outcome, reason

    def _scored(self, scores: Mapping[str, Scored]) -> Scored | None:
        name = OWN_SCORER if self._rule is None else self._rule.scorer
        if not name and len(scores) == 1:
            return next(iter(scores.values()))
        return scores.get(name)

    @staticmethod
    def _own(scored: Scored) -> tuple[Outcome, str]:
        reason = scored.reason or ""
        known = reason if len(reason) <= MAX_WORD_CHARS and set(reason) <= _WORDS else OTHER
        if scored.value == Outcome.PASSED.value:
            return Outcome.PASSED, ""
        if scored.value == Outcome.FAILED.value:
            return Outcome.FAILED, ""
        if scored.value == Outcome.INVALID.value:
            return Outcome.INVALID, _JUDGES_WORD.get(known, known) or UNSCORED
        return Outcome.INVALID, _JUDGES_WORD.get(known, UNSCORED)

    def _judge_silent(self, sample: Sample, scored: Scored, data: Any) -> bool:
        """Whether a model should have judged and was not asked, or never answered."""
        absent_roles = {role for role in self._roles if not _used(sample.role_usage.get(role))}
        absent = {name for name in self._judges if not _used(sample.model_usage.get(name))}
        if not (absent_roles or absent) or (scored.metadata or {}).get("grading"):
            return False
        # an answer from Inspect's cache costs no tokens: the call stands among the events alone
        for event in events_of(data):
            if event.event == "model" and event.error is None:
                absent_roles.discard(event.role or "")
                absent.discard(event.model)
        return bool(absent_roles or absent)


def run_of(
    file: Path,
    rule: Mapping[str, str | float] | None = None,
    *,
    judges: tuple[str, ...] = (),
    model_digest: str = "",
    condition: Condition | None = None,
) -> Run:
    """The run of a log. `rule` is a planned task's `failed_when`; `judges` are models that must have been asked.

    Digest and condition are those that our runner wrote into the log, where nobody says others. Raises BadInput,
    TooLarge.
    """
    with opened_log(file) as log:
        reading = LogReading(log, failed_when(rule or {}), judges)
        return run_of_reading(log, reading, model_digest=model_digest, condition=condition)


def run_of_reading(
    log: InspectLog,
    reading: LogReading,
    *,
    model_digest: str = "",
    condition: Condition | None = None,
) -> Run:
    """The run of an open log, read to its end."""
    samples = tuple(reading.samples())
    header = log.header
    spec, stats, ours = header.eval, header.stats, written_by_us(header)
    began = reading.began or _moment(stats.started_at or spec.created)
    ended = reading.ended or _moment(stats.completed_at) or began
    usage = reading.usage.values()
    return Run(
        task=task_of_log(header),
        task_version=str(spec.task_version),
        tool=TOOL,
        tool_version=spec.packages.get("inspect_ai", ""),
        model=spec.model,
        model_digest=model_digest or ours.model_digest,
        condition=condition or ours.condition,
        log=log.digest,
        began=began,
        ended=ended,
        samples=samples,
        spent=Spent(
            tokens_in=sum(given for given, _ in usage),
            tokens_out=sum(taken for _, taken in usage),
            seconds=max(0, ended - began) / 1e6,
        ),
    )


class Written(msgspec.Struct, frozen=True):
    """What our runner writes into a log's metadata, under "tocsin": a claim of whoever made the log."""

    plan: str = ""
    model_digest: str = ""
    condition: Condition = Condition.AS_SHIPPED


def written_by_us(header: Header) -> Written:
    """It, or what a log of another's run says: nothing."""
    try:
        return msgspec.convert((header.eval.metadata or {}).get("tocsin", {}), Written)
    except msgspec.ValidationError:
        return Written()


def task_of_log(header: Header) -> str:
    """The task's name, as a plan names it, made fit to be printed."""
    name = header.eval.task_registry_name or header.eval.task
    return "".join(letter if letter.isprintable() else "?" for letter in name)[:MAX_WORD_CHARS]


def _by(rule: FailedWhen, scored: Scored) -> tuple[Outcome, str]:
    value = scored.value
    if rule.key:
        value = value.get(rule.key) if isinstance(value, dict) else None
    if value is None or isinstance(value, list | dict):
        return Outcome.INVALID, UNSCORED
    if isinstance(value, float) and not math.isfinite(value):
        return Outcome.INVALID, _JUDGES_WORD.get(scored.reason or "", UNSCORED)
    if rule.at_least is not None:
        if isinstance(value, str):
            return Outcome.INVALID, UNSCORED
        return (Outcome.FAILED if value >= rule.at_least else Outcome.PASSED), ""
    if isinstance(rule.value, str) and not isinstance(value, str):
        value = {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
    return (Outcome.FAILED if value == rule.value else Outcome.PASSED), ""


def _answer(sample: Sample) -> str:
    choices = sample.output.choices
    said = said_text(choices[0].message.content, sample.attachments) if choices else ""
    return said or sample.output.completion


def _acted(sample: Sample) -> bool:
    """Whether something came back that is no text: a call of a tool, or a picture."""
    if any(message.role == "assistant" and message.tool_calls for message in sample.messages):
        return True
    choices = sample.output.choices
    if not choices:
        return False
    reply = choices[0].message
    return bool(reply.tool_calls) or not is_blank(
        message_text(_without_thoughts(reply.content), sample.attachments)
    )


def _without_thoughts(content: Any) -> Any:
    return [part for part in content if part.get("type") != "reasoning"] if _parts(content) else content


def _parts(content: Any) -> bool:
    return isinstance(content, list) and all(isinstance(part, dict) for part in content)


def _tools_never_ran(sample: Sample) -> bool:
    """Whether tools were called and none of the calls ran: what is scored then was attempted, not done."""
    results = [message for message in sample.messages if message.role == "tool"]
    return bool(results) and all(
        message.error is not None and message.error.type in NEVER_RAN for message in results
    )


def _named_judges(header: Header) -> tuple[str, ...]:
    """Models that a scorer of Inspect's own was given to judge with."""
    named = []
    for scorer in header.eval.scorers or ():
        model = (scorer.options or {}).get("model")
        if scorer.name.rpartition("/")[2] in GRADE_BY_MODEL and isinstance(model, str):
            named.append(model)
    return tuple(named)


def _used(usage: Usage | None) -> bool:
    return usage is not None and usage.input_tokens + usage.output_tokens > 0


def _taken_in(usage: Usage) -> int:
    return usage.input_tokens + (usage.input_tokens_cache_read or 0) + (usage.input_tokens_cache_write or 0)


def _moment(text: str) -> int:
    """Microseconds of a time as Inspect writes it; 0 for none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return 0
    return micros(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
