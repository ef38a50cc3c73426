"""The lines of evaluations as they stand today, and which attribute of the question each bears on.

Enters: evaluations and on whose word each is. Leaves: their lines with what each says now, as sources of the question.
Refuses: a review date that is none.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from tocsin.gate.whose import Word, word_of
from tocsin.gate.whose import counts as is_evidence
from tocsin.kernel import BadInput
from tocsin.kernel.evaluations import Evaluation, LineAnswer, LineVerdict
from tocsin.kernel.plans import Condition, Consequence

EXPIRED = "expired"
GRAVE = "domain.cbrn"
TAMPERED = frozenset({Condition.SAFEGUARDS_REMOVED, Condition.FINE_TUNED})


class Source(msgspec.Struct, frozen=True):
    """One piece of evidence behind an attribute. `at` is what it says there ("above", "found"...)."""

    evidence: str
    at: str
    values: Mapping[str, str | int | float] = {}


def lines_today(
    evaluations: Sequence[Evaluation], words: Mapping[str, Word], today: date
) -> list[tuple[Evaluation, LineAnswer, str]]:
    """Each line with what it says today, once for each evaluation in which it still says anything.

    *Above* stays, past its day too and whoever said it: the same bytes can do what they could. What is expired,
    inconclusive or invalid goes when a later evaluation by the same plan's name, signed and counting, answers the same
    line in force with as many samples or more.
    """
    kept = []
    later = [
        one for one in evaluations if is_evidence(words, one) and word_of(words, one) is not Word.UNSIGNED
    ]
    for evaluation in evaluations:
        past = day_of(evaluation.review_by) < today
        for line in evaluation.lines:
            if line.verdict is LineVerdict.ABOVE:
                kept.append((evaluation, line, line.verdict.value))
                continue
            unsure = line.verdict is not LineVerdict.BELOW
            replaced = (unsure or past) and any(_takes_place(o, evaluation, line, today) for o in later)
            if replaced or not is_evidence(words, evaluation):
                continue
            kept.append((evaluation, line, line.verdict.value if unsure or not past else EXPIRED))
    return kept


def _takes_place(other: Evaluation, of: Evaluation, line: LineAnswer, today: date) -> bool:
    return (
        other.at > of.at
        and other.name == of.name
        and day_of(other.review_by) >= today
        and any(
            one.line == line.line
            and one.task == line.task
            and one.limit <= line.limit
            and one.rate.counted >= line.rate.counted
            for one in other.lines
        )
    )


def as_red_lines_read(
    lines: Sequence[tuple[Evaluation, LineAnswer, str]], words: Mapping[str, Word]
) -> list[tuple[Evaluation, LineAnswer, str]]:
    """As red lines read them: what nobody signed shows none to be clear."""
    return [
        (one, line, Word.UNSIGNED if word_of(words, one) is Word.UNSIGNED else at) for one, line, at in lines
    ]


def part_of(evaluation: Evaluation, line: LineAnswer, at: str, *, in_force: bool) -> str:
    """The attribute that a line bears on.

    "tampered" where an evaluation in force finds it held as shipped and not in a changed state: whoever is never given
    the weights meets the model as it is shipped. Never so where being wrong cannot be undone.
    """
    if line.consequence == Consequence.BLOCK:
        return "catastrophic" if evaluation.catastrophic else "block"
    if line.consequence == Consequence.REVIEW:
        return "review"
    grave = evaluation.catastrophic or evaluation.domain == GRAVE
    changed = line.condition in TAMPERED and at != LineVerdict.BELOW.value
    if in_force and changed and not grave and line.as_shipped is LineVerdict.BELOW:
        return "tampered"
    return "restrict"  # a consequence that is not known restricts


def source_of(evaluation: Evaluation, line: LineAnswer, at: str, word: Word) -> Source:
    values: dict[str, str | int | float] = {
        "name": evaluation.name,
        "line": line.line,
        "task": line.task,
        "limit": line.limit,
        "low": line.rate.low,
        "high": line.rate.high,
        "counted": line.rate.counted,
        "condition": line.condition.value,
        "domain": evaluation.domain,
        "at": at,
        "word": word.value,
    }
    return Source(evaluation.id, at, values)


def day_of(text: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise BadInput(
            f"an evaluation's review date is {text[:20]!r}: give a day, such as 2027-05-01"
        ) from None
