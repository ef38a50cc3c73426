"""What of our kinds about models may leave: red lines, words on them, evaluations, decisions, commitments.

Each extension is closed by its own schema. Beyond that, moments are days, rates have four decimals, and the object
says the same as its extension: a name, an opinion or an id could otherwise say something of its own.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from tocsin.share.shapes import Shape, day, text
from tocsin.wire.stix import wording
from tocsin.wire.stix.builders_agreed import OPINION_OF
from tocsin.wire.stix.extensions import MAX_STATEMENT_CHARS, Extension, extension_id
from tocsin.wire.stix.ids import type_of
from tocsin.wire.stix.kinds import MODEL_KINDS
from tocsin.wire.stix.kinds_agreed import CommitmentExtension, RedLineStanceExtension, line_id
from tocsin.wire.stix.kinds_model import ModelEvaluationExtension, RedLineExtension, ReleaseDecisionExtension

DECIMALS = 4
"""Of a rate: more than any sample size here tells apart, and no room for anything else."""

FREE: Mapping[type[Extension], tuple[str, ...]] = {
    CommitmentExtension: ("practice", "evidence"),
    ModelEvaluationExtension: ("limits", "basis"),
    RedLineExtension: ("title", "statement", "evidence_needed", "basis"),
    RedLineStanceExtension: ("reason",),
    ReleaseDecisionExtension: ("why_not_less", "benefits", "basis"),
}
"""What a person wrote for peers."""

DAYS: Mapping[type[Extension], tuple[str, ...]] = {
    CommitmentExtension: ("since", "review_by"),
    ModelEvaluationExtension: ("evaluated", "review_by"),
    RedLineExtension: ("in_force", "review_by"),
    RedLineStanceExtension: (),
    ReleaseDecisionExtension: ("decided", "review_by"),
}


def agreed(kind: type[Extension]) -> Shape:
    """One of MODEL_KINDS, as it may leave."""
    plain = text(MAX_STATEMENT_CHARS)

    def fits(value: Any) -> str | None:
        try:
            held = msgspec.convert(value, kind)
        except msgspec.ValidationError:
            return ""
        if msgspec.to_builtins(held) != value:  # what the schema fills in is said, as a number or a flag is
            return ""
        for name in FREE[kind]:
            if name in value and plain(value[name]) is not None:
                return name
        for name in DAYS[kind]:
            if day(value[name]) is not None:
                return name
        return "" if _finer(value) else None

    return fits


SHAPES: Mapping[str, Shape] = {extension_id(kind): agreed(kind) for kind in MODEL_KINDS}


def held_in(value: Any, kind: type[Extension]) -> Any:
    """The extension as its object holds it; None where there is none."""
    return value.get("extensions", {}).get(extension_id(kind))


def red_line_fits(value: Any) -> str | None:
    """Its name is of its subject, and its id is made of what it says."""
    line = msgspec.convert(held_in(value, RedLineExtension), RedLineExtension)
    if value.get("name") != wording.red_line_name(line.subject):
        return "name"
    return None if value["id"] == line_id(value["created_by_ref"], line) else "id"


def opinion_fits(value: Any) -> str | None:
    """An opinion with a stance is about a red line, and says on the scale what the stance says."""
    stance = held_in(value, RedLineStanceExtension)
    if stance is None:
        return None
    if type_of(value["object_refs"][0]) != "course-of-action":
        return "object_refs"
    return None if value["opinion"] == OPINION_OF[stance["stance"]] else "opinion"


def report_fits(value: Any) -> str | None:
    """A report of a confirmed warning has none of our extensions; another has one, and is named after it."""
    evaluation = held_in(value, ModelEvaluationExtension)
    decision = held_in(value, ReleaseDecisionExtension)
    if evaluation is not None and decision is not None:
        return "extensions"
    if evaluation is None and decision is None:
        return None if value["name"] in wording.report_names() else "name"
    if evaluation is not None:
        name, says = wording.evaluation_name(evaluation["domain"]), wording.EVALUATION
    else:
        name, says = wording.decision_name(decision["decision"]), wording.DECISION
    if value["name"] != name or "report_types" in value:
        return "name"
    return None if value.get("description", says) == says else "description"


def note_fits(value: Any) -> str | None:
    """A note holds a commitment of its own author, and says of which area."""
    if value["object_refs"] != [value["created_by_ref"]]:
        return "object_refs"
    area = held_in(value, CommitmentExtension)["area"]
    return None if value["content"] == wording.commitment_content(area) else "content"


def _finer(value: Any) -> bool:
    """Whether a number in it, at any depth, has more decimals than may leave."""
    if isinstance(value, dict):
        return any(map(_finer, value.values()))
    if isinstance(value, list):
        return any(map(_finer, value))
    return isinstance(value, float) and round(value, DECIMALS) != value
