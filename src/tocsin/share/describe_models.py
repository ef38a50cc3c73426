"""Evaluations and release decisions as records, and such records read: rates, never a prompt or an answer.

Enters: what this node measured or decided, and the words of the person who says it to peers. Leaves: STIX reports,
ready for the gate. Refuses: a model known by its name alone, a decision that is not in force.
"""

import re
from collections.abc import Collection
from datetime import UTC, date, datetime, time
from typing import Any

import msgspec

from tocsin.kernel import BadInput, EvidenceStatus, Record, micros
from tocsin.kernel.evaluations import Evaluation, LineAnswer
from tocsin.kernel.plans import Condition
from tocsin.kernel.release import ReleaseDecision, ReleaseState, Tier
from tocsin.share.describe_agreed import Speaker, checked
from tocsin.share.fields_agreed import DECIMALS
from tocsin.share.sightings import start_of_day
from tocsin.wire.stix import make_decision, make_evaluation, parse, read, timestamp
from tocsin.wire.stix.ids import own_id, type_of
from tocsin.wire.stix.kinds_model import (
    CONDITIONS,
    MAX_LINES,
    ModelEvaluationExtension,
    ReleaseDecisionExtension,
)

WORDS_OF: dict[Tier, tuple[str, str]] = {
    Tier.WITHHELD: ("withheld", "none"),
    Tier.RESTRICTED: ("restricted", "research"),
    Tier.STAGED_API: ("staged", "limited"),
    Tier.LIMITED: ("staged", "broad"),
    Tier.OPEN_WEIGHTS: ("open", "broad"),
}
"""A tier in the two words of the record: how far it goes out, and for whom."""

LEAST_APPROVALS = 2
_WORST_FIRST = ("crossed", "not-measured", "clear")
_hexadecimal = re.compile(r"[0-9a-f]{64}").fullmatch


class Reading(msgspec.Struct, frozen=True):
    """What the person who says an evaluation to peers adds to its numbers, in the words of the record."""

    method: str
    measure: str
    capability: str
    assessor: str
    basis: str
    signed_off: bool = False


def describe_evaluation(evaluation: Evaluation, reading: Reading, voice: Speaker) -> tuple[Record, ...]:
    """An evaluation as records: a report for each condition of which a line speaks. Raises BadInput."""
    conditions = sorted({answer.condition for answer in evaluation.lines})
    if not conditions:
        raise BadInput("the evaluation answers no line: there is no rate with an interval to say")
    found: list[Record] = []
    for condition in conditions:
        answers = [one for one in evaluation.lines if one.condition is condition]
        said = _evaluated(evaluation, reading, condition, answers)
        key = f"{evaluation.id}|{condition.value}"
        times = voice.times(own_id("report", voice.author, ModelEvaluationExtension.NAME, key))
        lines = {one.red_line for one in answers if type_of(one.red_line) == "course-of-action"}
        item = make_evaluation(key, said, author=voice.author, tlp=voice.tlp, lines=lines, **times)
        found += voice.records(item, ModelEvaluationExtension)
    return tuple({one.id: one for one in found}.values())


def describe_decision(
    decision: ReleaseDecision,
    voice: Speaker,
    *,
    basis: str,
    evaluations: Collection[str] = (),
) -> tuple[Record, ...]:
    """A decision in force as records, the report last, with where the model stood to each red line in force then.

    `evaluations` are ids of reports that it rests on. Lines of the base stay out, for they have no record; where there
    are more than a record takes, those that were crossed come first. What a record has no word for (grounds, overlays,
    who) stays here. Raises BadInput for a decision that is not in force, or that names no benefits.
    """
    if decision.state is not ReleaseState.IN_FORCE or len(decision.approvals) < LEAST_APPROVALS:
        raise BadInput(
            f"only a decision in force, with {LEAST_APPROVALS} approvals, is said to peers:"
            f" `tocsin model approve {decision.id[:12]}`"
        )
    if not decision.benefits:
        raise BadInput("peers are told what use is lost or kept by it: propose it with --benefits")
    goes, access = WORDS_OF[decision.tier]
    lines = [row for row in decision.red_lines.items() if type_of(row[0]) == "course-of-action"]
    lines = sorted(lines, key=lambda row: (_WORST_FIRST.index(row[1]), row[0]))[:MAX_LINES]
    said = checked(
        {
            "model": model_digest(decision.artefact),
            "decision": goes,
            "access": access,
            "conditions": sorted(set(decision.conditions) & set(CONDITIONS)),
            "red_lines": [{"line": line, "outcome": outcome} for line, outcome in sorted(lines)],
            "why_not_less": decision.why_not_less,
            "benefits": decision.benefits,
            "approvals": len(decision.approvals),
            "decided": timestamp(start_of_day(decision.at)),
            "review_by": _day(decision.review_by),
            "basis": basis,
        },
        ReleaseDecisionExtension,
    )
    times = voice.times(own_id("report", voice.author, ReleaseDecisionExtension.NAME, decision.id))
    item = make_decision(decision.id, said, author=voice.author, tlp=voice.tlp, rests_on=evaluations, **times)
    return voice.records(item, ReleaseDecisionExtension)


def evaluation_in(record: Record) -> ModelEvaluationExtension | None:
    """What a report says of a model; None for another report. Raises BadInput for a broken one."""
    return read(parse(record.stix), ModelEvaluationExtension)


def decision_in(record: Record) -> ReleaseDecisionExtension | None:
    """How far a report says that a model goes out; None for another report. Raises BadInput for a broken one."""
    return read(parse(record.stix), ReleaseDecisionExtension)


def model_digest(name: str) -> str:
    """A digest as records write it. Raises BadInput for a model that is known by its name alone."""
    digest = name.removeprefix("sha256:")
    if _hexadecimal(digest) is None:
        raise BadInput("the model is known by its name alone: peers are told of bytes, named by SHA-256")
    return f"sha256:{digest}"


def _evaluated(
    evaluation: Evaluation, reading: Reading, condition: Condition, answers: list[LineAnswer]
) -> ModelEvaluationExtension:
    return checked(
        {
            "model": model_digest(evaluation.model_digest),
            "protocol": f"sha256:{evaluation.plan}",
            "domain": evaluation.domain,
            "condition": condition.value,
            "method": reading.method,
            "results": [_result(one, reading.measure) for one in answers],
            "capability": reading.capability,
            "assessor": reading.assessor,
            "signed_off": reading.signed_off,
            "evaluated": timestamp(start_of_day(evaluation.at)),
            "review_by": _day(evaluation.review_by),
            "limits": evaluation.limits,
            "evidence_status": EvidenceStatus.TESTED.value,
            "basis": reading.basis,
        },
        ModelEvaluationExtension,
    )


def _result(answer: LineAnswer, measure: str) -> dict[str, Any]:
    rate = answer.rate
    return {
        "measure": measure,
        "rate": round(rate.share, DECIMALS),
        "lower": round(rate.low, DECIMALS),
        "upper": round(rate.high, DECIMALS),
        "trials": rate.counted,
        "baseline": "none",
    }


def _day(text: str) -> str:
    try:
        return timestamp(micros(datetime.combine(date.fromisoformat(text), time(), UTC)))
    except ValueError:
        raise BadInput(f"{text[:20]!r} is no date: write it as 2027-01-31") from None
