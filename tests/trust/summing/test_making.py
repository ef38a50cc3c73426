"""A key that five make together: it is made, and by whom it is spoilt is seen."""

import secrets
from collections.abc import Callable
from itertools import combinations

import msgspec
import pytest

from tests.summing import cast, keyed, makings, names, talk
from tocsin.kernel import BadInput, Conflict, NotAllowed
from tocsin.trust import oprf, ristretto
from tocsin.trust.boxes import Box, seal_to
from tocsin.trust.summing import KeyMaking, Step, read_share, sharing, write_share
from tocsin.trust.summing.making import _bound
from tocsin.trust.summing.messages import Answered, Checked, Committed, Dealt, box_label, decode, encode

POINT = ristretto.multiply_base(sharing.scalar(7))
A, B, C, D, E = names(5)
ROSTER, BOXES = cast(5)


def redealt(making: KeyMaking, change: Callable[[Dealt], Dealt]) -> None:
    """A dealer that commits to something else and deals it."""
    name = making._me
    dealt = change(decode(making._said[Step.DEAL], Dealt))
    making._say(Step.DEAL, dealt)
    making._say(Step.COMMIT, Committed(roster=ROSTER.digest, digest=_bound(name, encode(dealt))))


def bad_share(receiver: str, sender: str = B) -> Callable[[Dealt], Dealt]:
    """A share that its receiver's box opens, and that is not on the polynomial."""

    def change(dealt: Dealt) -> Dealt:
        boxes = list(dealt.boxes)
        label = box_label(ROSTER, "share", sender, receiver)
        place = ROSTER.index(receiver)
        boxes[place - 1] = seal_to(BOXES[receiver].public, sharing.scalar(5), label)
        return msgspec.structs.replace(dealt, boxes=tuple(boxes))

    return change


def finish(making: dict[str, KeyMaking]) -> None:
    while next(iter(making.values())).step is not Step.DONE:
        talk(making)


def test_any_three_of_five_have_the_one_key() -> None:
    shares = keyed(ROSTER, BOXES)
    group = shares[A].group
    assert {one.group for one in shares.values()} == {group}
    assert group.servers == ROSTER.names
    found = set()
    for chosen in combinations(shares.values(), 3):
        answers = [oprf.evaluate(one.secret, [POINT]) for one in chosen]
        found.add(sharing.combined([one.index for one in chosen], answers)[0])
    assert len(found) == 1
    too_few = [oprf.evaluate(shares[one].secret, [POINT]) for one in (A, B)]
    assert sharing.combined([1, 2], too_few)[0] not in found
    for name, one in shares.items():
        assert one.index == ROSTER.index(name)
        assert ristretto.multiply_base(one.secret) == group.shares[one.index - 1]
        assert read_share(write_share(one)) == one
    assert "secret" not in repr(shares[A])


def test_a_kept_share_that_is_none() -> None:
    share = keyed(*cast(3))[A]
    with pytest.raises(BadInput, match="none"):
        read_share(b"\x93")
    with pytest.raises(BadInput, match="belong"):
        read_share(write_share(msgspec.structs.replace(share, index=2)))


def test_a_bad_share_is_made_good_in_the_open() -> None:
    """The box was wrong and the polynomial was not: the dealer stays, and its share is taken from the answer."""
    making = makings(ROSTER, BOXES)
    redealt(making[B], bad_share(D))
    finish(making)
    assert not any(one.out for one in making.values())
    assert {one.share.group.servers for one in making.values()} == {ROSTER.names}
    share = making[D].share
    assert ristretto.multiply_base(share.secret) == share.group.shares[3]


def test_a_dealer_whose_share_is_wrong_is_out() -> None:
    """Its commitments are to another polynomial than its shares: what it opens does not fit either."""
    making = makings(ROSTER, BOXES)
    other = sharing.draw(3, secrets.token_bytes).commitments
    redealt(making[B], lambda dealt: msgspec.structs.replace(dealt, commitments=b"".join(other)))
    for _ in range(3):
        talk(making)
    talk(making, (A, C, D, E))
    honest = {name: one for name, one in making.items() if name != B}
    assert all("answer" in one.out[B] or "committed" in one.out[B] for one in honest.values())
    finish(honest)
    group = honest[A].share.group
    assert group.servers == (A, C, D, E)
    answers = [oprf.evaluate(honest[one].share.secret, [POINT]) for one in (A, C, D, E)]
    assert sharing.combined([1, 3, 4], answers[:3]) == sharing.combined([3, 4, 5], answers[1:])


