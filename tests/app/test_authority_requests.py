"""A request of an authority: one case, two people, each step signed and counted, nothing that the floor refuses."""

from datetime import timedelta

import msgspec
import pytest

from tests.cases_made_up import opened, person
from tests.fixtures import Made
from tests.member_queue import quick_keys, two_members
from tocsin.cases.requests import NewRequest
from tocsin.kernel import BadInput, Caller, Conflict, Means, NotAllowed, NotFound, Role, micros
from tocsin.kernel.cases import CaseFlag
from tocsin.kernel.requests import Asked, AuthorityKind, Floor, RequestState, RequestWords

__all__ = ["quick_keys"]

WORDS = RequestWords(authority="District court of the hill", reference="12/26", basis="Code, article 12")
PACKAGE = "sha256:" + "ab" * 32
DAY = 86_400_000_000


def asked(case_id: str, *more: str, **changes: object) -> NewRequest:
    new = NewRequest(
        cases=(case_id, *more),
        kind=AuthorityKind.COURT,
        jurisdiction="MN",
        asked=(Asked.EVIDENCE, Asked.ACCOUNT),
        words=WORDS,
    )
    return msgspec.structs.replace(new, **changes)


def two(made: Made) -> tuple[Caller, Caller]:
    return person(made, "dana", Role.DUTY_OFFICER), person(made, "rolf", Role.REVIEWER)


def test_two_people_grant_a_part_and_the_trail_holds(made: Made) -> None:
    dana, rolf = two(made)
    requests, case = made.node.authority_requests, opened(made)
    one = requests.open(dana, asked(case.id))
    assert one.state is RequestState.OPEN
    with pytest.raises(BadInput, match="say why"):
        requests.approve(rolf, one.id, granted=(Asked.EVIDENCE,))
    with pytest.raises(BadInput, match="never more"):
        requests.approve(rolf, one.id, granted=(Asked.DECISION,), reasons="they may have it")
    with pytest.raises(Conflict):
        requests.answer(dana, one.id, package=PACKAGE, told=True)
    granted = requests.approve(rolf, one.id, granted=(Asked.EVIDENCE,), reasons="no accounts are kept here")
    assert granted.state is RequestState.PARTLY
    with pytest.raises(BadInput, match="package"):
        requests.answer(dana, one.id, told=True)
    with pytest.raises(BadInput, match="a law forbids it"):
        requests.answer(dana, one.id, package=PACKAGE)
    done = requests.answer(dana, one.id, package=PACKAGE, told=True)
    assert (done.state, done.package) == (RequestState.ANSWERED, PACKAGE)
    shown = requests.show(rolf, one.id)
    assert [step.act for step in shown.steps] == ["open", "approve", "answer"]
    assert (shown.broken, shown.late) == (None, False)
    assert shown.words.reasons == ("no accounts are kept here",)
    kept = made.node.store.authority_requests.get(one.id)
    assert kept is not None
    assert b"District court" not in kept[1]
    rows = [row.act for row in made.node.store.audit.read() if row.subject == one.id]
    assert rows == ["request.show", "request.answer", "request.approve", "request.open"]
    with pytest.raises(Conflict):
        requests.refuse(rolf, one.id, reasons="too late to refuse")


def test_one_human_is_not_two_and_a_folder_is_nobody(made: Made) -> None:
    both = person(made, "both", Role.DUTY_OFFICER, Role.REVIEWER)
    requests = made.node.authority_requests
    one = requests.open(both, asked(opened(made).id))
    with pytest.raises(NotAllowed, match="another person"):
        requests.approve(both, one.id)
    twin = person(made, "twin", Role.REVIEWER)
    kept = made.node.store.people.user(twin.user)
    assert kept is not None
    made.node.store.people.replace_user(msgspec.structs.replace(kept, same_as=both.user))
    with pytest.raises(NotAllowed, match="another person"):
        requests.approve(twin, one.id)
    rolf = person(made, "rolf", Role.REVIEWER)
    for means in (Means.OPERATOR, Means.STANDING):
        with pytest.raises(NotAllowed):
            requests.approve(msgspec.structs.replace(rolf, means=means), one.id)
    assert requests.approve(rolf, one.id).state is RequestState.GRANTED
    assert "refused" in {row.outcome for row in made.node.store.audit.read(act="request.approve")}


def test_what_the_floor_refuses_is_kept_refused_and_counted(made: Made) -> None:
    dana, rolf = two(made)
    requests = made.node.authority_requests
    one, other = opened(made), opened(made, report="R-2", flags=(CaseFlag.JOURNALIST_SOURCE,))
    without = msgspec.structs.replace(WORDS, basis="")
    found = {
        requests.open(dana, new).floor
        for new in (
            asked(one.id, other.id),
            asked(one.id, words=without),
            asked(one.id, asked=()),
            asked(other.id),
        )
    }
    assert found == {Floor.BULK, Floor.NO_BASIS, Floor.NOTHING_ASKED, Floor.SOURCES}
    assert {one.state for one in requests.listed(dana)} == {RequestState.REFUSED}
    for refused in requests.listed(dana):
        with pytest.raises(Conflict):
            requests.approve(rolf, refused.id)
    assert made.node.request_counts.of().rows == {
        ("court", "refused: bulk"): 1,
        ("court", "refused: no-basis"): 1,
        ("court", "refused: nothing-asked"): 1,
        ("court", "refused: journalist-sources"): 1,
    }
    with pytest.raises(NotFound):
        requests.open(dana, asked("case_that_is_not"))


