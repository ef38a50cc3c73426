"""The vocabulary as a STIX 2.1 bundle, and the one list of export formats.

What somebody does becomes an attack-pattern: techniques, techniques against agents, routes, conduct. A flaw in code
becomes a vulnerability. A harm domain becomes a kill chain phase
of what lies under it, as ATLAS does with tactics. Levels, contexts and
evidence status classify other things and are no STIX objects: MISP, CSV and SKOS carry them. Chinese travels as
language-content objects. Ids are derived from ours, times from the release: equal data, equal bytes.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from tocsin.kernel import TLP, BadInput
from tocsin.taxonomy.crosswalks import schemes
from tocsin.taxonomy.export import csv_table, misp_taxonomy, skos
from tocsin.taxonomy.vocabulary import Concept, Vocabulary, vocabulary
from tocsin.wire.stix import (
    AttackPattern,
    ExternalReference,
    Relationship,
    StixObject,
    canonical,
    marking,
    marking_id,
    own_id,
)
from tocsin.wire.stix.extensions import author
from tocsin.wire.stix.objects import KillChainPhase

KILL_CHAIN = "tocsin-domain"
SOURCE_NAME = "tocsin-taxonomy"
BEHAVIOUR = frozenset({"technique", "agent", "route", "conduct"})
FLAW = "code"


def stix_bundle() -> bytes:
    """The bundle, canonical (RFC 8785)."""
    words = vocabulary()
    at = f"{words.released}T00:00:00.000Z"
    objects: list[StixObject | dict[str, Any]] = [marking(TLP.CLEAR), author()]
    exported = [concept for concept in words.concepts if concept.facet in BEHAVIOUR or concept.facet == FLAW]
    for concept in exported:
        objects.append(_object(concept, words, at))
        objects.append(_chinese(concept, at))
    ids = {concept.id: stix_id(concept) for concept in exported}
    # a relation stands on both sides; it is written once, from the narrower or the first in the alphabet
    objects.extend(
        _relation(ids[concept.id], ids[target], kind, at)
        for concept in exported
        for kind, targets in (("broader", concept.broader), ("related", concept.related))
        for target in targets
        if target in ids and (kind == "broader" or concept.id < target)
    )
    bundle = {
        "type": "bundle",
        "id": own_id("bundle", SOURCE_NAME, words.version),
        "objects": [msgspec.to_builtins(entry) for entry in objects],
    }
    return canonical(bundle)


def stix_id(concept: Concept) -> str:
    """The deterministic STIX id of a concept that the bundle holds."""
    return own_id("vulnerability" if concept.facet == FLAW else "attack-pattern", SOURCE_NAME, concept.id)


def _object(concept: Concept, words: Vocabulary, at: str) -> StixObject | dict[str, Any]:
    pattern = AttackPattern(
        id=own_id("attack-pattern", SOURCE_NAME, concept.id),
        created=at,
        modified=at,
        created_by_ref=author().id,
        object_marking_refs=[marking_id(TLP.CLEAR)],
        lang="en",
        name=concept.label.en,
        description=concept.means.en,
        external_references=_references(concept, words),
        kill_chain_phases=_phases(concept, words) or msgspec.UNSET,
    )
    if concept.facet != FLAW:
        return pattern
    flaw: dict[str, Any] = msgspec.to_builtins(pattern)
    return flaw | {"type": "vulnerability", "id": stix_id(concept)}


def _references(concept: Concept, words: Vocabulary) -> list[ExternalReference]:
    """Our id first, then every match; what is not verified says so."""
    found = [
        ExternalReference(
            source_name=SOURCE_NAME, external_id=concept.id, description=f"vocabulary version {words.version}"
        )
    ]
    for entry in schemes():
        for match in entry.of(concept.id):
            term = entry.by_id[match.theirs]
            said = f"{match.relation.value} {term.name}"
            if not term.verified:
                said += " (unverified)"
            if match.note:
                said += f": {match.note}"
            found.append(
                ExternalReference(
                    source_name=entry.id,
                    external_id=term.id,
                    description=said,
                    url=entry.source.url or msgspec.UNSET,
                )
            )
    return found


def _phases(concept: Concept, words: Vocabulary) -> list[KillChainPhase]:
    domains = [other for other in concept.broader if words.concept(other).facet == "domain"]
    return [
        KillChainPhase(kill_chain_name=KILL_CHAIN, phase_name=domain.partition(".")[2]) for domain in domains
    ]


def _chinese(concept: Concept, at: str) -> dict[str, Any]:
    """A language-content object (STIX 2.1 section 7.1)."""
    return {
        "type": "language-content",
        "spec_version": "2.1",
        "id": own_id("language-content", SOURCE_NAME, concept.id, "zh"),
        "created": at,
        "modified": at,
        "created_by_ref": author().id,
        "object_marking_refs": [marking_id(TLP.CLEAR)],
        "object_ref": stix_id(concept),
        "object_modified": at,
        "contents": {"zh": {"name": concept.label.zh, "description": concept.means.zh}},
    }


def _relation(source: str, target: str, kind: str, at: str) -> Relationship:
    return Relationship(
        id=own_id("relationship", SOURCE_NAME, kind, source, target),
        created=at,
        modified=at,
        created_by_ref=author().id,
        object_marking_refs=[marking_id(TLP.CLEAR)],
        relationship_type="related-to",
        description=f"skos:{kind}",
        source_ref=source,
        target_ref=target,
    )


FORMATS: Mapping[str, Callable[[str], bytes]] = {
    "stix": lambda _: stix_bundle(),
    "misp": misp_taxonomy,
    "csv": lambda _: csv_table(),
    "skos": lambda _: skos(),
}
"""Each format by its name; the argument is the language, where a format holds only one."""


def exported(form: str, language: str = "en") -> bytes:
    """The vocabulary in a format of FORMATS. Raises BadInput that lists them."""
    if form not in FORMATS:
        raise BadInput(f"no format {form!r}; there are {', '.join(FORMATS)}")
    return FORMATS[form](language)
