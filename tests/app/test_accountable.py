"""A node's own side of accountable matching, against a peer in memory: pledged, held, challenged, opened, refused."""

import secrets
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from benchmarks.accountable_world import KIND, PURPOSE, SEED, Auditor, Node, hold
from tests.fixtures import Made
from tests.nodes import tocsin
from tests.pledged_nodes import seen
from tocsin.app.accountable import Begun, Session
from tocsin.kernel import BadInput, Caller, Conflict, NotAllowed, NotFound, TooLarge, micros
from tocsin.trust.matching import Question, Reveal
from tocsin.trust.matching.accountable import (
    Challenge,
    Fault,
    Material,
    Pledge,
    Rules,
    Sayings,
    Side,
    account_of,
    audit,
    opened_statement,
    require_pledge,
    require_pledged,
    sign_statement,
)
from tocsin.trust.matching.accountable.sayings import opening_of
from tocsin.trust.matching.tags import key_of
from tocsin.wire.tlog import COSIGNATURE, NoteKey

VALUES = [f"refund-{number}".encode() for number in range(60)]


class Held(NamedTuple):
    """A session of `made`, as client, with a peer in memory."""

    made: Made
    auditor: Auditor
    peer: Node
    begun: Begun
    theirs: Material
    session: Session
    sayings: Sayings


def by(made: Made) -> Caller:
    return made.node.access.operator()


def standing(made: Made, auditor: Auditor, values: list[bytes] = VALUES) -> None:
    """A quota and records, logged and seen; two weeks go by."""
    made.node.accountable.set_quota(by(made), KIND, records=100, points=250)
    made.node.accountable.take_up(by(made), KIND, values)
    seen(made, auditor.witness)
    made.now += timedelta(days=15)


def session_of(made: Made, peer: Node, **changed: object) -> Session:
    one = Session(
        session=secrets.token_bytes(16),
        side=Side.CLIENT,
        client=made.node.transparency_log.origin,
        server=peer.name,
        kind=KIND,
        question=Question.WHICH,
        reveal=Reveal.CLIENT,
        purpose=PURPOSE,
        points=100,
    )
    return one._replace(**changed)  # type: ignore[arg-type]


@pytest.fixture
def held(made: Made) -> Held:
    auditor = Auditor()
    standing(made, auditor)
    peer = Node("bob", Side.SERVER, auditor.witness)
    session = session_of(made, peer)
    begun = made.node.accountable.begin(by(made), session, VALUES)
    key = key_of(SEED, session.client, peer.name, KIND, session.question, begun.pledge.epoch)
    laid = peer.lay(session.session, peer.prepare(), session.question, key.public)
    theirs = peer.pledge(laid, session.session, (session.client, peer.name), session.question, made.now)
    note = peer.signed(theirs)
    assert require_pledge(note, peer.key, begun.pledge) == theirs
    sayings = hold(
        session.session, (session.client, peer.name), session.question, [begun.laid, laid], made.now
    )
    require_pledged(opening_of(sayings.proposal, sayings.acceptance).proposal, begun.pledge)
    made.node.accountable.held(by(made), session.session, Side.CLIENT, note, sayings)
    seen(made, auditor.witness)
    nonce = peer.nonce(session.session)
    material = Material(theirs, begun.pledge, laid, sayings, nonce, key)
    made.node.accountable.name_auditor(by(made), str(auditor.key))
    return Held(made, auditor, peer, begun, material, session, sayings)


def challenge(held: Held, **changed: object) -> bytes:
    one = Challenge(
        auditor="auditor",
        session=held.begun.pledge.session,
        side=Side.CLIENT,
        positions=20,
        nonce=secrets.token_hex(32),
        at=micros(held.made.now),
    )
    return sign_statement(msgspec.structs.replace(one, **changed), "auditor", held.auditor.identity)


def opened(held: Held, note: bytes) -> bytes:
    asked = opened_statement(note, held.auditor.key)
    assert isinstance(asked, Challenge)
    theirs = held.peer.signed(account_of(held.theirs, asked))
    return held.made.node.accountable.answers.answer(by(held.made), note, theirs, str(held.peer.key))


def rules(held: Held) -> Rules:
    witness = NoteKey("witness", COSIGNATURE, held.auditor.witness.public)
    return Rules(held.auditor.key, held.made.node.transparency_log.key(), held.peer.key, (witness,))


def test_a_session_of_a_node_is_opened_to_the_named_auditor_and_holds(held: Held) -> None:
    note = challenge(held)
    found = audit(opened(held, note), rules(held), note)
    assert found.findings == ()
    assert len(found.positions) == 20
    assert set(found.values) <= set(VALUES)
    assert set(audit(opened(held, note), rules(held), note).positions) == set(
        found.positions
    )  # no second draw
    acts = {row.act for row in held.made.node.store.audit.read() if row.act.startswith("match.")}
    assert acts == {
        *("match.quota", "match.day", "match.pledge", "match.auditor", "match.account", "match.answered")
    }


