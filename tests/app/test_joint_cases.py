"""A joint case among real nodes: who may be told what, what leaves, and that all come to the same."""

import hashlib
import json
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from tests.fixtures import Made
from tests.joint_nodes import (
    REVIEWERS,
    SEALED,
    a_case,
    fact,
    meet,
    messages,
    nodes,
    opened,
    part,
    people,
    post,
    release,
    reviewer,
    terms,
    wire,
)
from tocsin.app.joint_cases import JointCases
from tocsin.app.node import Node
from tocsin.app.signing import signed
from tocsin.cases.joint import next_message
from tocsin.kernel import (
    TLP,
    BadInput,
    Caller,
    Conflict,
    Means,
    NotAllowed,
    NotFound,
    Origin,
    Role,
    Verdict,
    micros,
)
from tocsin.kernel.cases import CaseFlag, CaseState
from tocsin.kernel.disposing import Measure
from tocsin.kernel.joint_cases import (
    Attributes,
    Choice,
    Explains,
    JointOutcome,
    JointRule,
    JointStanding,
    Otherwise,
    Vote,
)
from tocsin.share.candidate import RULE_NOT_A_PARTY
from tocsin.share.describe_agreed import Speaker
from tocsin.share.describe_joint import MARKING, describe_message, message_in
from tocsin.wire.stix import JointMessageExtension, canonical, extension_id

replace = msgspec.structs.replace
REASON = "We saw the same letters."


NAMES = ("harbour", "lighthouse", "ferry")


