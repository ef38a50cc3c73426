"""tocsin taxonomy as a user types it: words, one JSON document, exit codes."""

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from tocsin.cli import taxonomy
from tocsin.kernel import TocsinError
from tocsin.taxonomy.vocabulary import vocabulary


def run(*arguments: str) -> Result:
    root = typer.Typer()
    root.add_typer(taxonomy.app, name="taxonomy")
    return CliRunner().invoke(root, ["taxonomy", *arguments], env={"COLUMNS": "400"})


def answer(*arguments: str) -> Any:
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_show_lists_everything_in_either_language() -> None:
    page = answer("show", "--lang", "zh")
    assert page["version"] == vocabulary().version
    shown = run("show", "--lang", "zh").stdout
    for concept in vocabulary().concepts:
        assert concept.id in shown
        assert concept.label.zh in shown


def test_show_one_says_what_other_schemes_call_it_and_which_have_no_word() -> None:
    view = answer("show", "technique.provenance-bypass")
    assert {row["scheme"] for row in view["gaps"]} >= {"atlas", "owasp-llm-2025"}
    text = run("show", "technique.provenance-bypass").stdout
    assert "Removing provenance labels / 去除来源标识" in text
    assert "ATLAS has no technique against labels or watermarks." in text
    assert "T0129.009 Remove Post Origins" in text


def test_map_shows_the_schemes_a_scheme_or_a_concept() -> None:
    assert {row["id"] for row in answer("map")["schemes"]} >= {"atlas", "misp", "tc260-1"}
    whole = answer("map", "--scheme", "owasp-llm-2025")
    assert [row["theirs"] for row in whole["terms_without_ours"]] == ["LLM07:2025"]
    one = answer("map", "cyber.phishing", "--scheme", "atlas")
    assert [(row["theirs"], row["relation"]) for row in one["matches"]] == [("AML.T0052", "exactMatch")]
    assert one["gaps"] == []


def test_what_is_unverified_is_marked_for_people_too() -> None:
    text = run("map", "--scheme", "tc260-3").stdout
    assert "33 mappings, 33 of them unverified" in text
    assert text.count("(?)") == 33
    assert "(?)" not in run("map", "--scheme", "atlas").stdout


def test_disagree_names_both_sides_and_the_reason() -> None:
    view = answer("disagree", "nist-ai-600-1", "tc260-1")
    kinds = {row["ours"]: row["kind"] for row in view["differences"]}
    assert kinds["cbrn.uplift"] == "breadth"
    text = run("disagree", "nist-ai-600-1", "tc260-1").stdout
    assert "exactMatch 2.1 CBRN Information or Capabilities" in text
    assert "broadMatch 3.2.2(c)" in text
    assert "has under one term, 2.9 Information Security" in text


@pytest.mark.parametrize("form", ["stix", "misp", "skos"])
def test_export_writes_json_to_standard_output(form: str) -> None:
    done = run("export", "--format", form)
    assert done.exit_code == 0
    assert json.loads(done.stdout)


def test_export_to_a_file_gives_a_receipt(tmp_path: Path) -> None:
    out = tmp_path / "words.csv"
    receipt = answer("export", "--format", "csv", "--out", str(out))
    assert receipt["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert receipt["bytes"] == out.stat().st_size
    with out.open(encoding="utf-8", newline="") as stream:
        assert next(csv.reader(stream))[0] == "id"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("show", "domain.weather"), 1, "taxonomy show"),
        (("map", "--scheme", "iso"), 1, "there are atlas"),
        (("disagree", "atlas", "iso"), 1, "there are atlas"),
        (("disagree", "atlas", "atlas"), 2, "two schemes"),
        (("export", "--format", "pdf"), 2, "stix, misp, csv, skos"),
        (("export", "--format", "csv", "--json"), 2, "--out FILE"),
        (("export", "--format", "csv", "--out", "/nowhere/at/all.csv"), 2, "a folder that exists"),
    ],
)
def test_wrong_use_says_what_to_do(arguments: tuple[str, ...], code: int, words: str) -> None:
    error = run(*arguments).exception
    assert isinstance(error, TocsinError)
    assert error.exit_code == code
    assert words in error.message
