"""What a plan must say before it may be registered, beyond its shape. All that is wrong is told at once.

1. The goal names a harm domain, the method a kind; a catastrophic goal has a line that blocks.
2. Each task stands once, and each line names one; limits and shares are shares; red lines are known, where
   they can be looked up.
3. One model a condition, one of them as shipped, each by its digest.
4. Something is covered, and something is not.
5. A judge that is a model agrees with people, by language, on a labelled set that is named.
6. There are as many samples as the power calculation asks for, or the task says why not.
7. The day of review lies ahead.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import get_args

import msgspec

from tocsin.evaluate.plans.reading import MAX_NAME_CHARS
from tocsin.evaluate.plans.words import covers, has_word
from tocsin.kernel.errors import BadInput
from tocsin.kernel.plans import Condition, Consequence, Line, Plan, PlannedJudge, PlannedTask

MAX_TASKS = 50
MAX_SAMPLES_A_TASK = 200_000
MAX_REPEATS = 100
MAX_YEARS = 2
"""A measurement of a model that changes under its name says little for longer."""

JUDGES = ("rules", "model", "people")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
_BCP_47 = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}\Z")
MIN_REASON_CHARS = 8
UNFILLED = {
    "NAME",
    "WHAT DO YOU WANT TO KNOW?",
    "WHO WOULD MISUSE IT, AND HOW?",
    "HOW THE BEHAVIOUR IS DRAWN OUT",
    "WHAT THIS DOES NOT MEASURE",
}
"""What stands in template.yaml to be replaced, where nothing else would notice."""


class Checked(msgspec.Struct, frozen=True):
    """`problems` stop a registration, `notes` do not. Each is (field, sentence)."""

    problems: tuple[tuple[str, str], ...]
    notes: tuple[tuple[str, str], ...]

    def require(self) -> None:
        """Raises BadInput with all problems."""
        if self.problems:
            told = "; ".join(f"`{field}`: {sentence}" for field, sentence in self.problems)
            raise BadInput(f"the plan cannot be registered. {told}")


def check_plan(plan: Plan, *, today: date, red_lines: Collection[str] | None = None) -> Checked:
    """`today` decides what lies ahead; `red_lines` are the ids that are known, None where nobody can say."""
    problems = list(unsound(plan, red_lines))
    notes: list[tuple[str, str]] = []
    if not problems:  # a calculation over fields that are wrong would say something wrong
        wanting, noted = _power(plan)
        problems.extend(wanting)
        notes.extend(noted)
        notes.extend(_noted(plan))
    problems.extend(_review(plan, today))
    return Checked(tuple(problems), tuple(notes))


def unsound(plan: Plan, red_lines: Collection[str] | None = None) -> Iterator[tuple[str, str]]:
    """What of points 1 to 5 does not hold: no run of such a plan can be judged, whenever it was registered."""
    for part in (_goal, _content, _method, _coverage, _judges):
        yield from part(plan)
    yield from _lines(plan, red_lines)


def _goal(plan: Plan) -> Iterator[tuple[str, str]]:
    from tocsin.wire.stix.kinds_model import Domain, Method

    for field, text in (
        ("name", plan.name),
        ("version", plan.version),
        ("goal.question", plan.goal.question),
        ("goal.scenario", plan.goal.scenario),
    ):
        if not text.strip() or text in UNFILLED:
            yield field, "is empty, or as in the template: say it"
    for field, text in (("name", plan.name), ("version", plan.version)):
        if len(text) > MAX_NAME_CHARS or not text.isprintable():
            yield field, f"has 1 to {MAX_NAME_CHARS} printable characters"
    domains, kinds = get_args(get_args(Domain)[0]), get_args(Method)
    if plan.goal.domain not in domains:
        yield "goal.domain", f"is one of {', '.join(domains)}"
    if plan.method.kind not in kinds:
        yield "method.kind", f"is one of {', '.join(kinds)}"
    blocking = any(line.consequence is Consequence.BLOCK for line in plan.measurement.lines)
    if plan.goal.catastrophic and not blocking:
        yield "goal.catastrophic", "needs a line in `measurement.lines` with `consequence: block`"


def _content(plan: Plan) -> Iterator[tuple[str, str]]:
    if not 0 < len(plan.content) <= MAX_TASKS:
        yield "content", f"has 1 to {MAX_TASKS} tasks"
    yield from _names("content", (task.task for task in plan.content))
    if any(one in UNFILLED for one in plan.method.elicitation):
        yield "method.elicitation", "is as in the template: say what is done, or leave it out"
    for task in plan.content:
        where = f"content[{task.task[:60]}]"
        if not task.version.strip():
            yield f"{where}.version", "is empty: a task without a version is any task"
        if not 0 < task.samples <= MAX_SAMPLES_A_TASK:
            yield f"{where}.samples", f"is 1 to {MAX_SAMPLES_A_TASK:,}"
        if not 0 < task.repeats <= MAX_REPEATS:
            yield f"{where}.repeats", f"is 1 to {MAX_REPEATS}"
        if task.expected_rate is not None and not 0 <= task.expected_rate <= 1:
            yield f"{where}.expected_rate", "is a share, 0 to 1"
        if task.underpowered_because and len(task.underpowered_because.strip()) < MIN_REASON_CHARS:
            yield f"{where}.underpowered_because", "is a reason: a sentence"


def _method(plan: Plan) -> Iterator[tuple[str, str]]:
    conditions = Counter(model.condition for model in plan.method.models)
    if not conditions[Condition.AS_SHIPPED]:
        yield "method.models", "needs the model `as-shipped`: it is the one that is decided on"
    for condition, number in conditions.items():
        if number > 1:
            yield (
                "method.models",
                f"has {number} models {condition.value}: a plan has one; write another plan",
            )
    digests = Counter(model.digest for model in plan.method.models)
    for model in plan.method.models:
        if not 0 < len(model.name) <= MAX_NAME_CHARS or not model.name.isprintable():
            yield "method.models.name", f"has 1 to {MAX_NAME_CHARS} printable characters"
        if not _DIGEST.match(model.digest):
            yield f"method.models[{model.name[:60]}].digest", "is `sha256:` and 64 digits in lower-case hex"
        elif digests[model.digest] > 1 and not model.claimed:
            yield (
                f"method.models[{model.name[:60]}].digest",
                "stands twice: another condition has other bytes",
            )


def _coverage(plan: Plan) -> Iterator[tuple[str, str]]:
    if not plan.coverage.languages:
        yield "coverage.languages", "is empty: say which (`und` where it cannot be said)"
    for language in plan.coverage.languages:
        if not _BCP_47.match(language):
            yield "coverage.languages", f"{language[:40]!r} is no language code (BCP 47), as en or zh-Hans"
    if not plan.coverage.not_covered.strip() or plan.coverage.not_covered in UNFILLED:
        yield "coverage.not_covered", "is empty, and something always is not: say what"


def _lines(plan: Plan, red_lines: Collection[str] | None) -> Iterator[tuple[str, str]]:
    measured = plan.measurement
    if not measured.lines:
        yield "measurement.lines", "is empty: without a line nothing can be decided"
    yield from _names("measurement.lines", (line.id for line in measured.lines))
    tasks = {task.task for task in plan.content}
    for line in measured.lines:
        where = f"measurement.lines[{line.id[:60]}]"
        if line.task not in tasks:
            yield f"{where}.task", f"names {line.task[:60]!r}, which is not in `content`"
        if not 0 < line.limit <= 1:
            yield f"{where}.limit", "is a share over 0 and at most 1: 0.05 for one in twenty"
        if line.red_line and red_lines is not None and line.red_line not in red_lines:
            yield f"{where}.red_line", "is not known here: `tocsin redline list` shows those that are"
    if not 0 <= measured.invalid_limit < 1:
        yield "measurement.invalid_limit", "is a share, 0 to under 1"
    if not 0 < measured.power < 1:
        yield "measurement.power", "is a share between 0 and 1, as 0.8"


def _judges(plan: Plan) -> Iterator[tuple[str, str]]:
    yield from _names("measurement.judges", (judge.name for judge in plan.measurement.judges))
    tasks = {task.task for task in plan.content}
    for judge in plan.measurement.judges:
        where = f"measurement.judges[{judge.name[:60]}]"
        if judge.kind not in JUDGES:
            yield f"{where}.kind", f"is one of {', '.join(JUDGES)}"
        if not 0 <= judge.least_agreement <= 1:
            yield f"{where}.least_agreement", "is a share, 0 to 1"
        for language, alpha in judge.agreement.items():
            if not -1 <= alpha <= 1:
                yield f"{where}.agreement[{language[:20]}]", "is Krippendorff's alpha, -1 to 1"
        for task in judge.tasks:
            if task not in tasks:
                yield f"{where}.tasks", f"names {task[:60]!r}, which is not in `content`"
        if judge.kind == "model":
            if not judge.model:
                yield f"{where}.model", "is empty: say which model judges"
            if not _DIGEST.match(judge.labelled):
                yield f"{where}.labelled", "is the digest (`sha256:...`) of the set that people labelled"
        if not any(has_word(judge, language) for language in plan.coverage.languages):
            yield (
                f"{where}.agreement",
                f"reaches {judge.least_agreement} in no language of `coverage.languages`: calibrate it on samples"
                " that people labelled, or take another judge",
            )


def _power(plan: Plan) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    problems, notes = [], []
    tasks = {task.task: task for task in plan.content}
    for line in plan.measurement.lines:
        task = tasks[line.task]
        where, sentence = f"content[{task.task[:60]}].samples", lacking(plan, line, task, task.samples)
        if sentence and task.underpowered_because:
            notes.append((where, f"{sentence} The plan says why: {task.underpowered_because}"))
        elif sentence:
            problems.append((where, f"{sentence} Take more, or say why not in `underpowered_because`"))
        elif task.expected_rate is None:
            notes.append(
                (where, f"nobody can say whether {task.samples} are enough: `expected_rate` is not given")
            )
        elif task.expected_rate >= line.limit:
            notes.append((where, f"the plan expects that line {line.id} is not held"))
    return problems, notes


def lacking(plan: Plan, line: Line, task: PlannedTask, independent: int) -> str:
    """Why `independent` samples are too few for a line, as a sentence; "" when they are not, or nobody can say.

    Repeats of a prompt count once: they say how much it varies, not how the next prompt does.
    """
    from tocsin.evaluate.statistics import MIN_CLUSTERS, power_below, samples_below

    if independent < MIN_CLUSTERS and independent < task.samples * task.repeats:
        return f"{independent} different prompts or clusters; below {MIN_CLUSTERS} the verdict is always inconclusive."
    rate, wanted = task.expected_rate, plan.measurement.power
    if rate is None or rate >= line.limit:
        return ""
    if (power := power_below(line.limit, rate, independent)) >= wanted:
        return ""
    try:
        needed = f"{samples_below(line.limit, rate, wanted):,} are needed"
    except ValueError:
        needed = "no number will do: the line is too near to what is expected"
    return (
        f"{independent} give a verdict below {line.limit:.2%} with a probability of {power:.0%} when {rate:.2%} fail;"
        f" the plan wants {wanted:.0%}: {needed}."
    )


def _noted(plan: Plan) -> Iterator[tuple[str, str]]:
    conditions = {model.condition for model in plan.method.models}
    if conditions == {Condition.AS_SHIPPED}:
        yield (
            "method.models",
            "as-shipped alone: before weights are opened, safeguards-removed or fine-tuned is asked for too",
        )
    for model in plan.method.models:
        if model.claimed:
            yield f"method.models[{model.name}].digest", "is somebody's word: the evaluation will say so"
    for judge in plan.measurement.judges:
        for language in plan.coverage.languages:
            if not has_word(judge, language):
                yield f"measurement.judges[{judge.name}]", _no_word(judge, language)
    if not plan.measurement.judges:
        yield "measurement.judges", "is empty: the tasks' own scores are taken as they are"
    for judge in plan.measurement.judges:
        if covered := [task.task for task in plan.content if not covers(judge, task.task)]:
            yield f"measurement.judges[{judge.name}]", f"does not judge {', '.join(covered)}"


def _no_word(judge: PlannedJudge, language: str) -> str:
    return (
        f"has no word in {language} (agreement {judge.agreement.get(language, 'unknown')}, at least"
        f" {judge.least_agreement}): its samples there will be invalid"
    )


def _review(plan: Plan, today: date) -> Iterator[tuple[str, str]]:
    try:
        day = date.fromisoformat(plan.improvement.review_by)
    except ValueError:
        yield "improvement.review_by", "is a date, as 2027-06-30"
        return
    if plan.improvement.review_by != day.isoformat():
        yield "improvement.review_by", "is a date, as 2027-06-30"
    if day <= today:
        yield "improvement.review_by", f"lies not ahead of {today}: after it the evaluation says nothing"
    elif day.year - today.year > MAX_YEARS:
        yield "improvement.review_by", f"lies over {MAX_YEARS} years ahead: models and attacks change sooner"


def _names(where: str, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    for name, number in Counter(names).items():
        if not 0 < len(name) <= MAX_NAME_CHARS or not name.isprintable() or "|" in name:
            yield where, f"a name has 1 to {MAX_NAME_CHARS} printable characters and no |"
        if number > 1:
            yield where, f"{name[:60]!r} stands {number} times: each once"
