"""The vocabulary: complete in both languages, ids that stay, relations that lead somewhere, no forbidden subject."""

import re
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.kernel import BadInput, EvidenceStatus, NotFound
from tocsin.taxonomy import categories
from tocsin.taxonomy.vocabulary import CONDUCT, Concept, Facet, Vocabulary, read_vocabulary, vocabulary

GOLDEN = Path(__file__).with_name("ids.txt")
MISSION_ROW_10 = {
    "domain": {"cyber", "disinformation", "cbrn", "autonomous-systems"},
    "technique": {
        "requirement-hijack", "data-poisoning", "privacy-theft", "provenance-bypass", "backdoor", "evasion",
        "prompt-injection", "model-theft", "monitoring-bypass",
    },
    "agent": {"memory-poisoning", "tool-misuse", "reward-cheating"},
    "route": {"propaganda-recruitment", "chatbot-radicalisation", "planning"},
    "level": {"international", "national", "social", "individual"},
    "context": {
        "critical-infrastructure", "core-finance", "government", "health", "pathogen-design", "lab-workflow",
    },
    "evidence": {"theoretical", "tested", "observed"},
}  # fmt: skip
HAN = re.compile("[\u4e00-\u9fff]")
SPEECH = {
    "political", "religious", "religion", "journalism", "journalistic", "labour", "petition", "protest", "identity",
    "belief", "satire", "speech", "opinion", "faith", "ethnic", "nationality", "extremism", "ideology",
}  # fmt: skip


@pytest.fixture
def files() -> dict[str, bytes]:
    folder = resources.files("tocsin.taxonomy").joinpath("vocabulary")
    return {entry.name: entry.read_bytes() for entry in folder.iterdir() if entry.name.endswith(".yaml")}


@pytest.mark.parametrize("facet", MISSION_ROW_10)
def test_a_facet_holds_what_the_mission_asks_for(facet: str) -> None:
    assert {concept.id for concept in vocabulary().of(facet)} == {
        f"{facet}.{name}" for name in MISSION_ROW_10[facet]
    }


def test_evidence_is_the_status_that_records_carry() -> None:
    assert [concept.id for concept in vocabulary().of("evidence")] == [
        f"evidence.{status.value}" for status in EvidenceStatus
    ]


def test_every_label_and_definition_is_there_in_both_languages() -> None:
    words = vocabulary()
    everything: list[Concept | Facet] = [*words.concepts, *words.facets]
    for named in everything:
        for said in (named.label, named.means):
            assert said.en.strip()
            assert not HAN.search(said.en), f"{named.id}: {said.en}"
            assert HAN.search(said.zh), f"{named.id}: {said.zh}"
        assert named.means.en.endswith(".")
        assert named.means.zh.endswith("。")
    assert all(len(concept.means.en) < 160 for concept in words.concepts), "one sentence, and a short one"


def test_published_ids_stay_and_new_ones_are_written_down() -> None:
    published = dict(
        line.split() for line in GOLDEN.read_text("utf-8").splitlines() if line and not line.startswith("#")
    )
    words = vocabulary()
    now = {concept.id: concept.facet for concept in words.concepts}
    gone = {entry.id for entry in words.retired}
    for identifier, facet in published.items():
        assert identifier in now or identifier in gone, (
            f"{identifier} was published: retire it, do not remove it"
        )
        assert now.get(identifier, facet) == facet, f"{identifier} changed its facet: choose a new id"
    missing = set(now) - set(published)
    assert not missing, f"add to {GOLDEN.name}: {sorted(missing)}"


def test_no_concept_names_belief_identity_or_speech() -> None:
    for concept in vocabulary().concepts:
        words = set(re.findall("[a-z]+", f"{concept.id} {concept.label.en}".casefold()))
        assert not words & SPEECH, concept.id


def test_every_category_of_conduct_reaches_a_domain_a_technique_or_a_route() -> None:
    words = vocabulary()
    for kind in categories():
        concept = words.concept(kind.id)
        assert concept.conduct
        assert (concept.label.en, concept.label.zh) == (kind.en, kind.zh)
        if concept.facet == CONDUCT:
            near = {
                words.concept(other).facet
                for other in (*concept.broader, *concept.narrower, *concept.related)
            }
            assert near & {"domain", "technique", "agent", "route"}, kind.id


def test_a_relation_stands_on_both_sides() -> None:
    words = vocabulary()
    for concept in words.concepts:
        for other in concept.broader:
            assert concept.id in words.concept(other).narrower
        for other in concept.related:
            assert concept.id in words.concept(other).related
    assert "cyber.phishing" in words.concept("domain.cyber").narrower