def test_neither_database_nor_log_holds_a_value(held: Held) -> None:
    for file in held.made.node.data.rglob("*.db*"):
        content = file.read_bytes()
        assert not [value for value in VALUES[10:] if value in content]


def test_a_second_challenge_is_refused_and_the_same_one_is_answered_alike(held: Held) -> None:
    note, answers = challenge(held), held.made.node.accountable.answers
    first = answers.account(by(held.made), note)
    assert answers.account(by(held.made), note) == first
    with pytest.raises(Conflict, match="challenged before"):
        answers.account(by(held.made), challenge(held))


def test_a_hostile_auditor_gets_nothing(held: Held) -> None:
    answers, caller = held.made.node.accountable.answers, by(held.made)
    with pytest.raises(TooLarge, match="at most 20"):
        answers.account(caller, challenge(held, positions=21))
    with pytest.raises(NotFound):
        answers.account(caller, challenge(held, session="0" * 32))
    stranger = Auditor()
    forged = sign_statement(opened_statement(challenge(held), held.auditor.key), "auditor", stranger.identity)
    with pytest.raises(NotAllowed, match="nobody here named"):
        answers.account(caller, forged)
    unnamed = sign_statement(
        msgspec.structs.replace(_challenge(held), auditor="mallory"), "mallory", stranger.identity
    )
    with pytest.raises(NotAllowed, match="nobody here named"):
        answers.account(caller, unnamed)
    with pytest.raises(BadInput, match="answers, with this side"):
        opened(held, challenge(held, side=Side.SERVER))


def _challenge(held: Held) -> Challenge:
    one = opened_statement(challenge(held), held.auditor.key)
    assert isinstance(one, Challenge)
    return one


def test_an_auditor_beside_the_other_side_does_not_draw_again(held: Held) -> None:
    note = challenge(held)
    account = account_of(held.theirs, _challenge_in(held, note))
    redrawn = held.peer.signed(msgspec.structs.replace(account, nonce=secrets.token_hex(32)))
    with pytest.raises(BadInput, match="nothing is opened"):
        held.made.node.accountable.answers.answer(by(held.made), note, redrawn, str(held.peer.key))


def test_an_account_of_no_pinned_peer_wants_its_key(held: Held) -> None:
    note = challenge(held)
    account = held.peer.signed(account_of(held.theirs, _challenge_in(held, note)))
    with pytest.raises(BadInput, match="--other-key"):
        held.made.node.accountable.answers.answer(by(held.made), note, account)


def _challenge_in(held: Held, note: bytes) -> Challenge:
    one = opened_statement(note, held.auditor.key)
    assert isinstance(one, Challenge)
    return one


def test_a_forgotten_auditor_is_answered_no_more(held: Held) -> None:
    accountable = held.made.node.accountable
    accountable.forget_auditor(by(held.made), "auditor")
    with pytest.raises(NotAllowed):
        accountable.answers.account(by(held.made), challenge(held))
    with pytest.raises(NotFound):
        accountable.forget_auditor(by(held.made), "auditor")


def test_a_witness_that_looked_late_gives_a_late_date(made: Made) -> None:
    auditor = Auditor()
    made.node.accountable.set_quota(by(made), KIND, records=100, points=250)
    made.node.accountable.take_up(by(made), KIND, VALUES)
    made.now += timedelta(days=15)
    seen(made, auditor.witness)
    proof = made.node.transparency_log.prove_seen(0)
    assert b"witness" in proof
    with pytest.raises(NotFound):
        made.node.transparency_log.prove_seen(99)


def test_records_are_taken_up_once_within_quota_and_used_when_they_are_old(made: Made) -> None:
    accountable, caller = made.node.accountable, by(made)
    peer = Node("bob", Side.SERVER, Auditor().witness)
    with pytest.raises(NotAllowed, match="no quota"):
        accountable.take_up(caller, KIND, VALUES)
    accountable.set_quota(caller, KIND, records=100, points=250)
    assert accountable.take_up(caller, KIND, [*VALUES, VALUES[0]]) == 60
    assert accountable.take_up(caller, KIND, VALUES) == 0
    with pytest.raises(NotAllowed, match="60 were taken up, and 41 more"):
        accountable.take_up(caller, KIND, [f"other-{number}".encode() for number in range(41)])
    with pytest.raises(NotAllowed, match="60 of these inputs"):
        accountable.begin(caller, session_of(made, peer), VALUES)
    made.now += timedelta(days=15)
    with pytest.raises(NotAllowed, match="1 of these inputs"):
        accountable.begin(caller, session_of(made, peer), [*VALUES, b"a-guess"])
    first = accountable.begin(caller, session_of(made, peer), VALUES).pledge
    second = accountable.begin(caller, session_of(made, peer), VALUES).pledge
    assert (first.number, first.spent, second.number, second.spent) == (0, 100, 1, 200)
    with pytest.raises(NotAllowed, match="would make 300"):
        accountable.begin(caller, session_of(made, peer), VALUES)
    again = session_of(made, peer, session=bytes.fromhex(first.session), points=40)
    with pytest.raises(Conflict):
        accountable.begin(caller, again._replace(points=50), VALUES[:10])
    made.now += timedelta(days=100)  # the day's key is gone, and its records with it
    with pytest.raises(NotAllowed, match="60 of these inputs"):
        accountable.begin(caller, session_of(made, peer), VALUES)


