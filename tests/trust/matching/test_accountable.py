"""Accountable matching: what an honest side can prove, who is caught by what, and what an auditor cannot take."""

import json
import secrets
from math import comb
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import accountable_adversaries as adversaries
from benchmarks.accountable import ADVERSARIES, Adversary, late_caught, one
from benchmarks.accountable_world import NOW, POINTS, Auditor, Met, Node, meet
from tocsin.kernel import BadInput, TooLarge
from tocsin.trust.matching import MatchKind, Question
from tocsin.trust.matching.accountable import (
    NOTHING,
    Account,
    Answer,
    Audit,
    Challenge,
    Fault,
    KeptRecord,
    Quota,
    RecordAt,
    Rules,
    Side,
    account_of,
    audit,
    contradiction,
    decode_answer,
    digest_of,
    drawn,
    encode_answer,
    lay,
    most_positions,
    nonce_commitment,
    opened_statement,
    read_statement,
    sign_statement,
    statement_text,
)
from tocsin.trust.matching.accountable.answers import MAX_ANSWER_BYTES, Padding
from tocsin.trust.matching.accountable.positions import nonce_of

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "accountable" / "layout.json"


def honest(question: Question = Question.WHICH) -> tuple[Met, Auditor]:
    auditor = Auditor()
    client, server = (
        Node(name, side, auditor.witness) for name, side in (("alice", Side.CLIENT), ("bob", Side.SERVER))
    )
    return meet(client, server, question), auditor


@pytest.fixture(scope="module")
def met() -> tuple[Met, Auditor]:
    return honest()


@pytest.fixture(scope="module")
def asked(met: tuple[Met, Auditor]) -> tuple[Challenge, Answer]:
    challenge = met[1].challenge(met[0], Side.CLIENT, 10)
    raw = met[1].ask(met[0], challenge)
    assert raw is not None
    return challenge, decode_answer(raw)


def judged(met: tuple[Met, Auditor], answer: Answer) -> Audit:
    return met[1].judge(met[0], encode_answer(answer), Side.CLIENT)


def rules_of(met: tuple[Met, Auditor]) -> Rules:
    return met[1].rules(met[0].client, met[0].server)


def faults(found: Audit) -> set[Fault]:
    return {finding.fault for finding in found.findings}


@pytest.mark.parametrize("question", Question)
def test_either_side_proves_what_it_put_in(question: Question) -> None:
    pair, auditor = honest(question)
    for side in Side:
        found = auditor.examine(pair, 20, side)
        assert found is not None
        assert found.findings == ()
        assert len(found.positions) == 20
        assert found.padding + len(found.values) == 20
        assert all(value.startswith(b"refund-") for value in found.values)


def test_an_answer_shows_the_drawn_indicators_and_no_other_and_no_blind(
    met: tuple[Met, Auditor], asked: tuple[Challenge, Answer]
) -> None:
    raw, material = encode_answer(asked[1]), met[0].materials[0]
    shown = {one.position for one in asked[1].openings}
    for at, place in enumerate(material.laid.places):
        assert place.blind not in raw
        assert (material.laid.salts[at] in raw) == (at in shown)
        if place.real:
            assert (place.value in raw) == any(
                material.laid.places[position].value.startswith(place.value) for position in shown
            )
    assert met[0].client.seed not in raw


@pytest.mark.parametrize("adversary", ADVERSARIES, ids=lambda one: one.name)
def test_each_adversary_is_caught_or_escapes_as_the_page_says(adversary: Adversary) -> None:
    for number in range(2):
        pair, auditor = one(adversary, number)
        found = auditor.examine(pair, 20)
        client = pair.client
        late = client.late if isinstance(client, adversaries.Late) else set()
        if adversary.expected is not None and adversary.node is not adversaries.Aborts:
            assert found is not None
            assert found.holds is (adversary.expected == 0)
        elif found is None:
            assert isinstance(client, adversaries.Aborts)
        else:
            assert found.holds is late.isdisjoint(found.positions)
        if adversary.extra:
            assert adversary.extra(pair, auditor)


def test_a_server_that_tags_what_it_did_not_pledge_is_caught() -> None:
    auditor = Auditor()
    server = adversaries.WrongProof("bob", Side.SERVER, auditor.witness)
    pair = meet(Node("alice", Side.CLIENT, auditor.witness), server, Question.WHICH)
    found = auditor.examine(pair, 20, Side.SERVER)
    assert found is not None
    hit = server.late & set(found.positions)
    assert faults(found) == ({Fault.NOT_SENT} if hit else set())


