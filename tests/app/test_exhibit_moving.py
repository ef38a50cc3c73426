"""Exhibits go over to a case that is split from theirs: once, sealed anew, held, quarantined, with their history."""

import hashlib
import json
from pathlib import Path

import pytest

from tests.app.test_exhibits import CONTENT, PURPOSE, begun, person, taken
from tests.cases_made_up import WHY
from tests.fixtures import Made
from tests.nodes import tocsin
from tocsin.app.exhibit_files import FOLDER_NAME
from tocsin.cases.evidence.checking import check_package
from tocsin.kernel import Caller, NotAllowed, NotFound, Role
from tocsin.kernel.custody import CustodyAct

A = CustodyAct


@pytest.fixture
def by(made: Made) -> Caller:
    return person(made, "rea", Role.REVIEWER)


def acts(made: Made, by: Caller, exhibit_id: str) -> list[CustodyAct]:
    steps, broken = made.node.exhibits.custody(by, exhibit_id)
    assert broken is None
    return [step.act for step in steps]


def test_by_the_command_line(made: Made, tmp_path: Path) -> None:
    data, file = str(made.node.data), tmp_path / "letter.txt"
    file.write_bytes(CONTENT)

    def said(*asked: str) -> dict[str, object]:
        answer: dict[str, object] = json.loads(tocsin("case", *asked, "--data", data, "--json").stdout)
        return answer

    case = str(said("open", "--title", "Letters", "--what", "Two letters of a lottery refund.")["id"])
    kept, stays = (str(said("evidence", "add", case, str(file))["id"]) for _ in range(2))
    new = str(said("split", case, "--title", "One of them", "--reasons", WHY, "--exhibit", kept)["id"])
    there, here = said("evidence", "list", new)["exhibits"], said("evidence", "list", case)["exhibits"]
    assert isinstance(there, list)
    assert isinstance(here, list)
    (moved,) = there
    assert (moved["sha256"], moved["name"]) == (hashlib.sha256(CONTENT).hexdigest(), "1.txt")
    assert {one["id"]: one["destroyed"] is None for one in here} == {kept: False, stays: True}
    steps = said("evidence", "show", str(moved["id"]))["steps"]
    assert isinstance(steps, list)
    assert kept in steps[0]["how"]
    out = tmp_path / "package.tar"
    said("evidence", "export", new, "--purpose", PURPOSE, "--out", str(out))
    assert check_package(out.read_bytes()).exhibits == 1


def test_its_bytes_its_holds_and_its_history_go_over(made: Made, by: Caller) -> None:
    node, case = made.node, begun(made)
    kept, held = taken(made, case), taken(made, case, content=b"another letter")
    node.exhibits.hold(by, case, reason="a court asked for all")
    one = node.exhibits.hold(by, case, reason="a court asked for this", exhibit_id=held.id)
    new = node.cases.split(by, case, reasons=WHY, title="Of another", exhibits=(kept.id, held.id, kept.id))
    first, second = node.exhibits.of(by, new.id)
    assert {node.exhibits.open(by, moved.id, PURPOSE) for moved in (first, second)} == {
        CONTENT,
        b"another letter",
    }
    assert first.held
    assert second.held
    reasons = sorted((hold.reason, hold.by) for hold in node.exhibits.holds(by, new.id))
    assert reasons == [
        ("a court asked for all", by.user),
        ("a court asked for all", by.user),
        ("a court asked for this", by.user),
    ]
    ended = {hold.id: hold.released for hold in node.exhibits.holds(by, case)}
    assert [moment is not None for moment in ended.values()] == [hold_id == one.id for hold_id in ended]
    assert acts(made, by, kept.id)[-1] is A.TRANSFERRED
    assert acts(made, by, first.id)[:3] == [A.RECEIVED, A.SEALED, A.HELD]
    came = node.store.exhibits.steps(first.id)[0].how
    assert any(f"{node.store.exhibits.steps(old.id)[-1].chain.hex()}" in came for old in (kept, held))
    with pytest.raises(NotFound, match="destroyed"):
        node.exhibits.open(by, kept.id, PURPOSE)
    node.exhibits.tick()
    node.exhibits.tick()
    files = {path.name for path in (node.data / FOLDER_NAME).iterdir()}
    assert files == {first.id, second.id}


def test_what_is_quarantined_stays_so(made: Made, by: Caller) -> None:
    node, case = made.node, begun(made)
    kept = taken(made, case, quarantined=True)
    new = node.cases.split(by, case, reasons=WHY, title="Of another", exhibits=(kept.id,))
    (moved,) = node.exhibits.of(by, new.id)
    assert moved.quarantined
    assert acts(made, by, moved.id)[-1] is A.QUARANTINED
    with pytest.raises(NotAllowed, match="not shown"):
        node.exhibits.open(by, moved.id, PURPOSE)


def test_a_split_that_fails_leaves_all_as_it_was(made: Made, by: Caller) -> None:
    node, case, other = made.node, begun(made), begun(made)
    kept, theirs = taken(made, case), taken(made, other)
    before = len(node.cases.page(by).cases)
    for named in (theirs.id, "ex_none"):
        with pytest.raises(NotFound, match="there is no exhibit"):
            node.cases.split(by, case, reasons=WHY, title="Of another", exhibits=(kept.id, named))
    node.cases.on_split(lambda *_: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        node.cases.split(by, case, reasons=WHY, title="Of another", exhibits=(kept.id,))
    assert len(node.cases.page(by).cases) == before
    assert node.exhibits.open(by, kept.id, PURPOSE) == CONTENT
    node.exhibits.tick()
    node.exhibits.tick()
    files = {path.name for path in (node.data / FOLDER_NAME).iterdir()}
    assert files == {kept.id, theirs.id}
