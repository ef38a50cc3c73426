"""Cases through the service: what is kept, who sees what, whose clock runs."""

import sqlite3
from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest

from tests.cases_made_up import CATEGORY, WHY, disposition, opened, person, verified
from tests.fixtures import Made
from tocsin.cases.timeline import TimelineBroken
from tocsin.kernel import BadInput, Caller, Conflict, Means, NotAllowed, NotFound, Role, micros
from tocsin.kernel.cases import Case, CaseFlag, CaseState, Urgency
from tocsin.kernel.disposing import Appeal, Appellant, Measure, Outcome

GRAVE = Measure.ACCOUNT_TERMINATED
APPEAL = Appeal(by=Appellant.AFFECTED, at=0, lang="en")


@pytest.fixture
def ana(made: Made) -> Caller:
    return person(made, "ana", Role.ANALYST)


@pytest.fixture
def rob(made: Made) -> Caller:
    return person(made, "rob", Role.REVIEWER)


@pytest.fixture
def ros(made: Made) -> Caller:
    return person(made, "ros", Role.REVIEWER)


def test_from_a_report_to_an_overturned_decision(made: Made, ana: Caller, rob: Caller, ros: Caller) -> None:
    cases, heard = made.node.cases, list[tuple[CaseState, str]]()
    cases.on_disposed(
        lambda case: heard.append((case.state, case.disposition.reasons if case.disposition else ""))
    )
    cases.on_judged(lambda case: heard.append((case.state, case.appeal.reasons if case.appeal else "")))
    case = verified(made, ana, flags=(CaseFlag.IMMINENT_DANGER,))
    assert (case.queue, case.state) == ("urgent", CaseState.VERIFIED)
    cases.note(ana, case.id, "Both letters have one stamp.")
    cases.told(case.id, "A third letter came.")
    proposed = cases.dispose(ana, case.id, disposition(GRAVE))
    assert proposed.state is CaseState.VERIFIED
    assert cases.get(rob, case.id).proposal == disposition(GRAVE, decided_by=ana.user, at=micros(made.now))
    decided = cases.approve(rob, case.id)
    assert decided.state is CaseState.DISPOSED
    assert decided.due == 0
    appealed = cases.appeal(case.id, APPEAL, "I sent no letters to anybody.")
    assert [one.id for one in cases.page(rob, appeals=True).cases] == [case.id]
    assert cases.page(rob).cases == ()
    assert cases.appeal_words(ros, case.id) == "I sent no letters to anybody."
    assert appealed.claim is None
    for partial in (ana, rob):
        with pytest.raises((NotAllowed, Conflict)):
            cases.judge_appeal(partial, case.id, upheld=True, reasons=WHY)
    cases.claim(ros, case.id)
    over = cases.judge_appeal(
        ros, case.id, upheld=False, reasons="The stamp is of another house.", disposition=disposition()
    )
    assert over.state is CaseState.OVERTURNED
    assert cases.get(ros, case.id).appeal == msgspec.structs.replace(
        APPEAL,
        at=micros(made.now),
        judged_by=ros.user,
        judged_at=micros(made.now),
        upheld=False,
        reasons="The stamp is of another house.",
    )
    assert heard == [
        (CaseState.DISPOSED, disposition(GRAVE).reasons),
        (CaseState.OVERTURNED, "The stamp is of another house."),
        (CaseState.OVERTURNED, disposition().reasons),
    ]
    words = cases.words(ana, case.id)
    assert made.node.store.audit.read(act="case.words")[0].who == ana.user
    assert words.notes == ("It came twice.", "Both letters have one stamp.", "A third letter came.")
    assert words.what == "A letter promises a lottery refund."
    reasons = [act.reasons for act in cases.acts(ana, case.id) if act.act in ("verify", "overturn")]
    assert reasons == [WHY, "The stamp is of another house."]