def test_the_closed_form_is_the_hypergeometric_one() -> None:
    assert late_caught(0.2, 1) == pytest.approx(12 / POINTS)
    assert late_caught(0.2, 10) == pytest.approx(1 - comb(88, 10) / comb(100, 10))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 200), st.binary(min_size=32, max_size=32), st.sampled_from((100, 120, 5000)))
def test_a_draw_is_distinct_in_range_and_within_its_bound(
    asked: tuple[Challenge, Answer], met: tuple[Met, Auditor], wanted: int, nonce: bytes, points: int
) -> None:
    challenge = msgspec.structs.replace(asked[0], positions=wanted, nonce=nonce.hex())
    accounts = [account_of(material, asked[0]) for material in met[0].materials]
    found = drawn(challenge, accounts[0], accounts[1], points)
    assert len(found) == min(wanted, most_positions(points)) <= points // 5
    assert list(found) == sorted(set(found))
    assert 0 <= found[0] <= found[-1] < points


def test_each_position_is_drawn_about_as_often_as_any_other(
    met: tuple[Met, Auditor], asked: tuple[Challenge, Answer]
) -> None:
    accounts = [account_of(material, asked[0]) for material in met[0].materials]
    counts = [0] * 100
    for number in range(500):
        challenge = msgspec.structs.replace(asked[0], nonce=f"{number:064x}", positions=20)
        for at in drawn(challenge, accounts[0], accounts[1], 100):
            counts[at] += 1
    assert 55 < min(counts) <= max(counts) < 155  # 100 of 500 expected; five standard deviations


# hostile auditors


def test_a_challenge_of_too_many_positions_is_refused(met: tuple[Met, Auditor]) -> None:
    challenge = met[1].challenge(met[0], Side.CLIENT, 21)
    with pytest.raises(TooLarge, match="at most 20 of 100"):
        met[1].ask(met[0], challenge)


def test_a_challenge_of_another_session_or_side_is_refused(met: tuple[Met, Auditor]) -> None:
    other, _ = honest()
    challenge = met[1].challenge(other, Side.CLIENT, 10)
    with pytest.raises(BadInput, match="another session"):
        account_of(met[0].materials[0], challenge)
    early = msgspec.structs.replace(met[1].challenge(met[0], Side.CLIENT, 10), at=0)
    with pytest.raises(BadInput, match="older than the pledge"):
        account_of(met[0].materials[0], early)


def test_an_auditor_whom_nobody_named_is_not_believed(
    met: tuple[Met, Auditor], asked: tuple[Challenge, Answer]
) -> None:
    stranger = Auditor()
    with pytest.raises(BadInput, match="no key that is trusted"):
        stranger.judge(met[0], encode_answer(asked[1]), Side.CLIENT)
    forged = sign_statement(asked[0], "auditor", stranger.identity)
    with pytest.raises(BadInput):
        judged(met, msgspec.structs.replace(asked[1], challenge=forged))


def test_an_answer_to_another_challenge_is_told(
    met: tuple[Met, Auditor], asked: tuple[Challenge, Answer]
) -> None:
    later = met[1].challenge(met[0], Side.CLIENT, 10)
    note = sign_statement(later, "auditor", met[1].identity)
    found = judged(met, msgspec.structs.replace(asked[1], challenge=note))
    assert {Fault.OTHER_SESSION, Fault.WITHHELD} <= faults(found)


# hostile nodes, bit by bit