def test_in_danger_one_person_answers_and_a_second_looks_within_a_day(made: Made) -> None:
    dana, rolf = two(made)
    requests, case = made.node.authority_requests, opened(made)
    danger = msgspec.structs.replace(WORDS, danger="a person said that they will be hurt tonight")
    with pytest.raises(BadInput, match="in danger of what"):
        requests.open(dana, asked(case.id, emergency=True))
    early, late, disputed = (
        requests.open(dana, asked(case.id, emergency=True, words=danger)) for _ in range(3)
    )
    for one in (early, late, disputed):
        requests.answer(dana, one.id, package=PACKAGE, told=True)
    assert made.node.request_counts.of().rows == {("court", "emergency-unconfirmed"): 3}
    assert {what for _, what in requests.due(dana)} == {"second"}
    with pytest.raises(NotAllowed):
        requests.approve(dana, early.id)
    requests.approve(rolf, early.id)
    requests.refuse(rolf, disputed.id, reasons="nobody was in danger")
    made.now += timedelta(hours=25)
    requests.approve(rolf, late.id)
    assert [requests.show(rolf, one.id).late for one in (early, late, disputed)] == [False, True, False]
    assert made.node.request_counts.of().rows == {
        ("court", "answered"): 2,
        ("court", "emergency-disputed"): 1,
    }
    with pytest.raises(Conflict):
        requests.approve(rolf, early.id)


def test_who_is_concerned_is_told_when_the_bar_ends(made: Made) -> None:
    dana, rolf = two(made)
    requests, now = made.node.authority_requests, micros(made.now)
    one = requests.open(dana, asked(opened(made).id, asked=(Asked.PRESERVE,), deadline=now + DAY))
    requests.approve(rolf, one.id)
    for until in (now, now + 366 * DAY):
        with pytest.raises(BadInput, match="a bar ends"):
            requests.answer(dana, one.id, bar="Code, article 30", bar_until=until)
    with pytest.raises(BadInput, match="nothing is handed over"):
        requests.answer(dana, one.id, package=PACKAGE, told=True)
    made.now += timedelta(days=2)
    assert [what for _, what in requests.due(dana)] == ["deadline"]
    requests.answer(dana, one.id, bar="Code, article 30", bar_until=micros(made.now) + DAY)
    assert requests.due(dana) == ()
    made.now += timedelta(days=2)
    assert [what for _, what in requests.due(dana)] == ["notice"]
    requests.told(dana, one.id)
    assert requests.due(dana) == ()


@pytest.mark.usefixtures("quick_keys")
def test_a_request_about_a_restricted_case_is_its_members_alone(made: Made) -> None:
    ana, _ = two_members(made)
    dana, rolf = two(made)
    case = opened(made, flags=(CaseFlag.CHILD_MATERIAL,))
    told = []
    for wanted in (case.id, "case_that_is_not"):
        with pytest.raises(NotFound) as refused:
            made.node.authority_requests.open(dana, asked(wanted))
        told.append(refused.value.message.replace(wanted, "it"))
    assert len(set(told)) == 1
    assert made.node.authority_requests.listed(rolf) == ()
    assert ana.has(Role.REVIEWER)


def test_a_rule_of_the_node_and_roles_refuse_more(made: Made) -> None:
    dana, rolf = two(made)
    (made.node.data / "requests.yaml").write_text(
        "refuse: [{because: no accounts are kept, asked: [account]}]\n"
    )
    requests, case = made.node.authority_requests, opened(made)
    refused = requests.open(dana, asked(case.id))
    assert (refused.floor, refused.state) == (Floor.OWN_RULE, RequestState.REFUSED)
    assert made.node.request_counts.of().rows == {("court", "refused"): 1}
    for who in (rolf, person(made, "ana", Role.ANALYST), person(made, "root", Role.ADMIN)):
        with pytest.raises(NotAllowed):
            requests.open(who, asked(case.id))
    with pytest.raises(NotAllowed):
        requests.listed(person(made, "anton", Role.ANALYST))
    for wrong in (
        asked(case.id, jurisdiction="France"),
        asked(case.id, asked=(Asked.EVIDENCE, Asked.EVIDENCE)),
        asked(case.id, words=msgspec.structs.replace(WORDS, authority=" ")),
        asked(case.id, words=msgspec.structs.replace(WORDS, why="x" * 2_001)),
    ):
        with pytest.raises(BadInput):
            requests.open(dana, wrong)


def test_a_step_that_was_changed_in_the_database_shows(made: Made) -> None:
    dana, rolf = two(made)
    requests = made.node.authority_requests
    one = requests.open(dana, asked(opened(made).id))
    (step,) = made.node.store.authority_requests.steps(one.id)
    forged = msgspec.structs.replace(step, number=2, by="somebody", chain=b"0" * 32)
    made.node.store.authority_requests.add_step(forged)
    assert requests.show(rolf, one.id).broken == 2


def test_a_case_that_is_shielded_later_ends_what_was_granted(made: Made) -> None:
    dana, rolf = two(made)
    ana = person(made, "ana", Role.ANALYST)
    requests, case = made.node.authority_requests, opened(made)
    one = requests.open(dana, asked(case.id))
    requests.approve(rolf, one.id)
    with pytest.raises(BadInput):
        requests.shield(dana, case.id, " ")
    requests.shield(ana_with_requests(made, ana), case.id, "it tells who spoke to a journalist")
    with pytest.raises(Conflict):
        requests.answer(dana, one.id, package=PACKAGE, told=True)
    assert requests.show(rolf, one.id).request.floor is Floor.SOURCES
    assert requests.open(dana, asked(case.id)).floor is Floor.SOURCES


def ana_with_requests(made: Made, ana: Caller) -> Caller:
    """An analyst works on cases and reads no request: shielding needs the first alone."""
    with pytest.raises(NotAllowed):
        made.node.authority_requests.listed(ana)
    return ana
