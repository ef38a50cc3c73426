"""Messages of joint cases at the gate: closed, bound to what they say, and for the parties alone."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from tests.share.said import AUTHOR, CANARIES, NOW, OTHER, signed, standing
from tests.share.test_decision import decided, entry
from tocsin.kernel import TLP, BadInput, EvidenceStatus, Record, Verdict
from tocsin.kernel.joint_cases import Fact, Invitation, JointRule, Seen, Task
from tocsin.share import introduction
from tocsin.share.candidate import RULE_NOT_A_PARTY
from tocsin.share.decision import Draft
from tocsin.share.describe_agreed import Speaker
from tocsin.share.describe_joint import MARKING, describe_message, message_in
from tocsin.share.promise import ReleaseStopped
from tocsin.trust.identity import NodeIdentity
from tocsin.trust.key_history import party_of
from tocsin.wire.stix import JointMessageExtension, canonical, extension_id
from tocsin.wire.stix.kinds_joint import case_digest, message_note

VOICE = Speaker(author=AUTHOR, tlp=MARKING, now=NOW)
OURS = party_of(NodeIdentity(b"\x01" * 32).public)
THEIRS = party_of(NodeIdentity(b"\x02" * 32).public)
PARTIES = sorted((OURS, THEIRS))
DAY = "2026-12-01T00:00:00.000Z"
KEY = extension_id(JointMessageExtension)
INVITATION = Invitation(
    convener=OURS,
    rule=JointRule.CONVENER,
    category="fraud.scam",
    purpose="Lottery letters on two platforms.",
    until=DAY,
    nonce="0" * 64,
)
CASE = case_digest(INVITATION, PARTIES)
INVITING = JointMessageExtension(
    case=CASE, party=OURS, parties=PARTIES, told=PARTIES, number=1, says=INVITATION
)
TELLING = JointMessageExtension(
    case=CASE,
    party=OURS,
    parties=PARTIES,
    told=PARTIES,
    number=2,
    previous="sha256:" + "a" * 64,
    seen=[Seen(party=THEIRS, number=1, message="sha256:" + "b" * 64)],
    says=Fact(
        statement="Forty accounts sent near-duplicates of one letter.",
        evidence=EvidenceStatus.OBSERVED,
        confidence=70,
        basis="Two reviewers read their own samples.",
    ),
)


def a_record(message: JointMessageExtension = INVITING) -> Record:
    return signed(describe_message(message, VOICE))


def strict(**changes: object) -> Any:
    """The peer may be given what is marked so strictly, and is a party."""
    plain = standing(party=THEIRS)
    return msgspec.structs.replace(
        plain, **{"peer": msgspec.structs.replace(plain.peer, ceiling=TLP.AMBER_STRICT), **changes}
    )


def left(record: Record, **changes: object) -> Draft:
    records = (*map(signed, introduction(author=AUTHOR, name="platform", now=NOW)), record)
    return decided(records, strict(**changes))


@pytest.mark.parametrize("message", [INVITING, TELLING], ids=["invitation", "fact"])
def test_a_message_leaves_whole_to_a_party_and_is_read_again(message: JointMessageExtension) -> None:
    record = a_record(message)
    draft = left(record)
    assert entry(draft, record).verdict is Verdict.RELEASE
    assert draft.final[record.id] == record.stix
    read = message_in(record)
    assert read is not None
    assert (read.signer, read.party, read.says, read.number) == (OURS, OURS, message.says, message.number)


@pytest.mark.parametrize("party", ["", "sha256:" + "0b" * 32, "sha256:"])
def test_to_nobody_else(party: str) -> None:
    record = a_record()
    draft = left(record, party=party)
    assert entry(draft, record).rule == RULE_NOT_A_PARTY
    assert record.id not in draft.final


def test_who_declined_or_left_is_told_no_more() -> None:
    record = a_record(msgspec.structs.replace(TELLING, told=[OURS]))
    assert entry(left(record), record).rule == RULE_NOT_A_PARTY


def bent(change: Callable[[dict[str, Any], dict[str, Any]], object], *, bound: bool = True) -> Record:
    """A message that was changed before it was signed; under the id of what it says then, where it is `bound`."""
    plain = describe_message(TELLING, VOICE)
    value = json.loads(plain.stix)
    held = value["extensions"][KEY]
    change(value, held)
    try:
        made = msgspec.convert(held, JointMessageExtension)
        if bound:
            value["id"] = message_note(AUTHOR, made)
    except msgspec.ValidationError:
        pass
    return signed(msgspec.structs.replace(plain, id=value["id"], stix=canonical(value)))


BENDS: dict[str, Callable[[dict[str, Any], dict[str, Any]], object]] = {
    "hidden letters": lambda _, held: held["says"].update(statement="we\u200b saw it"),
    "more than the schema": lambda _, held: held["says"].update(account="lucky"),
    "another kind than it is called": lambda value, _: value.update(content="Joint case: vote"),
    "a content of one's own": lambda value, _: value.update(content="Ask Anna"),
    "a mail address": lambda _, held: held["says"].update(basis="ask ana@refund.example"),
    "a certain attribution": lambda _, held: held["says"].update(
        attribution={"form": "company", "confidence": 100, "alternatives": []}
    ),
    "an hour in a task": lambda value, held: (
        held.update(
            says=msgspec.to_builtins(Task(whose=THEIRS, what="Count.", due=DAY))
            | {"due": "2026-12-01T11:22:33.000Z"}
        ),
        value.update(content="Joint case: task"),
    ),
    "conduct that nobody listed": lambda value, held: (
        held.update(says=msgspec.to_builtins(INVITATION) | {"category": "political.speech"}),
        value.update(content="Joint case: invitation"),
    ),
    "terms of another case": lambda value, held: (
        held.update(says=msgspec.to_builtins(INVITATION) | {"rule": "unanimous"}),
        value.update(content="Joint case: invitation"),
    ),
    "for somebody else": lambda value, _: value.update(object_refs=[OTHER]),
    "parties out of order": lambda _, held: held.update(parties=PARTIES[::-1]),
    "for somebody who is no party": lambda _, held: held.update(
        told=sorted([*PARTIES, "sha256:" + "f" * 64])
    ),
    "a party twice in what was seen": lambda _, held: held.update(seen=held["seen"] * 2),
}


@pytest.mark.parametrize("bend", BENDS)
def test_what_is_bent_stays(bend: str) -> None:
    record = bent(BENDS[bend])
    assert entry(left(record), record).verdict is Verdict.REFUSE


def test_another_word_under_an_id_stays_and_is_not_read() -> None:
    record = bent(lambda _, held: held["says"].update(statement="Nobody sent anything."), bound=False)
    assert entry(left(record), record).verdict is Verdict.REFUSE
    with pytest.raises(BadInput, match="id is not made"):
        message_in(record)


def test_a_pseudonym_stops_the_release() -> None:
    record = bent(lambda _, held: held["says"].update(statement=f"see {CANARIES[0]}"))
    with pytest.raises(ReleaseStopped):
        left(record)


def test_who_signed_is_who_speaks() -> None:
    record = a_record()
    assert message_in(msgspec.structs.replace(record, type="report")) is None
    with pytest.raises(BadInput, match="did not sign"):
        message_in(msgspec.structs.replace(record, root=None))
    other = NodeIdentity(b"\x02" * 32).stix_identity
    with pytest.raises(BadInput, match="somebody else"):
        message_in(msgspec.structs.replace(record, author=other))