def test_whatever_is_changed_in_an_opening_is_found(
    met: tuple[Met, Auditor], asked: tuple[Challenge, Answer]
) -> None:
    def wrong(**changed: object) -> set[Fault]:
        first, *rest = asked[1].openings
        openings = (msgspec.structs.replace(first, **changed), *rest)
        return faults(judged(met, msgspec.structs.replace(asked[1], openings=openings)))

    second = asked[1].openings[1]
    assert wrong() == set()
    assert wrong(point=second.point) == {Fault.NOT_SENT, Fault.WRONG_PROOF}
    assert wrong(public=second.public) == {Fault.OTHER_VALUE, Fault.WRONG_PROOF}
    assert wrong(proof=second.proof) == {Fault.WRONG_PROOF}
    assert wrong(proof=b"\xff" * 64) == {Fault.WRONG_PROOF}
    assert wrong(point=bytes(32)) == {Fault.NOT_SENT, Fault.WRONG_PROOF}
    assert Fault.OTHER_VALUE in wrong(salt=bytes(32))
    assert wrong(path=()) == {Fault.OTHER_VALUE}
    assert wrong(sent=second.sent) == {Fault.NOT_SENT}
    undrawn = next(at for at in range(100) if at not in {one.position for one in asked[1].openings})
    assert {Fault.WRONG_POSITION, Fault.WITHHELD} == wrong(position=undrawn)
    assert {Fault.WRONG_POSITION, Fault.WITHHELD} == wrong(position=99_999)
    assert {Fault.WRONG_POSITION, Fault.WITHHELD} == wrong(position=second.position)
    record = next(one for one in asked[1].openings if not isinstance(one.meant, Padding))
    assert not isinstance(record.meant, Padding)
    openings = tuple(
        msgspec.structs.replace(one, meant=Padding()) if one is record else one for one in asked[1].openings
    )
    assert faults(judged(met, msgspec.structs.replace(asked[1], openings=openings))) == {
        Fault.OTHER_VALUE,
        Fault.WRONG_PROOF,
    }


@pytest.mark.parametrize("part", ["pledge", "days", "quotas"])
def test_what_the_witness_did_not_see_has_no_date(
    met: tuple[Met, Auditor], asked: tuple[Challenge, Answer], part: str
) -> None:
    rules = rules_of(met)
    found = audit(encode_answer(asked[1]), rules._replace(need=0))
    assert Fault.UNLOGGED in faults(found)
    empty = asked[1].pledge.__class__(asked[1].pledge.note, b"")
    changed = (
        empty if part == "pledge" else tuple(type(empty)(one.note, b"") for one in getattr(asked[1], part))
    )
    found = judged(met, msgspec.structs.replace(asked[1], **{part: changed}))
    assert Fault.UNLOGGED in faults(found)


def test_more_days_are_asked_for_than_there_were(
    met: tuple[Met, Auditor], asked: tuple[Challenge, Answer]
) -> None:
    rules = rules_of(met)
    assert audit(encode_answer(asked[1]), rules._replace(days=20)).holds
    assert faults(audit(encode_answer(asked[1]), rules._replace(days=22))) == {Fault.LATE}


def test_days_left_out_or_out_of_order_are_found(
    met: tuple[Met, Auditor], asked: tuple[Challenge, Answer]
) -> None:
    assert Fault.OUTSIDE_DAYS in faults(judged(met, msgspec.structs.replace(asked[1], days=())))
    twice = asked[1].days * 2
    assert Fault.OUTSIDE_DAYS in faults(judged(met, msgspec.structs.replace(asked[1], days=twice)))
    assert Fault.OVER_QUOTA in faults(judged(met, msgspec.structs.replace(asked[1], quotas=())))


def test_a_side_that_pledges_for_both_is_refused(
    met: tuple[Met, Auditor], asked: tuple[Challenge, Answer]
) -> None:
    with pytest.raises(BadInput):
        judged(met, msgspec.structs.replace(asked[1], other_pledge=asked[1].pledge.note))


def test_an_oversized_answer_and_junk_are_refused(asked: tuple[Challenge, Answer]) -> None:
    with pytest.raises(TooLarge):
        decode_answer(bytes(MAX_ANSWER_BYTES + 1))
    for junk in (b"", b"\xc1", encode_answer(asked[1])[:-1], b"\x81\xa6format\x02"):
        with pytest.raises(BadInput):
            decode_answer(junk)


# contradictions


def test_honest_pledges_and_days_do_not_contradict_each_other() -> None:
    auditor = Auditor()
    node = Node("alice", Side.CLIENT, auditor.witness)
    pair = meet(node, Node("bob", Side.SERVER, auditor.witness), Question.WHICH)
    first = pair.materials[0].pledge
    second = msgspec.structs.replace(
        first,
        session=secrets.token_hex(16),
        number=1,
        before=digest_of(first),
        spent=first.spent + first.points,
    )
    assert contradiction(node.signed(first), node.signed(second), node.key) == ""
    assert contradiction(node.signed(first), node.signed(first), node.key) == ""
    forgets = msgspec.structs.replace(second, spent=first.spent)
    assert "forgets" in contradiction(node.signed(first), node.signed(forgets), node.key)
    skips = msgspec.structs.replace(second, number=5, spent=first.spent)
    assert "forgets" in contradiction(node.signed(skips), node.signed(first), node.key)
    next_week = msgspec.structs.replace(second, epoch=first.epoch + 1, number=0, spent=first.points)
    assert contradiction(node.signed(first), node.signed(next_week), node.key) == ""
    node.take_up([b"refund-900"], NOW)
    one_day, other_day = (node.days[number].day for number in (0, 1))
    assert contradiction(node.signed(one_day), node.signed(other_day), node.key) == ""
    loose = msgspec.structs.replace(other_day, before=NOTHING)
    assert "follows another" in contradiction(node.signed(one_day), node.signed(loose), node.key)
    same = msgspec.structs.replace(other_day, number=0)
    assert "number 0" in contradiction(node.signed(one_day), node.signed(same), node.key)


