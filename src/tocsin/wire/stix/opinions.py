"""STIX opinions (2.1, 4.15): what somebody thinks of another's record, on the standard's scale of five."""

from typing import Literal, get_args

from tocsin.kernel import TLP, BadInput
from tocsin.wire.stix.canonical_form import canonical
from tocsin.wire.stix.ids import own_id, type_of
from tocsin.wire.stix.times import timestamp
from tocsin.wire.stix.tlp import marking_id

Opinion = Literal["strongly-disagree", "disagree", "neutral", "agree", "strongly-agree"]
OPINIONS: tuple[str, ...] = get_args(Opinion)
"""From no to yes."""

MAX_EXPLANATION_CHARS = 500

NOT_JUDGED = frozenset(
    {"identity", "marking-definition", "extension-definition", "language-content", "opinion"}
)
"""Nobody votes on who somebody is, on a rule, or on an opinion."""


def make_opinion(
    about: str, opinion: str, *, author: str, tlp: TLP, explanation: str, created: int, modified: int
) -> bytes:
    """An opinion in canonical bytes; one for each author and record, so that a change of mind is a new version.

    Raises BadInput for a value that is not on the scale, and for a record that is not judged.
    """
    kind = type_of(about)
    if opinion not in OPINIONS:
        raise BadInput(f"an opinion is one of: {', '.join(OPINIONS)}")
    if kind is None or kind in NOT_JUDGED:
        raise BadInput("opinions are about claims: not about people, organisations, markings or opinions")
    if len(explanation) > MAX_EXPLANATION_CHARS:
        raise BadInput(f"the explanation may have {MAX_EXPLANATION_CHARS} characters")
    said = {
        "type": "opinion",
        "spec_version": "2.1",
        "id": opinion_id(author, about),
        "created": timestamp(created),
        "modified": timestamp(modified),
        "created_by_ref": author,
        "object_marking_refs": [marking_id(tlp)],
        "opinion": opinion,
        "object_refs": [about],
    }
    return canonical(said | ({"explanation": explanation} if explanation else {}))


def opinion_id(author: str, about: str) -> str:
    """The id of an author's opinion on a record."""
    return own_id("opinion", author, about)