@pytest.fixture(scope="module")
def acquainted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three nodes that know each other, to be copied: making one costs more than what most tests do with it."""
    folder = tmp_path_factory.mktemp("acquainted")
    with nodes(folder, datetime(2026, 11, 20, 12, 0, tzinfo=UTC), *NAMES) as made:
        for one in made:
            people(one, *REVIEWERS)
    return folder


@pytest.fixture
def three(acquainted: Path, tmp_path: Path, now: datetime) -> Iterator[tuple[Made, Made, Made]]:
    made = [Made(shutil.copytree(acquainted / name, tmp_path / name), now, "-") for name in NAMES]
    yield made[0], made[1], made[2]
    for one in made:
        one.node.close()


def test_three_nodes_decide_by_majority_and_each_keeps_its_own(three: tuple[Made, Made, Made]) -> None:
    harbour, lighthouse, ferry = three
    case, joint = opened(harbour, JointRule.MAJORITY, "lighthouse", "ferry")
    post(harbour, lighthouse)
    post(harbour, ferry)
    for made in (lighthouse, ferry):
        made.node.joint_cases.accept(reviewer(made), joint)
    meet(*three)
    state = harbour.node.joint_cases.share_fact(reviewer(harbour), joint, fact())
    proposed = harbour.node.joint_cases.propose(
        reviewer(harbour),
        joint,
        title="Label the letters",
        parts=[part("harbour"), part("lighthouse", Measure.WARNED)],
        reason="They ask for a fee.",
        facts=[state.facts[0].id],
    )
    put = proposed.proposals[0].id
    harbour.node.joint_cases.vote(reviewer(harbour), joint, put, Choice.YES, REASON)
    meet(*three)
    with pytest.raises(Conflict, match="does not decide so"):
        lighthouse.node.joint_cases.decide(reviewer(lighthouse), joint, put, JointOutcome.ADOPTED, REASON)
    lighthouse.node.joint_cases.vote(reviewer(lighthouse), joint, put, Choice.YES, REASON)
    lighthouse.node.joint_cases.decide(reviewer(lighthouse), joint, put, JointOutcome.ADOPTED, REASON)
    ferry.node.joint_cases.vote(reviewer(ferry), joint, put, Choice.NO, "It was not on our platform.")
    meet(*three)

    states = [made.node.joint_cases.state(reviewer(made), joint) for made in three]
    assert len({one.digest for one in states}) == 1
    assert not any(one.missing or one.waiting or one.refused for one in states)
    (shown,) = states[0].proposals
    assert shown.decided is not None
    assert shown.decided.outcome is JointOutcome.ADOPTED
    assert [one.late for one in shown.votes if one.choice is Choice.NO] == [True]
    cites = harbour.node.joint_cases.citation(reviewer(harbour), joint, put)
    assert "adopted by the rule majority, 2 yes, 0 no, 0 abstain. It is advice" in cites
    assert harbour.node.cases.get(reviewer(harbour), case.id).state is CaseState.TRIAGED, (
        "nothing here is decided by it"
    )
    assert [one.id for one in harbour.node.joint_cases.local_cases(reviewer(harbour), joint)] == [case.id]
    assert [one.joint for one in harbour.node.joint_cases.local_cases(reviewer(harbour), joint)] == [joint]


def test_nothing_local_is_on_the_wire(three: tuple[Made, Made, Made]) -> None:
    harbour, lighthouse, _ = three
    case, joint = opened(harbour, JointRule.CONVENER, "lighthouse")
    by, cases = reviewer(harbour), harbour.node.joint_cases
    cases.share_fact(by, joint, fact())
    for text, why in {
        f"See {case.id} for more.": "id of this node",
        f"Reported by {by.user}.": "id of this node",
        "The account ps_0123456789abcdef0123456789abcdef did it.": "id of this node",
        "Ingrid looked at it.": "works here",
        "Write to ana@refund.example about it.": "names an address",
        "The prize is released once a fee is paid.": "words of your own",
        "": "1 to 500",
        "x" * 501: "1 to 500",
    }.items():
        with pytest.raises(BadInput, match=why):
            cases.share_fact(by, joint, fact(text))
    post(harbour, lighthouse)
    sent = b"".join(wire(harbour, "lighthouse")).lower()
    assert b"near-duplicates of one letter" in sent
    secrets = {case.id, by.user, by.name, *REVIEWERS, SEALED.title, "LuckyKite", "kitelottery", "telephone"}
    for secret in secrets:
        assert secret.casefold().encode() not in sent, secret
    assert sorted(str(one.says.__struct_config__.tag) for one in messages(lighthouse)) == [
        "fact",
        "invitation",
    ]


def test_the_preview_is_what_is_sent_and_two_people_approve_it(three: tuple[Made, Made, Made]) -> None:
    harbour, _, _ = three
    opened(harbour, JointRule.CONVENER, "lighthouse")
    one, two = people(harbour, *REVIEWERS)
    exchange = harbour.node.exchange
    shown = exchange.publishing.considered(one, "lighthouse", "misuse-defence")
    assert shown.asks == ("gate.two-person",)
    with pytest.raises(NotAllowed, match="2 people approve"):
        exchange.publishing.publish(one, "lighthouse", "misuse-defence", shown.manifest.digest)
    exchange.publishing.approve(one, shown.manifest.digest)
    exchange.publishing.approve(two, shown.manifest.digest)
    exchange.publishing.publish(one, "lighthouse", "misuse-defence", shown.manifest.digest)
    sent = {entry.id: entry.sha256 for entry in shown.manifest.released}
    assert {hashlib.sha256(data).hexdigest() for data in wire(harbour, "lighthouse")} == set(sent.values())


def test_a_third_peer_learns_nothing(three: tuple[Made, Made, Made]) -> None:
    """Neither from the convener nor from a party: no bytes, no id, no extension definition, no count."""
    harbour, lighthouse, ferry = three
    _, joint = opened(harbour, JointRule.CONVENER, "lighthouse")
    post(harbour, lighthouse)
    lighthouse.node.joint_cases.accept(reviewer(lighthouse), joint)
    own = {record.id for record in harbour.node.store.records.list(types=("note",))}
    for made in (harbour, lighthouse):
        manifest = release(made, "ferry")
        refused = [one for one in manifest.entries if one.type == "note"]
        assert refused
        assert {one.verdict for one in refused} == {Verdict.REFUSE}
        assert RULE_NOT_A_PARTY in {one.rule for one in refused}
        sent = b"".join(wire(made, "ferry"))
        for secret in (joint, joint[7:], "joint", extension_id(JointMessageExtension), *own):
            assert secret.encode() not in sent
        assert b"note--" not in sent
    assert ferry.node.joint_cases.listed(reviewer(ferry)) == ()
    with pytest.raises(NotFound):
        ferry.node.joint_cases.state(reviewer(ferry), joint)


def test_a_stranger_who_was_told_the_id_says_nothing_in_it(three: tuple[Made, Made, Made]) -> None:
    harbour, lighthouse, ferry = three
    _, joint = opened(harbour, JointRule.CONVENER, "lighthouse")
    heard = messages(harbour)[0]
    own = next(r for r in harbour.node.store.records.list(types=("note",)) if message_in(r) == heard)
    stolen = replace(own, origin=Origin.PEER, peer="harbour")
    ferry.node.store.records.put([stolen])
    with pytest.raises(NotFound):
        ferry.node.joint_cases.state(reviewer(ferry), joint)
    with pytest.raises(NotFound):
        ferry.node.joint_cases.vote(reviewer(ferry), joint, joint, Choice.YES, REASON)
    unsigned = msgspec.json.decode(own.stix)
    unsigned["extensions"].pop(
        next(k for k in unsigned["extensions"] if k != extension_id(JointMessageExtension))
    )
    with pytest.raises(BadInput, match="did not sign"):
        message_in(replace(own, stix=canonical(unsigned), root=None))
    assert lighthouse.node.joint_cases.listed(reviewer(lighthouse)) == ()


@pytest.mark.parametrize("flag", [CaseFlag.CHILD_MATERIAL])
def test_a_restricted_case_is_never_opened_to_others(three: tuple[Made, Made, Made], flag: CaseFlag) -> None:
    harbour, _, _ = three
    case = a_case(harbour, flag)
    with pytest.raises((NotAllowed, NotFound)):
        harbour.node.joint_cases.open(
            reviewer(harbour), case.id, ["lighthouse"], JointRule.CONVENER, terms(harbour)
        )
    assert messages(harbour) == ()


def test_what_became_restricted_later_is_not_spoken_of_any_more(
    three: tuple[Made, Made, Made], monkeypatch: pytest.MonkeyPatch
) -> None:
    harbour, _, _ = three
    _, joint = opened(harbour, JointRule.CONVENER, "lighthouse")
    queues = harbour.node.queues
    plain = queues.get
    monkeypatch.setattr(queues, "get", lambda name: replace(plain(name), restricted=True))
    with pytest.raises(NotAllowed, match="restricted queue"):
        harbour.node.joint_cases.share_fact(reviewer(harbour), joint, fact())
    closed = harbour.node.joint_cases.close(reviewer(harbour), joint, "It is no longer ours to share.")
    assert closed.closed is not None


def test_an_attribution_is_never_certain_nor_alone(three: tuple[Made, Made, Made]) -> None:
    harbour, _, _ = three
    _, joint = opened(harbour, JointRule.CONVENER, "lighthouse")
    other = Otherwise(
        explanation=Explains.FALSE_FLAG, confidence=20, would_decide="Where the fee is paid to."
    )
    sure = Attributes(form="criminal-group", confidence=100, alternatives=[other])
    alone = Attributes(form="criminal-group", confidence=60, alternatives=[])
    for wrong in (sure, alone, replace(sure, confidence=60, form="a country")):
        with pytest.raises(BadInput, match="joint-case-message-1"):
            harbour.node.joint_cases.share_fact(reviewer(harbour), joint, replace(fact(), attribution=wrong))
    said = harbour.node.joint_cases.share_fact(
        reviewer(harbour), joint, replace(fact(), attribution=replace(sure, confidence=60))
    )
    assert said.facts[0].attribution is not None
    assert said.facts[0].attribution.alternatives == [other]


def test_whom_one_may_invite_and_who_may(three: tuple[Made, Made, Made]) -> None:
    harbour, _, _ = three
    case = a_case(harbour)
    joint_cases, by = harbour.node.joint_cases, reviewer(harbour)
    with pytest.raises(BadInput, match="no trusted peer"):
        joint_cases.open(by, case.id, ["nobody"], JointRule.CONVENER, terms(harbour))
    with pytest.raises(BadInput, match="2 to 16 parties"):
        joint_cases.open(by, case.id, [], JointRule.CONVENER, terms(harbour))
    peer = harbour.node.exchange.peer("lighthouse")
    harbour.node.store.peers.replace(replace(peer, ceiling=TLP.GREEN))
    with pytest.raises(BadInput, match=r"AMBER\+STRICT"):
        joint_cases.open(by, case.id, ["lighthouse"], JointRule.CONVENER, terms(harbour))
    harbour.node.store.peers.replace(peer)
    for wrong, why in {"political.speech": "not a category of conduct", "fraud.other": "closed list"}.items():
        with pytest.raises(BadInput, match=why):
            joint_cases.open(
                by, case.id, ["lighthouse"], JointRule.CONVENER, replace(terms(harbour), category=wrong)
            )
    with pytest.raises(BadInput, match="later day"):
        joint_cases.open(by, case.id, ["lighthouse"], JointRule.CONVENER, replace(terms(harbour), until=1))
    token = replace(by, means=Means.TOKEN)
    with pytest.raises(NotAllowed, match="a person speaks"):
        joint_cases.open(token, case.id, ["lighthouse"], JointRule.CONVENER, terms(harbour))
    harbour.node.access.add_user(harbour.node.access.operator(), "maud", (Role.ANALYST,))
    analyst = harbour.node.access.operator("maud")
    with pytest.raises(NotAllowed):
        joint_cases.open(analyst, case.id, ["lighthouse"], JointRule.CONVENER, terms(harbour))
    state = joint_cases.open(by, case.id, ["lighthouse"], JointRule.CONVENER, terms(harbour))
    assert joint_cases.state(analyst, state.id) == state, "an analyst reads"
    with pytest.raises(Conflict, match="already"):
        joint_cases.open(by, case.id, ["lighthouse"], JointRule.CONVENER, terms(harbour))
    audit = [row.act for row in harbour.node.store.audit.read()]
    assert "joint.open" in audit


def test_tasks_leaving_and_the_last_day(three: tuple[Made, Made, Made]) -> None:
    harbour, lighthouse, _ = three
    _, joint = opened(harbour, JointRule.CONVENER, "lighthouse")
    post(harbour, lighthouse)
    theirs = reviewer(lighthouse)
    with pytest.raises(Conflict, match="had not joined"):
        lighthouse.node.joint_cases.share_fact(theirs, joint, fact())
    lighthouse.node.joint_cases.accept(theirs, joint)
    own = a_case(lighthouse)
    lighthouse.node.joint_cases.link(theirs, joint, own.id)
    meet(harbour, lighthouse)
    asked = harbour.node.joint_cases.give_task(
        reviewer(harbour),
        joint,
        whose="lighthouse",
        what="Count the letters.",
        until=micros(harbour.now) + 86_400_000_000,
    )
    with pytest.raises(Conflict, match="another party's"):
        harbour.node.joint_cases.do_task(reviewer(harbour), joint, asked.tasks[0].id, "Forty.")
    meet(harbour, lighthouse)
    lighthouse.node.joint_cases.do_task(theirs, joint, asked.tasks[0].id, "Ninety letters in two days.")
    lighthouse.node.joint_cases.leave(theirs, joint, "Our part is done.")
    with pytest.raises(Conflict, match="had left"):
        lighthouse.node.joint_cases.share_fact(theirs, joint, fact())
    meet(harbour, lighthouse)
    state = harbour.node.joint_cases.state(reviewer(harbour), joint)
    assert state.tasks[0].done == "Ninety letters in two days."
    assert JointStanding.LEFT in {one.standing for one in state.members}
    harbour.now += timedelta(days=40)
    with pytest.raises(Conflict, match="its day is past"):
        harbour.node.joint_cases.share_fact(reviewer(harbour), joint, fact())


def test_a_peer_that_nobody_may_give_it_to_gets_nothing(three: tuple[Made, Made, Made]) -> None:
    """The ceiling was lowered after the invitation was written: it stays."""
    harbour, _, _ = three
    opened(harbour, JointRule.CONVENER, "lighthouse")
    peer = harbour.node.exchange.peer("lighthouse")
    harbour.node.store.peers.replace(replace(peer, ceiling=TLP.AMBER))
    manifest = release(harbour, "lighthouse")
    assert {one.rule for one in manifest.entries if one.type == "note"} == {"share.marking-above-ceiling"}
    assert json.dumps([data.decode() for data in wire(harbour, "lighthouse")]).count("note--") == 0


def test_two_people_who_speak_at_once_say_two_things_and_not_one_twice(
    three: tuple[Made, Made, Made],
) -> None:
    """Two messages under one number would be a fork, and this node's word would count for nothing from there on."""
    harbour, _, _ = three
    _, joint = opened(harbour, JointRule.CONVENER, "lighthouse")
    other = Node(harbour.node.data, clock=harbour.clock)  # as another process has it
    callers = people(harbour, *REVIEWERS)
    together = threading.Barrier(2)

    def speak(cases: JointCases, by: Caller, words: str) -> None:
        together.wait(10)
        for number in range(3):
            cases.share_fact(by, joint, fact(f"{words} sent letters on {number + 1} days."))

    services = (harbour.node.joint_cases, other.joint_cases)
    try:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(speak, services, callers, ("Some", "Others")))
    finally:
        other.close()
    state = harbour.node.joint_cases.state(callers[0], joint)
    assert state.forks == ()
    assert len(state.facts) == 6


