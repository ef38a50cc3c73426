"""What may never be done with suspected material of child abuse: one table, asked by every room before it acts. Pure.

Enters: a case or an exhibit, and what somebody wants to do with it. Leaves: `Refused` with the reason to show, or None.
Refuses, whatever roles, policies or settings say: there is no way round it here, and no argument for one.

Having such material, showing it or passing it on is an offence in most places, for a reviewer too. So what may be such
is kept sealed as it came for the authority that is told (`taxonomy.child_material` says who that is).
"""

from enum import StrEnum
from typing import assert_never

import msgspec

from tocsin.kernel.cases import Case, CaseFlag
from tocsin.kernel.custody import Exhibit


class Use(StrEnum):
    """What a room may want to do with an exhibit or a case."""

    PREVIEW = "preview"
    THUMBNAIL = "thumbnail"
    """Blurred or grey ones too: a smaller picture is a picture."""
    COPY = "copy"
    TRANSLATE = "translate"
    """Any text or likeness made of it by a program."""
    HASH_EXCHANGE = "hash-exchange"
    """Its digest told to anybody, or taken from anybody to look for it."""
    MATCH = "match"
    """A likeness, perceptual or exact, with other exhibits or cases."""
    EXPORT = "export"
    JOINT = "joint"
    """A case opened to peers."""
    THEHIVE = "thehive"
    MISP = "misp"
    MODEL = "model"
    """Shown to a model, to train or to judge."""
    KEEP = "keep"
    """Sealed as it came, until the authority has it or the law's time is over."""
    HAND_OVER = "hand-over"
    """To the authority that the law names, by a person, by the way that authority gives: outside this program."""
    DESTROY = "destroy"


ALLOWED = frozenset({Use.KEEP, Use.HAND_OVER, Use.DESTROY})
"""Everything else is forbidden, and so is whatever is added to `Use` and not to this."""


class Refused(msgspec.Struct, frozen=True):
    """A use that is forbidden, and the sentence that says why and what to do."""

    use: Use
    reason: str


def quarantined(subject: Case | Exhibit) -> bool:
    """Whether a case or an exhibit is under this table."""
    return CaseFlag.CHILD_MATERIAL in subject.flags if isinstance(subject, Case) else subject.quarantined


def forbidden(subject: Case | Exhibit, use: Use) -> Refused | None:
    """Why a use may not be, or None. Ask of the case and of each exhibit: either is enough to forbid."""
    if use in ALLOWED or not quarantined(subject):
        return None
    return Refused(use, f"{_why(use)}: `tocsin case guidance` says who is told, and by which way")


def _why(use: Use) -> str:
    match use:
        case Use.PREVIEW | Use.THUMBNAIL:
            return "what may show the abuse of a child is not shown here, to anybody, in any size"
        case Use.COPY | Use.TRANSLATE | Use.EXPORT:
            return "what may show the abuse of a child is not copied: each copy harms the child again"
        case Use.HASH_EXCHANGE | Use.MATCH:
            return "nothing is matched against suspected material here: that is for the hotlines, who may hold it"
        case Use.JOINT | Use.THEHIVE | Use.MISP:
            return "a case with suspected material of child abuse is opened to no peer and to no other system"
        case Use.MODEL:
            return "no model is shown suspected material of child abuse"
        case Use.KEEP | Use.HAND_OVER | Use.DESTROY:
            return ""
        case _:  # pragma: no cover
            assert_never(use)