def test_one_wrong_share_that_is_not_answered() -> None:
    making = makings(ROSTER, BOXES)
    redealt(making[B], bad_share(D))
    for _ in range(3):
        talk(making)
    making[B]._say(Step.ANSWER, Answered(roster=ROSTER.digest, shares=()))
    talk(making, (A, C, D, E))
    assert all(making[one].out[B].startswith("it did not answer") for one in (A, C, D, E))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda dealt: msgspec.structs.replace(dealt, boxes=dealt.boxes[:4]), "one share to each"),
        (lambda dealt: msgspec.structs.replace(dealt, commitments=dealt.commitments[32:]), "degree"),
        (
            lambda dealt: msgspec.structs.replace(dealt, commitments=bytes(32) + dealt.commitments[32:]),
            "identity",
        ),
    ],
)
def test_what_was_dealt_is_seen_by_all_to_be_wrong(change: Callable[[Dealt], Dealt], why: str) -> None:
    making = makings(ROSTER, BOXES)
    redealt(making[B], change)
    talk(making)
    talk(making)
    assert all(why in one.out[B] for one in making.values())


def test_another_deal_than_was_committed_to() -> None:
    making = makings(ROSTER, BOXES)
    talk(making)
    making[B]._say(Step.DEAL, KeyMaking(ROSTER, B, BOXES[B], secrets.token_bytes)._deal())
    talk(making)
    assert all("committed" in one.out[B] for one in making.values())


def test_a_commitment_copied_from_another_is_none() -> None:
    """Nobody takes another's deal for its own, to cancel it or to be equal to it."""
    making = makings(ROSTER, BOXES)
    making[B]._said[Step.COMMIT] = making[A].message()
    making[B]._heard[Step.COMMIT][B] = making[A].message()
    talk(making)
    making[B]._said[Step.DEAL] = making[A].message()
    making[B]._heard[Step.DEAL][B] = making[A].message()
    talk(making)
    assert all("committed" in one.out[B] for one in making.values())


def test_who_says_two_things_is_found_when_all_compare() -> None:
    making = makings(ROSTER, BOXES)
    other = makings(ROSTER, BOXES)[B]
    for step in (Step.COMMIT, Step.DEAL):
        other.step = step
        said = {name: one.message() for name, one in making.items()}
        for name, one in making.items():
            for speaker, raw in said.items():
                one.hear(speaker, other.message() if speaker == B and name in (D, E) else raw)
            one.proceed()
    with pytest.raises(Conflict, match="another attempt"):
        talk(making)
    one = makings(ROSTER, BOXES)[A]
    one.hear(B, other.message(Step.COMMIT))
    one.hear(B, other.message(Step.COMMIT))
    with pytest.raises(Conflict, match="two different things"):
        one.hear(B, making[B].message(Step.COMMIT))


def test_false_complaints_below_the_threshold_harm_nobody() -> None:
    making = makings(ROSTER, BOXES)
    talk(making)
    talk(making)
    for liar in (D, E):
        told = decode(making[liar].message(), Checked)
        making[liar]._say(Step.CHECK, msgspec.structs.replace(told, against=(A,)))
    finish(making)
    assert making[B].share.group.servers == ROSTER.names


def test_as_many_complaints_as_shares_that_tell_the_polynomial_put_the_dealer_out() -> None:
    making = makings(ROSTER, BOXES)
    talk(making)
    talk(making)
    for liar in (C, D, E):
        told = decode(making[liar].message(), Checked)
        making[liar]._say(Step.CHECK, msgspec.structs.replace(told, against=(A,)))
    talk(making)
    assert not decode(making[A].message(), Answered).shares
    with pytest.raises(Conflict, match="too few"):
        talk(making, (A,))
    said = {name: one.message(Step.ANSWER) for name, one in making.items()}
    for name in (B, C, D, E):
        for speaker, raw in said.items():
            making[name].hear(speaker, raw)
        making[name].proceed()
        assert A in making[name].out


def test_the_silent() -> None:
    making = makings(ROSTER, BOXES)
    present = {name: one for name, one in making.items() if name != E}
    with pytest.raises(Conflict, match="not spoken"):
        talk(present)
    assert making[A].waiting == (E,)
    talk(present, without_silent=True)
    finish(present)
    assert present[A].share.group.servers == (A, B, C, D)
    few = {name: one for name, one in makings(ROSTER, BOXES).items() if name in (A, B)}
    talk(few, without_silent=True)
    with pytest.raises(Conflict, match="too few"):
        finish(few)


def test_out_of_turn_or_of_another_roster() -> None:
    making = makings(ROSTER, BOXES)
    with pytest.raises(NotAllowed, match="not come so far"):
        making[A].message(Step.DEAL)
    with pytest.raises(Conflict, match="not made"):
        _ = making[A].share
    with pytest.raises(BadInput, match="turn"):
        making[A].hear(B, making[B]._said[Step.DEAL])
    later, boxes = cast(5, attempt=1)
    with pytest.raises(Conflict, match="another attempt"):
        making[A].hear(B, makings(later, boxes)[B].message())
    with pytest.raises(BadInput, match="next"):
        making[A].hear("identity--mallory", making[B].message())
    making[A].out[B] = "it was silent"
    with pytest.raises(NotAllowed, match="out"):
        making[A].hear(B, making[B].message())
    with pytest.raises(BadInput, match="box"):
        KeyMaking(ROSTER, A, Box(bytes(31) + b"\x01"), secrets.token_bytes)