def test_nobodys_words_lie_open(made: Made, ana: Caller, rob: Caller) -> None:
    case = verified(made, ana)
    made.node.cases.dispose(ana, case.id, disposition(Measure.WARNED))
    made.node.cases.appeal(case.id, APPEAL, "I sent no letters to anybody.")
    auditor = person(made, "audrey", Role.AUDITOR)
    seen = made.node.cases.get(auditor, case.id)
    assert seen.disposition
    assert (seen.disposition.outcome, seen.disposition.reasons) == (Outcome.BORNE_OUT, "")
    assert {act.reasons for act in made.node.cases.acts(auditor, case.id)} == {""}
    with pytest.raises(NotAllowed):
        made.node.cases.words(auditor, case.id)
    made.node.store.close()
    kept = b"".join(file.read_bytes() for file in made.node.data.glob("tocsin.db*"))
    assert case.id.encode() in kept
    for said in (b"ottery refund", b"letters about", b"I sent no", b"Terms of use"):
        assert said not in kept


def test_an_old_version_is_told_so_and_changes_nothing(made: Made, ana: Caller) -> None:
    case = opened(made)
    made.node.cases.claim(ana, case.id, version=1)
    with pytest.raises(Conflict, match="changed meanwhile"):
        made.node.cases.note(ana, case.id, "Both letters have one stamp.", version=1)
    assert made.node.cases.get(ana, case.id).version == 2


def test_a_claim_keeps_others_off_and_ends_by_itself(made: Made, ana: Caller, rob: Caller) -> None:
    cases, case = made.node.cases, opened(made)
    claimed = cases.claim(ana, case.id)
    assert claimed.due == micros(made.now + timedelta(hours=168))
    assert [one.id for one in cases.page(ana, mine=True).cases] == [case.id]
    with pytest.raises(Conflict):
        cases.claim(rob, case.id)
    made.now += timedelta(hours=47)
    renewed = cases.claim(ana, case.id)
    assert renewed.due == claimed.due  # who renews gains no time
    made.now += timedelta(hours=48)
    assert cases.page(ana, mine=True).cases == ()
    with pytest.raises(Conflict):
        cases.triage(ana, case.id, category=CATEGORY, urgency=Urgency.LOW, reasons=WHY)
    assert cases.claim(rob, case.id).due == micros(made.now + timedelta(hours=168))
    assert cases.release(rob, case.id).claim is None


def test_what_is_late_is_told_once_a_day_and_moves_nothing(made: Made, ana: Caller) -> None:
    tick, case = made.node.case_escalation.tick, opened(made)
    assert tick() == 0
    made.now += timedelta(hours=24)
    assert (tick(), tick()) == (1, 0)
    late = made.node.cases.get(ana, case.id)
    same = {"escalated": late.escalated, "tell": late.tell, "version": late.version, "updated": late.updated}
    assert late == msgspec.structs.replace(case, **same)
    assert (late.escalated, made.node.cases.acts(ana, case.id)[-1].by) == (1, "node")
    made.now += timedelta(hours=24)
    assert tick() == 1
    assert made.node.store.audit.read(act="case.escalate")[0].subject == case.id
    made.node.cases.claim(ana, case.id)
    made.now += timedelta(hours=24)
    assert tick() == 0


def test_a_merge_speaks_for_both_and_is_taken_back(made: Made, ana: Caller) -> None:
    cases, part, whole = made.node.cases, opened(made, urgency=Urgency.HIGH), opened(made)
    spoken = cases.merge(ana, part.id, whole.id, reasons=WHY)
    assert (spoken.parts, spoken.urgency) == ((part.id,), Urgency.HIGH)
    merged = cases.get(ana, part.id)
    assert (merged.state, merged.merged_into, merged.due) == (CaseState.MERGED, whole.id, 0)
    assert cases.page(ana).cases == (spoken,)
    with pytest.raises(Conflict, match="speaks for others"):
        cases.merge(ana, whole.id, opened(made).id, reasons=WHY)
    alone = cases.unmerge(ana, part.id, reasons=WHY)
    assert (alone.state, alone.merged_into) == (CaseState.RECEIVED, None)
    assert cases.get(ana, whole.id).parts == ()
    elsewhere = opened(made, flags=(CaseFlag.SPECIAL_GROUP,))
    with pytest.raises(Conflict, match="different queues"):
        cases.merge(ana, part.id, elsewhere.id, reasons=WHY)
    assert cases.get(ana, part.id) == alone  # all of it, or nothing
    with pytest.raises(BadInput):
        cases.merge(ana, part.id, part.id, reasons=WHY)


