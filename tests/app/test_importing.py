"""MITRE ATLAS, with its real defects, imports: each is reported by object, and twice changes nothing."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fixtures import Made
from tests.neighbour_files import REPORT, lines
from tests.wire.stix.test_reading import INDICATOR, UUID
from tocsin.app.importing import import_file
from tocsin.kernel import TLP, BadInput, Origin


def test_atlas_imports_with_its_defects_named(made: Made, shared_data: Path) -> None:
    by = made.node.access.operator()
    first = import_file(made.node, by, shared_data / "atlas" / "stix-atlas.json")
    assert first.kept > 400
    assert first.known == 0
    assert sum("modified" in problem for problem in first.problems) >= 2  # dated before they were created
    assert any("id comes twice" in problem for problem in first.problems)
    assert all("--" in problem for problem in first.problems)  # each names its object
    again = import_file(made.node, by, shared_data / "atlas" / "stix-atlas.json")
    assert (again.kept, again.known, again.refused) == (0, first.kept, first.refused)
    assert len(made.node.store.records.list(origin=Origin.IMPORT, types=("attack-pattern",))) == 170


def test_what_is_imported_is_never_offered_to_a_peer(made: Made, shared_data: Path) -> None:
    by = made.node.access.operator()
    import_file(made.node, by, shared_data / "atlas" / "stix-atlas.json")
    made.node.exchange.add_peer(by, "lab", "https://lab.example")
    assert made.node.exchange.publishing.preview(by, "lab", "misuse-defence").entries == ()


def test_a_file_that_is_no_bundle_says_so(made: Made, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[1, 2]")
    with pytest.raises(BadInput, match="--format"):
        import_file(made.node, made.node.access.operator(), tmp_path / "x.json")


def test_avid_imports_and_a_changed_entry_is_a_later_version(made: Made, tmp_path: Path) -> None:
    by, file = made.node.access.operator(), tmp_path / "avid.jsonl"
    heard: list[tuple[int, int]] = []
    file.write_bytes(lines(REPORT))
    first = import_file(made.node, by, file, progress=lambda done, total: heard.append((done, total)))
    assert (first.form, first.kept, first.refused) == ("avid", 4, 0)
    assert first.kinds == {"extension-definition": 1, "identity": 1, "note": 1, "vulnerability": 1}
    assert heard == [(4, 4)]
    made.now += timedelta(days=1)
    assert import_file(made.node, by, file).known == 4
    changed = REPORT | {"description": {"lang": "eng", "value": "It trusts two refund forms."}}
    for kept in (1, 0):
        file.write_bytes(lines(changed))
        again = import_file(made.node, by, file)
        assert (again.kept, again.problems) == (kept, ())
    (record,) = made.node.store.records.list(types=("vulnerability",))
    assert b"two refund forms" in record.stix
    assert record.origin is Origin.IMPORT


def test_another_content_for_a_marking_is_refused(made: Made, tmp_path: Path) -> None:
    clear = b"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
    (tmp_path / "x.json").write_bytes(
        b'{"type":"bundle","objects":[{"type":"marking-definition","spec_version":"2.1","id":"%s",'
        b'"created":"2022-10-01T00:00:00.000Z","definition_type":"statement","definition":{"statement":"x"}}]}'
        % clear
    )
    outcome = import_file(made.node, made.node.access.operator(), tmp_path / "x.json")
    assert (outcome.kept, outcome.refused) == (0, 1)


def test_a_marking_that_refers_to_nothing_is_amber(made: Made, tmp_path: Path) -> None:
    marked = {**INDICATOR, "object_marking_refs": [f"marking-definition--{UUID}"]}
    (tmp_path / "x.json").write_text(json.dumps({"type": "bundle", "objects": [marked]}))
    found = import_file(made.node, made.node.access.operator(), tmp_path / "x.json")
    assert (found.kept, found.problems) == (1, ())
    record = made.node.store.records.get(INDICATOR["id"])
    assert record is not None
    assert record.tlp is TLP.AMBER


def test_ids_that_the_standard_would_not_give_are_counted(made: Made, tmp_path: Path) -> None:
    address = {"type": "ipv4-addr", "id": f"ipv4-addr--{UUID}", "value": "198.51.100.3"}
    good = {**address, "id": "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4"}
    (tmp_path / "x.json").write_text(json.dumps({"type": "bundle", "objects": [address, good]}))
    found = import_file(made.node, made.node.access.operator(), tmp_path / "x.json")
    assert (found.kept, found.refused) == (2, 0)
    assert found.problems == (
        "x.json: 1 observables have another id than their properties give (STIX 2.1 section 2.9); kept",
    )
