"""MITRE ATLAS, with its real defects, imports: each is reported by object, and twice changes nothing."""

from pathlib import Path

import pytest

from tests.fixtures import Made
from tocsin.app.importing import import_file
from tocsin.kernel import BadInput, Origin


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
    assert made.node.exchange.preview(by, "lab", "misuse-defence").entries == ()


def test_a_file_that_is_no_bundle_says_so(made: Made, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[1, 2]")
    with pytest.raises(BadInput, match="not a STIX bundle"):
        import_file(made.node, made.node.access.operator(), tmp_path / "x.json")
