"""The fields that a rule may name, and where each is seen. What is not here is refused by name.

At the door an event has its text and attributes, and nothing that tells one account from another. In history it has
its pseudonyms and signals, and no text. So a rule is of one place; a temporal correlation joins rules of both.
"""

import re
from collections.abc import Mapping
from enum import StrEnum

import msgspec

from tocsin.kernel import BadInput, ObservableType

MAX_PATH_STEPS = 8
"""Steps of a path into attributes: they nest no deeper in practice, and each costs at every event."""

_STEP = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Place(StrEnum):
    """Where a field is seen."""

    DOOR = "door"
    HISTORY = "history"
    BOTH = "both"


class Field(msgspec.Struct, frozen=True):
    """A field by its name. `path` are the steps into attributes, or the one type of observables.

    `text`: its values are compared in the folded and genuine forms. `only_exists`: values are pseudonyms, which a rule
    cannot know, so that it may only ask whether there is one. `groups`: a correlation may group by it and count it.
    """

    name: str
    place: Place
    text: bool = False
    only_exists: bool = False
    groups: bool = False
    path: tuple[str, ...] = ()


_PLAIN: Mapping[str, Field] = {
    field.name: field
    for field in (
        Field("text", Place.DOOR, text=True),
        Field("text.folded", Place.DOOR, text=True),
        Field("text.genuine", Place.DOOR, text=True),
        *(Field(name, Place.BOTH, groups=True) for name in ("kind", "source", "model", "tool", "lang")),
        *(Field(name, Place.HISTORY, only_exists=True, groups=True) for name in ("actor", "session")),
        Field("signals.detector", Place.HISTORY),
        Field("signals.category", Place.HISTORY),
    )
}
NAMES = (*_PLAIN, "attributes.PATH", "observables.TYPE")
_TYPES = frozenset(ObservableType)


def field_of(name: str, rule: str) -> Field:
    """The field of this name. Raises BadInput, naming it and what may be named."""
    known = _PLAIN.get(name)
    if known is not None:
        return known
    head, _, rest = name.partition(".")
    if head == "observables" and rest in _TYPES:
        return Field(name, Place.HISTORY, only_exists=True, groups=True, path=(rest,))
    steps = tuple(rest.split("."))
    if head == "attributes" and len(steps) <= MAX_PATH_STEPS and all(map(_STEP.fullmatch, steps)):
        return Field(name, Place.DOOR, path=steps)
    raise BadInput(
        f"{rule}: there is no field {name[:64]!r} here; a rule may name {', '.join(NAMES)} (docs/rules.md)"
    )


def grouping_field(name: str, rule: str) -> Field:
    """A field that a correlation groups by or counts. Raises BadInput."""
    field = field_of(name, rule)
    if not field.groups:
        raise BadInput(
            f"{rule}: a correlation cannot group by or count {name!r}: it is not kept in history, or has many values;"
            " use actor, session, kind, source, model, tool, lang or observables.TYPE"
        )
    return field