def test_what_the_key_did_not_sign_contradicts_nothing(met: tuple[Met, Auditor]) -> None:
    client, server = met[0].client, met[0].server
    other = msgspec.structs.replace(met[0].materials[0].pledge, root="0" * 64)
    forged = sign_statement(other, client.name, server.identity)
    with pytest.raises(BadInput, match="no key that is trusted"):
        contradiction(met[0].told[0].note, forged, client.key)


def test_two_accounts_to_one_challenge_are_a_contradiction(
    met: tuple[Met, Auditor], asked: tuple[Challenge, Answer]
) -> None:
    client = met[0].client
    account = account_of(met[0].materials[0], asked[0])
    other = msgspec.structs.replace(account, points="0" * 64)
    assert "two accounts" in contradiction(client.signed(account), client.signed(other), client.key)


# statements


def test_a_statement_has_one_spelling_and_is_no_checkpoint(met: tuple[Met, Auditor]) -> None:
    text = statement_text(met[0].materials[0].pledge)
    assert read_statement(text) == met[0].materials[0].pledge
    assert text.count("\n") == 2  # a checkpoint has three lines
    for changed in (
        text.replace(":", ": ", 1),
        text + "\n",
        text[:-1],
        text.replace('"epoch"', '"epoch":1,"epoch"'),
    ):
        with pytest.raises(BadInput):
            read_statement(changed)


def test_a_statement_under_another_name_is_refused(met: tuple[Met, Auditor]) -> None:
    client = met[0].client
    quota = Quota(log="tocsin/another", kind=MatchKind.HANDLE, records=1, points=1, at=0)
    with pytest.raises(BadInput, match="another name"):
        opened_statement(client.signed(quota), client.key)


def test_layout_statement_and_draw_are_those_of_the_vectors() -> None:
    kept = json.loads(VECTORS.read_text("utf-8"))
    assert made_vector() == kept["layout"]
    assert made_draw() == kept["draw"]


def made_draw() -> dict[str, object]:
    """A challenge as it is signed, and what it draws with nonces of threes and fours."""
    challenge = Challenge(
        auditor="institute", session="01" * 16, side=Side.CLIENT, positions=10, nonce="02" * 32, at=5
    )
    client = Account(
        log="tocsin/alice",
        session="01" * 16,
        side=Side.CLIENT,
        challenge=digest_of(challenge),
        nonce="03" * 32,
        client_pledge="05" * 32,
        server_pledge="06" * 32,
        opening=NOTHING,
        points=NOTHING,
        tags=NOTHING,
    )
    server = msgspec.structs.replace(client, side=Side.SERVER, nonce="04" * 32)
    return {"challenge": statement_text(challenge), "positions": list(drawn(challenge, client, server, 100))}


def made_vector() -> dict[str, object]:
    """Of a seed of 0 to 31, a session of 16 ones and twelve records; in both questions, and for a server."""
    seed, session, public = bytes(range(32)), b"\x01" * 16, b"\x02" * 32
    records = [RecordAt(KeptRecord(b"refund-%d" % at, bytes([at]) * 32), 0, at) for at in range(12)]
    found: dict[str, object] = {
        "record": records[3].record.commitment(MatchKind.HANDLE).hex(),
        "nonce": nonce_of(seed, session).hex(),
        "nonce_commitment": nonce_commitment(nonce_of(seed, session)),
    }
    for name, question in (("which", Question.WHICH), ("how-many", Question.HOW_MANY), ("server", None)):
        laid = lay(seed, session, MatchKind.HANDLE, records, 100, question=question, public=public)
        found[name] = {
            "root": laid.root.hex(),
            "first_line": laid.lines[0].hex(),
            "inputs_at": [at for at, place in enumerate(laid.places) if place.real],
            "first_padding": next(place.value.hex() for place in laid.places if not place.real),
        }
    return found