def test_who_says_two_things_is_found_out_and_stops_nobody(three: tuple[Made, Made, Made]) -> None:
    """One word for one ear, another for the other: each hands on what it has, so both words meet."""
    harbour, lighthouse, ferry = three
    _, joint = opened(harbour, JointRule.MAJORITY, "lighthouse", "ferry")
    post(harbour, lighthouse)
    post(harbour, ferry)
    for made in (lighthouse, ferry):
        made.node.joint_cases.accept(reviewer(made), joint)
    meet(*three)
    put = harbour.node.joint_cases.propose(
        reviewer(harbour), joint, title="Label", parts=[part("harbour")], reason="They ask for a fee."
    ).proposals[0]
    meet(*three)
    state = lighthouse.node.joint_cases.state(reviewer(lighthouse), joint)
    voice = Speaker(author=lighthouse.node.keys.identity.stix_identity, tlp=MARKING, now=lighthouse.now)
    for choice, ear in ((Choice.YES, harbour), (Choice.NO, ferry)):
        says = Vote(proposal=put.id, choice=choice, reason=f"We say {choice}.")
        draft = next_message(state, lighthouse.node.joint_cases.party, says)
        (word,) = signed([describe_message(draft, voice)], lighthouse.node.keys)
        ear.node.store.records.put([replace(word, origin=Origin.PEER, peer="lighthouse")])
    for made in (harbour, ferry):
        made.node.joint_cases.vote(reviewer(made), joint, put.id, Choice.YES, REASON)
    for _ in range(2):
        post(harbour, ferry)
        post(ferry, harbour)
    states = [made.node.joint_cases.state(reviewer(made), joint) for made in (harbour, ferry)]
    assert states[0].digest == states[1].digest
    assert [fork.party for fork in states[0].forks] == [lighthouse.node.joint_cases.party]
    assert states[0].missing == ()
    counting = {one.party for one in states[0].proposals[0].votes if one.counts}
    assert counting == {harbour.node.joint_cases.party, ferry.node.joint_cases.party}


def test_a_party_hands_on_what_another_said_to_it(three: tuple[Made, Made, Made]) -> None:
    """Lighthouse and ferry are never up together; harbour has what each said to all."""
    harbour, lighthouse, ferry = three
    _, joint = opened(harbour, JointRule.CONVENER, "lighthouse", "ferry")
    post(harbour, lighthouse)
    lighthouse.node.joint_cases.accept(reviewer(lighthouse), joint)
    lighthouse.node.joint_cases.share_fact(reviewer(lighthouse), joint, fact())
    post(lighthouse, harbour)
    post(harbour, ferry)
    state = ferry.node.joint_cases.state(reviewer(ferry), joint)
    assert [one.party for one in state.facts] == [lighthouse.node.joint_cases.party]
    assert state.missing == ()
