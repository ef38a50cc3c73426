"""What concerns an inspection: components by version, files by their bytes, and names as mere claims."""

import json
from collections.abc import Collection
from typing import Any

import msgspec
import pytest

from tests.assure.intelligence.test_osv import entry
from tocsin.assure.intelligence import matching
from tocsin.assure.intelligence.file_hashes import OWN, item
from tocsin.assure.intelligence.matching import Component, component_of, component_of_purl
from tocsin.assure.intelligence.osv import read_entry
from tocsin.assure.intelligence.versions import Answer
from tocsin.kernel.artefacts import ArtefactVerdict, Fact, Inspection, Part
from tocsin.kernel.models import Intelligence

CLEAN = ArtefactVerdict.CLEAN


def osv(number: int = 1, **changed: Any) -> Intelligence:
    read = read_entry(json.dumps(entry(number, **changed)).encode(), "x", at=1)
    assert isinstance(read, Intelligence)
    return read


def requirement(**values: str) -> Fact:
    return Fact("requirement", "requirements.txt", dict(values))


def inspection(*facts: Fact) -> Inspection:
    part = Part("weights/model.bin", 3, "pickle", CLEAN, "b" * 64)
    return Inspection("a" * 64, "Helper-7B", 3, 1, "t", {}, CLEAN, facts=facts, parts=(part,))


@pytest.mark.parametrize(
    ("fact", "component"),
    [
        (
            requirement(name="torch", specifier="==2.1.0"),
            Component("PyPI", "torch", "requirements.txt", "2.1.0"),
        ),
        (
            requirement(name="torch[cuda]", specifier="=== 2.1"),
            Component("PyPI", "torch", "requirements.txt", "2.1"),
        ),
        (
            requirement(name="torch", specifier=">=2,<3"),
            Component("PyPI", "torch", "requirements.txt", "", ">=2,<3"),
        ),
        (
            requirement(name="torch", specifier="==2.*"),
            Component("PyPI", "torch", "requirements.txt", "", "==2.*"),
        ),
        (requirement(name="x", version="1", ecosystem="npm"), Component("npm", "x", "requirements.txt", "1")),
        (
            requirement(purl="pkg:cargo/serde@1.0.1"),
            Component("crates.io", "serde", "requirements.txt", "1.0.1"),
        ),
        (
            requirement(name="x", version="1", **{"from": "conda"}),
            Component("conda", "x", "requirements.txt", "1"),
        ),
        (
            requirement(name="x", url="https://x.example"),
            Component("PyPI", "x", "requirements.txt", "", "@ https://x.example"),
        ),
        (requirement(purl="pkg:nonsense"), None),
        (requirement(specifier="==1"), None),
    ],
)
def test_a_fact_names_a_component(fact: Fact, component: Component | None) -> None:
    assert component_of(fact) == component


@pytest.mark.parametrize(
    ("purl", "key"),
    [
        ("pkg:pypi/Ruamel_Yaml@1", "package:pypi/ruamel-yaml"),
        ("pkg:npm/%40scope/name@1.0.0", "package:npm/@scope/name"),
        ("pkg:maven/org.example/lib@1", "package:maven/org.example:lib"),
        ("pkg:golang/example.com/a/b@v1.0.0", "package:go/example.com/a/b"),
        ("pkg:deb/debian/curl@7.0-1?distro=x", "package:debian/curl"),
    ],
)
def test_package_urls_meet_the_names_that_osv_uses(purl: str, key: str) -> None:
    component = component_of_purl(purl, "bom.json")
    assert component is not None
    assert component.key == key


def test_a_fixed_version_is_affected_or_it_is_not() -> None:
    pinned = [Component("PyPI", "example-package", "r.txt", version) for version in ("1.3", "1.4")]
    (match,) = matching.matched(pinned, [osv()])
    assert (match.component.version, match.answer, match.aliases) == ("1.3", Answer.AFFECTED, ("CVE-2026-1",))
    assert matching.matched(pinned, [osv(withdrawn="2026-11-02T00:00:00Z")]) == ()
    assert matching.matched(pinned, [osv(name="another")]) == ()


def test_one_flaw_under_two_ids_is_one_row() -> None:
    pinned = [Component("PyPI", "example-package", "r.txt", "1.3")]
    other = osv(2, id="GHSA-xxxx", aliases=["CVE-2026-1"])
    assert [match.entry.id for match in matching.matched(pinned, [osv(1), other])] == ["GHSA-xxxx"]
    assert len(matching.matched(pinned, [osv(1), osv(2)])) == 2


def test_what_is_admitted_is_a_note_and_what_was_made_to_harm_is_critical() -> None:
    wanted = [
        Component("PyPI", "example-package", "r.txt", "1.3"),
        Component("PyPI", "example-package", "s.txt", "", ">=1"),
        Component("npm", "example_package", "p.json"),
    ]
    harmful = osv(3, id="MAL-2026-3", aliases=[])
    told = matching.vulnerable(matching.matched(wanted, [osv(1), harmful]))
    assert [
        (one.rule, one.verdict.value, one.place.path, one.values.get("id", one.values.get("count")))
        for one in told
    ] == [
        ("registry.malicious-requirement", "found", "r.txt", "MAL-2026-3"),
        ("registry.vulnerable-requirement", "found", "r.txt", "PYSEC-2026-1"),
        ("registry.admits-vulnerable", "clean", "s.txt", 2),
    ]


def test_files_are_known_by_their_very_bytes() -> None:
    def about(keys: Collection[str]) -> tuple[Intelligence, ...]:
        listed = [
            item("own", ("b" * 64,), digest="1", at=1, title="", source=OWN),
            item("indicator--1", ("a" * 64,), digest="1", at=1, title="", source="peer:lab"),
            item("gone", ("b" * 64,), digest="1", at=1, title="", source=OWN, withdrawn=True),
            osv(1),
        ]
        return tuple(one for one in listed if set(one.keys) & set(keys))

    told = matching.findings(inspection(requirement(name="example-package", specifier="==1.0")), about)
    assert [(one.rule, one.verdict.value, one.place.path) for one in told] == [
        ("registry.known-bad-file", "found", "weights/model.bin"),
        ("registry.bad-file-by-peer", "inconclusive", "."),
        ("registry.vulnerable-requirement", "found", "requirements.txt"),
    ]
    assert told[1].values == {"id": "indicator--1", "source": "peer:lab"}


def test_names_and_bases_are_claims_that_it_is_found_by() -> None:
    looked = inspection(
        Fact("base-model", "README.md", {"name": "Example/Base-7B"}),
        Fact("metadata", "model.gguf", {"general.name": "Helper 7B chat"}),
        requirement(name="torch"),
    )
    assert matching.bases(looked) == {"model:example/base-7b", "model:base-7b"}
    assert matching.names(looked) == {"model:helper-7b", "model:helper-7b-chat"}
    assert "package:pypi/torch" in matching.keys(looked)
    assert matching.components(msgspec.structs.replace(looked, facts=looked.facts * 3)) == (
        Component("PyPI", "torch", "requirements.txt"),
    )
