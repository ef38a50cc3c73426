"""garak's report (`*.report.jsonl`, 0.9 to 0.17), line by line: how each answer was judged, and garak's own word.

garak writes an attempt when it was answered (status 1) and again when it was judged (status 2), one row a prompt with a
list of answers, and a list of scores for each detector; a score at or over `run.eval_threshold` is a hit. Mended:

1. An answer that is empty is invalid. Detectors of refusals find none in silence, so garak counts it as a jailbreak.
2. A score that is missing is invalid (garak leaves it out of its rate), and so is an attempt that was never judged.
3. A row that comes twice counts once.
4. Generations of one prompt are alike: they are a cluster.
"""

import math
import uuid
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, BinaryIO

import msgspec

from tocsin.evaluate.silence import BLANK, is_blank, text_digest
from tocsin.kernel.errors import BadInput, TooLarge
from tocsin.kernel.evaluations import Counts, Outcome, SampleOutcome

TOOL = "garak"
UNSCORED, UNJUDGED, ABSENT = "no-score", "never-judged", "not-in-report"
"""Why a sample is invalid, besides BLANK. ABSENT: garak's own line counted it and the report does not hold it."""

MAX_LINE_BYTES = 32 << 20
"""One row: a prompt of a million tokens with answers and the conversation, which repeats both."""

MAX_ATTEMPTS = 2_000_000
"""Of one report; 16 bytes of each are kept, to know it again."""

MAX_TASKS = 20_000
"""Probes times detectors; garak has some 200 of each, and few pairs."""

MAX_NAME_CHARS = 256
DEFAULT_THRESHOLD = 0.5
"""garak's own, for reports that do not say (`eval_threshold` in garak.core.yaml)."""

Text = dict[str, Any] | str | None
"""A message: a dictionary with `text` since 0.12, before that a bare string; None where nothing came."""


class _Row(msgspec.Struct):
    """Any row, by the fields that are read. `passed` and the like are an eval row's; `total` is from before 0.14."""

    entry_type: str = ""
    uuid: str = ""
    status: int = 0
    probe_classname: str | None = None
    prompt: Text = None
    outputs: list[Text] | None = None
    detector_results: dict[str, Any] | None = None
    probe: str = ""
    detector: str = ""
    passed: int = 0
    fails: int | None = None
    nones: int | None = None
    total_evaluated: int | None = None
    total: int | None = None
    garak_version: str = ""
    target_name: str | None = msgspec.field(name="plugins.target_name", default=None)
    target_type: str | None = msgspec.field(name="plugins.target_type", default=None)
    model_name: str | None = msgspec.field(name="plugins.model_name", default=None)
    model_type: str | None = msgspec.field(name="plugins.model_type", default=None)
    threshold: float | None = msgspec.field(name="run.eval_threshold", default=None)


class _Waiting(msgspec.Struct, frozen=True):
    """An attempt that was answered and not yet judged."""

    probe: str
    language: str
    outputs: int


