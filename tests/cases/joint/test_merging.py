"""A joint case is its messages: in any order, any of them twice, some of them missing."""

import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cases.joint.saying import A, B, C, Table, decision, fact, proposal, terms, vote
from tocsin.cases.joint import JointState, delivery, first_message, judging, merge, merging
from tocsin.kernel import Conflict
from tocsin.kernel.joint_cases import (
    MAX_JOINT_MESSAGES,
    Acceptance,
    Choice,
    Close,
    Decline,
    FactWithdrawn,
    JointMessage,
    JointOutcome,
    JointRule,
    JointStanding,
    Leave,
    Says,
    Task,
    TaskDeclined,
    TaskDone,
)
from tocsin.wire.stix.kinds_joint import as_message

replace = msgspec.structs.replace
YES, NO = Choice.YES, Choice.NO


def why(state: JointState, message: JointMessage) -> str:
    by = (message.id, message.signer)
    return next((one.why for one in state.refused if (one.id, one.by) == by), "")


ENDS: tuple[Says, ...] = (
    Leave(reason="We have no more to say."),
    Decline(reason="Not ours."),
    Close(reason="Enough."),
)


def a_task(whose: str) -> Task:
    return Task(whose=whose, what="Count the letters.", due="2026-12-02T00:00:00.000Z")


def a_day_of_work(seed: int, turns: int) -> Table:
    """Parties that do whatever comes to mind, some of it not theirs to do, and hear of each other now and then."""
    rng = random.Random(seed)
    table = Table(rng.choice(list(JointRule)))
    for _ in range(turns):
        party = rng.choice(table.parties)
        if rng.random() < 0.5:
            table.tell(party, rng.choice(table.parties))
        if table.state(party).case is None:
            table.tell(party, A)
        state = table.state(party)
        doing: list[Says] = [Acceptance(), fact(), a_task(rng.choice(table.parties))]
        doing += [proposal(*(one.id for one in state.facts[:1]))]
        for one in state.proposals:
            about = next(message for message in table.all if message.id == one.id)
            doing += [vote(about, rng.choice(list(Choice))), decision(about, rng.choice(list(JointOutcome)))]
        doing += [FactWithdrawn(fact=one.id, reason="We were wrong.") for one in state.facts]
        doing += [TaskDone(task=one.id, result="Forty.") for one in state.tasks]
        if rng.random() < 0.05:
            doing = list(ENDS)
        says: Says = rng.choice(doing)
        if rng.random() < 0.1:  # two things under one number: one for each ear
            draft = table.draft(party, fact("Nobody sent anything."))
            table.all.append(as_message(draft, party))
        table.say(party, says)
    return table


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 40), st.randoms(use_true_random=False))
def test_the_order_of_arrival_leaves_no_trace(seed: int, turns: int, rng: random.Random) -> None:
    table = a_day_of_work(seed, turns)
    shuffled = table.all * 2
    rng.shuffle(shuffled)
    assert merge(table.case, shuffled) == table.state()
    halves = [shuffled[::2], shuffled[1::2]]
    assert merge(table.case, [*halves[1], *halves[0]]).digest == table.state().digest


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 40), st.randoms(use_true_random=False))
def test_part_of_it_is_true_of_the_whole(seed: int, turns: int, rng: random.Random) -> None:
    """What could be read of a part is read of the whole, and refused there for the same reason; else it is missing."""
    table = a_day_of_work(seed, turns)
    part = [one for one in table.all if rng.random() < 0.7]
    some, whole = merge(table.case, part), table.state()
    reasons = {one.id: one.why for one in whole.refused}
    assert {one.id: one.why for one in some.refused}.items() <= reasons.items()
    if some.case is None:
        assert some.waiting == len({one.id for one in part})
        return
    assert {one.id for one in some.facts} <= {one.id for one in whole.facts}
    assert {one.id for one in some.proposals} <= {one.id for one in whole.proposals}
    absent = {one.id for one in table.all} - {one.id for one in part}
    assert {one.message for one in some.missing} <= absent
    assert bool(some.waiting) == bool(some.missing)
    later = merge(table.case, [*part, *(one for one in table.all if one.id in absent)])
    assert later == whole


