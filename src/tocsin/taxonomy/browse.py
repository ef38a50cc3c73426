"""The vocabulary and its crosswalks as plain values for a page, a table or JSON. Pure; nothing is written or read.

Field names here are a contract (docs/taxonomy.md); additions are fine.
"""

from typing import Any

from tocsin.taxonomy.crosswalks import Match, Scheme, schemes
from tocsin.taxonomy.disagreement import Disagreement, disagreement
from tocsin.taxonomy.vocabulary import Concept, Vocabulary, vocabulary


def page_view(language: str = "en") -> dict[str, Any]:
    """Everything a page needs to browse: facets with their concepts and matches, and the schemes."""
    words = vocabulary()
    return {
        "version": words.version,
        "released": words.released,
        "facets": [
            {
                "id": facet.id,
                "label": facet.label.text(language),
                "means": facet.means.text(language),
                "concepts": [concept_view(concept, language) for concept in words.of(facet.id)],
            }
            for facet in words.facets
        ],
        "schemes": [scheme_view(entry, language) for entry in schemes()],
        "retired": [
            {"id": entry.id, "since": entry.since, "why": entry.why, "instead": entry.instead}
            for entry in words.retired
        ],
    }


def concept_view(concept: Concept, language: str = "en") -> dict[str, Any]:
    """A concept with what it is to other concepts and to every scheme, gaps with their reasons."""
    return {
        "id": concept.id,
        "facet": concept.facet,
        "label": concept.label.text(language),
        "means": concept.means.text(language),
        "labels": {"en": concept.label.en, "zh": concept.label.zh},
        "conduct": concept.conduct,
        "since": concept.since,
        "broader": list(concept.broader),
        "narrower": list(concept.narrower),
        "related": list(concept.related),
        "matches": [
            match_view(entry, match, language) for entry in schemes() for match in entry.of(concept.id)
        ],
        "gaps": [
            {"scheme": entry.id, "why": entry.why_gap(concept.id)}
            for entry in schemes()
            if entry.why_gap(concept.id)
        ],
    }


def match_view(entry: Scheme, match: Match, language: str = "en") -> dict[str, Any]:
    """One match, with where their term is published and whether it was verified."""
    term = entry.by_id[match.theirs]
    return {
        "ours": match.ours,
        "scheme": entry.id,
        "theirs": term.id,
        "name": term.label(language),
        "relation": match.relation.value,
        "verified": term.verified,
        "note": match.note,
        "source": source_line(entry),
    }


def scheme_view(entry: Scheme, language: str = "en") -> dict[str, Any]:
    """A scheme with its counts; its matches and gaps are in `scheme_matches_view`."""
    counts = entry.counts()
    return {
        "id": entry.id,
        "name": entry.label(language),
        "version": entry.source.version,
        "publisher": entry.source.publisher,
        "url": entry.source.url,
        "source": source_line(entry),
        "scope": entry.scope,
        "checked": entry.checked,
        "mappings": counts.mappings,
        "verified": counts.verified,
        "unverified": counts.unverified,
        "concepts": counts.concepts,
        "gaps": counts.gaps,
        "without_ours": counts.without_ours,
    }


def scheme_matches_view(entry: Scheme, language: str = "en") -> dict[str, Any]:
    """A scheme with all its matches and gaps, and the terms of theirs that nothing of ours matches."""
    return scheme_view(entry, language) | {
        "matches": [
            match_view(entry, match, language)
            for concept in vocabulary().concepts
            for match in entry.of(concept.id)
        ],
        "gaps_by_reason": [{"why": gap.why, "ours": list(gap.ours)} for gap in entry.gaps],
        "terms_without_ours": [
            {"theirs": term.id, "name": term.label(language), "verified": term.verified}
            for term in (entry.without_ours() if entry.complete else ())
        ],
    }


def disagreement_view(first: Scheme, second: Scheme, language: str = "en") -> dict[str, Any]:
    """Where two schemes disagree, with labels."""
    words = vocabulary()
    found = disagreement(first, second, words)
    return {
        "first": scheme_view(first, language),
        "second": scheme_view(second, language),
        "same": list(found.same),
        "neither": list(found.neither),
        "differences": _differences(found, (first, second), words, language),
        "lumped": [
            {
                "scheme": lump.scheme,
                "theirs": lump.term,
                "name": (first if lump.scheme == first.id else second).by_id[lump.term].label(language),
                "ours": list(lump.concepts),
            }
            for lump in found.lumped
        ],
    }


def _differences(
    found: Disagreement, pair: tuple[Scheme, Scheme], words: Vocabulary, language: str
) -> list[dict[str, Any]]:
    return [
        {
            "ours": entry.concept,
            "label": words.concept(entry.concept).label.text(language),
            "kind": entry.kind.value,
            "first": [match_view(pair[0], match, language) for match in entry.first],
            "second": [match_view(pair[1], match, language) for match in entry.second],
            "why": entry.why,
        }
        for entry in found.differences
    ]


def source_line(entry: Scheme) -> str:
    """Document, version, date and section of a scheme, in one line."""
    source = entry.source
    return f"{source.document}, {source.version} ({source.date}), {source.section}"
