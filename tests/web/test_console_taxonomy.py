"""The taxonomy pages: every concept is reached, every match has its relation and source, nothing is the node's own."""

from html import unescape

import pytest

from tests.console import Client, Markup, log_in, token_for
from tests.fixtures import Made
from tocsin.kernel import Role
from tocsin.taxonomy.crosswalks import Relation, schemes
from tocsin.taxonomy.disagreement import Kind
from tocsin.taxonomy.vocabulary import vocabulary
from tocsin.web.console.taxonomy import KINDS, RELATIONS


def concepts(page: str) -> list[str]:
    """Ids that the page links to; the menu of languages links to itself."""
    start = "/taxonomy/concepts/"
    return [
        tag["href"].removeprefix(start)
        for tag in Markup(page).all("a")
        if tag.get("href", "").startswith(start) and "?" not in tag["href"]
    ]


def test_every_concept_and_scheme_is_listed_and_opens(client: Client, made: Made) -> None:
    log_in(client, made.token)
    page = client.get("/taxonomy").text
    assert concepts(page) == [
        entry.id for facet in vocabulary().facets for entry in vocabulary().of(facet.id)
    ]
    for entry in vocabulary().concepts:
        answer = client.get(f"/taxonomy/concepts/{entry.id}")
        text = unescape(answer.text)
        assert answer.status_code == 200
        assert entry.label.en in text
        assert entry.label.zh in text
        assert set(concepts(answer.text)) == {*entry.broader, *entry.narrower, *entry.related}
    for scheme in schemes():
        assert f'href="/taxonomy/schemes/{scheme.id}"' in page
        assert client.get(f"/taxonomy/schemes/{scheme.id}").status_code == 200


@pytest.mark.parametrize(
    ("text", "has"), [("SCAM", "fraud.scam"), ("诈骗", "fraud.scam"), ("AML.T0102", "domain.cyber")]
)
def test_a_search_reads_ours_in_both_languages_and_theirs(
    client: Client, made: Made, text: str, has: str
) -> None:
    log_in(client, made.token)
    found = concepts(client.get("/taxonomy", params={"q": text}).text)
    assert has in found
    assert len(found) < len(vocabulary().concepts)
    nothing = client.get("/taxonomy", params={"q": "<script>no such word"}).text
    assert "Nothing was found" in nothing
    assert "<script>no" not in nothing


def test_a_concept_shows_relation_and_source_of_every_match(client: Client, made: Made) -> None:
    log_in(client, made.token)
    page = client.get("/taxonomy/concepts/domain.cyber").text
    matches = [match for entry in schemes() for match in entry.of("domain.cyber")]
    assert page.count('class="source"') == len(matches)
    for match in matches:
        assert match.theirs in page
        assert RELATIONS[match.relation] in page


def test_two_regimes_are_compared(client: Client, made: Made) -> None:
    log_in(client, made.token)
    page = client.get("/taxonomy/compare?first=nist-ai-600-1&second=tc260-3").text
    assert "Concept by concept" in page
    assert any(kind in page for kind in KINDS.values())
    chinese = client.get("/taxonomy/compare?first=nist-ai-600-1&second=tc260-3&lang=zh").text
    assert "两种体系的分歧" in chinese
    assert set(RELATIONS) == {relation.value for relation in Relation}
    assert set(KINDS) == {kind.value for kind in Kind}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/taxonomy/concepts/no.such", 404),
        ("/taxonomy/schemes/none", 404),
        ("/taxonomy/compare?first=atlas&second=none", 404),
        ("/taxonomy/compare", 404),
        ("/taxonomy/compare?first=atlas&second=atlas", 400),
    ],
)
def test_what_there_is_not_is_said(client: Client, made: Made, path: str, status: int) -> None:
    log_in(client, made.token)
    assert client.get(path).status_code == status


def test_an_administrator_may_read_it(client: Client, made: Made) -> None:
    log_in(client, token_for(made, "adam", Role.ADMIN))
    assert client.get("/taxonomy").status_code == 200
