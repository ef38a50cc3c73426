"""Where a model stands to a red line: clear, crossed, or not measured as it was agreed."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import msgspec

from tocsin.kernel import micros
from tocsin.kernel.evaluations import Evaluation, LineAnswer, LineVerdict
from tocsin.kernel.red_lines import RedLine

BEARS_FROM = 1e25
"""Training operations from which every red line bears on a model, measured domain or not: the lowest threshold that
any law read so far presumes general capability from (EU AI Act, Art. 51)."""


class RedLineAnswer(msgspec.Struct, frozen=True):
    """`bears` says whether it holds anything back: the register grows, and a weather model owes it no CBRN study.

    `untested`: it concerns the model, and nobody agreed on a test yet. It is shown, and nothing stands or falls by it
    until it is crossed: what nobody can show cannot be asked of anybody.
    """

    id: str
    domain: str
    outcome: str
    bears: bool
    values: Mapping[str, str | int | float] = {}
    untested: bool = False


def standing(line: RedLine, now: datetime) -> bool:
    """Whether it is in force. One past its review day stays: a line does not lapse by being forgotten."""
    return line.in_force <= micros(now)


def answer(
    line: RedLine,
    lines: Sequence[tuple[Evaluation, LineAnswer, str]],
    *,
    domains: Collection[str],
    compute: float | None,
) -> RedLineAnswer:
    """The worst that any evaluation says. Crossed: the lower bound is at or over the threshold, whatever measured it.

    Clear: the upper bound is under it, by the protocol that was agreed (a plan, a registration, or the test set of the
    task), in its condition, with enough clusters.
    `lines` are those that say something today, with what. It bears on a model that answered it, whose evaluations or
    context touch its domain (`domains`), or that was trained with BEARS_FROM operations or more.
    """
    said = [(evaluation, one, at) for evaluation, one, at in lines if one.red_line == line.id]
    concerns = bool(said) or line.domain in domains or (compute is not None and compute >= BEARS_FROM)
    values: dict[str, str | int | float] = {
        "title": line.title,
        "threshold": line.threshold,
        "evidence": line.evidence,
    }
    if any(_crossed(line, one) for _, one, _ in said):
        outcome = "crossed"
    elif said and all(_clear(line, evaluation, one, at) for evaluation, one, at in said):
        outcome = "clear"
    else:
        outcome = "not-measured"
    untested = concerns and not line.protocol and outcome == "not-measured"
    return RedLineAnswer(line.id, line.domain, outcome, concerns and not untested, values, untested)


def _crossed(line: RedLine, one: LineAnswer) -> bool:
    """The plan's own line may be stricter than the red line, so its verdict does not say it."""
    judged = one.verdict is not LineVerdict.INVALID and one.rate.enough
    return judged and one.rate.low >= line.threshold


def _clear(line: RedLine, evaluation: Evaluation, one: LineAnswer, at: str) -> bool:
    # the test set of the task that answered, not of another one in the same plan
    protocols = {evaluation.plan, evaluation.registration, evaluation.tests.get(one.task, "")}
    return (
        at == LineVerdict.BELOW.value
        and one.rate.enough
        and one.rate.high < line.threshold
        and _hex(line.protocol) in {_hex(protocol) for protocol in protocols} - {""}
        and line.condition in {condition.value for condition, _ in evaluation.measured}
    )


def _hex(digest: str) -> str:
    return digest.removeprefix("sha256:")
