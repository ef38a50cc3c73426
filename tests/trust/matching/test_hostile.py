"""A hostile party of a session: each breach is refused, and ends it."""

import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from tests.matching import ALICE, BOB, NOW, SEED, TERMS, Pair, Spent, handles, pair, run
from tocsin.kernel import BadInput, Conflict, NotAllowed, TocsinError, TooLarge
from tocsin.kernel.clock import micros
from tocsin.trust import oprf, ristretto
from tocsin.trust.matching import MatchKind, Question, Reveal, Server, most_points
from tocsin.trust.matching.messages import (
    MAX_MESSAGE_BYTES,
    Acceptance,
    Ask,
    Blinded,
    Evaluated,
    Message,
    Outcome,
    Proposal,
    Tags,
    decode,
    encode,
)

_GOOD = ristretto.multiply_base(b"\x07" + bytes(31))
BAD_POINTS = {
    "identity": bytes(32),
    "non-canonical": (2**255 - 19 + 2).to_bytes(32, "little"),
    "second spelling": _GOOD[:31] + bytes([_GOOD[31] | 0x80]),
    "low order": (2**255 - 20).to_bytes(32, "little"),
}
Change = Callable[[Any], Message]


def play(
    parties: Pair, ask: dict[type, Change] | None = None, tell: dict[type, Change] | None = None
) -> None:
    """A session in which somebody between them, or one of them, changes messages of a type once."""
    for message in parties.client.speak():
        answer = parties.server.answer(_changed(message, ask or {}))
        parties.client.hear(_changed(answer, tell or {}))


def _changed(raw: bytes, changes: dict[type, Change]) -> bytes:
    message = decode(raw)
    change = changes.pop(type(message), None)
    if change is None:
        return raw
    return encode(change(message))


def sets(question: Question = Question.WHICH, reveal: Reveal = Reveal.CLIENT, **more: Any) -> Pair:
    return pair(handles(range(20)), handles(range(10, 30)), question, reveal, **more)


def put(field: str, value: Any) -> Change:
    return lambda message: msgspec.structs.replace(message, **{field: value})


def first_point(point: bytes) -> Change:
    return lambda message: msgspec.structs.replace(message, points=point + message.points[32:])


@pytest.mark.parametrize("name", BAD_POINTS)
@pytest.mark.parametrize("question", Question)
def test_a_point_that_is_no_element(name: str, question: Question) -> None:
    bad = BAD_POINTS[name]
    parties = sets(question)
    with pytest.raises(BadInput, match="ristretto255"):
        play(parties, ask={Blinded: first_point(bad)})
    assert parties.server.over == "a message was refused"
    parties = sets(question)
    with pytest.raises(BadInput):
        play(parties, tell={Evaluated: first_point(bad)})
    assert parties.client.over == "a message was refused"
    with pytest.raises(Conflict):
        _ = parties.client.found
    parties = sets(question)
    with pytest.raises(BadInput, match="ristretto255"):
        play(parties, tell={Acceptance: put("public", bad)})


def test_another_key_in_the_middle_of_a_session() -> None:
    other = oprf.derive_key(oprf.Mode.VOPRF, bytes(32), b"another")
    sent: list[bytes] = []

    def note(message: Blinded) -> Message:
        sent.extend(message.points[at : at + 32] for at in range(0, len(message.points), 32))
        return message

    def all_other(message: Evaluated) -> Message:
        points = oprf.evaluate(other.secret, sent)
        proof = oprf.prove(other, sent, points, ristretto.draw_scalar(secrets.token_bytes))
        return msgspec.structs.replace(message, points=b"".join(points), proof=proof)

    def one_other(message: Evaluated) -> Message:
        return msgspec.structs.replace(
            message, points=oprf.evaluate(other.secret, sent[:1])[0] + message.points[32:]
        )

    for change in (all_other, one_other):
        sent.clear()
        with pytest.raises(BadInput, match="one key"):
            play(sets(), ask={Blinded: note}, tell={Evaluated: change})


def test_answers_in_another_order_and_without_a_proof() -> None:
    with pytest.raises(BadInput, match="one key"):
        play(
            sets(),
            tell={Evaluated: lambda m: put("points", m.points[32:] + m.points[:32])(m)},
        )
    with pytest.raises(BadInput, match="bytes"):
        play(sets(), tell={Evaluated: put("proof", b"")})
    with pytest.raises(BadInput, match="no proof"):
        play(sets(Question.HOW_MANY), tell={Evaluated: put("proof", bytes(64))})