def test_a_split_takes_what_is_named_along(made: Made, ana: Caller) -> None:
    cases, case = made.node.cases, opened(made)
    heard: list[tuple[str, tuple[str, ...]]] = []
    cases.on_split(lambda _by, _case, new, exhibits: heard.append((new.id, exhibits)))
    moved = cases.note(ana, case.id, "The third letter is of somebody else.").version
    made_new = cases.split(ana, case.id, reasons=WHY, title="Third letter", notes=[moved])
    assert (made_new.split_from, made_new.queue, heard) == (case.id, case.queue, [(made_new.id, ())])
    assert cases.words(ana, case.id).notes == ("It came twice.",)
    assert cases.words(ana, made_new.id).notes == ("The third letter is of somebody else.",)
    with pytest.raises(NotFound):
        cases.split(ana, case.id, reasons=WHY, title="Again", notes=[moved])
    assert len(cases.page(ana).cases) == 2


def test_a_case_goes_elsewhere_and_comes_back(made: Made, ana: Caller, rob: Caller) -> None:
    cases, case = made.node.cases, opened(made)
    assert cases.transfer(ana, case.id, queue="protected", reasons=WHY).queue == "protected"
    assert cases.words(rob, case.id).title == "Lottery refund"
    with pytest.raises(BadInput):
        cases.transfer(ana, case.id, reasons=WHY)
    with pytest.raises(NotFound):
        cases.transfer(ana, case.id, queue="nowhere", reasons=WHY)
    cases.claim(ana, case.id)
    gone = cases.transfer(ana, case.id, organisation="The other house", reasons=WHY)
    assert (gone.state, gone.transferred_to, gone.due) == (CaseState.TRANSFERRED, "The other house", 0)
    assert cases.reopen(rob, case.id, reasons=WHY).state is CaseState.TRIAGED


def test_a_restricted_case_is_not_there_for_anybody_else(made: Made, ana: Caller) -> None:
    person(made, "mia", Role.ANALYST)
    folder = made.node.data / "queues"
    folder.mkdir()
    (folder / "child-safety.yaml").write_text("members: [mia]\n")
    mia = msgspec.structs.replace(made.node.access.operator("mia"), means=Means.SESSION)
    case = opened(made, flags=(CaseFlag.CHILD_MATERIAL,))
    assert made.node.cases.page(mia).cases == (case,)
    with pytest.raises(NotFound) as none:
        made.node.cases.get(ana, "case_" + "0" * 32)
    for look in (made.node.cases.get, made.node.cases.acts, made.node.cases.words, made.node.cases.claim):
        with pytest.raises(NotFound) as hidden:
            look(ana, case.id)
        assert hidden.value.message.replace(case.id, "") == none.value.message.replace("case_" + "0" * 32, "")
    for roles in ((Role.ADMIN,), (Role.AUDITOR,), (Role.REVIEWER, Role.DUTY_OFFICER)):
        other = person(made, f"other-{roles[0]}", *roles)
        assert "child-safety" not in made.node.queues.visible_to(other)
        if made.node.access.may(other, "case.read"):
            assert made.node.cases.counts(other) == {}
            assert made.node.cases.page(other).cases == ()
            assert made.node.cases.page(other, queue="child-safety").cases == ()
    assert not [row for row in made.node.store.audit.read() if row.subject == case.id]
    (arrived,) = made.node.store.audit.read(act="case.received")
    assert (arrived.subject, list(arrived.detail)) == ("", ["chain"])


def test_who_may_not_is_told_so_and_it_is_kept(made: Made, ana: Caller, rob: Caller) -> None:
    case = verified(made, rob)
    made.node.cases.dispose(rob, case.id, disposition(GRAVE))
    with pytest.raises(NotAllowed, match="another person"):
        made.node.cases.approve(rob, case.id)
    refused = made.node.store.audit.read(act="case.approve")[0]
    assert (refused.who, refused.outcome) == (rob.user, "refused")
    assert made.node.cases.refuse(rob, case.id, reasons=WHY).proposal is None
    script = msgspec.structs.replace(rob, means=Means.TOKEN)
    with pytest.raises(NotAllowed, match="a person decides"):
        made.node.cases.dispose(script, case.id, disposition())