def test_facts_tasks_votes_and_a_decision() -> None:
    table = Table().joined()
    found = table.say(B, fact())
    task = table.say(A, a_task(C))
    table.meet()
    table.say(C, TaskDone(task=task.id, result="Forty."))
    put = table.say(A, proposal(found.id))
    table.meet()
    table.say(A, vote(put))
    table.say(B, vote(put, NO))
    table.meet()
    early = table.say(A, decision(put))
    assert why(table.state(), early) == judging.NOT_DECIDED
    table.say(B, vote(put))
    table.meet()
    made = table.say(C, decision(put))
    table.meet()
    table.say(A, fact("And ten more came today."))
    state = table.state()
    (shown,) = state.proposals
    assert shown.decided is not None
    assert (shown.decided.id, shown.decided.outcome) == (made.id, JointOutcome.ADOPTED)
    assert shown.decided.known_to == (A,)
    assert [(one.party, one.choice, one.counts) for one in shown.votes] == sorted(
        [(A, YES, True), (B, NO, False), (B, YES, True)], key=lambda one: (one[0], one[2])
    )
    assert state.tasks[0].done == "Forty."
    assert [one.standing for one in state.members] == [JointStanding.JOINED] * 3


def test_a_vote_after_the_decision_is_shown_and_changes_nothing() -> None:
    table = Table().joined()
    put = table.say(A, proposal())
    table.meet()
    table.say(A, vote(put))
    table.say(B, vote(put))
    table.tell(A, B)
    table.say(A, decision(put))
    table.say(C, vote(put, NO))  # knows of nothing
    table.meet()
    table.say(B, vote(put, NO))  # knows, and thinks better of it
    (shown,) = table.state().proposals
    assert shown.decided is not None
    assert shown.decided.outcome is JointOutcome.ADOPTED
    assert {(one.party, one.choice, one.counts, one.late) for one in shown.votes} == {
        (A, YES, True, False),
        (B, YES, True, False),
        (C, NO, False, True),
        (B, NO, False, True),
    }


def test_two_decisions_at_once_one_stands_everywhere() -> None:
    table = Table().joined()
    put = table.say(A, proposal())
    table.meet()
    for party in table.parties:
        table.say(party, vote(put))
    table.meet()
    made = {table.say(A, decision(put)).id, table.say(B, decision(put)).id}
    table.meet()
    again = table.say(C, decision(put))
    (shown,) = table.state().proposals
    assert {one.id for one in shown.decisions} == made
    assert sorted(one.why_not for one in shown.decisions) == ["", merging.AT_ONCE]
    assert why(table.state(), again) == judging.DECIDED


@pytest.mark.parametrize(
    ("rule", "choices", "adopted", "rejected"),
    [
        (JointRule.MAJORITY, (YES, NO, None), False, False),
        (JointRule.MAJORITY, (YES, YES, None), True, False),
        (JointRule.MAJORITY, (NO, NO, YES), False, True),
        (JointRule.UNANIMOUS, (YES, YES, None), False, False),
        (JointRule.UNANIMOUS, (YES, YES, Choice.ABSTAIN), False, False),
        (JointRule.UNANIMOUS, (YES, YES, YES), True, False),
        (JointRule.UNANIMOUS, (YES, YES, NO), False, True),
        (JointRule.CONVENER, (NO, NO, NO), True, True),
        (JointRule.EACH, (None, None, None), True, True),
    ],
)
def test_who_decides(
    rule: JointRule, choices: tuple[Choice | None, ...], adopted: bool, rejected: bool
) -> None:
    for outcome, decides in ((JointOutcome.ADOPTED, adopted), (JointOutcome.REJECTED, rejected)):
        table = Table(rule).joined()
        put = table.say(A, proposal())
        table.meet()
        for party, choice in zip(table.parties, choices, strict=True):
            if choice:
                table.say(party, vote(put, choice))
        table.meet()
        made = table.say(A, decision(put, outcome))
        assert why(table.state(), made) == ("" if decides else judging.NOT_DECIDED)
        assert bool(table.state().proposals[0].decided) == decides