def test_duplicates() -> None:
    with pytest.raises(BadInput, match="came twice"):
        play(sets(), ask={Blinded: lambda m: put("points", m.points[:32] + m.points[:-32])(m)})
    with pytest.raises(BadInput, match="came twice"):
        play(
            sets(Question.HOW_MANY),
            tell={Evaluated: lambda m: put("points", m.points[:32] + m.points[:-32])(m)},
        )
    with pytest.raises(BadInput, match="came twice"):
        play(sets(), tell={Tags: lambda m: put("tags", m.tags[:16] + m.tags[:-16])(m)})


def test_sizes_that_lie() -> None:
    for size in (1, 99, 101, 1_000_001):
        with pytest.raises(BadInput):
            play(sets(), ask={Proposal: put("points", size)})
        with pytest.raises(BadInput):
            play(sets(), tell={Acceptance: put("tags", size)})
    # A step, but not what then comes.
    with pytest.raises(TocsinError):
        play(sets(), ask={Proposal: put("points", 120)})

    def longer(message: Any) -> Message:
        return put("points", message.points + message.points[:32])(message)

    def shorter(message: Any) -> Message:
        return put("points", message.points[32:])(message)

    def broken(message: Any) -> Message:
        return put("points", message.points[:-1])(message)

    for change in (longer, shorter, broken):
        with pytest.raises(BadInput, match="size"):
            play(sets(), ask={Blinded: change})
        with pytest.raises(BadInput, match="size"):
            play(sets(), tell={Evaluated: change})
    with pytest.raises(BadInput, match="size"):
        play(sets(), tell={Tags: lambda m: put("tags", m.tags[16:])(m)})


def test_messages_out_of_order_or_of_another_session() -> None:
    for message in (Blinded, Ask):
        with pytest.raises(BadInput, match="next"):
            play(sets(), ask={message: put("index", 1)})
    with pytest.raises(BadInput, match="another part"):
        play(sets(), tell={Evaluated: put("index", 1)})
    with pytest.raises(Conflict, match="another session"):
        play(sets(), ask={Blinded: put("session", bytes(16))})
    with pytest.raises(Conflict, match="another session"):
        play(sets(), tell={Tags: put("session", bytes(16))})
    said = run(sets())
    for number in range(len(said)):
        parties = sets()
        with pytest.raises(TocsinError):
            parties.server.answer(said[number][1])  # an answer where a question belongs
        parties = sets()
        speaking = parties.client.speak()
        next(speaking)
        with pytest.raises(TocsinError):
            parties.client.hear(said[number][1])  # an answer of an earlier session
    parties = sets()
    with pytest.raises(BadInput, match="turn"):
        parties.server.answer(said[1][0])
    with pytest.raises(BadInput, match="nothing was asked"):
        sets().client.hear(said[0][1])


def test_what_was_said_before_cannot_be_changed() -> None:
    """Each message names all before it: a go-between that alters one is found at the next."""
    with pytest.raises(Conflict, match="altered"):
        play(sets(), ask={Proposal: put("purpose", "another purpose")})
    with pytest.raises(TocsinError):
        play(sets(), tell={Acceptance: put("salt", bytes(16))})
    with pytest.raises(Conflict, match="altered"):
        play(sets(), ask={Ask: put("after", bytes(32))})


def test_a_session_that_is_replayed() -> None:
    spent = Spent()
    said = run(sets(spent=spent))
    parties = sets(spent=spent)
    with pytest.raises(Conflict, match="before"):
        parties.server.answer(said[0][0])
    # On a node that has lost its record it opens, and says nothing that the old messages fit.
    parties = sets()
    parties.server.answer(said[0][0])
    with pytest.raises(Conflict, match="replayed"):
        parties.server.answer(said[1][0])


def test_caps_are_by_week_and_spent_before_anything_is_evaluated() -> None:
    spent = Spent()
    terms = msgspec.structs.replace(TERMS, weekly=250)
    for _ in range(2):
        run(sets(terms=terms, spent=spent))
    parties = sets(terms=terms, spent=spent)
    with pytest.raises(NotAllowed, match="250"):
        play(parties)
    assert parties.server.over
    # One that goes away after the first word has spent all the same.
    spent = Spent()
    sets(terms=terms, spent=spent).server.answer(next(sets().client.speak()))
    assert set(spent.points.values()) == {100}


def test_no_terms_no_session() -> None:
    for terms in (
        None,
        msgspec.structs.replace(TERMS, peer="identity--mallory"),
        msgspec.structs.replace(TERMS, until=micros(NOW)),
        msgspec.structs.replace(TERMS, kinds=frozenset({MatchKind.WALLET})),
        msgspec.structs.replace(TERMS, questions=frozenset({Question.HOW_MANY})),
        msgspec.structs.replace(TERMS, reveals=frozenset({Reveal.BOTH})),
    ):
        spent = Spent()
        with pytest.raises(NotAllowed, match="operator"):
            play(sets(terms=terms, spent=spent))
        assert not spent.sessions


