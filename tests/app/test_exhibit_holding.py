"""How long evidence lives: until its case is over and its days are, unless it is held; its steps outlive it."""

from datetime import timedelta

import msgspec
import pytest

from tests.app.test_exhibits import CONTENT, PURPOSE, begun, person, taken
from tests.fixtures import Made
from tocsin.app.exhibit_files import FOLDER_NAME
from tocsin.kernel import BadInput, Caller, Conflict, NotAllowed, NotFound, Role, micros
from tocsin.kernel.cases import CaseFlag, CaseState
from tocsin.kernel.custody import CustodyAct
from tocsin.kernel.limits import RETENTION_DAYS_EXHIBITS

WHY = "a court asked for it"


@pytest.fixture
def reviewer(made: Made) -> Caller:
    return person(made, "rea", Role.REVIEWER)


def moved(made: Made, case_id: str, state: CaseState, merged_into: str | None = None) -> None:
    """The case as some act left it: only when it was and how it stands matter here."""
    case = made.node.store.cases.get(case_id, made.node.queues.ids())
    assert case is not None
    changed = msgspec.structs.replace(
        case, state=state, merged_into=merged_into, updated=micros(made.now), version=case.version + 1
    )
    acts = made.node.store.cases.acts(case_id, made.node.queues.ids())
    act = msgspec.structs.replace(acts[-1].act, number=changed.version, at=changed.updated)
    made.node.store.cases.act(changed, msgspec.structs.replace(acts[-1], act=act))


def days(made: Made, number: int) -> None:
    made.now += timedelta(days=number)


def test_evidence_goes_when_its_case_is_over_and_its_days_are(made: Made, reviewer: Caller) -> None:
    case = begun(made)
    kept = taken(made, case)
    days(made, RETENTION_DAYS_EXHIBITS + 1)
    assert made.node.exhibits.tick() == 0
    assert made.node.exhibits.of(reviewer, case)[0].expires is None
    moved(made, case, CaseState.CLOSED)
    expected = micros(made.now + timedelta(days=RETENTION_DAYS_EXHIBITS))
    assert made.node.exhibits.of(reviewer, case)[0].expires == expected
    days(made, RETENTION_DAYS_EXHIBITS - 1)
    assert made.node.exhibits.tick() == 0
    days(made, 1)
    assert made.node.exhibits.tick() == 1
    assert not list((made.node.data / FOLDER_NAME).iterdir())
    (gone,) = made.node.exhibits.of(reviewer, case)
    assert (gone.destroyed, gone.sha256, gone.name) == (micros(made.now), "", "")
    with pytest.raises(NotFound, match="destroyed"):
        made.node.exhibits.open(reviewer, kept.id, PURPOSE)
    steps, broken = made.node.exhibits.custody(reviewer, kept.id)
    assert broken is None
    assert (steps[-1].act, steps[-1].by) == (CustodyAct.DESTROYED, "node")
    assert made.node.exhibits.tick() == 0


def test_a_merged_case_lives_as_long_as_the_whole(made: Made) -> None:
    part, whole = begun(made), begun(made)
    taken(made, part)
    moved(made, part, CaseState.MERGED, merged_into=whole)
    days(made, RETENTION_DAYS_EXHIBITS + 1)
    assert made.node.exhibits.tick() == 0
    moved(made, whole, CaseState.CLOSED)
    days(made, RETENTION_DAYS_EXHIBITS)
    assert made.node.exhibits.tick() == 1


@pytest.mark.parametrize("one", [True, False])
def test_a_hold_keeps_it_until_it_ends(made: Made, reviewer: Caller, one: bool) -> None:
    case = begun(made)
    kept = taken(made, case)
    moved(made, case, CaseState.CLOSED)
    hold = made.node.exhibits.hold(reviewer, case, reason=WHY, exhibit_id=kept.id if one else None)
    later = taken(made, case)
    held = [exhibit.held for exhibit in made.node.exhibits.of(reviewer, case)]
    assert sum(held) == (1 if one else 2)
    days(made, RETENTION_DAYS_EXHIBITS)
    assert made.node.exhibits.tick() == (1 if one else 0)
    assert made.node.exhibits.open(reviewer, kept.id, PURPOSE) == CONTENT
    assert made.node.exhibits.destroy_all(case, by="node", how="erased") == (0, 1 if one else 2)
    assert made.node.exhibits.holds(reviewer, case) == (hold,)
    made.node.exhibits.release(reviewer, hold.id, reason=WHY)
    with pytest.raises(Conflict):
        made.node.exhibits.release(reviewer, hold.id, reason=WHY)
    assert made.node.exhibits.tick() == (1 if one else 2)
    steps, broken = made.node.exhibits.custody(reviewer, kept.id)
    assert broken is None
    acts = [step.act for step in steps][-4:]
    assert acts == [CustodyAct.HELD, CustodyAct.OPENED, CustodyAct.RELEASED, CustodyAct.DESTROYED]
    assert later.id != kept.id
    assert WHY.encode() not in b"".join(path.read_bytes() for path in made.node.data.glob("tocsin.db*"))


def test_a_hold_ends_by_itself(made: Made, reviewer: Caller) -> None:
    case = begun(made)
    taken(made, case)
    moved(made, case, CaseState.CLOSED)
    until = micros(made.now + timedelta(days=RETENTION_DAYS_EXHIBITS + 5))
    made.node.exhibits.hold(reviewer, case, reason=WHY, until=until)
    days(made, RETENTION_DAYS_EXHIBITS + 4)
    assert made.node.exhibits.tick() == 0
    days(made, 1)
    assert made.node.exhibits.tick() == 1


def test_who_may_not_and_what_is_not_there(made: Made, reviewer: Caller) -> None:
    case = begun(made)
    analyst = person(made, "ana", Role.ANALYST)
    with pytest.raises(NotAllowed):
        made.node.exhibits.hold(analyst, case, reason=WHY)
    with pytest.raises(NotFound, match="no exhibit"):
        made.node.exhibits.hold(reviewer, case, reason=WHY, exhibit_id="ex_none")
    with pytest.raises(BadInput, match="why"):
        made.node.exhibits.hold(reviewer, case, reason="")
    with pytest.raises(BadInput, match="later day"):
        made.node.exhibits.hold(reviewer, case, reason=WHY, until=micros(made.now))
    with pytest.raises(NotFound, match="no hold"):
        made.node.exhibits.release(reviewer, "hold_none", reason=WHY)


def test_a_case_flagged_as_child_material_shuts_all_its_exhibits(made: Made, reviewer: Caller) -> None:
    case = begun(made)
    kept = taken(made, case)
    found = made.node.store.cases.get(case, made.node.queues.ids())
    assert found is not None
    acts = made.node.store.cases.acts(case, made.node.queues.ids())
    act = msgspec.structs.replace(acts[-1].act, number=2)
    flagged = msgspec.structs.replace(found, flags=(CaseFlag.CHILD_MATERIAL,), version=2)
    made.node.store.cases.act(flagged, msgspec.structs.replace(acts[-1], act=act))
    (listed,) = made.node.exhibits.of(reviewer, case)
    assert (listed.quarantined, listed.sha256) == (True, "")
    with pytest.raises(NotAllowed):
        made.node.exhibits.open(reviewer, kept.id, PURPOSE)
    with pytest.raises(NotAllowed):
        made.node.exhibits.copied(reviewer, case, PURPOSE, export_id="e1", only=[kept.id])
    assert made.node.exhibits.copied(reviewer, case, PURPOSE, export_id="e1") == ((), 1)
    assert taken(made, case).quarantined
