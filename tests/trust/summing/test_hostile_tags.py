"""Hostile askers and servers of tags: points, shares, proofs, sizes, caps and epochs that are not what they say."""

import secrets
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import pytest

from tests.summing import (
    EPOCH,
    NOW,
    Spent,
    cast,
    clock,
    epoch,
    evaluator,
    keyed,
    names,
    text,
)
from tocsin.kernel import BadInput, Conflict, NotAllowed, TooLarge
from tocsin.trust import ristretto
from tocsin.trust.summing import Evaluator, Tagging
from tocsin.trust.summing.messages import (
    MAX_ASKED,
    Asked,
    Evaluated,
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
A, B, C = names(3)
MADE = epoch()
LEFT, RIGHT = (one.name for one in MADE.roster.aggregators)


def at(moment: datetime) -> datetime:
    return moment


def tagging(**more: Any) -> Tagging:
    group = MADE.shares[A].group
    return Tagging(MADE.roster, group, [text(1), text(2)], entropy=secrets.token_bytes, **more)


def put(raw: bytes, kind: type[Any], **fields: Any) -> bytes:
    return encode(msgspec.structs.replace(decode(raw, kind), **fields))


@pytest.mark.parametrize("name", BAD_POINTS)
def test_a_point_that_is_no_element(name: str) -> None:
    asking = tagging()
    question = asking.questions[0]
    points = BAD_POINTS[name] + decode(question, Asked).points[32:]
    with pytest.raises(BadInput, match="ristretto255"):
        evaluator(MADE, B).answer(A, put(question, Asked, points=points))
    answer = evaluator(MADE, B).answer(A, question)
    points = BAD_POINTS[name] + decode(answer, Evaluated).points[32:]
    with pytest.raises(BadInput, match="ristretto255"):
        asking.hear(B, put(answer, Evaluated, points=points))
    assert asking.answered == ()


def test_a_server_that_answers_with_another_share() -> None:
    """Another node's share, another epoch's, one changed point, another order: the proof is against its own share."""
    asking = tagging()
    question = asking.questions[0]
    honest = evaluator(MADE, C).answer(A, question)
    with pytest.raises(BadInput, match="one key"):
        asking.hear(B, honest)
    stranger = keyed(MADE.roster, MADE.boxes)[C]
    other = Evaluator(MADE.roster, stranger, spending=Spent(), clock=clock, entropy=secrets.token_bytes)
    with pytest.raises(BadInput, match="one key"):
        asking.hear(C, other.answer(A, question))
    points = decode(honest, Evaluated).points
    mixed = decode(other.answer(A, question), Evaluated).points[:32] + points[32:]
    for changed in (mixed, points[32:] + points[:32]):
        with pytest.raises(BadInput, match="one key"):
            asking.hear(C, put(honest, Evaluated, points=changed))
    with pytest.raises(BadInput, match="one key"):
        asking.hear(C, put(honest, Evaluated, proof=bytes(64)))
    asking.hear(C, honest)
    with pytest.raises(Conflict, match="1 more"):
        asking.outputs()
    asking.hear(B, evaluator(MADE, B).answer(A, question))
    with_two_others = asking.outputs()
    own = tagging()
    own.own(MADE.shares[A])
    own.hear(B, evaluator(MADE, B).answer(A, own.questions[0]))
    assert own.outputs() == with_two_others


def test_an_answer_for_another_question_or_of_another_size() -> None:
    asking, other = tagging(), tagging()
    answer = evaluator(MADE, B).answer(A, other.questions[0])
    with pytest.raises(Conflict, match="another question"):
        asking.hear(B, answer)
    own = evaluator(MADE, B).answer(A, asking.questions[0])
    points = decode(own, Evaluated).points
    for changed in (points[:-32], points + points[:32], points[:-1]):
        with pytest.raises(BadInput, match="size"):
            asking.hear(B, put(own, Evaluated, points=changed))
    with pytest.raises(BadInput, match="another part"):
        asking.hear(B, put(own, Evaluated, part=3))
    with pytest.raises(BadInput, match="serve"):
        asking.hear("identity--mallory", own)


def test_a_question_that_is_refused() -> None:
    question = tagging().questions[0]
    points = decode(question, Asked).points
    serving = evaluator(MADE, B)
    for changed, why in (
        (points[:64], "100"),
        (points + points[:32], "twice"),
        (points[:-1], "whole number"),
    ):
        with pytest.raises(BadInput, match=why):
            serving.answer(A, put(question, Asked, points=changed))
    with pytest.raises(BadInput, match="participant"):
        serving.answer(LEFT, question)
    with pytest.raises(Conflict, match="another roster"):
        serving.answer(A, put(question, Asked, roster=bytes(32)))
    for moment in (NOW - timedelta(days=7), NOW + timedelta(days=7)):
        late = Evaluator(
            MADE.roster,
            MADE.shares[B],
            spending=Spent(),
            clock=partial(at, moment),
            entropy=secrets.token_bytes,
        )
        with pytest.raises(Conflict, match="not now"):
            late.answer(A, question)


def test_evaluations_are_paid_for_once_and_capped() -> None:
    spent = Spent()
    serving = evaluator(MADE, B, spent)
    question = tagging().questions[0]
    first = serving.answer(A, question)
    assert serving.answer(A, question) == first
    assert spent.points == {(A, EPOCH): 100}
    with pytest.raises(Conflict, match="before"):  # the answer was lost, and the server began anew
        evaluator(MADE, B, spent).answer(A, question)
    spent.points[A, EPOCH] = MAX_ASKED - 50
    with pytest.raises(NotAllowed, match="50000"):
        serving.answer(A, tagging().questions[0])
    with pytest.raises(TooLarge, match="50000"):
        Tagging(
            MADE.roster,
            MADE.shares[A].group,
            [b"%d" % one for one in range(50_001)],
            entropy=secrets.token_bytes,
        )
    with pytest.raises(BadInput, match="no value"):
        Tagging(MADE.roster, MADE.shares[A].group, [], entropy=secrets.token_bytes)


def test_a_key_of_another_roster() -> None:
    stranger = keyed(*cast(3, attempt=1))[A]
    with pytest.raises(BadInput, match="another roster"):
        Tagging(MADE.roster, stranger.group, [text(1)], entropy=secrets.token_bytes)
    with pytest.raises(BadInput, match="another roster"):
        Evaluator(MADE.roster, stranger, spending=Spent(), clock=clock, entropy=secrets.token_bytes)


def test_messages_have_bounds() -> None:
    for raw in (b"", b"\x80", b"\x81\xa4type\xa5asked", b"\xc1", b"[]", b"\x91" * 4000):
        with pytest.raises(BadInput):
            decode(raw, Asked)
    more = msgspec.msgpack.decode(tagging().questions[0]) | {"more": 1}
    with pytest.raises(BadInput):
        decode(msgspec.msgpack.encode(more), Asked)
