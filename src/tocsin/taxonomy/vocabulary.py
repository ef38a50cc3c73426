"""The vocabulary of misuse: concepts with stable ids, labels and one-sentence definitions. Docs: docs/taxonomy.md.

Data: vocabulary/*.yaml, one file a facet, and index.yaml. A relation is written once, on either side; both sides
show it. An id that is also a category of conduct is the same concept, and takes its label from conduct.yaml.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from importlib import resources
from typing import TypeVar

import msgspec

from tocsin.kernel import BadInput, NotFound
from tocsin.taxonomy.conduct import categories, category, refused_subject

INDEX = "index.yaml"
CONDUCT = "conduct"
"""The facet whose ids carry no facet name: they are the categories of conduct."""

_ID = re.compile(r"[a-z][a-z0-9-]{0,31}\.[a-z][a-z0-9-]{0,31}")
_VERSION = re.compile(r"\d{1,3}\.\d{1,2}\.\d{1,2}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_T = TypeVar("_T")


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text in both languages."""

    en: str
    zh: str

    def text(self, language: str) -> str:
        """The text in `language` (BCP 47), English where there is none."""
        return self.zh if language.startswith("zh") else self.en


class Concept(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that people can mean. `broader`, `narrower` and `related` hold ids, each relation on both sides."""

    id: str
    facet: str
    label: Said
    means: Said
    broader: tuple[str, ...] = ()
    narrower: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    conduct: bool = False
    """Whether it is a category that a warning may name."""
    since: str


class Facet(msgspec.Struct, frozen=True):
    """A group of concepts that answer the same question."""

    id: str
    label: Said
    means: Said


class Retired(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An id that is no longer used and never used again. `instead` names what took its place, if anything did."""

    id: str
    since: str
    why: str
    instead: str = ""


class Vocabulary(msgspec.Struct, frozen=True, dict=True):
    """All facets and concepts of one version, in order."""

    version: str
    released: str
    facets: tuple[Facet, ...]
    concepts: tuple[Concept, ...]
    retired: tuple[Retired, ...] = ()

    @cached_property
    def by_id(self) -> Mapping[str, Concept]:
        return {concept.id: concept for concept in self.concepts}

    def concept(self, concept_id: str) -> Concept:
        """The concept with this id. Raises NotFound, which says what took the place of a retired one."""
        found = self.by_id.get(concept_id)
        if found is not None:
            return found
        gone = next((entry for entry in self.retired if entry.id == concept_id), None)
        if gone is not None:
            instead = f"; use {gone.instead}" if gone.instead else ""
            raise NotFound(f"{concept_id} was retired in {gone.since}: {gone.why}{instead}")
        raise NotFound(f"no concept {concept_id!r}; `tocsin taxonomy show` lists them")

    def of(self, facet: str) -> tuple[Concept, ...]:
        """The concepts of a facet, in order."""
        return tuple(concept for concept in self.concepts if concept.facet == facet)


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    means: Said
    en: str = ""
    zh: str = ""
    broader: tuple[str, ...] = ()
    narrower: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    since: str = "1.0.0"


class _FacetFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    facet: str
    en: str
    zh: str
    means: Said
    concepts: tuple[_Entry, ...]


class _Index(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    released: str
    facets: tuple[str, ...]
    retired: tuple[Retired, ...] = ()


@cache
def vocabulary() -> Vocabulary:
    """The shipped vocabulary, read and checked once. Raises BadInput when its data are not sound."""
    folder = resources.files("tocsin.taxonomy").joinpath("vocabulary")
    return read_vocabulary(
        {entry.name: entry.read_bytes() for entry in folder.iterdir() if entry.name.endswith(".yaml")}
    )


def read_vocabulary(files: Mapping[str, bytes]) -> Vocabulary:
    """A vocabulary from its files by name. Raises BadInput naming the file or id and what is wrong with it.

    1. Every file parses, and every facet of the index has its file, and no other file is there.
    2. Ids are well formed, stand under their facet, are used once, and were never retired.
    3. Every label and definition is there in both languages; none names belief, identity or speech.
    4. Relations lead to ids that exist, say one thing of a pair, and never lead back to where they began.
    5. Every category of conduct is a concept.
    """
    index = _decode(files, INDEX, _Index)
    if _VERSION.fullmatch(index.version) is None or _DAY.fullmatch(index.released) is None:
        raise BadInput(f"{INDEX}: write version 1.0.0 and released 2026-01-31")
    groups = [_decode(files, f"{facet}.yaml", _FacetFile) for facet in index.facets]
    for name, group in zip(index.facets, groups, strict=True):
        if group.facet != name:
            raise BadInput(f"{name}.yaml: says facet {group.facet!r}; name it {name!r}")
    strays = sorted(set(files) - {INDEX, *(f"{facet}.yaml" for facet in index.facets)})
    if strays:
        raise BadInput(f"{strays[0]}: is not in the facets of {INDEX}")
    entries = {entry.id: (group.facet, entry) for group in groups for entry in group.concepts}
    if len(entries) != sum(len(group.concepts) for group in groups):
        raise BadInput(f"{_twice(groups)}: is defined twice; an id has one meaning")
    gone = {entry.id for entry in index.retired}
    for facet, entry in entries.values():
        _check_id(facet, entry, gone)
    for kind in categories():
        if kind.id not in entries:
            raise BadInput(
                f"{kind.id}: is a category of conduct without a definition; add it to conduct.yaml"
            )
    relations = _relations({identifier: entry for identifier, (_, entry) in entries.items()})
    concepts = tuple(
        Concept(
            id=entry.id,
            facet=facet,
            label=_label(entry),
            means=_said(entry.means, f"{entry.id}: means"),
            conduct=category(entry.id) is not None,
            since=entry.since,
            **{name: tuple(sorted(found)) for name, found in relations[entry.id].items()},
        )
        for facet, entry in entries.values()
    )
    facets = tuple(
        Facet(group.facet, _said(Said(group.en, group.zh), group.facet), _said(group.means, group.facet))
        for group in groups
    )
    return Vocabulary(index.version, index.released, facets, concepts, index.retired)


def _decode(files: Mapping[str, bytes], name: str, kind: type[_T]) -> _T:
    if name not in files:
        raise BadInput(f"{name}: is missing")
    try:
        return msgspec.yaml.decode(files[name], type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise BadInput(f"{name}: {error}") from error


def _twice(groups: list[_FacetFile]) -> str:
    ids = Counter(entry.id for group in groups for entry in group.concepts)
    return ids.most_common(1)[0][0]


def _check_id(facet: str, entry: _Entry, gone: set[str]) -> None:
    if _ID.fullmatch(entry.id) is None:
        raise BadInput(f"{entry.id}: write an id as facet.name in a-z, 0-9 and -")
    if entry.id in gone:
        raise BadInput(f"{entry.id}: was retired, and an id is never used again; choose another")
    if facet != CONDUCT and not entry.id.startswith(f"{facet}."):
        raise BadInput(f"{entry.id}: stands in facet {facet}; its id begins with {facet}.")
    if facet == CONDUCT and category(entry.id) is None:
        raise BadInput(f"{entry.id}: is not in the list of conduct (conduct.yaml of the taxonomy)")
    words = entry.id.replace("-", ".")
    refused = refused_subject(words) or refused_subject(entry.id)
    if refused is not None:
        raise BadInput(f"{entry.id}: names {refused.en}, which is never a category")


def _label(entry: _Entry) -> Said:
    kind = category(entry.id)
    if kind is None:
        return _said(Said(entry.en, entry.zh), f"{entry.id}: label")
    if entry.en or entry.zh:
        raise BadInput(f"{entry.id}: has its label in the list of conduct; do not say it twice")
    return Said(kind.en, kind.zh)


def _said(said: Said, where: str) -> Said:
    for language, text in (("en", said.en), ("zh", said.zh)):
        if not text.strip():
            raise BadInput(f"{where}: nothing is said in {language}")
    return said


_INVERSE = {"broader": "narrower", "narrower": "broader", "related": "related"}


def _relations(entries: Mapping[str, _Entry]) -> dict[str, dict[str, set[str]]]:
    """Each id's relations, both sides of each filled in."""
    found: dict[str, dict[str, set[str]]] = {key: {name: set() for name in _INVERSE} for key in entries}
    for source, name, target in _written(entries):
        if target not in found:
            raise BadInput(f"{source}: {name} {target!r}, which is no concept")
        if target == source:
            raise BadInput(f"{source}: is {name} to itself")
        found[source][name].add(target)
        found[target][_INVERSE[name]].add(source)
    for key, named in found.items():
        several = [other for other in entries if sum(other in others for others in named.values()) > 1]
        if several:
            raise BadInput(f"{key}: says two things of {several[0]}; broader, narrower or related")
        if key in _above(key, found):
            raise BadInput(f"{key}: is broader than itself, through {', '.join(sorted(named['broader']))}")
    return found


def _written(entries: Mapping[str, _Entry]) -> Iterator[tuple[str, str, str]]:
    for key, entry in entries.items():
        for name, targets in (
            ("broader", entry.broader),
            ("narrower", entry.narrower),
            ("related", entry.related),
        ):
            for target in targets:
                yield key, name, target


def _above(key: str, found: Mapping[str, Mapping[str, set[str]]]) -> set[str]:
    seen: set[str] = set()
    waiting = list(found[key]["broader"])
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            waiting.extend(found[current]["broader"])
    return seen
