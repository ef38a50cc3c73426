"""Evidence handed on by a real node: held together by its key, without what may not leave."""

import pytest

from tests.app.test_exhibits import CONTENT, PURPOSE, begun, person, taken
from tests.fixtures import Made
from tests.nodes import tocsin
from tocsin.app import exhibits, openings
from tocsin.cases.evidence.checking import check_package
from tocsin.cases.evidence.package import CASE, read_tar
from tocsin.kernel import BadInput, NotAllowed, NotFound, Role, TooLarge
from tocsin.kernel.custody import CustodyAct


def test_a_package_of_a_case_holds_after_the_nodes_key_changed(made: Made) -> None:
    reviewer = person(made, "rea", Role.REVIEWER)
    case = begun(made)
    kept, hidden = taken(made, case), taken(made, case, quarantined=True)
    made.node.own_keys.rotate(made.node.access.operator())
    package = made.node.evidence_packages.export(reviewer, case, PURPOSE, timeline=True)
    assert (package.exhibits, package.withheld) == (1, 1)
    checked = check_package(package.content, expected_key=made.node.keys.identity.public)
    assert (checked.exhibits, checked.withheld, checked.node) == (1, 1, made.node.node_id)
    _, files = read_tar(package.content)
    assert files[f"data/exhibits/{kept.sha256}.txt"] == CONTENT
    assert hidden.id.encode() not in b"".join(files.values())
    assert b"timeline" in files[CASE]
    assert b"disposition" not in files[CASE]
    step = made.node.exhibits.custody(reviewer, kept.id)[0][-1]
    assert (step.act, step.how) == (CustodyAct.EXPORTED, PURPOSE)
    assert package.id in step.result
    row = made.node.store.audit.read(act="evidence.export")[0]
    assert (row.who, row.purpose, row.detail["withheld"]) == (reviewer.user, PURPOSE, 1)


def test_who_may_not_export_and_what_does_not_leave(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    analyst, reviewer = person(made, "ana", Role.ANALYST), person(made, "rea", Role.REVIEWER)
    case = begun(made)
    export = made.node.evidence_packages.export
    with pytest.raises(BadInput, match="nothing to export"):
        export(reviewer, case, PURPOSE)
    hidden = taken(made, case, quarantined=True)
    with pytest.raises(BadInput, match="nothing to export"):
        export(reviewer, case, PURPOSE)
    with pytest.raises(NotAllowed):
        export(reviewer, case, PURPOSE, only=[hidden.id])
    kept = taken(made, case)
    with pytest.raises(NotAllowed):
        export(analyst, case, PURPOSE)
    with pytest.raises(NotFound):
        export(reviewer, "case_none", PURPOSE)
    with pytest.raises(BadInput, match="no exhibit"):
        export(reviewer, case, PURPOSE, only=["ex_none"])
    with monkeypatch.context() as bounded:
        bounded.setattr(exhibits, "MAX_PACKAGE_BYTES", kept.size - 1)
        with pytest.raises(TooLarge, match="at a time"):
            export(reviewer, case, PURPOSE)
    monkeypatch.setattr(openings, "MAX_TEXTS_A_DAY", 0)
    with pytest.raises(NotAllowed, match="a day"):
        export(reviewer, case, PURPOSE, only=[kept.id])
    assert made.node.exhibits.custody(reviewer, kept.id)[0][-1].act is CustodyAct.SEALED


def test_by_command_from_a_file_to_a_package_that_another_machine_checks(made: Made) -> None:
    person(made, "rea", Role.REVIEWER)
    case = begun(made)
    data, folder = str(made.node.data), made.node.data.parent
    note, package = folder / "note.txt", folder / "package.tar"
    note.write_bytes(CONTENT)
    given = ("--data", data, "--user", "rea")
    said = tocsin("case", "evidence", "add", case, str(note), *given, "--source", "a forum").stdout
    exhibit = said.split()[2]
    assert exhibit in tocsin("case", "evidence", "list", case, *given).stdout
    held = tocsin("case", "evidence", "hold", case, *given, "--reason", "a court asked for it").stdout
    hold = held.split()[2].rstrip(",")
    assert hold in tocsin("case", "evidence", "list", case, *given).stdout
    tocsin("case", "evidence", "release", hold, *given, "--reason", "the court is done")
    out = str(folder / "opened.txt")
    tocsin("case", "evidence", "open", exhibit, *given, "--purpose", PURPOSE, "--out", out)
    assert (folder / "opened.txt").read_bytes() == CONTENT
    tocsin("case", "evidence", "export", case, *given, "--purpose", PURPOSE, "--out", str(package))
    assert "The chain holds" in tocsin("case", "evidence", "show", exhibit, *given).stdout
    assert "It holds: 1 exhibits" in tocsin("case", "evidence", "verify", str(package)).stdout
    assert f'"{made.node.node_id}"' in tocsin("case", "evidence", "verify", str(package), "--json").stdout
    changed = bytearray(package.read_bytes())
    changed[len(changed) // 2] ^= 1
    package.write_bytes(changed)
    refused = tocsin("case", "evidence", "verify", str(package), check=False)
    assert refused.returncode == 2
    assert "changed" in refused.stderr