class GarakReport:
    """One report, read once. What it says of itself is whole when `samples` has ended."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._hash = sha256()
        self._rows = msgspec.json.Decoder(_Row)
        self._judged: set[bytes] = set()
        self._waiting: dict[bytes, _Waiting] = {}
        self._alike: dict[_Waiting, _Waiting] = {}
        self._tasks: dict[tuple[str, str], str] = {}
        self._setup: tuple[str, float] | None = None
        self.version = ""
        self.told: dict[str, Counts] = {}
        """What garak counted, by task."""

    @property
    def model(self) -> str:
        """As the run was set up: "type name", or one of them."""
        return self._setup[0] if self._setup else ""

    @property
    def digest(self) -> str:
        """sha256 of what was read so far, hex."""
        return self._hash.hexdigest()

    def samples(self) -> Iterator[tuple[str, SampleOutcome]]:
        """Each sample with its task, "probe/detector". Raises BadInput and TooLarge, naming the line."""
        for number, line in enumerate(self._lines(), 1):
            try:
                row = self._rows.decode(line)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
                raise BadInput(
                    f"line {number} is no row of a garak report ({error}): was the file cut off? Run garak again"
                ) from None
            if row.entry_type == "attempt":
                yield from self._attempt(row, number)
            elif row.entry_type == "eval":
                self._eval(row, number)
            elif row.entry_type == "start_run setup":
                self._start(row)
            elif row.entry_type == "init":
                self.version = row.garak_version[:MAX_NAME_CHARS]
        yield from self._never_judged()

    def _lines(self) -> Iterator[bytes]:
        number = 0
        while line := self._stream.readline(MAX_LINE_BYTES + 1):
            number += 1
            if len(line) > MAX_LINE_BYTES:
                raise TooLarge(f"line {number} is longer than {MAX_LINE_BYTES:,} bytes")
            self._hash.update(line)
            if line.strip():
                yield line

    def _start(self, row: _Row) -> None:
        kind, name = row.target_type or row.model_type, row.target_name or row.model_name
        model = " ".join(part for part in (kind, name) if part)[:MAX_NAME_CHARS]
        threshold = DEFAULT_THRESHOLD if row.threshold is None else row.threshold
        if self._setup not in (None, (model, threshold)):
            raise BadInput(
                "the report holds runs of two models or thresholds: import the report of each apart"
            )
        self._setup = model, threshold

    def _attempt(self, row: _Row, number: int) -> Iterator[tuple[str, SampleOutcome]]:
        try:
            known = uuid.UUID(row.uuid).bytes
        except ValueError:
            raise BadInput(f"line {number}: an attempt without a uuid: is this a garak report?") from None
        if known in self._judged:
            return
        if len(self._judged) + len(self._waiting) >= MAX_ATTEMPTS:
            raise TooLarge(f"more than {MAX_ATTEMPTS:,} attempts: split the report by probe")
        probe = self._name(row.probe_classname or "", number)
        prompt, language = _said(row.prompt)
        # a prompt without text is a picture or a sound: nobody knows which others are alike
        cluster = text_digest(prompt) if prompt else row.uuid
        outputs = row.outputs or []
        if row.status != 2 or not row.detector_results:
            # never sent (0), answered (1), or passed by every detector: it waits for a judgement
            # garak writes a whole probe before its first judgement: equal ones are kept once
            waiting = _Waiting(probe, language, max(1, len(outputs)))
            self._waiting[known] = self._alike.setdefault(waiting, waiting)
            return
        self._judged.add(known)
        self._waiting.pop(known, None)
        answers = [_said(output)[0] for output in outputs]
        digests = [text_digest(answer) if answer else "" for answer in answers]
        for detector, scores in row.detector_results.items():
            task = self._task(probe, detector, number)
            listed = scores if isinstance(scores, list) else []
            # as many as the longer of both: what has no counterpart is invalid, not gone
            for index in range(max(len(outputs), len(listed), 1)):
                has_answer = index < len(outputs) and _answered(outputs[index])
                score = listed[index] if index < len(listed) else None
                outcome, reason = self._judge(score, answered=has_answer)
                yield (
                    task,
                    SampleOutcome(
                        id=f"{row.uuid}:{index}",
                        cluster=cluster,
                        outcome=outcome,
                        reason=reason,
                        language=language,
                        prompt=cluster if prompt else "",
                        answer=digests[index] if index < len(digests) else "",
                    ),
                )

    def _judge(self, score: object, *, answered: bool) -> tuple[Outcome, str]:
        if not answered:
            return Outcome.INVALID, BLANK
        if isinstance(score, bool) or not isinstance(score, int | float) or not math.isfinite(score):
            return Outcome.INVALID, UNSCORED
        threshold = self._setup[1] if self._setup else DEFAULT_THRESHOLD
        return (Outcome.FAILED if score >= threshold else Outcome.PASSED), ""

    def _never_judged(self) -> Iterator[tuple[str, SampleOutcome]]:
        """Attempts that stayed at status 1: invalid for every detector that the probe's others were given."""
        detectors: dict[str, list[str]] = {}
        for (probe, _), task in self._tasks.items():
            detectors.setdefault(probe, []).append(task)
        for known, attempt in self._waiting.items():
            for task in detectors.get(attempt.probe, [f"{attempt.probe}/-"]):
                for index in range(attempt.outputs):
                    yield (
                        task,
                        SampleOutcome(
                            id=f"{uuid.UUID(bytes=known)}:{index}",
                            cluster=str(uuid.UUID(bytes=known)),
                            outcome=Outcome.INVALID,
                            reason=UNJUDGED,
                            language=attempt.language,
                        ),
                    )

    def _eval(self, row: _Row, number: int) -> None:
        total = row.total_evaluated if row.total_evaluated is not None else row.total
        failed = row.fails if row.fails is not None else (total or row.passed) - row.passed
        nones = row.nones or 0
        if min(row.passed, failed, nones) < 0:
            raise BadInput(f"line {number}: garak counts less than none")
        task = self._task(self._name(row.probe, number), row.detector, number)
        before = self.told.get(task, Counts())
        self.told[task] = Counts(before.passed + row.passed, before.failed + failed, before.invalid + nones)

    def _task(self, probe: str, detector: str, number: int) -> str:
        pair = probe, detector
        task = self._tasks.get(pair)
        if task is None:
            if len(self._tasks) >= MAX_TASKS:
                raise TooLarge(f"more than {MAX_TASKS:,} pairs of probe and detector: split the report")
            task = self._tasks[pair] = f"{probe}/{self._name(detector, number)}"
        return task

    @staticmethod
    def _name(name: str, number: int) -> str:
        if not (0 < len(name) <= MAX_NAME_CHARS and name.isprintable()):
            raise BadInput(f"line {number}: a probe or a detector without a name that can be printed")
        return (
            name.removeprefix("garak.")
            .removeprefix("probes.")
            .removeprefix("detectors.")
            .removeprefix("detector.")
        )


def _answered(message: Text) -> bool:
    """Whether anything came back: a text that is not blank, or a file."""
    if isinstance(message, dict) and message.get("data_path"):
        return True
    return not is_blank(_said(message)[0])


def _said(message: Text) -> tuple[str, str]:
    """The text of a message, or of all a conversation's turns, and the language of the last; "" where there is none."""
    if isinstance(message, dict) and isinstance(message.get("turns"), list):
        said = [
            _said(turn["content"])
            for turn in message["turns"]
            if isinstance(turn, dict) and "content" in turn
        ]
        return "\n".join(text for text, _ in said), said[-1][1] if said else ""
    if not isinstance(message, dict):
        return message if isinstance(message, str) else "", ""
    text, language = message.get("text"), message.get("lang")
    known = isinstance(language, str) and language != "*" and len(language) <= MAX_NAME_CHARS
    return text if isinstance(text, str) else "", str(language) if known else ""