def test_who_left_or_declined_is_not_waited_for() -> None:
    table = Table(JointRule.UNANIMOUS)
    table.meet()
    table.say(B, Decline(reason="Not ours."))
    table.meet()
    put = table.say(A, proposal())
    table.say(A, vote(put))
    early = table.say(A, decision(put))
    assert why(table.state(), early) == judging.NOT_DECIDED, "C may still come"
    table.say(C, Acceptance())
    table.say(C, Leave(reason="No time."))
    table.meet()
    assert table.draft(A, fact()).told == [A], "who declined or left is told no more"
    made = table.say(A, decision(put))
    assert not why(table.state(), made)
    back = table.say(B, Acceptance())
    assert why(table.state(), back) == judging.HAS_DECLINED


def test_each_for_itself() -> None:
    table = Table(JointRule.EACH).joined()
    put = table.say(A, proposal())
    table.meet()
    table.say(A, decision(put))
    table.meet()
    table.say(B, decision(put, JointOutcome.REJECTED))
    (shown,) = table.state().proposals
    assert [(one.party, one.outcome, one.stands) for one in shown.decisions] == [
        (A, JointOutcome.ADOPTED, True),
        (B, JointOutcome.REJECTED, True),
    ]


def test_what_is_not_a_partys_to_say_is_refused_and_shown() -> None:
    table = Table(JointRule.CONVENER)
    table.meet()
    unasked = table.say(B, fact())
    table.say(B, Acceptance())
    table.say(C, Acceptance())
    table.meet()
    theirs = table.say(B, fact())
    task = table.say(A, a_task(B))
    put = table.say(A, proposal())
    table.meet()
    stranger = "sha256:" + "0" * 64
    for_another = table.forge(replace(table.draft(C, vote(put)), party=C), B)
    table.all[-1] = for_another
    from_outside = as_message(replace(table.draft(C, vote(put)), party=C), stranger)
    table.all.append(from_outside)
    copied = as_message(replace(table.draft(C, fact()), party=C), B)
    table.all.append(copied)  # before its author said it, and under the same id
    own = table.say(C, fact())
    assert own.id == copied.id
    said_by_c = {
        judging.NOT_ITS_OWN: (
            FactWithdrawn(fact=theirs.id, reason="No."),
            TaskDeclined(task=task.id, reason="No."),
            decision(put),
        ),
        judging.NOT_CLOSING: (Close(reason="I say so."),),
        judging.NOT_SEEN: (vote(theirs),),
        judging.NO_SUCH_PARTY: (proposal(parties=(stranger,)), a_task(stranger)),
    }
    wrong = [(table.say(C, one), reason) for reason, many in said_by_c.items() for one in many]
    wrong += [
        (unasked, judging.NOT_JOINED),
        (for_another, delivery.NOT_ITS_WORD),
        (copied, delivery.NOT_ITS_WORD),
        (from_outside, delivery.NOT_A_PARTY),
        (table.say(A, Leave(reason="Enough.")), judging.CONVENER_STAYS),
        (table.say(B, Acceptance()), judging.HAS_JOINED),
    ]
    state = table.state()
    for message, reason in wrong:
        assert why(state, message) == reason, message.says
    assert [one.party for one in state.facts] == [B, C], "what another copied is still its author's"
    assert not state.proposals[0].votes
    assert not state.proposals[0].decisions
    assert state.closed is None


def test_a_closed_case_is_over_for_who_knows() -> None:
    table = Table().joined()
    put = table.say(B, proposal())
    table.meet()
    meanwhile = table.draft(C, fact())
    table.say(A, Close(reason="Enough for now."))
    table.all.append(as_message(meanwhile, C))
    table.meet()
    after = table.say(B, vote(put))
    state = table.state()
    assert state.closed is not None
    assert state.closed.undecided == (put.id,), "closed before it was decided, and that is seen"
    assert why(state, after) == judging.IS_CLOSED
    assert [one.party for one in state.facts] == [C]