def test_an_appeal_has_its_time(made: Made, ana: Caller) -> None:
    case = verified(made, ana)
    made.node.cases.dispose(ana, case.id, disposition(Measure.WARNED))
    made.node.cases.close(ana, case.id, reasons=WHY)
    made.now += timedelta(days=181)
    with pytest.raises(Conflict, match="180 days"):
        made.node.cases.appeal(case.id, APPEAL, "I sent no letters to anybody.")
    made.now -= timedelta(days=2)
    assert made.node.cases.appeal(case.id, APPEAL, "I sent no letters.").state is CaseState.APPEALED


def test_pages_follow_one_another_without_gap(made: Made, ana: Caller) -> None:
    every = []
    for number in range(5):
        every.append(opened(made, urgency=[Urgency.NORMAL, Urgency.HIGH][number % 2]))
        made.now += timedelta(seconds=1)
    found: list[Case] = []
    page = made.node.cases.page(ana, limit=2)
    while True:
        found += page.cases
        if page.after is None:
            break
        page = made.node.cases.page(ana, limit=2, after=page.after)
    assert found == [every[one] for one in (1, 3, 0, 2, 4)]
    for junk in ("", "1", "1.2", "x.1.a", "1.x.a", "1.99999999999999999999999.a", "\x00.1.a"):
        with pytest.raises(BadInput):
            made.node.cases.page(ana, after=junk)


def test_a_timeline_that_was_touched_is_told(made: Made, ana: Caller) -> None:
    case = opened(made)
    made.node.cases.claim(ana, case.id)
    made.node.store.close()
    with sqlite3.connect(made.node.data / "tocsin.db") as database:
        database.execute("DELETE FROM case_acts WHERE case_id = ? AND number = 2", (case.id,))
    with pytest.raises(TimelineBroken, match="of 2 acts 1"):
        made.node.cases.acts(ana, case.id)


@pytest.mark.parametrize(
    "changed",
    [
        {"measures": ()},
        {"measures": (Measure.NONE, Measure.WARNED)},
        {"measures": (Measure.WARNED, Measure.WARNED)},
        {"outcome": Outcome.NO_FINDING},
        {"reasons": " "},
        {"facts": ""},
        {"ground_text": ""},
        {"explanation": "x" * 4_001},
        {"automated_decision": True},
    ],
)
def test_a_decision_that_says_too_little_does_not_stand(
    made: Made, ana: Caller, changed: dict[str, object]
) -> None:
    case = verified(made, ana)
    with pytest.raises(BadInput):
        made.node.cases.dispose(ana, case.id, disposition(Measure.WARNED, **changed))
    assert made.node.cases.get(ana, case.id) == case


def test_each_reading_is_one_line_of_the_audit(made: Made, ana: Caller, rob: Caller, ros: Caller) -> None:
    cases, case = made.node.cases, verified(made, ana)
    cases.dispose(ana, case.id, disposition(GRAVE))
    cases.approve(rob, case.id)
    cases.appeal(case.id, APPEAL, "I sent no letters to anybody.")
    parts: tuple[Callable[[Caller, str], object], ...] = (
        cases.words,
        cases.notes,
        cases.appeal_words,
        made.node.statements.letters,
    )

    def read(by: Caller) -> list[str]:
        rows = made.node.store.audit.read(who=by.user, act="case.words")
        return [f"{row.subject} {row.outcome} {row.detail}" for row in rows]

    for many, part in enumerate(parts, 1):
        assert part(rob, case.id)
        assert read(rob) == [f"{case.id} done {{}}"] * many
    with cases.reading(ros, case.id), cases.reading(ros, case.id):
        for part in parts:
            assert part(ros, case.id)
    assert len(read(ros)) == 1
    cases.get(ana, case.id)
    cases.acts(ana, case.id)
    assert read(ana) == []
    auditor = person(made, "audrey", Role.AUDITOR)
    with pytest.raises(NotAllowed):
        cases.words(auditor, case.id)
    with pytest.raises(NotFound):
        cases.words(ana, "case_none")
    assert all(line.startswith(" refused ") for line in read(auditor))
    assert read(ana) == []
