"""The STIX objects that a node makes about models and about what was agreed on them. Times in microseconds since 1970.

Names and descriptions are of the closed set in `wording`; what a person wrote for peers stands in the extension.
"""

from collections.abc import Collection
from typing import Literal

from tocsin.kernel import TLP
from tocsin.wire.stix import wording
from tocsin.wire.stix.extensions import attach
from tocsin.wire.stix.ids import own_id
from tocsin.wire.stix.kinds_agreed import CommitmentExtension, RedLineStanceExtension, line_id
from tocsin.wire.stix.kinds_counts import NoisyCountExtension, count_note
from tocsin.wire.stix.kinds_joint import JointMessageExtension, message_note
from tocsin.wire.stix.kinds_model import ModelEvaluationExtension, RedLineExtension, ReleaseDecisionExtension
from tocsin.wire.stix.opinions import Opinion, opinion_id
from tocsin.wire.stix.sdo import CourseOfAction, Note, Report
from tocsin.wire.stix.sdo import Opinion as OpinionObject
from tocsin.wire.stix.times import timestamp
from tocsin.wire.stix.tlp import marking_id

OPINION_OF: dict[Literal["endorse", "object", "withdraw"], Opinion] = {
    "endorse": "strongly-agree",
    "object": "strongly-disagree",
    "withdraw": "neutral",
}
"""A stance on the standard's scale, for those who do not know the extension."""


def make_red_line(
    line: RedLineExtension, *, author: str, tlp: TLP, created: int, modified: int
) -> CourseOfAction:
    """A red line; its id is made of all it says, so that a word on it cannot come to stand under another."""
    return CourseOfAction(
        id=line_id(author, line),
        created=timestamp(created),
        modified=timestamp(modified),
        created_by_ref=author,
        object_marking_refs=[marking_id(tlp)],
        name=wording.red_line_name(line.subject),
        description=wording.RED_LINE,
        extensions=attach(line),
    )


def make_stance(
    about: str, stance: RedLineStanceExtension, *, author: str, tlp: TLP, created: int, modified: int
) -> OpinionObject:
    """A party's word on a red line; one for each party and line, so that a later word is a new version."""
    return OpinionObject(
        id=opinion_id(author, about),
        created=timestamp(created),
        modified=timestamp(modified),
        created_by_ref=author,
        object_marking_refs=[marking_id(tlp)],
        opinion=OPINION_OF[stance.stance],
        object_refs=[about],
        extensions=attach(stance),
    )


def make_evaluation(
    key: str,
    evaluation: ModelEvaluationExtension,
    *,
    author: str,
    tlp: TLP,
    lines: Collection[str],
    created: int,
    modified: int,
) -> Report:
    """What a model did in one evaluation. `key` singles it out at its author, `lines` are red lines that it answers."""
    return Report(
        id=own_id("report", author, "model-evaluation", key),
        created=timestamp(created),
        modified=timestamp(modified),
        created_by_ref=author,
        object_marking_refs=[marking_id(tlp)],
        name=wording.evaluation_name(evaluation.domain),
        description=wording.EVALUATION,
        published=timestamp(created),
        object_refs=sorted({author, *lines}),
        extensions=attach(evaluation),
    )


def make_decision(
    key: str,
    decision: ReleaseDecisionExtension,
    *,
    author: str,
    tlp: TLP,
    rests_on: Collection[str],
    created: int,
    modified: int,
) -> Report:
    """How far a model goes out. `rests_on` are evaluations and red lines, as STIX ids."""
    return Report(
        id=own_id("report", author, "release-decision", key),
        created=timestamp(created),
        modified=timestamp(modified),
        created_by_ref=author,
        object_marking_refs=[marking_id(tlp)],
        name=wording.decision_name(decision.decision),
        description=wording.DECISION,
        published=timestamp(created),
        object_refs=sorted({author, *rests_on, *(answer.line for answer in decision.red_lines)}),
        extensions=attach(decision),
    )


def make_commitment(
    key: str, commitment: CommitmentExtension, *, author: str, tlp: TLP, created: int, modified: int
) -> Note:
    """What an organisation says it does. `key` singles it out at its author: more evidence is a new version."""
    return Note(
        id=own_id("note", author, "commitment", key),
        created=timestamp(created),
        modified=timestamp(modified),
        created_by_ref=author,
        object_marking_refs=[marking_id(tlp)],
        content=wording.commitment_content(commitment.area),
        object_refs=[author],
        extensions=attach(commitment),
    )


def make_joint_message(message: JointMessageExtension, *, author: str, tlp: TLP, created: int) -> Note:
    """One message of a joint case. Its id is made of all it says: it has no second version."""
    return Note(
        id=message_note(author, message),
        created=timestamp(created),
        modified=timestamp(created),
        created_by_ref=author,
        object_marking_refs=[marking_id(tlp)],
        content=wording.joint_content(str(message.says.__struct_config__.tag)),
        object_refs=[author],
        extensions=attach(message),
    )


def make_count(count: NoisyCountExtension, *, author: str, tlp: TLP, created: int) -> Note:
    """A noisy count. Its id is made of its week and list: it is said once, and has no second version."""
    return Note(
        id=count_note(author, count.week, count.list_of),
        created=timestamp(created),
        modified=timestamp(created),
        created_by_ref=author,
        object_marking_refs=[marking_id(tlp)],
        content=wording.count_content(count.list_of),
        object_refs=[author],
        extensions=attach(count),
    )
