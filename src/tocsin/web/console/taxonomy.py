"""The shared language in the browser: concepts by facet, how others say them, and where two regimes disagree.

Everything shown is the packaged vocabulary, the same on every node: nothing of this node is in it.
"""

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from tocsin.kernel import BadInput, NotFound
from tocsin.taxonomy.browse import concept_view, disagreement_view, page_view, scheme_matches_view
from tocsin.taxonomy.crosswalks import Relation, Scheme, schemes
from tocsin.taxonomy.disagreement import Kind
from tocsin.taxonomy.vocabulary import vocabulary
from tocsin.web.console import acts
from tocsin.web.console.languages import N_
from tocsin.web.console.render import render
from tocsin.web.console.visits import visit_of

MAX_SEARCH_CHARS = 100

RELATIONS: Mapping[str, str] = {
    Relation.EXACT.value: N_("the same"),
    Relation.CLOSE.value: N_("nearly the same"),
    Relation.BROAD.value: N_("theirs is broader"),
    Relation.NARROW.value: N_("theirs is narrower"),
    Relation.RELATED.value: N_("related"),
}
KINDS: Mapping[str, str] = {
    Kind.ONLY_FIRST.value: N_("Only the first has it"),
    Kind.ONLY_SECOND.value: N_("Only the second has it"),
    Kind.BREADTH.value: N_("Both have it, not equally wide"),
}


WORDS = {"relations": RELATIONS, "kinds": KINDS}
"""What every taxonomy page says of relations and differences."""


@get("/taxonomy", sync_to_thread=True)
def taxonomy_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Every concept by facet, or those that a search finds; the schemes; the form that compares two."""
    visit = visit_of(request)
    visit.require(acts.NODE_READ)
    page = page_view(visit.language.tag)
    text = visit.query.get("q", "").strip()[:MAX_SEARCH_CHARS]
    facets = [
        {**facet, "concepts": [concept for concept in facet["concepts"] if fits(concept, text)]}
        for facet in page["facets"]
    ]
    shown = [facet for facet in facets if facet["concepts"]]
    return render(
        visit,
        "taxonomy.html",
        page=page,
        facets=shown,
        found=sum(len(facet["concepts"]) for facet in shown),
        text=text,
    )


@get("/taxonomy/concepts/{concept_id:str}", sync_to_thread=True)
def concept_page(request: Request[Any, Any, Any], concept_id: FromPath[str]) -> Response[str]:
    """One concept with its neighbours and every crosswalk, gaps with their reasons. Raises NotFound."""
    visit = visit_of(request)
    visit.require(acts.NODE_READ)
    language = visit.language.tag
    try:
        concept = concept_view(vocabulary().concept(concept_id), language)
    except BadInput:
        raise NotFound("there is no such concept: the taxonomy page lists them") from None
    names = {entry.id: entry.label(language) for entry in schemes()}
    labels = {entry.id: entry.label.text(language) for entry in vocabulary().concepts}
    return render(visit, "concept.html", concept=concept, schemes=names, labels=labels, words=WORDS)


@get("/taxonomy/schemes/{scheme_id:str}", sync_to_thread=True)
def scheme_page(request: Request[Any, Any, Any], scheme_id: FromPath[str]) -> Response[str]:
    """One other vocabulary: what of ours it has, what not and why, and what it has that we have not."""
    visit = visit_of(request)
    visit.require(acts.NODE_READ)
    language = visit.language.tag
    labels = {entry.id: entry.label.text(language) for entry in vocabulary().concepts}
    view = scheme_matches_view(_scheme(scheme_id), language)
    return render(visit, "scheme.html", scheme=view, labels=labels, words=WORDS)


@get("/taxonomy/compare", sync_to_thread=True)
def compare_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Where two regimes disagree, concept by concept. Raises BadInput for one with itself, NotFound."""
    visit = visit_of(request)
    visit.require(acts.NODE_READ)
    language = visit.language.tag
    first, second = (_scheme(visit.query.get(name, "")) for name in ("first", "second"))
    labels = {entry.id: entry.label.text(language) for entry in vocabulary().concepts}
    view = disagreement_view(first, second, language)
    chosen = [(entry.id, entry.label(language)) for entry in schemes()]
    return render(visit, "compare.html", view=view, labels=labels, schemes=chosen, words=WORDS)


def fits(concept: Mapping[str, Any], text: str) -> bool:
    """Whether every word stands in a concept's id, labels, meaning, or in what others call it, in any case."""
    theirs = (f"{match['theirs']} {match['name']}" for match in concept["matches"])
    haystack = "\n".join(
        (concept["id"], *concept["labels"].values(), concept["label"], concept["means"], *theirs)
    ).casefold()
    return all(word in haystack for word in text.casefold().split())


def _scheme(name: str) -> Scheme:
    found = next((entry for entry in schemes() if entry.id == name), None)
    if found is None:
        raise NotFound("there is no such scheme: the taxonomy page lists them")
    return found