def test_a_pledge_for_another_session_begins_nothing(held: Held) -> None:
    theirs, mine = held.theirs.pledge, held.begun.pledge
    for changed in ({"kind": "email"}, {"purpose": "another"}, {"session": "0" * 32}, {"side": "client"}):
        other = msgspec.convert({**msgspec.to_builtins(theirs), **changed}, Pledge)
        with pytest.raises(NotAllowed, match="another session"):
            require_pledge(held.peer.signed(other), held.peer.key, mine)
    proposal = opening_of(held.sayings.proposal, held.sayings.acceptance).proposal
    with pytest.raises(NotAllowed):
        require_pledged(msgspec.structs.replace(proposal, points=120), mine)


def test_a_role_without_the_act_is_refused(made: Made) -> None:
    caller = msgspec.structs.replace(by(made), roles=frozenset())
    with pytest.raises(NotAllowed):
        made.node.accountable.set_quota(caller, KIND, records=1, points=1)
    with pytest.raises(NotAllowed):
        made.node.accountable.take_up(caller, KIND, VALUES)
    with pytest.raises(NotAllowed):
        made.node.accountable.answers.account(caller, b"")


def test_the_command_line_verifies_without_a_node(held: Held, tmp_path: Path) -> None:
    note = challenge(held)
    files = {"challenge": note, "answer": opened(held, note)}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    keys = rules(held)
    said = [
        *(
            "share",
            "match",
            "audit",
            "verify",
            str(tmp_path / "answer"),
            "--challenge",
            str(tmp_path / "challenge"),
        ),
        *("--auditor", str(keys.auditor), "--audited", str(keys.audited), "--other", str(keys.other)),
        *("--witness", str(keys.witnesses[0]), "--json"),
    ]
    told = msgspec.json.decode(tocsin(*said).stdout)
    assert told["holds"] is True
    assert "values" not in told
    older = tocsin(*said, "--days", "16", "--values", check=False)
    assert older.returncode == 1
    told = msgspec.json.decode(older.stdout)
    assert {one["fault"] for one in told["findings"]} == {Fault.LATE.value}
    assert set(told["values"]) <= {value.decode() for value in VALUES}


def test_the_command_line_of_node_and_auditor(made: Made, tmp_path: Path) -> None:
    made.node.close()
    data = str(made.node.data)
    audit_words = ("share", "match", "audit")
    key, note = tmp_path / "key", tmp_path / "challenge"
    line = msgspec.json.decode(tocsin(*audit_words, "key", str(key), "--name", "institute", "--json").stdout)[
        "key"
    ]
    assert key.stat().st_mode & 0o777 == 0o600
    tocsin(*audit_words, "auditor", line, "--data", data)
    tocsin(*audit_words, "quota", "handle", "--records", "50", "--points", "200", "--data", data)
    records = tmp_path / "records"
    records.write_text("".join(f"refund-{number}\n" for number in range(12)))
    told = tocsin(*audit_words, "take-up", "handle", str(records), "--data", data, "--json").stdout
    assert msgspec.json.decode(told) == {"kind": "handle", "taken_up": 12, "known": 0}
    asked = (
        str(note),
        "--session",
        "0" * 32,
        "--side",
        "client",
        "--name",
        "institute",
        "--secret",
        str(key),
    )
    tocsin(*audit_words, "challenge", *asked)
    refused = tocsin(*audit_words, "answer", str(note), str(tmp_path / "out"), "--data", data, check=False)
    assert refused.returncode
    assert "pledged nothing" in refused.stderr
    assert not (tmp_path / "out").exists()


def test_a_contradiction_is_a_file_that_convinces_without_a_node(held: Held, tmp_path: Path) -> None:
    one, other = held.begun.note, tmp_path / "other"
    second = msgspec.structs.replace(held.begun.pledge, root="0" * 64)
    log = held.made.node.transparency_log
    other.write_bytes(sign_statement(second, log.origin, held.made.node.keys.identity))
    (tmp_path / "one").write_bytes(one)
    words = ("share", "match", "audit", "contradiction")
    proof = tmp_path / "proof"
    key = ("--key", str(log.key()))
    tocsin(*words, str(tmp_path / "one"), str(other), *key, "--proof", str(proof))
    told = tocsin(*words, str(proof), *key, "--json").stdout
    assert "two pledges" in msgspec.json.decode(told)["contradiction"]
    assert tocsin(*words, str(other), str(other), *key, check=False).returncode == 1
