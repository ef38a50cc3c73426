"""Precedent: a release decision that a person put into the register, for later ones to follow or to depart from."""

from enum import StrEnum

import msgspec


class Relation(StrEnum):
    """How a later decision stands to a precedent. Either is a person's word; neither decides anything."""

    FOLLOWS = "follows"
    DEPARTS = "departs"


class Precedent(msgspec.Struct, frozen=True):
    """`id` is the decision's. `facts` are the grounds that decided it, `rules` the rules they were read by.

    `reasoning` and `stands_for` are what a person wrote: why it came out so, and what it is a case of. It stays at this
    node. Times in microseconds.
    """

    id: str
    name: str
    artefact: str
    tier: str
    domain: str
    rules: tuple[str, ...]
    facts: tuple[str, ...]
    reasoning: str
    stands_for: str
    decided: int
    at: int
    by: str


class Citation(msgspec.Struct, frozen=True):
    """A later decision cites a precedent. `because` says why it departs, or in what the cases are alike."""

    decision: str
    precedent: str
    relation: Relation
    because: str
    at: int
    by: str


class CasePrecedent(msgspec.Struct, frozen=True, kw_only=True):
    """A decided case that a person put into the register. It holds no words of the case and no identifier of anybody.

    `reasoning` and `stands_for` are written for the register: they outlive the case's own words. Times in microseconds.
    """

    case: str
    category: str
    measures: tuple[str, ...]
    ground: str
    outcome: str
    reasoning: str
    stands_for: str
    decided: int
    at: int
    by: str
