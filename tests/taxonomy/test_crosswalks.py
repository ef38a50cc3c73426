"""Crosswalks: real ids, a closed list of relations, no concept passed over in silence, and the docs say the same."""

import re
from importlib import resources
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.kernel import BadInput, NotFound
from tocsin.taxonomy.crosswalks import Relation, Scheme, read_scheme, scheme, schemes
from tocsin.taxonomy.vocabulary import vocabulary

ASKED_FOR = {"atlas", "disarm", "owasp-llm-2025", "owasp-agentic-threats", "nist-ai-600-1", "tc260-1", "misp"}
DOCS = Path(__file__).resolve().parents[2] / "docs" / "taxonomy.md"


def data_of(name: str) -> bytes:
    return (
        resources.files("tocsin.taxonomy").joinpath("vocabulary", "crosswalks", f"{name}.yaml").read_bytes()
    )


def test_the_relations_are_those_of_skos_and_no_others() -> None:
    assert {relation.value for relation in Relation} == {
        "exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch",
    }  # fmt: skip
    with pytest.raises(BadInput, match="sameAs"):
        read_scheme(data_of("atlas").replace(b"exactMatch", b"sameAs", 1), "atlas.yaml", vocabulary())


def test_every_scheme_that_was_asked_for_is_there_with_its_source() -> None:
    assert {entry.id for entry in schemes()} >= ASKED_FOR
    for entry in schemes():
        for said in (
            entry.source.document,
            entry.source.publisher,
            entry.source.version,
            entry.source.section,
        ):
            assert said.strip(), entry.id
        assert entry.source.url.startswith("https://"), entry.id


@pytest.mark.parametrize("entry", schemes(), ids=lambda entry: entry.id)
def test_each_concept_is_matched_or_a_gap_with_a_reason(entry: Scheme) -> None:
    for concept in vocabulary().concepts:
        assert bool(entry.of(concept.id)) != bool(entry.why_gap(concept.id)), concept.id
    counts = entry.counts()
    assert counts.concepts + counts.gaps == len(vocabulary().concepts)
    assert counts.verified + counts.unverified == counts.mappings == len(entry.matches)


def test_every_atlas_id_and_name_is_in_atlas(shared_data: Path) -> None:
    atlas = msgspec.yaml.decode((shared_data / "atlas" / "ATLAS.yaml").read_bytes())
    assert atlas["version"] == scheme("atlas").source.version
    matrix = atlas["matrices"][0]
    real = {part["id"]: part["name"] for part in (*matrix["techniques"], *matrix["tactics"])}
    kinds = {study["case-study-type"] for study in atlas["case-studies"]}
    for term in scheme("atlas").terms:
        if term.id.startswith("case-study-type/"):
            assert term.id.partition("/")[2] in kinds
        else:
            assert real.get(term.id) == term.name


def test_a_list_that_is_said_to_be_complete_is() -> None:
    expected = {
        "owasp-llm-2025": {f"LLM{number:02}:2025" for number in range(1, 11)},
        "owasp-agentic-threats": {f"T{number}" for number in range(1, 16)},
        "owasp-agentic-2026": {f"ASI{number:02}" for number in range(1, 11)},
        "nist-ai-600-1": {f"2.{number}" for number in range(1, 13)},
        "tc260-1": {
            f"3.{section}({letter})"
            for section, letters in {
                "1.1": "abcdef", "1.2": "abcd", "1.3": "abc", "2.1": "abcde", "2.2": "abc", "2.3": "ab", "2.4": "abc",
            }.items()
            for letter in letters
        },
    }  # fmt: skip
    assert {entry.id for entry in schemes() if entry.complete} == set(expected)
    for name, ids in expected.items():
        assert set(scheme(name).by_id) == ids


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("atlas", r"AML\.TA?\d{4}(\.\d{3})?|case-study-type/[a-z]+"),
        ("disarm", r"T\d{4}(\.\d{3})?"),
        ("cwe", r"CWE-\d+"),
        ("misp", r'[A-Za-z0-9-]+:[A-Za-z0-9-]+(="[A-Za-z0-9-]+")?'),
    ],
)
def test_ids_have_the_shape_that_their_publisher_gives_them(name: str, shape: str) -> None:
    for term in scheme(name).terms:
        assert re.fullmatch(shape, term.id), term.id
    assert {match.theirs for match in scheme(name).matches} == set(scheme(name).by_id), (
        "a term without a match"
    )


def test_what_was_not_read_at_its_source_says_so() -> None:
    assert not any(term.verified for term in scheme("tc260-3").terms)
    assert [term.id for term in scheme("owasp-agentic-threats").terms if not term.verified] == ["T9"]


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("cwe", "ours: code.injection", "ours: code.magic", "is no concept"),
        ("cwe", "theirs: CWE-74", "theirs: CWE-75", "not among its terms"),
        (
            "cwe",
            "theirs: CWE-502, relation: exactMatch",
            "theirs: CWE-74, relation: exactMatch",
            "exactMatch: CWE-74",
        ),
        ("cwe", "{id: CWE-327,", "{id: CWE-74,", "terms: CWE-74 is there twice"),
        ("cwe", "relation: exactMatch}", "relation: closeMatch}", "does not say what differs"),
        ("cwe", "ours: [code.phantom-dependency]", "ours: []", "neither matched nor a gap"),
        (
            "cwe",
            "ours: [code.phantom-dependency]",
            "ours: [code.phantom-dependency, code.injection]",
            "and a gap",
        ),
        (
            "cwe",
            "ours: [code.phantom-dependency]",
            "ours: [code.phantom-dependency, x.y]",
            "gap 'x.y' is no concept",
        ),
        ("cwe", "id: cwe", "id: cve", "name the file cve.yaml"),
        ("cwe", "verified: false", "verified: maybe", "cwe.yaml"),
        ("cwe", ", verified: false", "", "verified"),
        ("cwe", "name: Common Weakness Enumeration", "name: ' '", "name is empty"),
    ],
)
def test_an_unsound_crosswalk_is_refused_with_a_reason(name: str, old: str, new: str, words: str) -> None:
    before = data_of(name).decode()
    assert old in before
    with pytest.raises(BadInput, match=re.escape(words)):
        read_scheme(before.replace(old, new, 1).encode(), f"{name}.yaml", vocabulary())


def test_an_unknown_scheme_lists_those_there_are() -> None:
    with pytest.raises(NotFound, match=r"atlas.*tc260-1"):
        scheme("iso")


@given(drop=st.integers(min_value=0, max_value=60), junk=st.text(max_size=8))
def test_a_damaged_file_is_read_or_refused_and_nothing_else(drop: int, junk: str) -> None:
    lines = data_of("owasp-agentic-2026").decode().splitlines()
    lines[drop % len(lines)] = junk
    try:
        found = read_scheme("\n".join(lines).encode(), "owasp-agentic-2026.yaml", vocabulary())
    except BadInput:
        return
    assert found.counts().concepts + found.counts().gaps == len(vocabulary().concepts)


def test_the_docs_state_how_much_of_each_scheme_is_verified() -> None:
    text = DOCS.read_text("utf-8")
    for entry in schemes():
        counts = entry.counts()
        row = f"| `{entry.id}` | {entry.name} | "
        figures = f" | {counts.mappings} | {counts.verified} | {counts.unverified} | {counts.gaps} |"
        assert any(line.startswith(row) and line.endswith(figures) for line in text.splitlines()), (
            row + figures
        )
