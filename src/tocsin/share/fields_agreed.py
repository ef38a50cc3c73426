"""What of our kinds about models and agreements may leave: red lines, words on them, evaluations, commitments ...

Each extension is closed by its own schema. Beyond that, moments are days, rates have four decimals, and the object
says the same as its extension: a name, an opinion or an id could otherwise say something of its own.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from tocsin.kernel.counts import CountList
from tocsin.kernel.joint_cases import Invitation, Task
from tocsin.share.shapes import Shape, day, text
from tocsin.taxonomy import category
from tocsin.taxonomy.counted import cells
from tocsin.wire.stix import wording
from tocsin.wire.stix.builders_agreed import OPINION_OF
from tocsin.wire.stix.extensions import MAX_STATEMENT_CHARS, Extension, extension_id
from tocsin.wire.stix.ids import type_of
from tocsin.wire.stix.kinds import MODEL_KINDS
from tocsin.wire.stix.kinds_agreed import CommitmentExtension, RedLineStanceExtension, line_id
from tocsin.wire.stix.kinds_counts import NoisyCountExtension, count_note
from tocsin.wire.stix.kinds_joint import JointMessageExtension, case_digest, message_note
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


FREE_OF_JOINT = frozenset(
    {"basis", "purpose", "reason", "result", "statement", "title", "what", "would_decide"}
)
"""The same of a message of a joint case, by name of property."""


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


def joint_message(value: Any) -> str | None:
    """A message of a joint case: closed by its schema, its free texts plain, its conduct on the closed list."""
    try:
        held = msgspec.convert(value, JointMessageExtension)
    except msgspec.ValidationError:
        return ""
    if msgspec.to_builtins(held) != value:
        return ""
    if not all(map(_is_plain, _free(value["says"]))):
        return "says"
    if isinstance(held.says, Invitation):
        if category(held.says.category) is None or day(held.says.until) is not None:
            return "says"
        return None if held.case == case_digest(held.says, held.parties) else "case"
    return None if not isinstance(held.says, Task) or day(held.says.due) is None else "says"


def noisy_count(value: Any) -> str | None:
    """A noisy count: every cell of its list in order, and what it says of its noise agrees with itself."""
    try:
        held = msgspec.convert(value, NoisyCountExtension)
    except msgspec.ValidationError:
        return ""
    if msgspec.to_builtins(held) != value or _finer(value):
        return ""
    return None if tuple(one.of for one in held.counts) == cells(CountList(held.list_of)) else "counts"


SHAPES: Mapping[str, Shape] = {
    **{extension_id(kind): agreed(kind) for kind in MODEL_KINDS},
    extension_id(JointMessageExtension): joint_message,
    extension_id(NoisyCountExtension): noisy_count,
}


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
    """A note holds a commitment of its own author, a message of a joint case or a noisy count, and says which."""
    if value["object_refs"] != [value["created_by_ref"]]:
        return "object_refs"
    commitment, message = held_in(value, CommitmentExtension), held_in(value, JointMessageExtension)
    count = held_in(value, NoisyCountExtension)
    if sum(one is not None for one in (commitment, message, count)) != 1:
        return "extensions"
    if commitment is not None:
        return None if value["content"] == wording.commitment_content(commitment["area"]) else "content"
    if count is not None:
        if value["content"] != wording.count_content(count["list_of"]):
            return "content"
        made = count_note(value["created_by_ref"], count["week"], count["list_of"])
        return None if value["id"] == made else "id"
    if value["content"] != wording.joint_content(message["says"]["kind"]):
        return "content"
    said = msgspec.convert(message, JointMessageExtension)
    return None if value["id"] == message_note(value["created_by_ref"], said) else "id"


def among_parties(value: Any, kind: str, party: str) -> bool:
    """Whether a party may have an object of this kind: what is between named parties goes to them alone."""
    if kind == RedLineExtension.NAME:
        line = held_in(value, RedLineExtension)
        return line.get("scope", "open") == "open" or party in (line.get("parties") or ())
    if kind == JointMessageExtension.NAME:
        return bool(party) and party in (held_in(value, JointMessageExtension).get("told") or ())
    return True


def _finer(value: Any) -> bool:
    """Whether a number in it, at any depth, has more decimals than may leave."""
    if isinstance(value, dict):
        return any(map(_finer, value.values()))
    if isinstance(value, list):
        return any(map(_finer, value))
    return isinstance(value, float) and round(value, DECIMALS) != value


def _free(says: Any) -> Iterator[str]:
    """What a person wrote in a message, at any depth."""
    if isinstance(says, list):
        for one in says:
            yield from _free(one)
    elif isinstance(says, dict):
        for name, inner in says.items():
            if name in FREE_OF_JOINT:
                yield inner
            else:
                yield from _free(inner)


def _is_plain(said: str) -> bool:
    return _plain(said) is None


_plain = text(MAX_STATEMENT_CHARS)
