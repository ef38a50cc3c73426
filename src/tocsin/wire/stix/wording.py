"""Every name and sentence that a node's own records carry: a closed set, so that no text of a user can be in one.

What a person writes (a basis, a reason, a node's name) has a place of its own; nothing else is free.
"""

from functools import cache

from tocsin.kernel.counts import CountList
from tocsin.taxonomy import categories, category
from tocsin.wire.stix.kinds_agreed import AREAS
from tocsin.wire.stix.kinds_joint import SAYS
from tocsin.wire.stix.kinds_model import DECISIONS, DOMAINS, SUBJECTS

IDENTITY = "A Tocsin node."
CAMPAIGN = "Coordinated accounts repeating near-duplicates of one text."
INDICATOR = "Near-duplicates of one text by coordinated accounts. A match alone flags nobody."
RULE = "A detection rule. What it finds stays with who runs it; a person looks at it before it warns."
DISMISSAL_NAME = "Harmless template"
DISMISSAL = "A reviewer found this template harmless."
RED_LINE = "A measurable line that was fixed beforehand; a model that crosses it does not go out."
EVALUATION = "What a model did in one evaluation. Model and test set are named by digest; neither is here."
DECISION = "How far a model goes out, and why no less will do."
REPORT = "Confirmed by a reviewer."
REPORT_TOO_SHORT = f"{REPORT} The text is too short for its fingerprint to be shared: it could be guessed."


def campaign_name(category_id: str) -> str:
    """What a campaign of this conduct is called."""
    return f"{_label(category_id)}: coordinated accounts"


def indicator_name(category_id: str) -> str:
    """What a fingerprint of this conduct is called."""
    return f"Fingerprint of a text: {category_id}"


def rule_name(category_id: str) -> str:
    """What a rule against this conduct is called; its own title stands in the rule."""
    return f"Sigma rule: {category_id}"


def report_name(category_id: str) -> str:
    """What a report of this conduct is called."""
    return f"Confirmed: {_label(category_id)}"


def red_line_name(subject: str) -> str:
    """What a red line on this subject is called; its own title stands in the extension."""
    return f"Red line: {subject}"


def evaluation_name(domain: str) -> str:
    """What a report on an evaluation for misuse in this harm domain is called."""
    return f"Model evaluation: {domain}"


def decision_name(decision: str) -> str:
    """What a report on this release decision is called."""
    return f"Release decision: {decision}"


def commitment_content(area: str) -> str:
    """What a note that holds a commitment in this area says."""
    return f"Commitment: {area}"


def joint_content(kind: str) -> str:
    """What a note that holds a message of a joint case says."""
    return f"Joint case: {kind}"


def count_content(which: str) -> str:
    """What a note that holds a noisy count of this list says."""
    return f"Noisy count: {which}"


@cache
def campaign_names() -> frozenset[str]:
    return frozenset(campaign_name(entry.id) for entry in categories())


@cache
def indicator_names() -> frozenset[str]:
    named = (name(entry.id) for name in (indicator_name, rule_name) for entry in categories())
    return frozenset((*named, DISMISSAL_NAME))


@cache
def report_names() -> frozenset[str]:
    return frozenset(report_name(entry.id) for entry in categories())


@cache
def red_line_names() -> frozenset[str]:
    return frozenset(map(red_line_name, SUBJECTS))


@cache
def model_report_names() -> frozenset[str]:
    return frozenset((*map(evaluation_name, DOMAINS), *map(decision_name, DECISIONS)))


@cache
def commitment_contents() -> frozenset[str]:
    return frozenset(map(commitment_content, AREAS))


@cache
def joint_contents() -> frozenset[str]:
    return frozenset(map(joint_content, SAYS))


@cache
def count_contents() -> frozenset[str]:
    return frozenset(count_content(which.value) for which in CountList)


def _label(category_id: str) -> str:
    listed = category(category_id)
    return listed.en if listed else category_id