def test_consent_withdrawn_half_way() -> None:
    parties = sets()
    speaking = parties.client.speak()
    parties.client.hear(parties.server.answer(next(speaking)))
    parties.server.withdraw()
    with pytest.raises(NotAllowed, match="withdrawn"):
        parties.server.answer(next(speaking))
    with pytest.raises(NotAllowed, match="withdrawn"):
        parties.server.prepare()
    parties = sets()
    speaking = parties.client.speak()
    parties.client.hear(parties.server.answer(next(speaking)))
    parties.client.withdraw()
    with pytest.raises(NotAllowed, match="withdrawn"):
        next(speaking)


def test_terms_that_end_half_way() -> None:
    moments: Iterator[Any] = iter([NOW, NOW, NOW + timedelta(hours=2)])
    parties = sets()
    server = Server(
        BOB,
        ALICE,
        handles(range(20)),
        terms=TERMS,
        spending=Spent(),
        seed=SEED,
        clock=lambda: next(moments),
        entropy=secrets.token_bytes,
    )
    with pytest.raises(NotAllowed, match="ended"):
        play(Pair(parties.client, server))


def test_a_proposal_of_another_time_or_for_others() -> None:
    hour = 3_600_000_000
    for field, value, why in (
        ("made", micros(NOW) + hour, "clocks"),
        ("made", micros(NOW) - hour, "clocks"),
        ("epoch", 1, "week"),
        ("server", "identity--carol", "other parties"),
        ("client", "identity--carol", "other parties"),
        ("kind", MatchKind.WALLET, "another kind"),
    ):
        with pytest.raises(TocsinError, match=why):
            play(sets(), ask={Proposal: put(field, value)})


def test_a_match_that_is_claimed_and_not_had() -> None:
    tags: list[bytes] = []

    def note(message: Tags) -> Message:
        tags.extend(message.tags[at : at + 16] for at in range(0, len(message.tags), 16))
        return message

    def a_tag(message: Any) -> Message:
        return put("tokens", tags[0] + message.tokens[16:])(message)

    for change in (a_tag, put("tokens", bytes(160))):
        parties = sets(reveal=Reveal.BOTH)
        with pytest.raises(BadInput, match="claims"):
            play(parties, ask={Outcome: change}, tell={Tags: note})
        assert not parties.server.learnt.values
    with pytest.raises(BadInput, match="claims"):
        play(
            sets(reveal=Reveal.BOTH),
            ask={Outcome: lambda m: put("tokens", m.tokens[:16] + m.tokens[:-16])(m)},
        )
    with pytest.raises(BadInput, match="size"):
        play(sets(reveal=Reveal.BOTH), ask={Outcome: put("total", 11)})
    with pytest.raises(BadInput, match="greater"):
        play(sets(Question.HOW_MANY, Reveal.BOTH), ask={Outcome: put("total", 21)})


def test_a_client_that_leaves_with_its_answer_is_not_prevented() -> None:
    """It is stated, not solved: the server has learnt nothing, and its record says that there was a session."""
    parties = sets(reveal=Reveal.BOTH)
    for message in parties.client.speak():
        if isinstance(decode(message), Outcome):
            break
        parties.client.hear(parties.server.answer(message))
    assert parties.client.found.number == 10
    assert not parties.server.learnt.values
    assert not parties.server.over


def test_messages_have_bounds() -> None:
    with pytest.raises(TooLarge):
        decode(bytes(MAX_MESSAGE_BYTES + 1))
    for raw in (b"", b"\x80", b"\x81\xa4type\xa8proposal", b"\xc1", b"[]", b"\x91" * 4000):
        with pytest.raises(BadInput):
            decode(raw)
    proposal = decode(next(sets().client.speak()))
    assert isinstance(proposal, Proposal)
    for field, value in (
        ("purpose", "x" * 201),
        ("purpose", ""),
        ("client", "x" * 129),
        ("session", bytes(15)),
        ("format", 2),
        ("epoch", -1),
    ):
        with pytest.raises(BadInput):
            decode(encode(msgspec.structs.replace(proposal, **{field: value})))
    more = msgspec.msgpack.decode(encode(proposal)) | {"more": 1}
    with pytest.raises(BadInput):
        decode(msgspec.msgpack.encode(more))


def test_terms_are_no_more_than_the_ceiling_of_the_kind() -> None:
    assert most_points(TERMS, MatchKind.BAND) == 50_000
    assert most_points(TERMS, MatchKind.HANDLE) == 1_000_000
