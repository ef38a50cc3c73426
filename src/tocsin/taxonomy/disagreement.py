"""Where two regimes disagree: computed from their crosswalks with ours, never written by hand.

Two schemes cannot be compared directly, for they share no ids. What is compared is how each answers to the same
concept of ours: whether at all, how nearly, and whether it tells apart what the other lumps together.
"""

from enum import StrEnum

import msgspec

from tocsin.kernel import BadInput
from tocsin.taxonomy.crosswalks import Match, Relation, Scheme
from tocsin.taxonomy.vocabulary import Vocabulary


class Kind(StrEnum):
    """Why a concept is in the list."""

    ONLY_FIRST = "only-first"
    """The first covers it, the second does not."""
    ONLY_SECOND = "only-second"
    BREADTH = "breadth"
    """Both cover it, but the nearest relation is not the same: one is broader, narrower or merely related."""


class Difference(msgspec.Struct, frozen=True):
    """One concept on which two schemes differ. `why` is the reason of the one that does not cover it."""

    concept: str
    kind: Kind
    first: tuple[Match, ...]
    second: tuple[Match, ...]
    why: str = ""


class Lumped(msgspec.Struct, frozen=True):
    """Concepts that `scheme` has under one term and the other scheme under separate ones."""

    scheme: str
    term: str
    concepts: tuple[str, ...]


class Disagreement(msgspec.Struct, frozen=True):
    """The whole comparison; every concept of ours is in exactly one of `same`, `neither` and `differences`."""

    first: str
    second: str
    same: tuple[str, ...]
    neither: tuple[str, ...]
    differences: tuple[Difference, ...]
    lumped: tuple[Lumped, ...]


def disagreement(first: Scheme, second: Scheme, words: Vocabulary) -> Disagreement:
    """Compare two schemes concept by concept, in the vocabulary's order. Raises BadInput for one with itself."""
    if first.id == second.id:
        raise BadInput(f"{first.id} does not disagree with itself; name two schemes")
    same: list[str] = []
    neither: list[str] = []
    differences: list[Difference] = []
    for concept in words.concepts:
        ours = concept.id
        here, there = first.of(ours), second.of(ours)
        if not here and not there:
            neither.append(ours)
        elif not there:
            differences.append(Difference(ours, Kind.ONLY_FIRST, here, there, second.why_gap(ours)))
        elif not here:
            differences.append(Difference(ours, Kind.ONLY_SECOND, here, there, first.why_gap(ours)))
        elif nearest(here) != nearest(there):
            differences.append(Difference(ours, Kind.BREADTH, here, there))
        else:
            same.append(ours)
    lumped = (*_lumped(first, second, words), *_lumped(second, first, words))
    return Disagreement(first.id, second.id, tuple(same), tuple(neither), tuple(differences), lumped)


def nearest(matches: tuple[Match, ...]) -> frozenset[Relation]:
    """The nearest relations of a concept's matches: broad and narrow may stand side by side."""
    best = max(match.relation.rank for match in matches)
    return frozenset(match.relation for match in matches if match.relation.rank == best)


def _lumped(one: Scheme, other: Scheme, words: Vocabulary) -> list[Lumped]:
    """What `one` has under a single term, as its own counterpart or a broader one, and `other` tells apart."""
    found: list[Lumped] = []
    for term in one.terms:
        under = [concept.id for concept in words.concepts if term.id in _covering(one, concept.id)]
        apart = [ours for ours in under if _covering(other, ours)]
        if len({_covering(other, ours) for ours in apart}) > 1:
            found.append(Lumped(one.id, term.id, tuple(apart)))
    return found


def _covering(entry: Scheme, ours: str) -> frozenset[str]:
    """The terms that hold a concept of ours whole: equal, close or broader."""
    covering = {Relation.EXACT, Relation.CLOSE, Relation.BROAD}
    return frozenset(match.theirs for match in entry.of(ours) if match.relation in covering)