def test_two_things_under_one_number_are_shown_and_count_for_nothing() -> None:
    table = Table().joined()
    put = table.say(A, proposal())
    table.meet()
    one, other = table.draft(C, vote(put, YES)), table.draft(C, vote(put, NO))
    to_a, to_b = as_message(one, C), as_message(other, C)
    table.all += [to_a, to_b]
    table.knows[A].append(to_a)
    table.knows[B].append(to_b)
    table.say(A, vote(put))
    made = table.say(A, decision(put))  # had only the yes
    table.say(B, vote(put, NO))
    state = table.state()
    assert [(fork.party, set(fork.messages)) for fork in state.forks] == [(C, {to_a.id, to_b.id})]
    (shown,) = state.proposals
    assert shown.decided is not None
    assert shown.decided.id == made.id, (
        "what its author had seen decides, and cannot be undone by a second word"
    )
    assert {one.id for one in shown.votes if one.counts} >= {to_a.id}

    table = Table().joined()
    put = table.say(A, proposal())
    table.meet()
    drafts = [table.draft(C, vote(put, choice)) for choice in (YES, NO)]
    table.all += [as_message(draft, C) for draft in drafts]
    table.say(A, vote(put))
    assert not any(one.counts for one in table.state().proposals[0].votes if one.party == C)


def test_a_convener_who_says_two_things_decides_nothing() -> None:
    table = Table(JointRule.CONVENER).joined()
    put = table.say(A, proposal())
    table.meet()
    for outcome in JointOutcome:
        table.all.append(as_message(table.draft(A, decision(put, outcome)), A))
    (shown,) = table.state().proposals
    assert [one.why_not for one in shown.decisions] == [merging.UNSURE] * 2
    assert shown.decided is None


def test_other_terms_are_another_case() -> None:
    table = Table(JointRule.UNANIMOUS)
    looser = first_message(terms(JointRule.CONVENER), (A, B, C))
    assert looser.case != table.case
    under_its_id = as_message(replace(looser, case=table.case), A)
    state = merge(table.case, [under_its_id])
    assert state.case is None, "its id is not made of these terms"
    assert why(merge(table.case, [*table.all, under_its_id]), under_its_id) == delivery.NOT_CONVENER
    table.joined()
    fewer = replace(table.draft(B, fact()), parties=[A, B], told=[A, B])
    refused = table.forge(fewer, B)
    assert why(table.state(), refused) == delivery.OTHER_PARTIES


def test_who_forgets_what_it_knew_is_refused() -> None:
    table = Table().joined()
    first = next(one for one in table.all if one.party == C)
    known = table.say(C, fact())
    table.meet()
    table.say(B, fact())
    draft = table.draft(B, fact("More."))
    seen = [replace(one, number=1, message=first.id) if one.party == C else one for one in draft.seen or []]
    assert known.id not in {one.message for one in seen}
    forgetful = table.forge(replace(draft, seen=seen), B)
    assert why(table.state(), forgetful) == delivery.FORGETS


def test_what_is_missing_is_said() -> None:
    table = Table().joined()
    lost = table.say(C, fact())
    table.meet()
    table.say(B, fact("We saw it too."))
    state = merge(table.case, [one for one in table.all if one.id != lost.id])
    assert [(one.party, one.number, one.message) for one in state.missing] == [(C, 2, lost.id)]
    assert state.waiting == 1
    assert not state.facts
    assert merge(table.case, table.all[1:]).case is None


def test_a_flood_is_merged_in_time() -> None:
    """A hostile party says as much as it may; the others' work is read as before."""
    table = Table().joined()
    one = table.draft(C, fact("Noise."))
    while one.number < MAX_JOINT_MESSAGES:
        said = as_message(one, C)
        table.all.append(said)
        one = replace(one, number=one.number + 1, previous=said.id)
    table.all.append(as_message(one, C))
    table.say(B, fact())
    assert len(table.state().facts) == MAX_JOINT_MESSAGES
    table.knows[C] = list(table.all)
    with pytest.raises(Conflict, match="open another"):
        table.draft(C, fact())
