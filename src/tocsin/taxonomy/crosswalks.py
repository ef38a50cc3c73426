"""Crosswalks: how other vocabularies say what ours says. One YAML a scheme, in vocabulary/crosswalks/.

A relation reads from ours to theirs, in the words of SKOS: `broadMatch` means that *theirs* is the broader one.
Every concept of ours is either matched or listed as a gap with its reason, so that silence never passes for
agreement. Source of the relations: W3C, SKOS Reference (2009), section 10.
"""

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from functools import cache, cached_property
from importlib import resources

import msgspec

from tocsin.kernel import BadInput, NotFound
from tocsin.taxonomy.vocabulary import Vocabulary, vocabulary


class Relation(StrEnum):
    """The closed list. `rank` says how near the two are; broad and narrow are equally near."""

    EXACT = "exactMatch"
    CLOSE = "closeMatch"
    BROAD = "broadMatch"
    NARROW = "narrowMatch"
    RELATED = "relatedMatch"

    @property
    def rank(self) -> int:
        return _RANK[self]


_RANK = {Relation.EXACT: 3, Relation.CLOSE: 2, Relation.BROAD: 1, Relation.NARROW: 1, Relation.RELATED: 0}


class Term(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A concept of theirs. `verified`: id and name were read in the publisher's text, or in what `checked` names."""

    id: str
    name: str
    verified: bool
    zh: str = ""
    """Their own Chinese name, where they have one."""

    def label(self, language: str) -> str:
        """Their name in `language` (BCP 47), `name` where there is none."""
        return (self.zh if language.startswith("zh") else self.name) or self.name


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where their terms are published."""

    document: str
    publisher: str
    version: str
    date: str
    section: str
    url: str = ""


class Match(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of ours and one of theirs. `note` says why where the names do not; a closeMatch always has one."""

    ours: str
    theirs: str
    relation: Relation
    note: str = ""


class Gap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Concepts of ours without a counterpart, and why."""

    why: str
    ours: tuple[str, ...]


class Counts(msgspec.Struct, frozen=True):
    """How much of a crosswalk there is, and how much of it was checked."""

    mappings: int
    verified: int
    unverified: int
    concepts: int
    """Concepts of ours with at least one match."""
    gaps: int
    without_ours: int | None
    """Terms of theirs that nothing of ours matches; None where not all of their terms are listed."""


class Scheme(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """Another vocabulary and its crosswalk with ours."""

    id: str
    name: str
    zh: str
    source: Source
    scope: str
    """What it is about, in a sentence: the reason for most gaps."""
    checked: str
    """What its ids and names were compared with."""
    complete: bool
    """Whether `terms` lists all of theirs, or only those that are matched."""
    terms: tuple[Term, ...]
    matches: tuple[Match, ...]
    gaps: tuple[Gap, ...]

    @cached_property
    def by_id(self) -> Mapping[str, Term]:
        return {term.id: term for term in self.terms}

    def label(self, language: str) -> str:
        """Its name in `language` (BCP 47)."""
        return self.zh if language.startswith("zh") else self.name

    def of(self, concept_id: str) -> tuple[Match, ...]:
        """The matches of one of our concepts, the nearest first."""
        found = [match for match in self.matches if match.ours == concept_id]
        return tuple(sorted(found, key=lambda match: -match.relation.rank))

    def why_gap(self, concept_id: str) -> str:
        """Why there is no match; empty where there is one."""
        return next((gap.why for gap in self.gaps if concept_id in gap.ours), "")

    def without_ours(self) -> tuple[Term, ...]:
        """Terms of theirs that nothing of ours matches, of those listed."""
        matched = {match.theirs for match in self.matches}
        return tuple(term for term in self.terms if term.id not in matched)

    def counts(self) -> Counts:
        """How much of it there is."""
        verified = sum(self.by_id[match.theirs].verified for match in self.matches)
        return Counts(
            mappings=len(self.matches),
            verified=verified,
            unverified=len(self.matches) - verified,
            concepts=len({match.ours for match in self.matches}),
            gaps=sum(len(gap.ours) for gap in self.gaps),
            without_ours=len(self.without_ours()) if self.complete else None,
        )


@cache
def schemes() -> tuple[Scheme, ...]:
    """The shipped crosswalks, by id, read and checked once. Raises BadInput when their data are not sound."""
    folder = resources.files("tocsin.taxonomy").joinpath("vocabulary", "crosswalks")
    files = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".yaml")), key=lambda e: e.name
    )
    return tuple(read_scheme(entry.read_bytes(), entry.name, vocabulary()) for entry in files)


def scheme(scheme_id: str) -> Scheme:
    """The crosswalk with this id. Raises NotFound, which lists them."""
    for entry in schemes():
        if entry.id == scheme_id:
            return entry
    raise NotFound(f"no scheme {scheme_id!r}; there are {', '.join(entry.id for entry in schemes())}")


def read_scheme(data: bytes, name: str, words: Vocabulary) -> Scheme:
    """A crosswalk from its file. Raises BadInput naming the file, the id and what is wrong.

    1. It parses, its id is its file's name, and nothing that people read is empty.
    2. Their terms are listed once each.
    3. Matches join a concept and a listed term, once each, and a closeMatch says why.
    4. exactMatch is transitive (SKOS section 10.6.7): no two of ours on one of theirs, nor the other way round.
    5. Each concept is matched or a gap, and never both.
    """
    try:
        found = msgspec.yaml.decode(data, type=Scheme)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise BadInput(f"{name}: {error}") from error
    if f"{found.id}.yaml" != name:
        raise BadInput(f"{name}: says id {found.id!r}; name the file {found.id}.yaml")
    for field in ("name", "zh", "scope", "checked"):
        if not getattr(found, field).strip():
            raise BadInput(f"{name}: {field} is empty")
    _refuse_twice([term.id for term in found.terms], f"{name}: terms")
    if any(not term.id.strip() or not term.name.strip() for term in found.terms):
        raise BadInput(f"{name}: a term without an id or a name")
    _check_matches(found, name, words)
    _check_gaps(found, name, words)
    return found


def _check_matches(found: Scheme, name: str, words: Vocabulary) -> None:
    _refuse_twice([f"{match.ours} and {match.theirs}" for match in found.matches], f"{name}: matches")
    for match in found.matches:
        if match.ours not in words.by_id:
            raise BadInput(f"{name}: {match.ours!r} is no concept of the vocabulary")
        if match.theirs not in found.by_id:
            raise BadInput(f"{name}: {match.theirs!r} is not among its terms; list it there first")
        if match.relation is Relation.CLOSE and not match.note.strip():
            raise BadInput(f"{name}: {match.ours} closeMatch {match.theirs} does not say what differs")
    exact = [match for match in found.matches if match.relation is Relation.EXACT]
    _refuse_twice([match.theirs for match in exact], f"{name}: exactMatch")
    _refuse_twice([match.ours for match in exact], f"{name}: exactMatch")


def _check_gaps(found: Scheme, name: str, words: Vocabulary) -> None:
    gaps = [concept for gap in found.gaps for concept in gap.ours]
    _refuse_twice(gaps, f"{name}: gaps")
    if any(not gap.why.strip() for gap in found.gaps):
        raise BadInput(f"{name}: a gap without a reason")
    for concept in gaps:
        if concept not in words.by_id:
            raise BadInput(f"{name}: gap {concept!r} is no concept of the vocabulary")
    matched = {match.ours for match in found.matches}
    for concept in words.by_id:
        if (concept in matched) == (concept in gaps):
            both = "is matched and a gap" if concept in matched else "is neither matched nor a gap"
            raise BadInput(f"{name}: {concept} {both}; it must be one of the two")


def _refuse_twice(ids: list[str], where: str) -> None:
    most = Counter(ids).most_common(1)
    if most and most[0][1] > 1:
        raise BadInput(f"{where}: {most[0][0]} is there twice")
