"""Where two regimes disagree: computed, complete, and the same seen from either side."""

import itertools

import pytest

from tocsin.kernel import BadInput
from tocsin.taxonomy.browse import disagreement_view, page_view, scheme_matches_view
from tocsin.taxonomy.crosswalks import Relation, Scheme, scheme, schemes
from tocsin.taxonomy.disagreement import Kind, disagreement, nearest
from tocsin.taxonomy.vocabulary import vocabulary

PAIRS = list(itertools.combinations(schemes(), 2))


@pytest.mark.parametrize(("first", "second"), PAIRS, ids=lambda entry: entry.id)
def test_every_concept_is_told_once_and_both_sides_agree_on_it(first: Scheme, second: Scheme) -> None:
    words = vocabulary()
    found = disagreement(first, second, words)
    told = [*found.same, *found.neither, *(entry.concept for entry in found.differences)]
    assert sorted(told) == sorted(words.by_id)
    for entry in found.differences:
        if entry.kind is Kind.BREADTH:
            assert nearest(entry.first) != nearest(entry.second)
        else:
            assert entry.why, entry.concept
            assert bool(entry.first) != bool(entry.second)
    mirrored = disagreement(second, first, words)
    swap = {Kind.ONLY_FIRST: Kind.ONLY_SECOND, Kind.ONLY_SECOND: Kind.ONLY_FIRST, Kind.BREADTH: Kind.BREADTH}
    assert [(entry.concept, swap[entry.kind]) for entry in mirrored.differences] == [
        (entry.concept, entry.kind) for entry in found.differences
    ]
    assert set(mirrored.lumped) == set(found.lumped)


def test_two_regimes_differ_where_it_is_known_that_they_do() -> None:
    found = disagreement(scheme("nist-ai-600-1"), scheme("tc260-1"), vocabulary())
    by_concept = {entry.concept: entry for entry in found.differences}
    uplift = by_concept["cbrn.uplift"]
    assert uplift.kind is Kind.BREADTH
    assert nearest(uplift.first) == {Relation.EXACT}
    assert nearest(uplift.second) == {Relation.BROAD}
    assert by_concept["coercion.companion"].kind is Kind.ONLY_FIRST
    assert by_concept["domain.autonomous-systems"].kind is Kind.ONLY_SECOND
    assert "agent.tool-misuse" in found.neither
    lumped = {(lump.scheme, lump.term): lump.concepts for lump in found.lumped}
    assert {"technique.model-theft", "cyber.phishing"} <= set(lumped["nist-ai-600-1", "2.9"])


def test_a_merely_related_term_does_not_hide_a_nearer_one() -> None:
    memory = scheme("atlas").of("agent.memory-poisoning")
    assert [match.relation for match in memory] == [Relation.EXACT, Relation.BROAD]
    assert nearest(memory) == {Relation.EXACT}


def test_a_scheme_does_not_disagree_with_itself() -> None:
    with pytest.raises(BadInput, match="itself"):
        disagreement(scheme("atlas"), scheme("atlas"), vocabulary())


def test_the_views_say_what_is_unverified_and_where_it_is_from() -> None:
    view = disagreement_view(scheme("tc260-1"), scheme("tc260-3"), "zh")
    rows = [row for entry in view["differences"] for row in entry["second"]]
    assert rows
    assert not any(row["verified"] for row in rows)
    assert all(row["source"] for row in rows)
    assert view["second"]["unverified"] == view["second"]["mappings"]


def test_the_page_has_every_concept_once_in_the_language_asked_for() -> None:
    page = page_view("zh")
    concepts = [entry for facet in page["facets"] for entry in facet["concepts"]]
    assert [entry["id"] for entry in concepts] == [concept.id for concept in vocabulary().concepts]
    assert concepts[0]["label"] == vocabulary().concepts[0].label.zh
    for entry in concepts:
        told = {row["scheme"] for row in (*entry["matches"], *entry["gaps"])}
        assert told == {one.id for one in schemes()}, entry["id"]


def test_terms_of_theirs_without_ours_are_listed_where_the_list_is_whole() -> None:
    alone = scheme_matches_view(scheme("nist-ai-600-1"))["terms_without_ours"]
    assert [row["theirs"] for row in alone] == ["2.5", "2.6"]
    assert scheme_matches_view(scheme("atlas"))["terms_without_ours"] == []