def test_an_unknown_id_is_not_found() -> None:
    with pytest.raises(NotFound, match="taxonomy show"):
        vocabulary().concept("domain.weather")


def test_a_retired_id_says_what_took_its_place_and_cannot_come_back(files: dict[str, bytes]) -> None:
    retired = b"retired: [{id: domain.old, since: 1.1.0, why: it meant two things, instead: domain.cyber}]"
    files["index.yaml"] = files["index.yaml"].replace(b"retired: []", retired)
    with pytest.raises(NotFound, match=r"retired in 1\.1\.0.*use domain\.cyber"):
        read_vocabulary(files).concept("domain.old")
    files["domain.yaml"] = files["domain.yaml"].replace(b"id: domain.cyber\n", b"id: domain.old\n")
    with pytest.raises(BadInput, match=r"domain\.old: was retired"):
        read_vocabulary(files)


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("domain.yaml", "id: domain.cbrn", "id: domain.cyber", "defined twice"),
        ("domain.yaml", "id: domain.cbrn", "id: Domain.CBRN", "write an id"),
        ("domain.yaml", "id: domain.cbrn", "id: route.cbrn", "begins with domain"),
        ("domain.yaml", "id: domain.cbrn", "id: domain.religious", "never a category"),
        ("domain.yaml", "id: domain.cbrn", "id: domain.online-protest", "never a category"),
        ("domain.yaml", "en: Cyber\n", "en: ''\n", "domain.cyber: label: nothing is said in en"),
        ("domain.yaml", "zh: 网络安全\n", "zh: ' '\n", "nothing is said in zh"),
        ("domain.yaml", "facet: domain", "facet: field", "name it 'domain'"),
        ("domain.yaml", "zh: 危害领域", "colour: red", "domain.yaml"),
        ("agent.yaml", "related: [technique.data-poisoning]", "related: [technique.none]", "is no concept"),
        ("agent.yaml", "related: [technique.data-poisoning]", "related: [agent.memory-poisoning]", "itself"),
        (
            "technique.yaml",
            "id: technique.model-theft\n",
            "id: technique.model-theft\n    en: Theft\n",
            "twice",
        ),
        ("conduct.yaml", "id: fraud.scam", "id: fraud.lottery", "not in the list of conduct"),
        (
            "conduct.yaml",
            "broader: [domain.cbrn]",
            "narrower: [domain.cbrn]\n    broader: [domain.cbrn]",
            "two things",
        ),
        ("index.yaml", "version: 1.0.0", "version: newest", "write version"),
        ("index.yaml", "domain, technique", "technique", "is not in the facets"),
        ("index.yaml", "facets: [", "facets: [weather, ", "weather.yaml: is missing"),
    ],
)
def test_unsound_data_are_refused_with_a_reason(
    files: dict[str, bytes], file: str, old: str, new: str, words: str
) -> None:
    before = files[file].decode()
    assert old in before
    files[file] = before.replace(old, new, 1).encode()
    with pytest.raises(BadInput, match=re.escape(words)):
        read_vocabulary(files)


def test_a_circle_of_broader_concepts_is_refused(files: dict[str, bytes]) -> None:
    text = files["conduct.yaml"].decode()
    text = text.replace("id: cyber.malware\n", "id: cyber.malware\n    narrower: [cyber.phishing]\n", 1)
    text = text.replace("id: cyber.intrusion\n", "id: cyber.intrusion\n    narrower: [cyber.malware]\n", 1)
    assert isinstance(read_vocabulary(files | {"conduct.yaml": text.encode()}), Vocabulary)
    text = text.replace("id: cyber.phishing\n", "id: cyber.phishing\n    narrower: [cyber.intrusion]\n", 1)
    with pytest.raises(BadInput, match="broader than itself"):
        read_vocabulary(files | {"conduct.yaml": text.encode()})


def test_a_category_of_conduct_without_a_definition_is_refused(files: dict[str, bytes]) -> None:
    files["conduct.yaml"] = re.sub(
        rb"  - id: autonomy\.weapons\n(?:    .*\n)+", b"", files["conduct.yaml"], count=1
    )
    with pytest.raises(BadInput, match=r"autonomy\.weapons: is a category of conduct without a definition"):
        read_vocabulary(files)


@given(data=st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    folder = resources.files("tocsin.taxonomy").joinpath("vocabulary")
    files = {entry.name: entry.read_bytes() for entry in folder.iterdir() if entry.name.endswith(".yaml")}
    with pytest.raises(BadInput, match="level"):
        read_vocabulary(files | {"level.yaml": data})
