"""An export is a release: the same decision, the same manifest, the same bytes; and an import of it is no one's."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.fixtures import Made
from tests.misp_events import OBJECTS, TECHNIQUE, attribute, event
from tests.share.said import confirmed
from tocsin.app.exporting import export_file
from tocsin.app.importing import import_file
from tocsin.kernel import TLP, BadInput, Conflict, NotAllowed, NotFound, Origin, PeerStatus
from tocsin.store.interface import ReleaseFilter
from tocsin.wire.misp import read_misp, write_misp
from tocsin.wire.stix import canonical, parse_bundle

PURPOSE = "misuse-defence"


@pytest.fixture
def ready(made: Made) -> Made:
    """A node with something to say and a trusted peer."""
    by = made.node.access.operator()
    made.node.store.records.put(confirmed())
    made.node.exchange.add_peer(by, "lab", "https://lab.example", ceiling=TLP.AMBER)
    trust(made, PeerStatus.TRUSTED)
    return made


def trust(made: Made, status: PeerStatus) -> None:
    peer = made.node.exchange.peer("lab")
    made.node.store.peers.replace(
        msgspec.structs.replace(
            peer, status=status, identity="identity--" + "0" * 8 + "-0000-4000-8000-" + "0" * 12
        )
    )


def released(made: Made) -> set[bytes]:
    rows = made.node.store.releases.page("lab", ReleaseFilter(limit=1000, versions=("all",))).rows
    return {row.stix for row in rows}


@pytest.mark.parametrize("form", ["stix", "misp"])
def test_the_file_holds_the_released_bytes_and_nothing_else(ready: Made, tmp_path: Path, form: Any) -> None:
    by, file = ready.node.access.operator(), tmp_path / "out.json"
    shown = ready.node.exchange.publishing.preview(by, "lab", PURPOSE)
    done = export_file(ready.node, by, "lab", PURPOSE, file, form=form, digest=shown.digest)
    assert done is not None
    assert (done.manifest, done.records) == (shown.digest, len(shown.released))
    bundle = read_misp(file.read_bytes()).bundle if form == "misp" else parse_bundle(file.read_bytes())
    assert {canonical(item) for item in bundle.objects} == released(ready)
    assert file.stat().st_mode & 0o777 == 0o600
    (row,) = ready.node.store.audit.read(act="share.export")
    assert row.detail["sha256"] == done.sha256
    assert [manifest.digest for _, _, manifest in ready.node.store.releases.manifests()] == [shown.digest]


def test_a_misp_file_says_nothing_that_the_released_bytes_do_not(ready: Made, tmp_path: Path) -> None:
    by, file = ready.node.access.operator(), tmp_path / "out.json"
    export_file(ready.node, by, "lab", PURPOSE, file, form="misp")
    said = [json.loads(content) for content in released(ready)]
    again = write_misp(
        [canonical(value) for value in sorted(said, key=lambda value: (value["type"], value["id"]))]
    )
    assert read_misp(again) == read_misp(file.read_bytes())
    assert ready.node.name not in json.loads(file.read_bytes())["Event"]["Orgc"].values()


def test_what_was_released_is_written_again_only_when_asked(ready: Made, tmp_path: Path) -> None:
    by = ready.node.access.operator()
    ready.node.exchange.publishing.publish(by, "lab", PURPOSE)
    assert export_file(ready.node, by, "lab", PURPOSE, tmp_path / "a.json") is None
    assert not (tmp_path / "a.json").exists()
    done = export_file(ready.node, by, "lab", PURPOSE, tmp_path / "a.json", everything=True)
    assert done is not None
    assert done.records == len(released(ready))


def test_nothing_is_written_for_a_peer_that_lost_our_trust(ready: Made, tmp_path: Path) -> None:
    by = ready.node.access.operator()
    ready.node.exchange.publishing.publish(by, "lab", PURPOSE)
    trust(ready, PeerStatus.SUSPENDED)
    with pytest.raises(NotAllowed, match="not trusted"):
        export_file(ready.node, by, "lab", PURPOSE, tmp_path / "a.json", everything=True)
    assert not (tmp_path / "a.json").exists()


def test_a_file_that_is_there_another_hash_and_a_stranger_release_nothing(
    ready: Made, tmp_path: Path
) -> None:
    by = ready.node.access.operator()
    (tmp_path / "a.json").write_text("mine")
    with pytest.raises(BadInput, match="there already"):
        export_file(ready.node, by, "lab", PURPOSE, tmp_path / "a.json")
    with pytest.raises(Conflict):
        export_file(ready.node, by, "lab", PURPOSE, tmp_path / "b.json", digest="0" * 64)
    with pytest.raises(NotFound):
        export_file(ready.node, by, "nobody", PURPOSE, tmp_path / "b.json")
    assert released(ready) == set()
    assert not (tmp_path / "b.json").exists()


def test_a_misp_event_is_imported_once_and_never_offered(ready: Made, tmp_path: Path) -> None:
    by, file = ready.node.access.operator(), tmp_path / "event.json"
    file.write_bytes(event(attribute(1, "one.example"), tags=("tlp:red",)))
    first = import_file(ready.node, by, file)
    assert (first.form, first.refused) == ("misp", 0)
    assert first.kept > 3
    again = import_file(ready.node, by, file)
    assert (again.kept, again.known) == (0, first.kept)
    assert {record.tlp for record in ready.node.store.records.list(origin=Origin.IMPORT)} == {TLP.RED}
    offered = {entry.id for entry in ready.node.exchange.publishing.preview(by, "lab", PURPOSE).entries}
    assert offered.isdisjoint({record.id for record in ready.node.store.records.list(origin=Origin.IMPORT)})


def test_a_level_set_in_misp_is_the_level_it_is_kept_under(ready: Made, tmp_path: Path) -> None:
    found = json.loads(write_misp([canonical(value) for value in OBJECTS[:4]]))
    found["Event"]["Tag"] = [{"name": "tlp:red"}]
    (tmp_path / "event.json").write_text(json.dumps(found))
    import_file(ready.node, ready.node.access.operator(), tmp_path / "event.json")
    record = ready.node.store.records.get(TECHNIQUE)
    assert record is not None
    assert record.tlp is TLP.RED
    assert record.stix == canonical(OBJECTS[3])
    assert import_file(ready.node, ready.node.access.operator(), tmp_path / "event.json").problems == ()


def test_a_level_set_after_the_first_import_is_told(ready: Made, tmp_path: Path) -> None:
    by, file = ready.node.access.operator(), tmp_path / "event.json"
    file.write_bytes(write_misp([canonical(value) for value in OBJECTS[:4]]))
    import_file(ready.node, by, file)
    found = json.loads(file.read_bytes())
    found["Event"]["Tag"] = [{"name": "tlp:red"}]
    file.write_text(json.dumps(found))
    assert (
        f"{TECHNIQUE}: is now tlp:red, and stays kept under tlp:green"
        in import_file(ready.node, by, file).problems
    )


def test_a_file_may_not_speak_for_us_or_for_a_peer(ready: Made, tmp_path: Path) -> None:
    by, file = ready.node.access.operator(), tmp_path / "bundle.json"
    peer = ready.node.exchange.peer("lab")
    for author in (peer.identity, ready.node.keys.identity.stix_identity):
        forged = OBJECTS[3] | {"created_by_ref": author}
        file.write_bytes(json.dumps({"type": "bundle", "objects": [forged]}).encode())
        outcome = import_file(ready.node, by, file)
        assert (outcome.kept, outcome.refused) == (0, 1)
        assert "speaks for" in outcome.problems[0]
