"""The vocabulary for other tools: a MISP taxonomy, CSV, and SKOS. STIX is in `app`, which may use the wire.

Equal data give equal bytes: no clock, no chance, and ids derived from ours.
"""

import csv
import io
from typing import Any
from uuid import UUID, uuid5

import msgspec

from tocsin.kernel import NotFound
from tocsin.taxonomy.browse import source_line
from tocsin.taxonomy.crosswalks import Scheme, Term, schemes
from tocsin.taxonomy.vocabulary import CONDUCT, Concept, Vocabulary, vocabulary

MISP_NAMESPACE = "tocsin"
_UUIDS = UUID("0b3f9c52-7f0e-5c55-9a6e-2d4f1f7b8c11")
"""Under which every UUID of the MISP taxonomy lies. Never changed."""

URN = "urn:tocsin:taxonomy:"
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

COLUMNS = (
    "id", "facet", "conduct", "label_en", "label_zh", "definition_en", "definition_zh", "broader", "narrower",
    "related", "since", "scheme", "scheme_version", "their_id", "their_name", "relation", "verified", "note",
)  # fmt: skip

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A cell that begins so is run by a spreadsheet; it is given a leading apostrophe. Source: OWASP, CSV Injection."""


def machine_tag(concept: Concept) -> str:
    """The MISP machine tag of a concept: tocsin:technique="evasion", tocsin:conduct="fraud.scam"."""
    return f'{MISP_NAMESPACE}:{concept.facet}="{_value(concept)}"'


def concept_of_tag(tag: str) -> Concept:
    """The concept that a machine tag of ours stands for. Raises NotFound."""
    for concept in vocabulary().concepts:
        if machine_tag(concept) == tag:
            return concept
    raise NotFound(f"no concept has the machine tag {tag!r}")


def _value(concept: Concept) -> str:
    return concept.id if concept.facet == CONDUCT else concept.id.partition(".")[2]


def misp_taxonomy(language: str = "en") -> bytes:
    """machinetag.json of a MISP taxonomy: facets are predicates, concepts are values.

    Source: draft-dulaunoy-misp-taxonomy-format and schema.json of MISP/misp-taxonomies.
    """
    words = vocabulary()
    document = {
        "namespace": MISP_NAMESPACE,
        "expanded": "Tocsin vocabulary of AI misuse",
        "description": (
            f"Misuse of advanced AI: domains, techniques, routes, levels, contexts, evidence and conduct."
            f" Version {words.version}. Crosswalks to other vocabularies are exported apart, as CSV or STIX."
        ),
        "version": _number(words),
        "uuid": str(_UUIDS),
        "predicates": [
            {
                "value": facet.id,
                "expanded": facet.label.text(language),
                "description": facet.means.text(language),
                "uuid": str(uuid5(_UUIDS, facet.id)),
            }
            | ({"exclusive": True} if facet.id == "evidence" else {})
            for facet in words.facets
        ],
        "values": [
            {
                "predicate": facet.id,
                "entry": [
                    {
                        "value": _value(concept),
                        "expanded": concept.label.text(language),
                        "description": concept.means.text(language),
                        "uuid": str(uuid5(_UUIDS, f"{facet.id}/{concept.id}")),
                    }
                    for concept in words.of(facet.id)
                ],
            }
            for facet in words.facets
        ],
    }
    return _json(document)


def _number(words: Vocabulary) -> int:
    """The version as the whole number that MISP wants: 1.2.3 is 10203."""
    major, minor, patch = map(int, words.version.split("."))
    return (major * 100 + minor) * 100 + patch


def csv_table() -> bytes:
    """CSV (RFC 4180, UTF-8) with a header; a row for each match, and for each gap one whose relation is `gap`."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for concept in vocabulary().concepts:
        ours = (
            concept.id, concept.facet, _yes(concept.conduct), concept.label.en, concept.label.zh,
            concept.means.en, concept.means.zh, " ".join(concept.broader), " ".join(concept.narrower),
            " ".join(concept.related), concept.since,
        )  # fmt: skip
        for entry in schemes():
            theirs: list[tuple[str, ...]] = [
                (term.id, term.name, match.relation.value, _yes(term.verified), match.note)
                for match in entry.of(concept.id)
                for term in (entry.by_id[match.theirs],)
            ]
            for row in theirs or [("", "", "gap", "", entry.why_gap(concept.id))]:
                writer.writerow([safe_cell(cell) for cell in (*ours, entry.id, entry.source.version, *row)])
    return out.getvalue().encode()


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def safe_cell(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def skos() -> bytes:
    """SKOS as JSON-LD. Terms of theirs that have no web address of their own are named under urn:tocsin:scheme:."""
    words = vocabulary()
    graph: list[dict[str, Any]] = [
        {
            "@id": f"{URN}scheme",
            "@type": "skos:ConceptScheme",
            "owl:versionInfo": words.version,
            "dct:issued": words.released,
        }
    ]
    for facet in words.facets:
        members = [{"@id": URN + concept.id} for concept in words.of(facet.id)]
        graph.append(
            {
                "@id": f"{URN}facet:{facet.id}",
                "@type": "skos:Collection",
                "skos:prefLabel": _both(facet.label.en, facet.label.zh),
                "skos:definition": _both(facet.means.en, facet.means.zh),
                "skos:member": members,
            }
        )
    graph.extend(_skos_concept(concept) for concept in words.concepts)
    for entry in schemes():
        matched = {match.theirs for match in entry.matches}
        graph.extend(_skos_term(entry, term) for term in entry.terms if term.id in matched)
    return _json(
        {
            "@context": {
                "skos": "http://www.w3.org/2004/02/skos/core#",
                "dct": "http://purl.org/dc/terms/",
                "owl": "http://www.w3.org/2002/07/owl#",
            },
            "@graph": graph,
        }
    )


def _skos_concept(concept: Concept) -> dict[str, Any]:
    node: dict[str, Any] = {
        "@id": URN + concept.id,
        "@type": "skos:Concept",
        "skos:inScheme": {"@id": f"{URN}scheme"},
        "skos:notation": concept.id,
        "skos:prefLabel": _both(concept.label.en, concept.label.zh),
        "skos:definition": _both(concept.means.en, concept.means.zh),
    }
    for name in ("broader", "narrower", "related"):
        targets = getattr(concept, name)
        if targets:
            node[f"skos:{name}"] = [{"@id": URN + target} for target in targets]
    for entry in schemes():
        for match in entry.of(concept.id):
            node.setdefault(f"skos:{match.relation.value}", []).append({"@id": _urn(entry, match.theirs)})
    return node


def _skos_term(entry: Scheme, term: Term) -> dict[str, Any]:
    node: dict[str, Any] = {
        "@id": _urn(entry, term.id),
        "@type": "skos:Concept",
        "skos:notation": term.id,
        "skos:prefLabel": _both(term.name, term.zh) if term.zh else term.name,
        "dct:source": source_line(entry),
    }
    if not term.verified:
        node["skos:editorialNote"] = "unverified: not read in the publisher's text"
    return node


def _urn(entry: Scheme, their_id: str) -> str:
    quoted = "".join(
        chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in their_id.encode()
    )  # RFC 3986 section 2.1
    return f"urn:tocsin:scheme:{entry.id}:{quoted}"


def _both(en: str, zh: str) -> list[dict[str, str]]:
    return [{"@language": "en", "@value": en}, {"@language": "zh", "@value": zh}]


def _json(document: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
